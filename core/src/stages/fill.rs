//! The stage that fills scratches from what is around them.
//!
//! It is the weighted mean of A. Telea, "An Image Inpainting Technique Based on the Fast Marching Method" (Journal of Graphics Tools
//! 9(1), 2004), equation 2 without its gradients, which would spread grain. Damage is filled from its rim inwards, in layers of equal
//! distance (of squares, instead of the paper's fast marching), so that a pixel depends on what lies within [`REACH`] and on nothing else:
//! a rectangle is filled as the whole is. It must not touch sound pixels, nor damage so thick that it would have to invent.

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// The layers that are filled: damage may be twice as thick, in pixels.
const LAYERS: u8 = 12;

/// The radius around a pixel from which it is filled (the paper's ε).
const RADIUS: i32 = 4;

/// How far what a pixel depends on may be away: layer by layer to the rim, and what decides that it is not too thick.
pub(crate) const REACH: u32 = LAYERS as u32 * (RADIUS as u32 + 2) + 1;

/// Rows that are filled at once.
const ROWS: u32 = 64;

/// The least value of the mask that counts, of 1: masks saved as JPEG are not quite black.
const LEAST: f32 = 0.1;

/// In the map of layers: damage that is not filled yet, and damage that is too thick.
const OPEN: u8 = u8::MAX;
const LEFT: u8 = u8::MAX - 1;

/// The index of the alpha plane.
const ALPHA: usize = 3;

/// The stage that fills scratches.
pub(crate) struct Fill<'a> {
    rows: Window<'a>,
    mask: Window<'a>,
    /// Whether the rows have alpha.
    alpha: bool,
    /// The next row.
    y: u32,
    /// Filled rows from `y` on, unless the block has no damage.
    block: Vec<f32>,
    /// The number after the last row of the block.
    end: u32,
    /// Pixels that were too thick to be filled.
    left: u64,
}

/// The rows around a block: all planes of each row, and the layer of each pixel; 0 is sound.
struct Around {
    width: usize,
    height: usize,
    channels: usize,
    samples: Vec<f32>,
    layers: Vec<u8>,
}

impl<'a> Fill<'a> {
    /// Fills the rows of `stage` where `mask`, which covers the same rectangle, is not black.
    pub(crate) fn new(stage: BoxStage<'a>, mask: BoxStage<'a>, alpha: bool) -> Self {
        let y = stage.rect().y;
        Fill { rows: Window::new(stage), mask: Window::new(mask), alpha, y, block: Vec::new(), end: y, left: 0 }
    }

    /// The bytes that the stage needs for rows of this width and so many planes.
    pub(crate) fn memory(width: u32, planes: u32) -> u128 {
        let rows = u128::from(2 * REACH + ROWS);
        // The rows and their mask in windows, a copy, and the layers.
        rows * u128::from(width) * u128::from(8 * planes + 4 + 1)
    }

    /// Fills the block of rows that begins with the next one.
    fn fill_block(&mut self, run: &mut Run<'_>) -> Result<()> {
        let rect = self.rows.rect();
        self.end = (self.y + ROWS).min(rect.bottom());
        let (top, bottom) = (self.y.saturating_sub(REACH).max(rect.y), (self.end + REACH).min(rect.bottom()));
        self.rows.release(top);
        self.mask.release(top);
        self.rows.fill(run, bottom)?;
        self.mask.fill(run, bottom)?;
        self.block.clear();
        let damaged = |y: u32| self.mask.row(y).iter().any(|v| *v >= LEAST);
        if !(self.y..self.end).any(damaged) {
            return Ok(());
        }
        let mut around = Around::new(&self.rows, &self.mask, top, bottom)?;
        around.find_layers();
        around.fill(self.alpha, run)?;
        let row_length = self.rows.row(self.y).len();
        let from = (self.y - top) as usize;
        let count = (self.end - self.y) as usize;
        let layers = &around.layers[from * around.width..(from + count) * around.width];
        self.left += layers.iter().filter(|layer| **layer == LEFT).count() as u64;
        let filled = &around.samples[from * row_length..(from + count) * row_length];
        memory::reserve(&mut self.block, filled.len())?;
        self.block.extend_from_slice(filled);
        Ok(())
    }
}

impl Stage for Fill<'_> {
    fn rect(&self) -> Rect {
        self.rows.rect()
    }

    fn channels(&self) -> usize {
        self.rows.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        if self.y == self.end {
            self.fill_block(run)?;
        }
        let original = self.rows.row(self.y);
        row.copy_from_slice(original);
        if !self.block.is_empty() {
            let first = self.end - (self.block.len() / row.len()) as u32;
            let filled = &self.block[(self.y - first) as usize * row.len()..][..row.len()];
            let shares = self.mask.row(self.y);
            for (plane, filled) in row.chunks_exact_mut(shares.len()).zip(filled.chunks_exact(shares.len())) {
                for ((v, filled), share) in plane.iter_mut().zip(filled).zip(shares) {
                    if *share >= LEAST {
                        *v += share * (filled - *v);
                    }
                }
            }
        }
        self.y += 1;
        if self.y == self.rows.rect().bottom() && self.left > 0 {
            run.note(format!(
                "{} pixels of damage were left as they are: damage of more than {} pixels in thickness is not repaired; paint out thinner parts, or repair it by hand",
                self.left,
                2 * LAYERS
            ));
        }
        Ok(())
    }
}

