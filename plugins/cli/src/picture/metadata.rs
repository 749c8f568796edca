//! What a file carries besides pixels, in the form in which it is handed on.
//!
//! Every reader fills it, every writer stores what its format has a place for.
//! What is kept must be true of the enlarged picture: no old orientation, no old size, no old thumbnail.

use enlarger::Size;

use super::exif::Exif;
use super::xmp;

/// Dots per inch, or only the pixels' shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Density {
    /// Horizontal.
    pub x: f64,
    /// Vertical.
    pub y: f64,
    /// Whether the numbers are per inch; if not, only their ratio means something.
    pub absolute: bool,
}

impl Density {
    /// A density with numbers that make sense.
    pub fn new(x: f64, y: f64, absolute: bool) -> Option<Self> {
        let sane = |n: f64| n.is_finite() && n > 0.0 && n < 1e7;
        (sane(x) && sane(y)).then_some(Density { x, y, absolute })
    }
}

/// The metadata.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// The ICC profile.
    pub icc: Option<Vec<u8>>,
    /// EXIF.
    pub exif: Option<Exif>,
    /// The XMP packet.
    pub xmp: Option<Vec<u8>>,
    /// The resolution.
    pub density: Option<Density>,
    /// Texts of a PNG file: keyword and text.
    pub texts: Vec<(String, String)>,
    /// How the stored picture must be turned to be upright, 1 to 8.
    pub orientation: u8,
}

impl Metadata {
    /// Takes over EXIF from a file, and its orientation.
    pub fn set_exif(&mut self, exif: Option<Exif>) {
        if let Some(exif) = exif {
            self.orientation = exif.orientation();
            self.exif = Some(exif);
        }
    }

    /// Makes it true of an upright picture of `size`.
    pub fn describe(&mut self, size: Size) {
        if let Some(exif) = &mut self.exif {
            exif.describe(size);
        }
        if let Some(packet) = &mut self.xmp {
            xmp::describe(packet, size);
        }
        self.orientation = 1;
    }
}
