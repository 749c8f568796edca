//! What a picture's numbers mean as colour.

use std::sync::Arc;

/// The colour space of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// sRGB-encoded (IEC 61966-2-1). What a picture without a profile is taken for.
    #[default]
    Srgb,
    /// sRGB primaries, linear light.
    LinearSrgb,
    /// An ICC profile: RGB for colour formats, gray for gray formats.
    Icc(Arc<[u8]>),
}
