//! The colour space of a picture, as the caller names it.
//!
//! Networks work on sRGB, pictures come in any colour space. [`Conversion`](super::conversion::Conversion) leads from
//! one to the other. Nothing here may read a profile.

use std::fmt;
use std::sync::Arc;

/// The shares of red, green and blue in luminance (ITU-R BT.709).
pub(crate) const LUMINANCE: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// The colour space of a picture.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Colour {
    /// sRGB (IEC 61966-2-1). Pictures without a profile are treated as sRGB.
    #[default]
    Srgb,
    /// Linear light with the primaries of sRGB.
    LinearSrgb,
    /// An ICC profile: RGB for colour formats, gray for gray formats.
    Icc(Arc<[u8]>),
}

impl fmt::Debug for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Colour::Srgb => f.write_str("Srgb"),
            Colour::LinearSrgb => f.write_str("LinearSrgb"),
            Colour::Icc(bytes) => write!(f, "Icc({} bytes)", bytes.len()),
        }
    }
}
