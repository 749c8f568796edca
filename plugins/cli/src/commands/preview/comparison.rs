//! The comparison: panels in rows, each with its label above it.

use std::convert::Infallible;
use std::path::Path;

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_1::FONT_9X18;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::{Dimensions, DrawTarget, Drawable, OriginDimensions, Pixel, Point};
use embedded_graphics::text::{Baseline, Text};
use enlarger::{Channels, Colour, Error, ErrorKind, Format, Result, Sample, Sink, Size};

use super::super::enlarge::output::Output;
use super::panel::Panel;
use crate::metadata::Metadata;
use crate::picture::limits::MEMORY;
use crate::picture::{Conversion, FileFormat, WriteSpec, Writer};

/// The most panels beside each other.
const ACROSS: usize = 4;

/// Pixels between panels, and the height of a line of text.
const GAP: u32 = 8;
const LINE: u32 = 24;

const BACKGROUND: u8 = 0x20;

/// A picture of all panels.
pub struct Comparison {
    pub size: Size,
    /// sRGB, 8 bits, in rows without padding.
    pub pixels: Vec<u8>,
}

impl Comparison {
    /// The comparison of these panels, which all have the same size.
    pub fn new(panels: &[Panel]) -> Self {
        let letter = FONT_9X18.character_size.width;
        let label = panels.iter().map(|panel| panel.label.chars().count() as u32 * letter).max().unwrap_or(0);
        // A small part leaves room for the labels.
        let cell = Size { width: panels[0].size.width.max(label), ..panels[0].size };
        let across = panels.len().min(ACROSS) as u32;
        let down = panels.len().div_ceil(ACROSS) as u32;
        let size = Size { width: across * (cell.width + GAP) + GAP, height: down * (cell.height + LINE + GAP) + GAP };
        let mut comparison = Comparison { size, pixels: vec![BACKGROUND; 3 * size.pixels() as usize] };
        for (index, panel) in (0u32..).zip(panels) {
            let left = GAP + index % across * (cell.width + GAP);
            let top = GAP + index / across * (cell.height + LINE + GAP);
            comparison.add(panel, left, top);
        }
        comparison
    }

    fn add(&mut self, panel: &Panel, left: u32, top: u32) {
        let style = MonoTextStyle::new(&FONT_9X18, Rgb888::WHITE);
        let at = Point::new(left as i32, top as i32);
        let Ok(_) = Text::with_baseline(&panel.label, at, style, Baseline::Top).draw(self);
        let length = 3 * panel.size.width as usize;
        for (y, row) in (top + LINE..).zip(panel.pixels.chunks_exact(length)) {
            let start = 3 * (y as usize * self.size.width as usize + left as usize);
            self.pixels[start..start + length].copy_from_slice(row);
        }
    }

    /// Writes it.
    pub fn write(&self, file_format: FileFormat, output: &Output) -> Result<()> {
        let format = Format::new(Sample::U8, Channels::Rgb);
        let conversion = Conversion::new(file_format, self.size, format, &Colour::Srgb, &Metadata::default())?;
        let spec = WriteSpec {
            file_format,
            size: self.size,
            format: conversion.format,
            colour: conversion.colour,
            metadata: conversion.metadata,
            quality: None,
            memory: MEMORY,
        };
        let mut writer = Writer::new(output.to_write()?, spec)?;
        for (y, row) in (0u32..).zip(self.pixels.chunks_exact(3 * self.size.width as usize)) {
            writer.write(y, row)?;
        }
        writer.finish()
    }
}

/// The format of a comparison's file, which its extension chooses: one that stores 8-bit sRGB as it is.
pub fn format_of(path: &Path) -> Result<FileFormat> {
    use FileFormat::{Jpeg, Png, Tiff, WebP};
    FileFormat::from_name(path).filter(|format| matches!(format, Png | Jpeg | Tiff | WebP)).ok_or_else(|| {
        Error::new(
            ErrorKind::Argument,
            format!(
                "a comparison cannot be written as {}; give a name that ends in .png, .jpg, .webp or .tif with -o",
                path.display()
            ),
        )
    })
}

impl OriginDimensions for Comparison {
    fn size(&self) -> embedded_graphics::geometry::Size {
        embedded_graphics::geometry::Size::new(self.size.width, self.size.height)
    }
}

impl DrawTarget for Comparison {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let area = self.bounding_box();
        for Pixel(at, colour) in pixels {
            if area.contains(at) {
                let start = 3 * (at.y as usize * self.size.width as usize + at.x as usize);
                self.pixels[start..start + 3].copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(label: &str, shade: u8) -> Panel {
        let size = Size { width: 50, height: 40 };
        let pixels = vec![shade; 3 * size.pixels() as usize];
        Panel { label: label.to_owned(), size, pixels, models: Vec::new(), seconds: 0.0, notes: Vec::new() }
    }

    #[test]
    fn panels_lie_in_rows_below_their_labels() {
        let panels: Vec<Panel> = (1..=5).map(|shade| panel("label", shade)).collect();
        let comparison = Comparison::new(&panels);
        assert_eq!(comparison.size, Size { width: 4 * 58 + 8, height: 2 * 72 + 8 });
        let at = |x: usize, y: usize| comparison.pixels[3 * (y * comparison.size.width as usize + x)];
        assert_eq!((at(8, 32), at(57, 71), at(66, 32), at(8, 104)), (1, 1, 2, 5));
        assert_eq!((at(58, 40), at(66, 104)), (BACKGROUND, BACKGROUND));
        let lit = |left: usize| (left..left + 50).any(|x| (8..30).any(|y| at(x, y) == 255));
        assert!(lit(8) && lit(182), "the labels");
        let comparison = Comparison::new(&[panel("longer than its picture", 1), panel("b", 2)]);
        assert_eq!(comparison.size.width, 2 * (23 * 9 + 8) + 8, "a column is as wide as its label");
    }
}
