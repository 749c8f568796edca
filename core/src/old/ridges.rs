//! Ridges: how far each pixel stands out from both of its sides, as a thin line or a speck does and an edge does not.
//!
//! It looks along four directions and at several widths. What it finds are candidates; `judge.rs` decides. It works on a band
//! of rows and must not keep anything from one band to the next, so that the size of a band changes nothing.

use crate::error::Result;
use crate::machine::memory;

/// How far from a pixel its sides are looked for, in pixels, one distance for each width of damage. A ridge is found up to about one
/// and a half times as wide.
const SIDES: [usize; 3] = [2, 4, 8];

/// Sides are no farther than the picture's shorter side divided by this. Wider lines belong to the picture.
const WIDEST: u32 = 160;

/// How many pixels are averaged along a direction on each side of a pixel, against noise: for upright and level lines, and for
/// marks of any shape.
const ALONG: [usize; 2] = [7, 2];

/// The radius of the square in which the usual strength of ridges is measured: texture has many of them.
const NEAR: usize = 24;

/// A ridge counts in that measurement no more than this, so that the damage itself hardly raises it.
const MOST: f32 = 0.08;

/// How far above and below a row the picture must be known.
pub(super) const REACH: usize = NEAR + SIDES[2] + 1 + ALONG[0];

/// The steps of the four directions along a line, and across it.
const DIRECTIONS: [([isize; 2], [isize; 2]); 4] =
    [([0, 1], [1, 0]), ([1, 0], [0, 1]), ([1, 1], [1, -1]), ([1, -1], [1, 1])];

/// Rows of a picture, as three planes of encoded colour and their mean (`gray`), each `width` wide. Luminance would nearly leave out
/// blue, in which yellowed paper is darkest and a white scratch shows best.
pub(super) struct Band {
    /// The shorter side of the whole picture.
    pub(super) short_side: u32,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) colour: [Vec<f32>; 3],
    pub(super) gray: Vec<f32>,
}

/// What is told apart: upright lines, level lines, and marks of any direction and shape.
pub(super) const KINDS: usize = 3;

/// The last of them.
pub(super) const ANY: usize = KINDS - 1;

/// The ridges of a band: for each pixel how far it is brighter, and how far darker, than both of its sides, by direction.
pub(super) struct Ridges {
    pub(super) bright: [Vec<f32>; KINDS],
    pub(super) dark: [Vec<f32>; KINDS],
    /// The usual strength of ridges around each pixel, by direction.
    pub(super) usual: [Vec<f32>; KINDS],
}

/// What lies on both sides of a pixel that stands out.
#[derive(Clone, Copy, Debug)]
pub(super) struct SidesOfPixel {
    /// Whether no colour stands out the other way than their mean does: damage covers or removes all dyes alike, so that what it
    /// changes lies between the picture and white, or the picture and black.
    pub(super) all_colours: bool,
    /// How much the sides differ in gray. Damage does not follow what is in the picture, so it has no sign on average.
    pub(super) difference: f32,
}

impl Band {
    fn clamped(&self, x: isize, y: isize) -> usize {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        y * self.width + x
    }

    /// What lies on both sides of a pixel, across the direction in which it stands out most. `bright`: which way it stands out.
    pub(super) fn sides_of(&self, x: usize, y: usize, bright: bool) -> SidesOfPixel {
        let sign = if bright { 1.0 } else { -1.0 };
        let at = |plane: &[f32], dx: isize, dy: isize| plane[self.clamped(x as isize + dx, y as isize + dy)];
        let mean = |plane: &[f32], d: isize, (along, across): ([isize; 2], [isize; 2])| -> f32 {
            let place = |i: isize| at(plane, d * across[0] + i * along[0], d * across[1] + i * along[1]);
            sign * (-2..=2).map(place).sum::<f32>() / 5.0
        };
        let step = self.sides()[self.sides().len() - 1] as isize;
        let sides = |plane: &[f32], direction| [-step, step].map(|side| mean(plane, side, direction));
        let ridge =
            |plane: &[f32], direction| mean(plane, 0, direction) - sides(plane, direction).iter().sum::<f32>() / 2.0;
        let gray = |direction: &_| ridge(&self.gray, *direction);
        let strongest = DIRECTIONS.into_iter().max_by(|a, b| gray(a).total_cmp(&gray(b)));
        let direction = strongest.unwrap_or(DIRECTIONS[0]);
        let colours = [0, 1, 2].map(|channel| ridge(&self.colour[channel], direction));
        let (least, most) =
            (colours.iter().copied().fold(f32::MAX, f32::min), colours.iter().copied().fold(0.0, f32::max));
        let [before, after] = sides(&self.gray, direction);
        SidesOfPixel { all_colours: least >= -0.1 * most, difference: after - before }
    }

