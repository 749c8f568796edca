//! The sample pictures on which two arithmetics are compared, computed here.
//!
//! They are harder than most pictures: a photo has a signal-to-noise ratio four to ten decibels higher than small print of
//! full contrast. They must never be made easier because a network or a device does badly on them.

use crate::engine::engine::{Tensor, TensorMut};
use crate::error::Result;
use crate::models::manifest::Manifest;

/// A sample picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplePicture {
    /// Small print, black on white.
    Print,
    /// Larger print, white on a strong colour.
    LightPrint,
    /// Circles and diagonals with hard edges, in plain colours.
    LineArt,
    /// Gradients with grain, and an edge, as in a photo.
    Texture,
}

impl SamplePicture {
    /// All sample pictures, hardest first.
    pub const ALL: [SamplePicture; 4] =
        [SamplePicture::Print, SamplePicture::LightPrint, SamplePicture::LineArt, SamplePicture::Texture];

    /// Runs a network on this picture, in the size nearest to `side` by `side` pixels that the network takes. `run` runs it,
    /// as [`Session::run`](crate::Session::run) does. Returns three planes, clipped to black as 0 and white as 1: differences
    /// beyond are invisible. A value that is not finite becomes one that is not a number.
    ///
    /// # Errors
    /// Those of `run`.
    pub fn enlarge(
        self,
        manifest: &Manifest,
        side: u32,
        run: impl FnOnce(&[Tensor<'_>], TensorMut<'_>) -> Result<()>,
    ) -> Result<Vec<f32>> {
        let size = manifest.input.size_near(side);
        let (width, height) = (size.width as usize, size.height as usize);
        let [black, white] = manifest.input.range;
        let (tall, wide) = (height * manifest.scale as usize, width * manifest.scale as usize);
        let pixel = |i: usize| self.value(i / width % height, i % width, i / (width * height));
        let data: Vec<f32> = (0..3 * width * height).map(|i| black + (white - black) * pixel(i)).collect();
        let mut inputs = vec![Tensor { name: &manifest.input.name, shape: [1, 3, height, width], data: &data }];
        for extra in &manifest.extra {
            inputs.push(Tensor { name: &extra.name, shape: [1; 4], data: std::slice::from_ref(&extra.default) });
        }
        let mut output = vec![0.0; 3 * tall * wide];
        run(&inputs, TensorMut { name: &manifest.output.name, shape: [1, 3, tall, wide], data: &mut output })?;
        for value in &mut output {
            // An infinity must not pass for white.
            let usual = if value.is_finite() { (*value - black) / (white - black) } else { f32::NAN };
            *value = usual.clamp(0.0, 1.0);
        }
        Ok(output)
    }

    /// The value, from 0 to 1, at a row, a column and a channel.
    fn value(self, y: usize, x: usize, channel: usize) -> f32 {
        match self {
            SamplePicture::Print => print(y, x),
            SamplePicture::LightPrint => light_print(y, x, channel),
            SamplePicture::LineArt => line_art(y, x, channel),
            SamplePicture::Texture => texture(y, x, channel),
        }
    }
}

/// A pseudo-random number from 0 to 1.
fn noise(y: usize, x: usize, salt: usize) -> f32 {
    let mixed = ((y * 73_856_093) ^ (x * 19_349_663) ^ (salt * 83_492_791)) as u32;
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0x5bd1_e995);
    (mixed >> 8) as f32 / (1 << 24) as f32
}

/// Gradients with grain, and an edge, as in a photo.
fn texture(y: usize, x: usize, channel: usize) -> f32 {
    let edge = if x + y / 2 > 40 { 0.3 } else { 0.0 };
    let wave = 0.1 * ((x as f32 * 0.7).sin() * (y as f32 * 0.4).cos());
    (0.15 + edge + 0.006 * (x + y * channel / 2) as f32 + wave + 0.08 * noise(y, x, channel)).clamp(0.0, 1.0)
}

/// The letters E, N, L, A, R, G, five pixels by seven. Each byte is a row, in its low bits.
const LETTERS: [[u8; 7]; 6] = [
    [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
    [0b10001, 0b11001, 0b11101, 0b10111, 0b10011, 0b10001, 0b10001],
    [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
    [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
    [0b01110, 0b10001, 0b10000, 0b10111, 0b10001, 0b10001, 0b01110],
];

/// Whether a pixel is part of a letter. There is one pixel between letters and two between lines.
fn ink(y: usize, x: usize) -> bool {
    let letter = LETTERS[(y / 9 * 7 + x / 6) % LETTERS.len()];
    y % 9 < 7 && x % 6 < 5 && letter[y % 9] >> (4 - x % 6) & 1 == 1
}

/// Small print, black on white.
fn print(y: usize, x: usize) -> f32 {
    if ink(y, x) { 0.0 } else { 1.0 }
}

/// Larger print, white on a strong colour.
fn light_print(y: usize, x: usize, channel: usize) -> f32 {
    if ink(y / 2, x / 2) { 1.0 } else { [0.5, 0.0, 0.1][channel] }
}

/// Circles and diagonals with hard edges, in plain colours.
fn line_art(y: usize, x: usize, channel: usize) -> f32 {
    let distance = (y as f32 - 22.0).hypot(x as f32 - 26.0);
    let drawn = [7.0, 13.0, 21.0].iter().any(|radius| (distance - radius).abs() < 0.9) || (x + y).is_multiple_of(17);
    match (drawn, channel) {
        (true, 1) => 0.12,
        (true, _) => 0.0,
        (false, 1) => 0.94,
        (false, _) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::registry::{DEFAULT_MODEL, Registry};

    #[test]
    fn samples_have_the_network_s_range_and_results_have_the_usual_one() {
        let mut manifest = Registry::search(&[]).find(DEFAULT_MODEL).unwrap().manifest().clone();
        manifest.input.range = [0.0, 255.0];
        for picture in SamplePicture::ALL {
            let made = picture.enlarge(&manifest, 20, |inputs, output| {
                assert_eq!((inputs[0].shape, output.shape), ([1, 3, 20, 20], [1, 3, 80, 80]));
                let brightest = inputs[0].data.iter().copied().fold(0.0, f32::max);
                assert!((100.0..=255.0).contains(&brightest), "{picture:?}: {brightest}");
                output.data.fill(300.0);
                output.data[..2].copy_from_slice(&[51.0, f32::INFINITY]);
                Ok(())
            });
            let made = made.unwrap();
            assert_eq!((made[0], made[2]), (0.2, 1.0), "{picture:?}");
            assert!(made[1].is_nan(), "{picture:?}");
        }
    }
}
