//! AI image upscaling.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod bleed;
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
mod ladder;
mod lock;
mod manifest;
mod memory;
mod model;
mod network;
mod pixels;
mod plan;
mod pool;
mod progress;
mod registry;
mod resample;
mod rows;
mod run;
mod stage;
mod streaming;
mod tensors;
mod upscale;
mod verify;

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
pub use plan::{FACTORS, Job, Plan, Target};
pub use progress::{Phase, Progress};
pub use registry::{DEFAULT_MODEL, MODELS_VARIABLE, Registry};
pub use rows::{Sink, Source, ViewSink, ViewSource};
pub use upscale::{Report, Upscaler};
