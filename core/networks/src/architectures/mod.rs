//! Architectures: networks made from the names and shapes of a checkpoint's tensors.
//!
//! A checkpoint does not say what its network computes, so each architecture has a file here that knows. It is recognised only if it
//! uses every tensor of the checkpoint and finds every one that it needs, each in the right shape. A guess that fits in part is
//! refused, because its pictures would be wrong without a sign of it.

mod aggregation;
mod artcnn;
mod atd;
mod catalogue;
mod colour_range;
mod compact;
mod cugan;
mod dat;
mod design;
mod ditn;
mod dncnn;
mod drct;
mod drunet;
mod edsr;
mod esrgan;
mod fbcnn;
mod fdat;
mod frame;
mod gfpgan;
mod graph;
mod hat;
mod misfit;
mod moesr;
mod mosr;
mod nafnet;
mod omnisr;
mod plksr;
mod rcan;
mod recognise;
mod reconstruction;
mod rectangles;
mod restormer;
mod rgt;
mod safmn;
mod sampler;
mod scunet;
mod span;
mod spsr;
mod srformer;
mod srresnet;
mod swift_srgan;
mod swin;
mod swin2sr;
mod swinir;
mod transformer;
mod unet;
mod weights;

pub use catalogue::names;
pub use design::{Design, NoiseRange, Reach};
pub use recognise::{Recognised, recognise};

use catalogue::Architecture;
use graph::{Graph, Value, channels_and_factor};
use misfit::{Misfit, Outcome};
use weights::Weights;
