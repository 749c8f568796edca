//! The kernels: WGSL text for each kind of computation, made from a few parameters.
//!
//! Feature maps lie in memory pixel after pixel, row by row, and within a pixel in vectors of four channels; channels that
//! fill the last vector hold any finite number. A kernel reads its operands from storage buffers in the order of its bindings and
//! writes its result to the last one. Sizes are in immediates, so that networks and tiles of all sizes share kernels.
//!
//! The device does not check indices (`device/`): a kernel must never read or write outside its buffers, and each of its loops
//! must end, for whatever immediates `plan/` gives it.

mod convolution3x3;
mod copies;
mod direct_convolution;
mod gather;
mod mean;
mod output;
mod pointwise;
mod text;

use crate::arithmetic::Element;

pub(crate) use convolution3x3::{CHANNELS_AT_ONCE, Convolution3x3, PIXELS_ACROSS};
pub(crate) use direct_convolution::{DirectConvolution, PIXELS};
pub(crate) use gather::NOTHING;
pub(crate) use mean::PIXELS_OF_A_PART;
pub(crate) use pointwise::Function;

/// The threads of a workgroup.
pub(crate) const THREADS: usize = 128;

/// The most bytes of immediates; every Vulkan device has as many.
pub(crate) const MAX_IMMEDIATES: usize = 128;

/// The most values that a kernel reads at once, so that their sizes fit into the immediates.
pub(crate) const MAX_INPUTS: usize = 12;

/// A kernel. Equal kernels share a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kernel {
    pub(crate) kind: Kind,
    /// How the values that it reads and writes are stored.
    pub(crate) element: Element,
}

/// What a kernel computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Convolution3x3(Convolution3x3),
    DirectConvolution(DirectConvolution),
    Pointwise(Function),
    /// Repeats, removes or mirrors rows and columns.
    Move,
    /// Rearranges channels to pixels.
    Shuffle,
    /// Takes channels from this many values.
    Gather(usize),
    /// Sums of parts of a feature map.
    PartialSums,
    /// Means, from these sums.
    Mean,
    /// From planes of floats to a feature map.
    Load,
    /// From a feature map to planes, with an enlarged value added or without.
    Emit {
        base: bool,
    },
}

impl Kernel {
    /// The number of buffers that it reads; it writes one more.
    pub(crate) fn reads(&self) -> usize {
        match self.kind {
            Kind::Convolution3x3(convolution) => convolution.reads(),
            Kind::DirectConvolution(convolution) => convolution.reads(),
            Kind::Pointwise(function) => function.reads(),
            Kind::Gather(inputs) => inputs + 1,
            Kind::Move | Kind::Shuffle | Kind::PartialSums | Kind::Mean | Kind::Load => 1,
            Kind::Emit { base } => 1 + usize::from(base),
        }
    }

    /// The WGSL text.
    pub(crate) fn text(&self) -> String {
        match self.kind {
            Kind::Convolution3x3(convolution) => convolution.text(self.element),
            Kind::DirectConvolution(convolution) => convolution.text(self.element),
            Kind::Pointwise(function) => function.text(self.element),
            Kind::Move => copies::moved(self.element),
            Kind::Shuffle => copies::shuffled(self.element),
            Kind::Gather(inputs) => gather::text(inputs, self.element),
            Kind::PartialSums => mean::partial_sums(self.element),
            Kind::Mean => mean::mean(self.element),
            Kind::Load => output::load(self.element),
            Kind::Emit { base } => output::emit(base, self.element),
        }
    }
}
