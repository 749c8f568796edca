//! Rows of a picture in which damage is filled from what is around it.
//!
//! It is the weighted mean of A. Telea, "An Image Inpainting Technique Based on the Fast Marching Method" (Journal of Graphics Tools
//! 9(1), 2004), equation 2 without its gradients, which would spread grain. Damage is filled from its rim inwards, in layers of equal
//! distance (of squares, instead of the paper's fast marching), so that a pixel depends on what lies within [`REACH`] and on nothing else.
//! It must not touch sound pixels, nor damage so thick that it would have to invent.

use std::ops::Range;

use crate::error::Result;
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::window::Window;

/// The layers that are filled: damage may be twice as thick, in pixels.
pub(super) const LAYERS: u8 = 12;

/// The radius around a pixel from which it is filled (the paper's ε).
const RADIUS: i32 = 4;

/// How far what a pixel depends on may be away: layer by layer to the rim, and what decides that it is not too thick.
pub(crate) const REACH: u32 = LAYERS as u32 * (RADIUS as u32 + 2) + 1;

/// The least value of the mask that counts, of 1: masks saved as JPEG are not quite black.
pub(super) const LEAST: f32 = 0.1;

/// In the map of layers: damage that is not filled yet, and damage that is too thick.
const OPEN: u8 = u8::MAX;
const LEFT: u8 = u8::MAX - 1;

/// The index of the alpha plane.
const ALPHA: usize = 3;

/// Rows of a picture: all planes of each, and the layer of each pixel; 0 is sound.
pub(super) struct DamagedRows {
    width: usize,
    height: usize,
    channels: usize,
    samples: Vec<f32>,
    layers: Vec<u8>,
}

impl DamagedRows {
    /// The `rows` of a picture, in the windows of the picture and of its mask, with their damage filled.
    pub(super) fn filled(
        (picture, mask): (&Window<'_>, &Window<'_>),
        rows: Range<u32>,
        alpha: bool,
        run: &Run<'_>,
    ) -> Result<Self> {
        let (width, channels) = (picture.rect().width as usize, picture.channels());
        let height = rows.len();
        let (mut samples, mut layers) = (Vec::new(), Vec::new());
        memory::reserve(&mut samples, width * channels * height)?;
        memory::reserve(&mut layers, width * height)?;
        for y in rows {
            samples.extend_from_slice(picture.row(y));
            layers.extend(mask.row(y).iter().map(|v| if *v >= LEAST { OPEN } else { 0 }));
        }
        let mut damaged = DamagedRows { width, height, channels, samples, layers };
        damaged.find_layers();
        damaged.fill(alpha, run)?;
        Ok(damaged)
    }

    /// The samples of these rows, counted from the first one.
    pub(super) fn samples(&self, rows: Range<usize>) -> &[f32] {
        let length = self.width * self.channels;
        &self.samples[rows.start * length..rows.end * length]
    }

    /// How many pixels of these rows are damage that is too thick, and were left.
    pub(super) fn left(&self, rows: Range<usize>) -> u64 {
        let layers = &self.layers[rows.start * self.width..rows.end * self.width];
        layers.iter().filter(|layer| **layer == LEFT).count() as u64
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
