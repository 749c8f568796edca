//! AI image upscaling: pixels in, enlarged pixels out, through ONNX networks.
//!
//! A [`Model`] (a network and its [`Manifest`]) comes from the [`Registry`]; one is embedded in this crate. An
//! [`Engine`] runs it; engines are crates of their own. Together they make an [`Upscaler`], which reads rows from a
//! [`Source`] and writes enlarged rows to a [`Sink`]:
//!
//! ```
//! use std::sync::Arc;
//! use enlarger::{
//!     Cancel, Channels, Colour, Engine, Format, Job, Registry, Result, Sample, SessionOptions, Size, Target, Upscaler,
//!     View, ViewMut, ViewSink, ViewSource,
//! };
//!
//! fn four_times(engine: Arc<dyn Engine>, pixels: &[u8], size: Size) -> Result<(Size, Vec<u8>)> {
//!     let registry = Registry::open();
//!     let model = registry.find(enlarger::DEFAULT_MODEL)?;
//!     let upscaler = Upscaler::new(model, engine, &SessionOptions::default())?;
//!     let job = Job::new(Target::Factor(4.0));
//!     let output = upscaler.plan(size, &job)?.output;
//!
//!     let format = Format::new(Sample::U8, Channels::Rgb);
//!     let mut result = vec![0; format.row_size(output.width) * output.height as usize];
//!     let view = View::new(pixels, format.row_size(size.width), size, format)?;
//!     let target = ViewMut::new(&mut result, format.row_size(output.width), output, format)?;
//!     let (mut source, mut sink) = (ViewSource::new(view, Colour::Srgb), ViewSink::new(target));
//!     upscaler.run(&mut source, &mut sink, &job, &Cancel::new(), &mut |progress| {
//!         eprintln!("{} of {} tiles", progress.tiles_done, progress.tiles_total);
//!     })?;
//!     Ok((output, result))
//! }
//! ```
//!
//! # What is promised
//!
//! - Tiles, bands, rectangles and streams give the picture that the whole would give, within rounding.
//! - Formats: 8 and 16 bits, half and single floats; gray and colour; with and without alpha, straight or premultiplied;
//!   any stride; sRGB, linear light or an ICC profile. Values are rounded once, at the end.
//! - Every tile is verified before it is used; see [`Report::notes`] for those that needed a second try.
//! - A cancel, from any thread, is answered within half a second. Progress never goes backwards.
//! - Memory follows the band of tiles, not the picture's height; [`Plan::memory`] says how much before anything runs.
//! - Errors are [`Error`]s: a kind, a place, and a sentence that says what to do.
//!
//! # Threads
//!
//! An [`Upscaler`] may be shared; each run belongs to the thread that calls it. Source, sink and progress are called on
//! that thread only. Tiles run on threads of the run and of the engine; after a cancel one of them may still finish its
//! tile, which is then dropped.
//!
//! # What is not promised
//!
//! A model is a program. Its file is checked against its manifest's SHA-256, and its output is verified, but a network made to
//! waste time or memory will do so within the limits of its engine. Install models from sources you trust.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod colour;
mod engine;
mod error;
mod geometry;
mod layout;
mod machine;
mod models;
mod pixels;
mod plan;
mod presets;
mod run;
mod stages;
mod upscale;

pub use colour::colour::Colour;
pub use engine::engine::{Device, Engine, Precision, RowStream, Session, SessionOptions, Tensor, TensorMut, Usage};
pub use error::{Error, ErrorKind, Location, Result};
pub use geometry::{MAX_SIDE, Rect, Size};
pub use machine::cache::Cache;
pub use models::manifest::{
    ChannelOrder, Cost, Dtype, ExtraInput, ExtraInputKind, InputSpec, Licence, Manifest, Mode, ModelCard, NetworkFile,
    OutputSpec, SCHEMA, Task, TensorLayout, Tileable, Tiling, Verify,
};
pub use models::model::{MANIFEST_FILE, Model, Origin};
pub use models::noise::NoiseLevel;
pub use models::registry::{DEFAULT_MODEL, MODELS_VARIABLE, Registry};
pub use pixels::format::{Alpha, Channels, Format, Sample};
pub use pixels::rows::{Sink, Source, ViewSink, ViewSource};
pub use pixels::view::{View, ViewMut};
pub use plan::job::{FACTORS, Job, Target};
pub use plan::plan::Plan;
pub use presets::preset::{DEFAULT_PRESET, Preset, Presets, Recipe, Tier};
pub use presets::wear::Wear;
pub use run::cancel::{Cancel, CancelHook, ChildCancel};
pub use run::progress::{Phase, Progress};
pub use upscale::{Report, Upscaler};
