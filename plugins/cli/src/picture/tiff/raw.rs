//! Raw photographs in the shape of TIFF files: DNG, NEF, PEF, ARW, CR2, SRW, 3FR, …
//!
//! Their ordinary pictures are previews, and the photograph itself must be developed by a program that knows the camera.
//! A preview must never pass for the photograph.

use enlarger::{Error, ErrorKind};

use super::directory::Directory;
use super::tag;

/// Photometric interpretations of sensor data: a mosaic, and linear values of it.
const MOSAIC: u16 = 32803;
const LINEAR_RAW: u16 = 34892;
/// Compressions that only cameras write: Sony, Epson, Samsung, Nikon, Kodak, Pentax, lossy DNG.
const CAMERA_COMPRESSIONS: [u16; 9] = [32767, 32769, 32770, 34713, 34892, 65000, 262, 65535, 7000];

/// What makes a raw photograph of these directories, if anything: the camera's name, or an empty text.
pub fn camera(head: &[u8], directories: &[Directory]) -> Option<String> {
    let sensor = |d: &Directory| {
        matches!(d.short(tag::PHOTOMETRIC, 0), MOSAIC | LINEAR_RAW)
            || CAMERA_COMPRESSIONS.contains(&d.short(tag::COMPRESSION, 1))
            || d.has(tag::DNG_VERSION)
            || d.has(tag::LEAF)
            || d.has(tag::CR2_SLICES)
    };
    let marks = matches!(head.get(8..12), Some(b"CR\x02\0" | b"IIII" | b"MMMM"));
    if !marks && !directories.iter().any(sensor) {
        return None;
    }
    let text = |tag| directories.iter().find_map(|d| d.text(tag));
    let (make, model) = (text(tag::MAKE).unwrap_or_default(), text(tag::MODEL).unwrap_or_default());
    // Some models begin with the maker's name.
    let first = make.split_whitespace().next().unwrap_or_default().to_lowercase();
    let name = if model.to_lowercase().starts_with(&first) { model } else { format!("{make} {model}") };
    Some(if name.trim().is_empty() { text(tag::DNG_CAMERA).unwrap_or_default() } else { name.trim().to_owned() })
}

/// The refusal of a raw photograph.
pub fn refusal(camera: &str) -> Error {
    let by = if camera.is_empty() { String::new() } else { format!(" of a camera ({camera})") };
    Error::new(
        ErrorKind::Format,
        format!(
            "this is a raw photograph{by}, which must be developed first; develop it to a 16-bit TIFF \
             with darktable, RawTherapee or your camera's program, and enlarge that"
        ),
    )
}
