//! ONNX files: read in place, judged, completed with external weights, wrapped, and written.

mod adapt;
mod batch;
mod builder;
mod channels;
mod defaults;
mod external_data;
mod field_numbers;
mod half_floats;
mod idle_casts;
mod judge;
mod limits;
mod memory;
mod network;
mod node;
mod rewrite;
mod shapes;
mod tensor;
mod whole_picture;
mod wrap;

pub use adapt::adapted;
pub use batch::single;
pub use builder::{Builder, Setting};
pub use channels::three_channels;
pub use defaults::with_defaults;
pub use external_data::inline;
pub use half_floats::widened;
pub use judge::Facts;
pub use limits::MAX_NETWORK;
pub use network::{Dimension, Network, Port};
pub use node::{Attribute, Node};
pub use tensor::{Data, ElementType, Tensor};
pub use wrap::{Channels, NOISE_INPUT, Wrapping, shape_of, wrap};
