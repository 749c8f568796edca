//! Shows a comparison on a terminal that can show pictures: by the protocols of kitty and iTerm2, and by sixels.

use std::io::{IsTerminal, stdout};

use enlarger::{Error, ErrorKind, Result};
use image::{DynamicImage, RgbImage};
use viuer::{Config, KittySupport, get_kitty_support, is_iterm_supported, is_sixel_supported};

use super::comparison::Comparison;

/// Whether standard output is a terminal that can show pictures. It asks the terminal.
pub fn can_show() -> bool {
    stdout().is_terminal()
        && (get_kitty_support() != KittySupport::None || is_iterm_supported() || is_sixel_supported())
}

/// Shows the comparison, as wide as the terminal at most.
pub fn show(comparison: Comparison) -> Result<()> {
    let picture =
        RgbImage::from_raw(comparison.size.width, comparison.size.height, comparison.pixels).map(DynamicImage::from);
    let config = Config { absolute_offset: false, ..Config::default() };
    let shown = picture.map(|picture| viuer::print(&picture, &config));
    match shown {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(Error::new(
            ErrorKind::Io,
            format!("the terminal does not show the comparison ({error}); write it to a file with -o"),
        )),
        None => {
            Err(Error::new(ErrorKind::Internal, "the comparison has another size than its pixels; please report it"))
        }
    }
}
