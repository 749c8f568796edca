//! ncnn's form of a network, `.param` and `.bin`, made into ONNX.

mod convert;
mod filters;
mod param;
mod shapes;
mod values;
mod weights;

pub use convert::convert;

use enlarger::{Error, ErrorKind};

fn invalid(sentence: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelInvalid, sentence)
}
