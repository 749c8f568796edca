//! The mask, as a stage: one plane with the share of the network's work, 0 to 1, for each pixel of the source.
//!
//! Values are taken as they are stored, because a mask holds shares and not light. Nothing here may know how the share is used.

use crate::colour::colour::LUMINANCE;
use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::pixels::convert;
use crate::pixels::format::Format;
use crate::pixels::mask::MaskWhite;
use crate::pixels::rows::Source;
use crate::run::run::Run;
use crate::stages::stage::Stage;

/// The stage that reads a mask.
pub(crate) struct MaskRows<'a> {
    source: Box<dyn Source + 'a>,
    format: Format,
    white: MaskWhite,
    rect: Rect,
    /// The next row.
    y: u32,
    /// One row, in the mask's format and as planes.
    bytes: Vec<u8>,
    planar: Vec<f32>,
}

impl<'a> MaskRows<'a> {
    /// Reads `rect` of a mask.
    pub(crate) fn new(source: Box<dyn Source + 'a>, white: MaskWhite, rect: Rect) -> Result<Self> {
        let format = source.format();
        let bytes = memory::zeros(format.row_size(rect.width))?;
        let planar = memory::zeros(format.channels.count() * rect.width as usize)?;
        Ok(MaskRows { source, format, white, rect, y: rect.y, bytes, planar })
    }
}

impl Stage for MaskRows<'_> {
    fn rect(&self) -> Rect {
        self.rect
    }

    fn channels(&self) -> usize {
        1
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        run.cancel.check()?;
        self.source.read(self.rect.x, self.y, &mut self.bytes)?;
        self.y += 1;
        let width = self.rect.width as usize;
        convert::unpack(self.format, &self.bytes, width, &mut self.planar);
        if self.format.is_gray() {
            row.copy_from_slice(&self.planar[..width]);
        } else {
            luminance(&self.planar, row);
        }
        for v in row {
            let share = v.clamp(0.0, 1.0);
            *v = if self.white == MaskWhite::Protect { 1.0 - share } else { share };
        }
        Ok(())
    }
}

/// The luminance of three planes of encoded colour, as video computes it: of encoded values.
pub(crate) fn luminance(colour: &[f32], out: &mut [f32]) {
    let width = out.len();
    for (x, v) in out.iter_mut().enumerate() {
        let (r, g, b) = (colour[x], colour[width + x], colour[2 * width + x]);
        // Written so that gray keeps its exact value.
        *v = g + LUMINANCE[0] * (r - g) + LUMINANCE[2] * (b - g);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::pixels::format::{Channels, Sample};
    use crate::pixels::mask::Mask;
    use crate::pixels::view::View;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::with_run;

    fn shares(format: Format, bytes: &[u8], white: MaskWhite) -> Vec<f32> {
        let width = (bytes.len() / format.pixel_size()) as u32;
        let size = Size { width, height: 1 };
        let mask = Mask::copy(View::new(bytes, bytes.len(), size, format).unwrap()).unwrap();
        let mut row = vec![0.0; width as usize];
        let mut rows = MaskRows::new(mask.open().unwrap(), white, size.rect()).unwrap();
        with_run(&Cancel::new(), |run| rows.next(run, &mut row)).0.unwrap();
        row
    }

    #[test]
    fn gray_is_the_share_and_colour_gives_its_luminance() {
        let gray = Format::new(Sample::U8, Channels::Gray);
        assert_eq!(shares(gray, &[0, 51, 255], MaskWhite::Apply), [0.0, 0.2, 1.0]);
        assert_eq!(shares(gray, &[0, 255], MaskWhite::Protect), [1.0, 0.0]);
        let alpha = Format::new(Sample::U8, Channels::GrayAlpha);
        assert_eq!(shares(alpha, &[51, 0, 255, 128], MaskWhite::Apply), [0.2, 1.0], "alpha is not used");
        let rgb = Format::new(Sample::U8, Channels::Rgb);
        let found = shares(rgb, &[51, 51, 51, 255, 0, 0, 0, 255, 0, 255, 255, 255], MaskWhite::Apply);
        assert_eq!((found[0], found[3]), (0.2, 1.0));
        assert!((found[1] - 0.2126).abs() < 1e-6 && (found[2] - 0.7152).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn values_beyond_black_and_white_are_clamped() {
        let floats: Vec<u8> = [-0.5f32, 0.25, 7.0, f32::NAN].iter().flat_map(|v| v.to_ne_bytes()).collect();
        let format = Format::new(Sample::F32, Channels::Gray);
        assert_eq!(shares(format, &floats, MaskWhite::Apply), [0.0, 0.25, 1.0, 0.0]);
    }
}