    fn sides(&self) -> &'static [usize] {
        let count = SIDES.iter().filter(|side| **side as u32 <= self.short_side / WIDEST).count();
        &SIDES[..count.max(1)]
    }

    /// The ridges of all rows; those within [`REACH`] of an end that is not the picture's are wrong.
    pub(super) fn ridges(&self) -> Result<Ridges> {
        let pixels = self.width * self.height;
        let plane = || memory::zeros(pixels);
        let (mut bright, mut dark) = ([plane()?, plane()?, plane()?], [plane()?, plane()?, plane()?]);
        let mut smooth = plane()?;
        let sides = self.sides();
        let mut look = |(along, across): ([isize; 2], [isize; 2]), radius: usize, kind: usize| {
            self.smooth_along(along, radius, &mut smooth);
            for side in sides {
                self.add_ridges(&smooth, across, *side as isize, [&mut bright[kind], &mut dark[kind]]);
            }
        };
        look(DIRECTIONS[0], ALONG[0], 0);
        look(DIRECTIONS[1], ALONG[0], 1);
        DIRECTIONS.into_iter().for_each(|direction| look(direction, ALONG[1], ANY));
        let usual = [0, 1, 2].map(|kind| self.usual(&bright[kind], &dark[kind]));
        let [upright, level, any] = usual;
        let usual = [upright?, level?, any?];
        for side in sides {
            self.add_specks(*side as isize + 1, [&mut bright[ANY], &mut dark[ANY]]);
        }
        Ok(Ridges { bright, dark, usual })
    }

    fn smooth_along(&self, along: [isize; 2], radius: usize, out: &mut [f32]) {
        let radius = radius as isize;
        let scale = 1.0 / (2 * radius + 1) as f32;
        out.fill(0.0);
        for y in 0..self.height as isize {
            let row = &mut out[y as usize * self.width..][..self.width];
            for i in -radius..=radius {
                let from = (y + i * along[1]).clamp(0, self.height as isize - 1) as usize;
                let from = &self.gray[from * self.width..][..self.width];
                shifted(row, from, i * along[0], |sum, v| sum + v);
            }
            row.iter_mut().for_each(|v| *v *= scale);
        }
    }

    /// Raises `found` (bright, dark) to the ridges between two sides at this distance.
    fn add_ridges(&self, smooth: &[f32], across: [isize; 2], side: isize, found: [&mut [f32]; 2]) {
        let [bright, dark] = found;
        let last = self.width as isize - 1;
        for y in 0..self.height as isize {
            let row =
                |dy: isize| &smooth[(y + dy).clamp(0, self.height as isize - 1) as usize * self.width..][..self.width];
            let here = row(0);
            // Each side is the mean of two places, at this distance and one farther.
            let places = [-side, -side - 1, side, side + 1];
            let rows = places.map(|s| row(s * across[1]));
            let start = y as usize * self.width;
            for x in 0..self.width {
                let at = |i: usize| rows[i][(x as isize + places[i] * across[0]).clamp(0, last) as usize];
                let (a, b) = ((at(0) + at(1)) * 0.5, (at(2) + at(3)) * 0.5);
                let v = here[x];
                let (up, down) = (v - a.max(b), a.min(b) - v);
                // Where the sides differ more than the ridge rises, it is an edge.
                let apart = 0.75 * (a - b).abs();
                if up > bright[start + x] && up > apart {
                    bright[start + x] = up;
                }
                if down > dark[start + x] && down > apart {
                    dark[start + x] = down;
                }
            }
        }
    }

    /// Raises `found` (bright, dark) to how far a pixel stands out from all eight places at this distance.
    fn add_specks(&self, side: isize, found: [&mut [f32]; 2]) {
        let [bright, dark] = found;
        let slant = (side * 7 + 5) / 10;
        let places = [
            [side, 0],
            [-side, 0],
            [0, side],
            [0, -side],
            [slant, slant],
            [-slant, slant],
            [slant, -slant],
            [-slant, -slant],
        ];
        for y in 0..self.height {
            for x in 0..self.width {
                let v = self.gray[y * self.width + x];
                let (mut least, mut most) = (f32::MAX, f32::MIN);
                for [dx, dy] in places {
                    let side = self.gray[self.clamped(x as isize + dx, y as isize + dy)];
                    least = least.min(side);
                    most = most.max(side);
                }
                let (up, down, apart) = (v - most, least - v, 0.75 * (most - least));
                let at = y * self.width + x;
                if up > bright[at] && up > apart {
                    bright[at] = up;
                }
                if down > dark[at] && down > apart {
                    dark[at] = down;
                }
            }
        }
    }

    /// The mean of the ridges in a square around each pixel, with running sums.
    fn usual(&self, bright: &[f32], dark: &[f32]) -> Result<Vec<f32>> {
        let (width, height) = (self.width, self.height);
        let mut usual = memory::zeros(width * height)?;
        let mut columns: Vec<f64> = memory::zeros(width)?;
        let ridge = |at: usize| f64::from(bright[at].max(dark[at]).clamp(0.0, MOST));
        for y in 0..NEAR.min(height) {
            (0..width).for_each(|x| columns[x] += ridge(y * width + x));
        }
        for y in 0..height {
            if y + NEAR < height {
                (0..width).for_each(|x| columns[x] += ridge((y + NEAR) * width + x));
            }
            if y > NEAR {
                (0..width).for_each(|x| columns[x] -= ridge((y - NEAR - 1) * width + x));
            }
            let rows = (y + NEAR + 1).min(height) - y.saturating_sub(NEAR);
            let mut sum: f64 = columns[..NEAR.min(width)].iter().sum();
            for x in 0..width {
                if x + NEAR < width {
                    sum += columns[x + NEAR];
                }
                if x > NEAR {
                    sum -= columns[x - NEAR - 1];
                }
                let across = (x + NEAR + 1).min(width) - x.saturating_sub(NEAR);
                usual[y * width + x] = (sum / (rows * across) as f64) as f32;
            }
        }
        Ok(usual)
    }
}

/// Folds `from`, moved by `by` columns and continued at its ends, into `row`.
fn shifted(row: &mut [f32], from: &[f32], by: isize, fold: impl Fn(f32, f32) -> f32) {
    let last = from.len() as isize - 1;
    for (x, v) in row.iter_mut().enumerate() {
        *v = fold(*v, from[(x as isize + by).clamp(0, last) as usize]);
    }
}
