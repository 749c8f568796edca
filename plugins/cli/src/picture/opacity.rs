//! Whether the alpha that a file stores is meant.
//!
//! TGA and BMP files often carry a fourth byte that means nothing, or an alpha that is 0 everywhere. Such a picture is opaque
//! to whoever made it. What is not taken as alpha is said.

use enlarger::{Channels, Format};

/// How a picture with stored alpha is taken.
pub enum Opacity {
    /// As the file says.
    AsStored(Vec<u8>),
    /// Without alpha, and what the user should know.
    Opaque(Format, Vec<u8>, Option<String>),
}

/// Judges 8-bit pixels. `meant` says whether the file declares its alpha.
pub fn judge(format: Format, mut data: Vec<u8>, meant: bool) -> Opacity {
    let count = format.channels.count();
    if !format.has_alpha() {
        return Opacity::AsStored(data);
    }
    let first = data.get(count - 1).copied().unwrap_or(255);
    let varies = data.chunks_exact(count).any(|p| p[count - 1] != first);
    if meant && (varies || first != 0) {
        return Opacity::AsStored(data);
    }
    let note = match (meant, varies) {
        (true, _) => Some("its transparency would hide the whole picture, so the picture is taken as opaque"),
        (false, true) => Some("the file says that its fourth channel is not transparency; it is left out"),
        (false, false) => None,
    };
    let colour = count - 1;
    let pixels = data.len() / count;
    for index in 0..pixels {
        data.copy_within(index * count..index * count + colour, index * colour);
    }
    data.truncate(pixels * colour);
    let channels = if format.channels == Channels::GrayAlpha { Channels::Gray } else { Channels::Rgb };
    Opacity::Opaque(Format { channels, ..format }, data, note.map(str::to_owned))
}
