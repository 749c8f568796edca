//! Warping: a picture seen through an affine map.
//!
//! The kernel is Catmull-Rom, as in all resampling after networks. Where the map reduces, the kernel is stretched along each axis
//! of the result, so that every pixel counts: the warp is correct in area and free of aliasing. Beyond its border, the picture
//! continues with its last pixels. Nothing here may know what is warped.

use crate::error::Result;
use crate::machine::memory;
use crate::plan::method::Method;
use crate::restoration::affine::Affine;

/// The kernel.
const KERNEL: Method = Method::Bicubic;

/// Three planes of samples of a picture or of a part of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planes {
    /// Columns.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    /// Three planes of `width * height` samples, one after another.
    pub(crate) data: Vec<f32>,
}

impl Planes {
    /// Planes of zeros.
    pub(crate) fn new(width: usize, height: usize) -> Result<Self> {
        Ok(Planes { width, height, data: memory::zeros(3 * width * height)? })
    }

    /// These planes as `map` shows them, which takes places in them to places in the result of `side` × `side` pixels.
    pub(crate) fn warped(&self, map: Affine, side: usize) -> Result<Planes> {
        let mut result = Planes::new(side, side)?;
        let back = map.inverse();
        let kernel = Kernel::new(back);
        for y in 0..side {
            for x in 0..side {
                let sample = self.sample(&kernel, back.map([x as f64 + 0.5, y as f64 + 0.5]));
                (0..3).for_each(|plane| result.data[(plane * side + y) * side + x] = sample[plane]);
            }
        }
        Ok(result)
    }

    /// The three samples at a place.
    pub(crate) fn sample(&self, kernel: &Kernel, [x, y]: [f64; 2]) -> [f32; 3] {
        // Beyond the border by more than the reach, all pixels are the last one.
        let near = |at: f64, reach: f64, length: usize| at.clamp(-reach, length as f64 + reach);
        let (x, y) = (near(x, kernel.reach[0], self.width), near(y, kernel.reach[1], self.height));
        let span = |at: f64, reach: f64| ((at - reach - 0.5).ceil() as i64, (at + reach - 0.5).floor() as i64);
        let (left, right) = span(x, kernel.reach[0]);
        let (top, bottom) = span(y, kernel.reach[1]);
        let inside = |i: i64, length: usize| i.clamp(0, length as i64 - 1) as usize;
        let (mut sums, mut total) = ([0.0f64; 3], 0.0);
        let plane = self.width * self.height;
        for row in top..=bottom {
            let start = inside(row, self.height) * self.width;
            for column in left..=right {
                let weight = kernel.weight(column as f64 + 0.5 - x, row as f64 + 0.5 - y);
                if weight != 0.0 {
                    let at = start + inside(column, self.width);
                    total += weight;
                    sums.iter_mut()
                        .enumerate()
                        .for_each(|(c, sum)| *sum += weight * f64::from(self.data[c * plane + at]));
                }
            }
        }
        sums.map(|sum| (sum / total) as f32)
    }

    /// These planes at 1 / `by` of their size: means of `by` × `by` pixels, fewer at the right and lower borders.
    pub(crate) fn reduced(&self, by: usize) -> Result<Planes> {
        let mut sums = Reduction::new(self.width, self.height, by)?;
        for y in 0..self.height {
            sums.add([0, 1, 2].map(|c| &self.data[(c * self.height + y) * self.width..][..self.width]));
        }
        Ok(sums.finish())
    }
}

/// Reduces planes by a whole number while their rows arrive, so that only the small ones are in memory.
pub(crate) struct Reduction {
    planes: Planes,
    /// The size of what is reduced.
    width: usize,
    height: usize,
    by: usize,
    /// The rows added so far.
    rows: usize,
}

impl Reduction {
    /// Of `width` × `height` pixels to 1 / `by` of that.
    pub(crate) fn new(width: usize, height: usize, by: usize) -> Result<Self> {
        Ok(Reduction { planes: Planes::new(width.div_ceil(by), height.div_ceil(by))?, width, height, by, rows: 0 })
    }

    /// Adds the next row.
    pub(crate) fn add(&mut self, rows: [&[f32]; 3]) {
        let Planes { width, height, data } = &mut self.planes;
        let y = self.rows / self.by;
        for (plane, row) in rows.into_iter().enumerate() {
            let out = &mut data[(plane * *height + y) * *width..][..*width];
            out.iter_mut().zip(row.chunks(self.by)).for_each(|(sum, pixels)| *sum += pixels.iter().sum::<f32>());
        }
        self.rows += 1;
    }

    /// The means, once all rows are added.
    pub(crate) fn finish(mut self) -> Planes {
        let Planes { width, height, data } = &mut self.planes;
        let count = |at: usize, length: usize| (length - at * self.by).min(self.by);
        for (index, row) in data.chunks_exact_mut(*width).enumerate() {
            let rows = count(index % *height, self.height);
            row.iter_mut().enumerate().for_each(|(x, v)| *v /= (rows * count(x, self.width)) as f32);
        }
        self.planes
    }
}

/// The weights of the pixels around a place, for one map.
pub(crate) struct Kernel {
    /// From a distance in the picture to one in units of the kernel.
    units: Affine,
    /// How far the kernel reaches in the picture, along each of its axes.
    reach: [f64; 2],
}

