//! AI image upscaling.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod cancel;
mod colour;
mod contract;
mod engine;
mod error;
mod manifest;
mod model;
mod pixels;
mod progress;
mod registry;
mod rows;
mod upscale;

pub use cancel::{Cancel, CancelHook};
pub use colour::Colour;
pub use engine::{Device, Engine, Precision, RowStream, Session, SessionOptions, Tensor, TensorMut, Usage};
pub use error::{Error, ErrorKind, Place, Result};
pub use manifest::{
    Card, Cost, Dtype, Extra, ExtraKind, File, Input, Layout, Licence, Manifest, Mode, Order, Output, SCHEMA, Task,
    Tileable, Tiling, Verify,
};
pub use model::{MANIFEST_FILE, Model, Origin};
pub use pixels::{Alpha, Channels, Format, MAX_SIDE, Rect, Sample, Size, View, ViewMut};
pub use progress::{Phase, Progress};
pub use registry::{DEFAULT_MODEL, MODELS_VARIABLE, Registry};
pub use rows::{Sink, Source, ViewSink, ViewSource};
pub use upscale::{Job, Plan, Report, Target, Upscaler};
