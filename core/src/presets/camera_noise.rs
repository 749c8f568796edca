//! The noise of a camera. Its sensor sees one colour at each place; computing the other two from their neighbours makes the noise
//! smooth.
//!
//! Direct neighbours hardly differ then, but pixels two apart do. So every second pixel is measured, in two ways: red minus
//! green, which changes little in a good picture, and luminance, because many cameras remove the noise of colour only.

use std::f32::consts::SQRT_2;

use crate::error::Result;
use crate::machine::memory;
use crate::presets::roughness::{self, Roughness};

/// How far apart the measured pixels are.
const STEP: u32 = 2;

/// The least noise of red minus green that counts, where white is 1. In 118 good pictures it was up to 3.5/255, and in 89 with
/// the noise of a camera at least 7.7/255.
const LEAST_COLOUR: f32 = 5.2 / 255.0;

/// The least noise of luminance that counts.
const LEAST_LUMINANCE: f32 = 5.2 / 255.0;
/// How much stronger it must be than the noise between direct neighbours.
const COARSER: f32 = 3.0;
/// The largest [spread](Roughness::spread) of noise. It is nearly the same everywhere; texture is not.
const MOST_SPREAD: f32 = 1.6;
/// The largest share of perfectly flat pieces. A photo with noise has none but where it is clipped; a screenshot has many.
const MOST_FLAT: f32 = 0.02;

/// Measures the noise row by row.
pub(crate) struct CameraNoise {
    colour: Roughness,
    luminance: Roughness,
    /// Every second one of the last rows, the newest last.
    rows: [Row; 3],
}

/// Every second pixel of a row.
struct Row {
    /// Red minus green.
    colour: Vec<f32>,
    luminance: Vec<f32>,
}

impl Row {
    fn new(width: usize) -> Result<Self> {
        Ok(Row { colour: memory::zeros(width)?, luminance: memory::zeros(width)? })
    }
}

impl CameraNoise {
    /// For a picture that is `width` pixels wide.
    pub(crate) fn new(width: u32) -> Result<Self> {
        let width = width.div_ceil(STEP) as usize;
        Ok(CameraNoise {
            colour: Roughness::new(width)?,
            luminance: Roughness::new(width)?,
            rows: [Row::new(width)?, Row::new(width)?, Row::new(width)?],
        })
    }

    /// Adds a row of red, green and blue. `index` counts the rows from the first one of a stripe.
    pub(crate) fn add(&mut self, index: u32, [red, green, blue]: [&[f32]; 3]) -> Result<()> {
        if !index.is_multiple_of(STEP) {
            return Ok(());
        }
        self.rows.rotate_left(1);
        let Row { colour, luminance } = &mut self.rows[2];
        let places = (0..red.len()).step_by(STEP as usize);
        for ((x, colour), luminance) in places.zip(colour).zip(luminance) {
            *colour = red[x] - green[x];
            *luminance = 0.299 * red[x] + 0.587 * green[x] + 0.114 * blue[x];
        }
        if index < 2 * STEP {
            return Ok(());
        }
        let [above, here, below] = &self.rows;
        self.colour.add(&above.colour, &here.colour, &below.colour, &here.luminance);
        self.luminance.add(&above.luminance, &here.luminance, &below.luminance, &here.luminance);
        if index.is_multiple_of(STEP * roughness::PIECE) {
            self.colour.finish_row()?;
            self.luminance.finish_row()?;
        }
        Ok(())
    }

    /// The standard deviation of the noise of one colour, where white is 1; 0 where a doubt is left. `fine` is the noise between
    /// direct neighbours.
    pub(crate) fn noise(mut self, fine: f32) -> f32 {
        let (colour, luminance) = (self.colour.noise(), self.luminance.noise());
        let is_even = self.luminance.spread() <= MOST_SPREAD && self.luminance.flat() <= MOST_FLAT;
        let is_coarse = luminance >= LEAST_LUMINANCE && luminance >= COARSER * fine;
        let of_luminance = if is_even && is_coarse { luminance } else { 0.0 };
        let of_colour = if colour >= LEAST_COLOUR { colour / SQRT_2 } else { 0.0 };
        of_luminance.max(of_colour)
    }
}
