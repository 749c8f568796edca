//! AI image upscaling: pixels in, enlarged pixels out, through ONNX networks.
//!
//! A [`Model`] is a network with a [`Manifest`] that describes it. The [`Registry`] finds the models installed on this
//! machine; two are embedded in this crate. An [`Engine`] runs networks; engines are crates of their own. A model on an
//! engine makes an [`Upscaler`], which reads rows from a [`Source`] and writes enlarged rows to a [`Sink`]:
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
//!     let mut source = ViewSource::new(view, Colour::Srgb);
//!     let mut sink = ViewSink::new(target);
//!     upscaler.run(&mut source, &mut sink, &job, &Cancel::new(), &mut |progress| {
//!         eprintln!("{} of {} tiles", progress.tiles_done, progress.tiles_total);
//!     })?;
//!     Ok((output, result))
//! }
//! ```
//!
//! People rarely pick a model. They pick a preset: [`Presets::find`] gives a [`Preset`], and [`Preset::resolve`]
//! chooses the installed models that serve it best for a factor. [`Upscaler::chain`] joins several models into one
//! upscaler, and [`Upscaler::classical`] makes one of a [`Method`], which needs neither a model nor an engine.
//!
//! # Guarantees
//!
//! - Tiles, bands, rectangles and row streams give the same picture as one run over the whole, within rounding. The
//!   exceptions are networks whose tiles are blended, which stay within the bounds that were measured for the model, and
//!   networks that need the whole picture at once and do not fit into memory ([`Plan::parted`]).
//! - Formats: 8-bit and 16-bit integers, half and single precision floats; gray and colour; with and without alpha,
//!   straight or premultiplied; any stride; sRGB, linear light or an ICC profile. Values are rounded once, at the end.
//! - Every tile is verified before it is used. [`Report::notes`] names the tiles that needed a second try.
//! - A cancel from any thread is answered within half a second. Progress never goes backwards.
//! - Memory grows with the height of a band of tiles, not with that of the picture. [`Plan::memory`] gives the estimate
//!   before anything runs.
//! - Errors are [`Error`]s: a kind for programs, a location, and a message that says what to do.
//!
//! # Threads
//!
//! An [`Upscaler`] can be shared between threads. Each run uses the thread that calls it; the source, the sink and the
//! progress callback are called on that thread only. Tiles are computed on threads of the run and of the engine. After
//! a cancel, a tile may still be computed to its end; its result is dropped.
//!
//! # Trust
//!
//! A model is a program. Its file is checked against the SHA-256 in its manifest, and its output is verified, but a
//! malicious network can waste time and memory within the limits of its engine. Install models from sources that you
//! trust.
//!
//! # Inside
//!
//! The source is divided into rooms, listed here from top to bottom. Each room uses only rooms below it; a test in
//! `rooms.rs` checks that.
//!
//! | room | what it holds |
//! |---|---|
//! | `upscale` | the pipeline, [`Upscaler::run`]: start reading here |
//! | `provenance` | what made a result ([`Provenance`]), as text and as XMP |
//! | `layout` | a whole run computed in advance: passes, tiles, rows to read, memory |
//! | `advice` | what is wrong with a picture ([`Measures`]), and what to do about it ([`advise`]) |
//! | `presets` | recipes that people choose ([`Preset`]), and the noise and JPEG wear of a picture ([`Wear`]) |
//! | `finding` | the search for faces ([`FaceFinder`]) |
//! | `old` | the damage of old photographs ([`Damage`]): what has faded, and where scratches are |
//! | `restoration` | faces restored by a network ([`Restorer`]): aligned, coloured like the picture, put back |
//! | `stages` | the steps of the pipeline that make rows: decoding, colour lock, resampling, encoding; `stages::tiles` runs the network tile by tile, verifies each tile and repeats those that fail |
//! | `plan` | the [`Job`], and how the picture is divided into passes, bands and tiles; geometry only |
//! | `engine` | the interface that engines implement ([`Engine`], [`Session`]), the tensors that a manifest promises, and the pictures on which engines are compared ([`SamplePicture`]) |
//! | `models` | [`Manifest`], [`Model`], [`Registry`], [`NoiseLevel`] |
//! | `pixels` | formats, views, sources, sinks, and the conversion to planar `f32` |
//! | `colour` | colour spaces, ICC profiles, tone curves |
//! | `run` | cancellation, progress and notes of one run |
//! | `machine` | available memory, the user's [`Folders`], the [`Cache`] of measurements |
//! | `faces` | a face in a picture ([`Face`]) |
//! | `error`, `geometry` | [`Error`]; [`Size`] and [`Rect`] |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod advice;
mod colour;
mod engine;
mod error;
mod faces;
mod finding;
mod geometry;
mod layout;
mod machine;
mod models;
mod old;
mod options;
mod pixels;
mod plan;
mod presets;
mod provenance;
mod restoration;
#[cfg(test)]
mod rooms;
mod run;
mod stages;
mod upscale;

pub use advice::advice::{Advice, AdviceCode};
pub use advice::measures::Measures;
pub use advice::question::{Asked, Question};
pub use advice::rules::advise;
pub use colour::colour::Colour;
pub use colour::tones::Tones;
pub use engine::difference::Difference;
pub use engine::engine::{Device, Engine, Precision, RowStream, Session, SessionOptions, Tensor, TensorMut, Usage};
pub use engine::sample::SamplePicture;
pub use error::{Error, ErrorKind, Location, Result};
pub use faces::face::Face;
pub use finding::finder::FaceFinder;
pub use geometry::{MAX_SIDE, Rect, Size};
pub use machine::cache::Cache;
pub use machine::folders::Folders;
pub use machine::memory::available as available_memory;
pub use models::manifest::{
    ChannelOrder, Cost, Dtype, ExtraInput, ExtraInputKind, InputSpec, Licence, Manifest, Mode, ModelCard, NetworkFile,
    OutputSpec, SCHEMA, Task, TensorLayout, Tileable, Tiling, Verify,
};
pub use models::model::{MANIFEST_FILE, Model, Origin};
pub use models::noise::NoiseLevel;
pub use models::registry::{DEFAULT_MODEL, MODELS_VARIABLE, Registry};
pub use options::definition::{OptionDefinition, OptionGroup, OptionScope};
pub use options::describe::{EngineList, OptionChoice, OptionDescription};
pub use options::key::OptionKey;
pub use options::kind::{Choices, OptionKind, OptionValue};
pub use options::settings::{Installed, Settings};
pub use options::table::OPTIONS;
pub use pixels::format::{Alpha, Channels, Format, Sample};
pub use pixels::mask::{Mask, MaskWhite};
pub use pixels::rows::{Sink, Source, ViewSink, ViewSource};
pub use pixels::view::{View, ViewMut};
pub use plan::damage::{Damage, Fading};
pub use plan::job::{FACTORS, Job, Target};
pub use plan::method::Method;
pub use plan::plan::Plan;
pub use presets::choice::{FaceMode, ModelChoice};
pub use presets::content::Content;
pub use presets::preset::{DEFAULT_PRESET, Preset, Presets, Recipe, Tier};
pub use presets::wear::Wear;
pub use provenance::provenance::{FacesMade, Provenance, UsedModel};
pub use provenance::xmp::{XmpProperty, XmpValue};
pub use restoration::restorer::Restorer;
pub use run::cancel::{Cancel, CancelHook, ChildCancel};
pub use run::progress::{Phase, Progress};
pub use upscale::report::Report;
pub use upscale::upscaler::Upscaler;
