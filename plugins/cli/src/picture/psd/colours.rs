//! The meaning of a PSD's channels, and their conversion to what the pipeline takes.
//!
//! Photoshop stores the flattened picture as it looks on white. Where it is transparent, the white is taken out again.

use enlarger::{Channels, Format, Result, Sample};

use super::header::{Header, Mode};
use crate::picture::lab;
use crate::picture::separations::Separations;

/// Converts a row of each channel to pixels.
pub struct Colours {
    pub mode: Mode,
    pub format: Format,
    /// Colour channels of the file.
    pub colour: usize,
    pub has_alpha: bool,
    palette: Vec<[u8; 3]>,
    /// The colour of a palette that is transparent.
    clear: Option<u8>,
    inks: Option<Separations>,
}

impl Colours {
    /// `clear` is the transparent colour of a palette, `icc` the file's profile.
    pub fn new(header: &Header, clear: Option<u8>, icc: Option<&[u8]>, ignore_profile: bool) -> Self {
        let mode = header.mode;
        let colour = match mode {
            Mode::Bitmap | Mode::Gray | Mode::Indexed | Mode::Duotone => 1,
            Mode::Rgb | Mode::Lab => 3,
            Mode::Cmyk => 4,
        };
        let clear = clear.filter(|_| mode == Mode::Indexed);
        let has_alpha = header.has_transparency && header.channels > colour && mode != Mode::Indexed;
        let gray = matches!(mode, Mode::Bitmap | Mode::Gray | Mode::Duotone);
        let channels = match (gray, has_alpha || clear.is_some()) {
            (true, false) => Channels::Gray,
            (true, true) => Channels::GrayAlpha,
            (false, false) => Channels::Rgb,
            (false, true) => Channels::Rgba,
        };
        let sample = match (header.depth, mode) {
            (1 | 8, _) => Sample::U8,
            (16, _) | (_, Mode::Cmyk | Mode::Lab) => Sample::U16,
            _ => Sample::F32,
        };
        let third = header.palette.len() / 3;
        let palette = (0..third).map(|n| [0, 1, 2].map(|c| header.palette[c * third + n])).collect();
        let inks = (mode == Mode::Cmyk).then(|| Separations::new(icc, ignore_profile));
        Colours { mode, format: Format::new(sample, channels), colour, has_alpha, palette, clear, inks }
    }

    /// What the user should know.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.inks.iter().map(|inks| inks.note.clone()).collect();
        match self.mode {
            Mode::Lab => notes.push(lab::NOTE.to_owned()),
            Mode::Duotone => notes.push("the duotone is read as the gray picture that it prints".to_owned()),
            _ => {}
        }
        notes
    }

    /// Converts one row. `rows` holds a row of each colour channel and of alpha, from 0 to 1; 1-bit rows hold bytes.
    pub fn convert(&self, rows: &[Vec<f32>], to: &mut [u8]) -> Result<()> {
        let width = rows.first().map_or(0, Vec::len);
        let alpha = |x: usize| self.has_alpha.then(|| rows[self.colour][x].clamp(0.0, 1.0));
        let unmatte = |value: f32, x: usize| match alpha(x) {
            Some(alpha) if alpha > 0.0 => ((value - 1.0) / alpha + 1.0).max(0.0),
            _ => value,
        };
        let pixel = self.format.pixel_size();
        match self.mode {
            Mode::Bitmap | Mode::Gray | Mode::Duotone | Mode::Rgb => {
                for (x, to) in to.chunks_exact_mut(pixel).enumerate() {
                    let values = rows[..self.colour].iter().map(|row| unmatte(row[x], x)).chain(alpha(x));
                    put(to, values, self.format.sample);
                }
            }
            Mode::Indexed => {
                for (x, to) in to.chunks_exact_mut(pixel).enumerate() {
                    let index = (rows[0][x] * 255.0).round() as u8;
                    to[..3].copy_from_slice(&self.palette.get(usize::from(index)).copied().unwrap_or_default());
                    to[3..].fill(if self.clear == Some(index) { 0 } else { 255 });
                }
            }
            Mode::Lab => {
                for (x, to) in to.chunks_exact_mut(pixel).enumerate() {
                    let [l, a, b] = [0, 1, 2].map(|n| rows[n][x]);
                    // Around 128 of 255, and around 32768 of 65535.
                    let around = |v: f32| {
                        if self.format.sample == Sample::U8 { v * 255.0 - 128.0 } else { v * 65535.0 / 256.0 - 128.0 }
                    };
                    put(
                        to,
                        lab::to_srgb([l * 100.0, around(a), around(b)]).into_iter().chain(alpha(x)),
                        self.format.sample,
                    );
                }
            }
            Mode::Cmyk => {
                let Some(inks) = &self.inks else { return Ok(()) };
                // White is 1 here, and no ink is 0 there.
                let cmyk: Vec<u16> = (0..width)
                    .flat_map(|x| {
                        [0, 1, 2, 3].map(|n| ((1.0 - unmatte(rows[n][x], x).min(1.0)) * 65535.0).round() as u16)
                    })
                    .collect();
                let mut rgb = vec![0; width * 3];
                inks.convert_16(&cmyk, &mut rgb)?;
                for (x, to) in to.chunks_exact_mut(pixel).enumerate() {
                    let values = rgb[3 * x..3 * x + 3].iter().map(|v| f32::from(*v) / 65535.0).chain(alpha(x));
                    put(to, values, self.format.sample);
                }
            }
        }
        Ok(())
    }
}

fn put(to: &mut [u8], values: impl Iterator<Item = f32>, sample: Sample) {
    for (to, value) in to.chunks_exact_mut(sample.size()).zip(values) {
        match sample {
            Sample::U8 => to[0] = (value * 255.0).round() as u8,
            Sample::U16 | Sample::F16 => to.copy_from_slice(&((value * 65535.0).round() as u16).to_ne_bytes()),
            Sample::F32 => to.copy_from_slice(&value.to_ne_bytes()),
        }
    }
}
