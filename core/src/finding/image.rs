//! An image to search: planar RGB, sRGB-encoded, 0 to 1, small enough to be held in memory whole.
//!
//! The source is read once, reduced on the way, so that memory does not grow with the picture. Where the source is transparent,
//! the image must be gray: nobody sees the colours there.

use crate::colour::conversion::Conversion;
use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::pixels::rows::Source;
use crate::plan::method::Method;
use crate::run::run::Run;
use crate::stages::decode::{Decode, Planes};
use crate::stages::resample::{Axis, Light, Resample};
use crate::stages::stage::BoxStage;

/// The gray that stands for everything outside the image. The network takes it as 0.
pub(super) const GRAY: f32 = 0.5;

/// An image.
pub(super) struct Image {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Red, green, blue.
    planes: Vec<f32>,
}

impl Image {
    /// A gray image.
    pub(super) fn new(width: usize, height: usize) -> Result<Self> {
        let mut planes = memory::zeros(3 * width * height)?;
        planes.fill(GRAY);
        Ok(Image { width, height, planes })
    }

    /// Reads a source and reduces it to at most `most` pixels, keeping its shape; `row_done` is told the share of rows that are
    /// read. A smaller source keeps its size.
    ///
    /// # Errors
    /// `Cancelled`, `Memory`, or the error that stopped the reading.
    pub(super) fn read(
        source: &mut dyn Source,
        most: u64,
        run: &mut Run<'_>,
        row_done: &mut dyn FnMut(f32),
    ) -> Result<Self> {
        let size = source.size();
        let reduced = reduced(size, most);
        let conversion = Conversion::new(&source.colour(), source.format().is_gray())?;
        let alpha = Planes::of(source.format(), &conversion).alpha;
        let mut stage: BoxStage<'_> = Box::new(Decode::new(source, conversion, size.rect())?);
        if reduced != size {
            let across = Axis::new(Method::Bilinear, size.width, reduced.width, 0, reduced.width)?;
            let down = Axis::new(Method::Bilinear, size.height, reduced.height, 0, reduced.height)?;
            stage = Box::new(Resample::new(stage, across, down, reduced.rect(), Light::Encoded)?);
        }
        let (width, height) = (reduced.width as usize, reduced.height as usize);
        let mut image = Image::new(width, height)?;
        let mut row = memory::zeros(stage.row_length())?;
        for y in 0..height {
            stage.next(run, &mut row)?;
            let (colours, rest) = row.split_at(3 * width);
            for (channel, colour) in colours.chunks_exact(width).enumerate() {
                let to = &mut image.planes[(channel * height + y) * width..][..width];
                match alpha {
                    false => to.copy_from_slice(colour),
                    true => to.iter_mut().zip(colour).zip(rest).for_each(|((to, v), a)| *to = GRAY + (v - GRAY) * a),
                }
            }
            row_done((y + 1) as f32 / height as f32);
        }
        Ok(image)
    }

    /// The image at half the size. Sides are rounded up; the last pixel of an odd side counts twice.
    pub(super) fn half(&self) -> Result<Self> {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let mut image = Image::new(width, height)?;
        for channel in 0..3 {
            for y in 0..height {
                let rows = [2 * y, (2 * y + 1).min(self.height - 1)].map(|y| self.row(channel, y));
                let to = &mut image.planes[(channel * height + y) * width..][..width];
                for (x, to) in to.iter_mut().enumerate() {
                    let (left, right) = (2 * x, (2 * x + 1).min(self.width - 1));
                    *to = (rows[0][left] + rows[0][right] + rows[1][left] + rows[1][right]) / 4.0;
                }
            }
        }
        Ok(image)
    }

    /// The image turned anticlockwise by quarters of a circle.
    pub(super) fn turned(&self, quarters: u8) -> Result<Self> {
        let (wide, high) = (self.width, self.height);
        let (width, height) = if quarters.is_multiple_of(2) { (wide, high) } else { (high, wide) };
        let mut image = Image::new(width, height)?;
        for channel in 0..3 {
            for y in 0..height {
                for x in 0..width {
                    let (from_x, from_y) = match quarters % 4 {
                        0 => (x, y),
                        1 => (wide - 1 - y, x),
                        2 => (wide - 1 - x, high - 1 - y),
                        _ => (y, high - 1 - x),
                    };
                    image.set(channel, x, y, self.row(channel, from_y)[from_x]);
                }
            }
        }
        Ok(image)
    }

    /// The image with left and right exchanged.
    pub(super) fn mirrored(&self) -> Result<Self> {
        let mut planes = memory::collect(self.planes.iter().copied())?;
        planes.chunks_exact_mut(self.width).for_each(|row| row.reverse());
        Ok(Image { planes, ..*self })
    }

    /// A row of a plane.
    pub(super) fn row(&self, channel: usize, y: usize) -> &[f32] {
        &self.planes[(channel * self.height + y) * self.width..][..self.width]
    }

    /// The planes of a rectangle, gray where it reaches beyond the image on the right and below.
    pub(super) fn cut(&self, rect: Rect) -> Result<Vec<f32>> {
        let (width, height) = (rect.width as usize, rect.height as usize);
        let mut planes = memory::zeros(3 * width * height)?;
        planes.fill(GRAY);
        let (x, y) = (rect.x as usize, rect.y as usize);
        let wide = width.min(self.width - x);
        for channel in 0..3 {
            for row in 0..height.min(self.height - y) {
                let to = &mut planes[(channel * height + row) * width..][..wide];
                to.copy_from_slice(&self.row(channel, y + row)[x..x + wide]);
            }
        }
        Ok(planes)
    }