impl Kernel {
    /// For a map from the result to the picture.
    pub(crate) fn new(back: Affine) -> Self {
        let lengths = [back.xx.hypot(back.yx), back.xy.hypot(back.yy)];
        // A map that enlarges in both directions interpolates along the axes of the picture. One that reduces has its kernel
        // along those of the result, where a direction that does not reduce keeps the spacing of the picture.
        let axes = if lengths[0] <= 1.0 && lengths[1] <= 1.0 {
            Affine::scale(1.0, 1.0)
        } else {
            let by = lengths.map(|length| length.max(1.0) / length);
            Affine {
                xx: back.xx * by[0],
                xy: back.xy * by[1],
                x0: 0.0,
                yx: back.yx * by[0],
                yy: back.yy * by[1],
                y0: 0.0,
            }
        };
        let radius = f64::from(KERNEL.radius());
        let reach = [axes.xx.abs() + axes.xy.abs(), axes.yx.abs() + axes.yy.abs()].map(|side| side * radius);
        Kernel { units: axes.inverse(), reach }
    }

    /// The weight of a pixel at this distance, not normalised.
    fn weight(&self, x: f64, y: f64) -> f64 {
        let [u, v] = self.units.map([x, y]);
        let across = KERNEL.kernel(u);
        if across == 0.0 { 0.0 } else { across * KERNEL.kernel(v) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(side: usize, paint: impl Fn(f64, f64) -> f64) -> Planes {
        let mut planes = Planes::new(side, side).unwrap();
        for (at, v) in planes.data.iter_mut().enumerate() {
            let (x, y) = (at % side, at / side % side);
            *v = paint(x as f64 + 0.5, y as f64 + 0.5) as f32;
        }
        planes
    }

    fn turned(scale: f64, angle: f64, about: f64, to: f64) -> Affine {
        let (sine, cosine) = (angle.sin() * scale, angle.cos() * scale);
        let turn = Affine { xx: cosine, xy: -sine, x0: 0.0, yx: sine, yy: cosine, y0: 0.0 };
        let [x, y] = turn.map([about, about]);
        Affine { x0: to - x, y0: to - y, ..turn }
    }

    #[test]
    fn the_map_that_changes_nothing_copies() {
        let planes = painted(9, |x, y| x * 0.07 + y * 0.03);
        assert_eq!(planes.warped(Affine::scale(1.0, 1.0), 9).unwrap(), planes);
    }

    /// A smooth pattern arrives at the right places, turned, enlarged or reduced.
    #[test]
    fn places_are_mapped_exactly() {
        let wave = |x: f64, y: f64| 0.5 + 0.2 * (x / 9.0).sin() + 0.2 * (y / 7.0).cos();
        let planes = painted(160, wave);
        for (scale, angle) in [(1.0, 0.5), (2.3, -0.7), (0.8, 3.0), (0.45, 0.2), (0.3, 0.0)] {
            let map = turned(scale, angle, 80.0, 16.0);
            let result = planes.warped(map, 32).unwrap();
            let back = map.inverse();
            for y in 0..32 {
                for x in 0..32 {
                    let [px, py] = back.map([x as f64 + 0.5, y as f64 + 0.5]);
                    if (8.0..152.0).contains(&px) && (8.0..152.0).contains(&py) {
                        let off = f64::from(result.data[y * 32 + x]) - wave(px, py);
                        // A kernel that reduces also smooths the wave a little.
                        assert!(
                            off.abs() < if scale < 1.0 { 0.02 } else { 0.001 },
                            "{scale} {angle}: {off} at {x} {y}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_finer_than_the_result_becomes_its_mean() {
        let stripes = painted(128, |x, _| f64::from(u8::from(x as i64 % 2 == 0)));
        for angle in [0.0, 0.4] {
            let result = stripes.warped(turned(0.25, angle, 64.0, 8.0), 16).unwrap();
            assert!(result.data.iter().all(|v| (v - 0.5).abs() < 0.02), "{angle}");
        }
        let aliased = stripes.warped(turned(1.0, 0.0, 64.0, 8.0), 16).unwrap();
        assert!(aliased.data.iter().any(|v| (v - 0.5).abs() > 0.4), "at full size they are seen");
    }

    #[test]
    fn beyond_the_border_the_last_pixels_continue() {
        let planes = painted(8, |x, _| x / 8.0);
        let kernel = Kernel::new(Affine::scale(1.0, 1.0));
        assert_eq!(planes.sample(&kernel, [-50.0, 3.5])[0], 0.0625);
        assert_eq!(planes.sample(&kernel, [1e9, -1e9])[2], 0.9375);
    }

    #[test]
    fn a_reduction_has_means_also_at_the_border() {
        let planes = painted(5, |x, y| x + 10.0 * y);
        let small = planes.reduced(2).unwrap();
        assert_eq!((small.width, small.height), (3, 3));
        assert_eq!(small.data[..3], [11.0, 13.0, 14.5]);
        assert_eq!(small.data[8], 49.5);
        assert_eq!(planes.reduced(1).unwrap(), planes);
    }
}
