//! The keys of the options.

use crate::plan::method::Method;

/// An option, by what it sets. The order is that of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the table has a label and a help text for each")]
pub enum OptionKey {
    Preset,
    Model,
    Method,
    Factor,
    Width,
    Height,
    Denoise,
    Strength,
    Mask,
    MaskWhite,
    EdgeCare,
    Fading,
    Scratches,
    ScratchMask,
    Creativity,
    Content,
    Grain,
    Seed,
    Faces,
    FaceStrength,
    FaceDenoise,
    FaceGrain,
    FaceFidelity,
    FacePoints,
    NoiseLevel,
    ColourLock,
    ColourSpace,
    IccProfile,
    Engine,
    Device,
    Precision,
    Threads,
    Tile,
    Wrap,
    ReduceFirst,
    Memory,
}

impl OptionKey {
    /// Whether it says which network runs, or how. A classical method ignores it.
    pub fn concerns_networks(self) -> bool {
        match self {
            OptionKey::Preset
            | OptionKey::Model
            | OptionKey::Denoise
            | OptionKey::Strength
            | OptionKey::Mask
            | OptionKey::MaskWhite
            | OptionKey::EdgeCare
            | OptionKey::Faces
            | OptionKey::FaceStrength
            | OptionKey::FaceDenoise
            | OptionKey::FaceGrain
            | OptionKey::FaceFidelity
            | OptionKey::FacePoints
            | OptionKey::Creativity
            | OptionKey::Content
            | OptionKey::NoiseLevel
            | OptionKey::ColourLock
            | OptionKey::Engine
            | OptionKey::Device
            | OptionKey::Precision
            | OptionKey::Threads
            | OptionKey::Tile => true,
            OptionKey::Method
            | OptionKey::Factor
            | OptionKey::Width
            | OptionKey::Height
            | OptionKey::ColourSpace
            | OptionKey::IccProfile
            | OptionKey::Fading
            | OptionKey::Scratches
            | OptionKey::ScratchMask
            | OptionKey::Grain
            | OptionKey::Seed
            | OptionKey::Wrap
            | OptionKey::ReduceFirst
            | OptionKey::Memory => false,
        }
    }

    /// Whether a classical method uses it.
    pub(crate) fn serves(self, method: Method) -> bool {
        let copies = method == Method::Nearest;
        !(self.concerns_networks() || copies && matches!(self, OptionKey::Grain | OptionKey::Seed))
    }
}
