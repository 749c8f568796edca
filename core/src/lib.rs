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

mod bleed;
mod blend;
mod cache;
mod cancel;
mod colour;
mod contract;
mod convert;
mod curve;
mod decode;
mod encode;
mod engine;
mod error;
mod grid;
mod job;
mod ladder;
mod layout;
mod lock;
mod manifest;
mod memory;
mod model;
mod network;
mod pixels;
mod plan;
mod pool;
mod preset;
mod progress;
mod registry;
mod resample;
mod rows;
mod run;
mod stage;
mod steps;
mod streaming;
mod tensors;
mod upscale;
mod verify;
mod wear;

pub use cache::Cache;
pub use cancel::{Cancel, CancelHook, OwnCancel};
pub use colour::Colour;
pub use engine::{Device, Engine, Precision, RowStream, Session, SessionOptions, Tensor, TensorMut, Usage};
pub use error::{Error, ErrorKind, Place, Result};
pub use job::{FACTORS, Job, Target};
pub use manifest::{
    Card, Cost, Dtype, Extra, ExtraKind, File, Input, Layout, Licence, Manifest, Mode, Order, Output, SCHEMA, Task,
    Tileable, Tiling, Verify,
};
pub use model::{MANIFEST_FILE, Model, Origin};
pub use pixels::{Alpha, Channels, Format, MAX_SIDE, Rect, Sample, Size, View, ViewMut};
pub use plan::Plan;
pub use preset::{DEFAULT_PRESET, MOST_DENOISE, Preset, Presets, Recipe, Use};
pub use progress::{Phase, Progress};
pub use registry::{DEFAULT_MODEL, MODELS_VARIABLE, Registry};
pub use rows::{Sink, Source, ViewSink, ViewSource};
pub use upscale::{Report, Upscaler};
pub use wear::Wear;