    /// The value at a place, interpolated between the four pixels around it. Pixel centres are at halves.
    pub(super) fn at(&self, channel: usize, x: f32, y: f32) -> f32 {
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (right_share, low_share) = (x - left, y - top);
        let value = |dx: f32, dy: f32| {
            let (x, y) = (left + dx, top + dy);
            let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
            if inside { self.row(channel, y as usize)[x as usize] } else { GRAY }
        };
        let across = |dy| value(0.0, dy) * (1.0 - right_share) + value(1.0, dy) * right_share;
        across(0.0) * (1.0 - low_share) + across(1.0) * low_share
    }

    /// Sets a pixel.
    pub(super) fn set(&mut self, channel: usize, x: usize, y: usize, value: f32) {
        self.planes[(channel * self.height + y) * self.width + x] = value;
    }
}

/// The size of at most `most` pixels, or hardly more, with the shape of `size`.
fn reduced(size: Size, most: u64) -> Size {
    let factor = (most as f64 / size.pixels() as f64).sqrt();
    if factor >= 1.0 {
        return size;
    }
    let side = |side: u32| ((f64::from(side) * factor).round() as u32).max(1);
    Size { width: side(size.width), height: side(size.height) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::colour::Colour;
    use crate::pixels::format::{Alpha, Channels, Format, Sample};
    use crate::pixels::rows::ViewSource;
    use crate::pixels::view::View;
    use crate::run::cancel::Cancel;

    fn read(pixels: &[u8], size: Size, format: Format, most: u64) -> Image {
        let view = View::new(pixels, format.row_size(size.width), size, format).unwrap();
        let (cancel, mut silent) = (Cancel::new(), |_| {});
        let mut run = Run::new(&cancel, &mut silent, 0, size.height);
        Image::read(&mut ViewSource::new(view, Colour::Srgb), most, &mut run, &mut |_| {}).unwrap()
    }

    #[test]
    fn a_picture_is_reduced_in_its_shape() {
        let of = |width, height| reduced(Size { width, height }, 700_000);
        assert_eq!(of(4000, 3000), Size { width: 966, height: 725 });
        assert_eq!(of(800, 600), Size { width: 800, height: 600 });
        assert_eq!(of(1 << 20, 1), Size { width: 856_740, height: 1 });
        let pixels: Vec<u8> = (0..8 * 8).flat_map(|_| [255, 0, 51]).collect();
        let image = read(&pixels, Size { width: 8, height: 8 }, Format::new(Sample::U8, Channels::Rgb), 16);
        assert_eq!((image.width, image.height), (4, 4));
        assert!((image.at(2, 2.0, 2.0) - 0.2).abs() < 1e-6 && image.row(0, 3) == [1.0; 4]);
    }

    #[test]
    fn what_is_transparent_is_gray() {
        let format = Format { alpha: Alpha::Straight, ..Format::new(Sample::U8, Channels::Rgba) };
        let image = read(&[255, 0, 0, 0, 255, 0, 0, 255], Size { width: 2, height: 1 }, format, 100);
        assert_eq!((image.row(0, 0), image.row(1, 0)), ([GRAY, 1.0].as_slice(), [GRAY, 0.0].as_slice()));
    }

    #[test]
    fn halving_averages_and_keeps_the_last_pixel() {
        let mut image = Image::new(3, 1).unwrap();
        for (x, value) in [0.0, 1.0, 0.25].into_iter().enumerate() {
            image.set(0, x, 0, value);
        }
        let half = image.half().unwrap();
        assert_eq!((half.width, half.height, half.row(0, 0)), (2, 1, [0.5, 0.25].as_slice()));
    }

    #[test]
    fn four_quarters_are_a_whole_turn() {
        let mut image = Image::new(3, 2).unwrap();
        image.set(0, 2, 0, 1.0);
        // The pixel at the upper right moves to the upper left when the image turns anticlockwise.
        let turned = image.turned(1).unwrap();
        assert_eq!((turned.width, turned.height, turned.row(0, 0)), (2, 3, [1.0, GRAY].as_slice()));
        let around = turned.turned(1).unwrap().turned(2).unwrap();
        assert_eq!(around.row(0, 0), image.row(0, 0));
        assert_eq!(image.turned(3).unwrap().row(0, 2), [GRAY, 1.0]);
    }

    #[test]
    fn a_mirrored_image_has_left_and_right_exchanged_in_every_plane() {
        let mut image = Image::new(3, 2).unwrap();
        image.set(0, 0, 1, 1.0);
        image.set(2, 2, 0, 0.0);
        let mirrored = image.mirrored().unwrap();
        assert_eq!(
            (mirrored.row(0, 1), mirrored.row(2, 0)),
            ([GRAY, GRAY, 1.0].as_slice(), [0.0, GRAY, GRAY].as_slice())
        );
        assert_eq!((mirrored.row(0, 0), mirrored.row(1, 1)), ([GRAY; 3].as_slice(), [GRAY; 3].as_slice()));
    }

    #[test]
    fn outside_is_gray() {
        let mut image = Image::new(1, 1).unwrap();
        image.set(0, 0, 0, 1.0);
        assert_eq!((image.at(0, 0.5, 0.5), image.at(0, 1.0, 0.5), image.at(0, 9.0, 0.5)), (1.0, 0.75, GRAY));
        let cut = image.cut(Rect { x: 0, y: 0, width: 2, height: 1 }).unwrap();
        assert_eq!(cut[..2], [1.0, GRAY]);
    }
}
