//! ONNX files: read in place, judged, made whole, and written.

mod build;
mod facts;
mod inline;
mod network;
mod node;
mod number;
mod room;
mod tensor;
mod wrap;

pub use build::{Builder, Setting};
pub use facts::{Facts, Side};
pub use inline::inline;
pub use network::{Network, Port};
pub use node::{Attribute, Node};
pub use tensor::{Data, ElementType, Tensor};
pub use wrap::{NOISE_INPUT, Wrapping, shape_of, wrap};

use enlarger::{Error, ErrorKind};

/// The bytes that a network's file and all that belongs to it may have: protobuf's own limit.
pub const MAX_NETWORK: u64 = 2 << 30;

fn invalid(sentence: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelInvalid, sentence)
}

fn damaged() -> Error {
    invalid("this is no ONNX file, or a damaged one; fetch it again")
}

/// How much is still collected from a file before it is taken for an attack: what is collected is larger in memory than
/// in the file.
struct Budget(u32);

impl Budget {
    const ITEMS: u32 = 1 << 20;

    fn new() -> Self {
        Budget(Self::ITEMS)
    }

    fn spend(&mut self) -> enlarger::Result<()> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| {
            Error::new(
                ErrorKind::Limit,
                format!("the network has more than {} parts; no network for pictures has so many", Self::ITEMS),
            )
        })?;
        Ok(())
    }
}