impl Around {
    fn new(rows: &Window<'_>, mask: &Window<'_>, top: u32, bottom: u32) -> Result<Self> {
        let (width, channels) = (rows.rect().width as usize, rows.channels());
        let height = (bottom - top) as usize;
        let (mut samples, mut layers) = (Vec::new(), Vec::new());
        memory::reserve(&mut samples, width * channels * height)?;
        memory::reserve(&mut layers, width * height)?;
        for y in top..bottom {
            samples.extend_from_slice(rows.row(y));
            layers.extend(mask.row(y).iter().map(|v| if *v >= LEAST { OPEN } else { 0 }));
        }
        Ok(Around { width, height, channels, samples, layers })
    }

    /// Gives each damaged pixel its layer, from 1 at the rim, and marks what is too thick.
    fn find_layers(&mut self) {
        let (width, height) = (self.width as i32, self.height as i32);
        let mut open: Vec<usize> = (0..self.layers.len()).filter(|at| self.layers[*at] == OPEN).collect();
        for layer in 1..=LAYERS {
            let at_rim = |at: &usize| {
                let (x, y) = ((*at % self.width) as i32, (*at / self.width) as i32);
                let near = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (x + dx, y + dy)));
                let mut inside = near.filter(|(x, y)| (0..width).contains(x) && (0..height).contains(y));
                inside.any(|(x, y)| self.layers[(y * width + x) as usize] < layer)
            };
            let (rim, inner): (Vec<usize>, Vec<usize>) = open.into_iter().partition(at_rim);
            rim.into_iter().for_each(|at| self.layers[at] = layer);
            open = inner;
        }
        if open.is_empty() {
            return;
        }
        // All damage within so many pixels of what is left belongs to the thick part.
        let core: std::collections::HashSet<usize> = open.into_iter().collect();
        let reach = i32::from(LAYERS);
        let mut across = vec![false; self.layers.len()];
        for at in &core {
            let (x, row) = ((at % self.width) as i32, at / self.width * self.width);
            // The neighbours of a core pixel in its row do the rest.
            let inner = core.contains(&(at + 1)) && core.contains(&at.wrapping_sub(1));
            let reach = if inner { 0 } else { reach };
            (x - reach..=x + reach).filter(|x| (0..width).contains(x)).for_each(|x| across[row + x as usize] = true);
        }
        let spread: Vec<usize> = (0..across.len()).filter(|at| across[*at]).collect();
        for at in spread {
            let (x, y) = (at % self.width, (at / self.width) as i32);
            for y in (y - reach).max(0)..=(y + reach).min(height - 1) {
                let place = y as usize * self.width + x;
                if self.layers[place] != 0 {
                    self.layers[place] = LEFT;
                }
            }
        }
    }

    /// Fills layer after layer.
    fn fill(&mut self, alpha: bool, run: &Run<'_>) -> Result<()> {
        let mut by_layer: Vec<Vec<usize>> = vec![Vec::new(); usize::from(LAYERS) + 1];
        for (at, layer) in self.layers.iter().enumerate().filter(|(_, layer)| (1..=LAYERS).contains(*layer)) {
            by_layer[usize::from(*layer)].push(at);
        }
        let mut colours = vec![0.0; self.channels];
        for places in by_layer {
            run.cancel.check()?;
            for at in places {
                if self.mean_around(at, alpha, &mut colours) {
                    let (x, y) = (at % self.width, at / self.width);
                    for (channel, v) in colours.iter().enumerate().filter(|(channel, _)| !(alpha && *channel == ALPHA))
                    {
                        self.samples[(y * self.channels + channel) * self.width + x] = *v;
                    }
                }
            }
        }
        Ok(())
    }

    /// The mean of what is known around a pixel, weighted as in the paper; `false` if nothing is known.
    fn mean_around(&self, at: usize, alpha: bool, mean: &mut [f32]) -> bool {
        let (x, y) = ((at % self.width) as i32, (at / self.width) as i32);
        let layer = self.layers[at];
        let depth = |dx: i32, dy: i32| -> Option<u8> {
            let (x, y) = (x + dx, y + dy);
            let inside = (0..self.width as i32).contains(&x) && (0..self.height as i32).contains(&y);
            inside.then(|| self.layers[y as usize * self.width + x as usize])
        };
        let level = |dx, dy| f32::from(depth(dx, dy).unwrap_or(layer).min(layer + 1));
        // The direction inwards.
        let normal = [level(1, 0) - level(-1, 0), level(0, 1) - level(0, -1)];
        let length = normal[0].hypot(normal[1]);
        mean.fill(0.0);
        let mut sum = 0.0;
        for dy in -RADIUS..=RADIUS {
            for dx in -RADIUS..=RADIUS {
                let squared = (dx * dx + dy * dy) as f32;
                let Some(there) = depth(dx, dy).filter(|there| *there < layer && squared <= (RADIUS * RADIUS) as f32)
                else {
                    continue;
                };
                let along = (dx as f32 * normal[0] + dy as f32 * normal[1]).abs() / squared.sqrt();
                let direction = if length > 0.0 { (along / length).max(1e-3) } else { 1.0 };
                let mut weight = direction / squared / (1.0 + f32::from(layer - there));
                let (from_x, from_y) = ((x + dx) as usize, (y + dy) as usize);
                let place = |channel: usize| (from_y * self.channels + channel) * self.width + from_x;
                if alpha {
                    // The colour of transparent pixels is arbitrary.
                    weight *= self.samples[place(ALPHA)] + 1e-6;
                }
                sum += weight;
                for (channel, v) in mean.iter_mut().enumerate() {
                    *v += weight * self.samples[place(channel)];
                }
            }
        }
        mean.iter_mut().for_each(|v| *v /= sum);
        sum > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Painted, with_run};

    const SIZE: Size = Size { width: 120, height: 300 };

    /// A slope, with damage of this value where `is_damaged`.
    fn filled(rect: Rect, is_damaged: fn(u32, u32) -> bool) -> (Vec<f32>, Vec<String>) {
        let slope = |x: u32, y: u32| 0.2 + 0.002 * x as f32 + 0.001 * y as f32;
        let picture = move |x: u32, y: u32| if is_damaged(x, y) { 1.0 } else { slope(x, y) };
        let mask = move |x: u32, y: u32| f32::from(u8::from(is_damaged(x, y)));
        let mut fill =
            Fill::new(Box::new(Painted::new(rect, 3, picture)), Box::new(Painted::new(rect, 1, mask)), false);
        let mut all = Vec::new();
        let (result, notes) = with_run(&Cancel::new(), |run| {
            let mut row = vec![0.0; fill.row_length()];
            (0..rect.height).try_for_each(|_| -> Result<()> {
                fill.next(run, &mut row)?;
                all.extend_from_slice(&row);
                Ok(())
            })
        });
        result.unwrap();
        (all, notes)
    }

    fn error(values: &[f32], rect: Rect) -> f32 {
        let length = 3 * rect.width as usize;
        let rows = values.chunks_exact(length).enumerate();
        let all = rows.flat_map(|(y, row)| row[..rect.width as usize].iter().enumerate().map(move |(x, v)| (x, y, *v)));
        all.map(|(x, y, v)| (v - 0.2 - 0.002 * (x as u32 + rect.x) as f32 - 0.001 * (y as u32 + rect.y) as f32).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_scratch_is_filled_and_sound_pixels_stay() {
        let scratch = |x: u32, y: u32| (57..63).contains(&x) || (150..153).contains(&y);
        let (values, notes) = filled(SIZE.rect(), scratch);
        assert!(error(&values, SIZE.rect()) < 0.01, "{}", error(&values, SIZE.rect()));
        assert!(notes.is_empty());
        let (sound, _) = filled(SIZE.rect(), |_, _| false);
        assert!(error(&sound, SIZE.rect()) < 1e-6);
    }

    #[test]
    fn a_rectangle_is_filled_as_the_whole_is() {
        let damage = |x: u32, y: u32| (40 + y / 9..52 + y / 7).contains(&x);
        let (whole, _) = filled(SIZE.rect(), damage);
        let inner = Rect { x: 50, y: 120, width: 20, height: 90 };
        let read = inner.grown(REACH, SIZE);
        let (part, _) = filled(read, damage);
        for y in inner.y..inner.bottom() {
            for x in inner.x..inner.right() {
                let at = |values: &[f32], rect: Rect| values[((y - rect.y) * 3 * rect.width + x - rect.x) as usize];
                assert_eq!(at(&whole, SIZE.rect()), at(&part, read), "{x},{y}");
            }
        }
    }

    #[test]
    fn damage_that_is_too_thick_stays_and_is_told() {
        let thick = |x: u32, y: u32| (20..80).contains(&x) && (100..180).contains(&y);
        let (values, notes) = filled(SIZE.rect(), thick);
        assert_eq!(values[140 * 3 * 120 + 50], 1.0);
        assert!(notes[0].contains("4800 pixels") && notes[0].contains("24 pixels"), "{notes:?}");
    }
}
