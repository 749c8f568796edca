//! What the samples of a TIFF pixel mean: gray, RGB, a palette, inks, Lab or YCbCr; alpha; and channels beyond.
//!
//! Gray and RGB pass as they are. Other colours become RGB here. A sample is alpha only if the file says so: an extra sample
//! of unspecified meaning is usually a selection or a spot colour, and a picture must not become transparent by it.

use enlarger::{Alpha, Channels, Format, Result, Sample};

use super::directory::Directory;
use super::layout::{Compression, Layout, SEPARATED, Stored, YCBCR, unsupported};
use super::{samples, tag};
use crate::picture::decode_error::damaged;
use crate::picture::file_format::FileFormat;
use crate::picture::lab;
use crate::picture::separations::Separations;

/// The colour model.
enum Model {
    Plain,
    WhiteIsZero,
    /// Colours, and whether they are 8-bit.
    Palette(Vec<[u16; 3]>, bool),
    Cmyk(Separations),
    /// Whether a and b are stored around 128, as in ICC profiles, and not around 0.
    Lab(bool),
    YCbCr {
        weights: [f32; 3],
        black_white: [f32; 6],
    },
}

/// Converts rows of unpacked samples to the pipeline's format.
pub struct Colours {
    model: Model,
    /// The stored samples and their type.
    samples: usize,
    sample: Sample,
    /// The samples that are colour.
    colour: usize,
    /// The sample that is alpha.
    alpha: Option<usize>,
    premultiplied: bool,
    /// Whether samples are scaled when they are unpacked.
    pub scaled: bool,
    pub format: Format,
    pub notes: Vec<String>,
    /// Whether the file's profile still describes the colours.
    pub keeps_profile: bool,
}

impl Colours {
    pub fn new(directory: &Directory, layout: &Layout, ignore_profile: bool) -> Result<Self> {
        let sample = samples::unpacked(layout);
        let mut notes = Vec::new();
        let (model, colour) = model(directory, layout, ignore_profile)?;
        if layout.samples < colour {
            return Err(damaged(FileFormat::Tiff, "it has too few channels for its colours"));
        }
        if layout.stored == Stored::Signed && !matches!(model, Model::Lab(_)) {
            return Err(unsupported(&format!("{}-bit signed integer samples", layout.bits)));
        }
        let extra = directory.numbers(tag::EXTRA_SAMPLES).unwrap_or_default();
        let alpha = (colour..layout.samples).find(|n| matches!(extra.get(n - colour), Some(1 | 2)));
        let premultiplied = alpha.is_some_and(|n| extra.get(n - colour) == Some(&1));
        let further = layout.samples - colour - usize::from(alpha.is_some());
        match further {
            0 => {}
            1 => {
                notes.push("the file has a channel that is neither colour nor transparency; it is left out".to_owned())
            }
            n => notes
                .push(format!("the file has {n} channels that are neither colour nor transparency; they are left out")),
        }
        match &model {
            Model::Cmyk(inks) => notes.push(inks.note.clone()),
            Model::Lab(_) => notes.push(lab::NOTE.to_owned()),
            _ if layout.stored == Stored::Float && layout.bits == 64 => {
                notes.push("64-bit floating point becomes 32-bit".to_owned());
            }
            _ if sample == Sample::F32 && layout.stored == Stored::Unsigned => {
                notes.push(format!("{}-bit integers become 32-bit floating point", layout.bits));
            }
            _ => {}
        }
        let converted = !matches!(model, Model::Plain | Model::WhiteIsZero);
        let stored = match (&model, sample) {
            (Model::Palette(_, true), _) | (_, Sample::U8) if !matches!(model, Model::Palette(_, false)) => Sample::U8,
            (Model::Plain | Model::WhiteIsZero, other) => other,
            _ => Sample::U16,
        };
        let channels = match (colour, alpha) {
            (1, None) if !converted => Channels::Gray,
            (1, Some(_)) if !converted => Channels::GrayAlpha,
            (_, None) => Channels::Rgb,
            (_, Some(_)) => Channels::Rgba,
        };
        // Converted colours are divided by their alpha first.
        let kind = if premultiplied && !converted { Alpha::Premultiplied } else { Alpha::Straight };
        Ok(Colours {
            scaled: !matches!(model, Model::Palette(..)),
            keeps_profile: !matches!(model, Model::Cmyk(_) | Model::Lab(_)),
            model,
            samples: layout.samples,
            sample,
            colour,
            alpha,
            premultiplied,
            format: Format { alpha: kind, ..Format::new(stored, channels) },
            notes,
        })
    }

    /// Whether unpacked rows are what the pipeline takes.
    pub fn is_plain(&self) -> bool {
        matches!(self.model, Model::Plain) && self.samples == self.format.channels.count()
    }

    /// Converts a row.
    pub fn convert(&self, row: &[u8], to: &mut [u8]) -> Result<()> {
        let (from, size) = (self.samples * self.sample.size(), self.sample.size());
        let pixels = row.chunks_exact(from);
        let out = to.chunks_exact_mut(self.format.pixel_size());
        match &self.model {
            Model::Plain | Model::WhiteIsZero => {
                let colour = self.colour * size;
                for (pixel, out) in pixels.zip(out) {
                    out[..colour].copy_from_slice(&pixel[..colour]);
                    let alpha = self.alpha.map(|n| &pixel[n * size..(n + 1) * size]);
                    if let Some(alpha) = alpha {
                        out[colour..].copy_from_slice(alpha);
                    }
                    if matches!(self.model, Model::WhiteIsZero) {
                        let white = alpha.filter(|_| self.premultiplied);
                        invert(&mut out[..colour], self.sample, white);
                    }
                }
            }
            Model::Palette(colours, eight) => {
                for (pixel, out) in pixels.zip(out) {
                    let index = if size == 1 { usize::from(pixel[0]) } else { self.number(pixel, 0) as usize };
                    let colour = colours.get(index).copied().unwrap_or_default();
                    let alpha = self.alpha.map(|n| self.unit(pixel, n));
                    put(
                        out,
                        colour.map(|v| f32::from(v) / if *eight { 255.0 } else { 65535.0 }),
                        alpha,
                        self.format.sample,
                    );
                }
            }
            Model::Cmyk(inks) => return self.convert_inks(inks, row, to),
            Model::Lab(icc) => {
                for (pixel, out) in pixels.zip(out) {
                    let alpha = self.alpha.map(|n| self.unit(pixel, n));
                    put(out, lab::to_srgb(self.lab(pixel, *icc)), alpha, self.format.sample);
                }
            }
            Model::YCbCr { weights: [red, green, blue], black_white: [b0, w0, b1, w1, b2, w2] } => {
                for (pixel, out) in pixels.zip(out) {
                    let alpha = self.alpha.map(|n| self.unit(pixel, n));
                    let [y, cb, cr] = [0, 1, 2].map(|n| self.unit(pixel, n) * 255.0);
                    let y = (y - b0) / (w0 - b0);
                    let (cb, cr) = ((cb - b1) / (w1 - b1) * 127.0 / 255.0, (cr - b2) / (w2 - b2) * 127.0 / 255.0);
                    let (r, b) = (y + cr * (2.0 - 2.0 * red), y + cb * (2.0 - 2.0 * blue));
                    let g = (y - red * r - blue * b) / green;
                    put(out, [r, g, b], alpha, self.format.sample);
                }
            }
        }
        Ok(())
    }

    fn convert_inks(&self, inks: &Separations, row: &[u8], to: &mut [u8]) -> Result<()> {
        let pixels = row.chunks_exact(self.samples * self.sample.size());
        let out = to.chunks_exact_mut(self.format.pixel_size());
        let alpha = |pixel: &[u8]| self.alpha.map(|n| self.unit(pixel, n));
        // Without ink there is white, so transparent inks mix with white.
        let divide = |value: f32, alpha: Option<f32>| match alpha {
            Some(alpha) if self.premultiplied && alpha > 0.0 => (value / alpha).min(1.0),
            _ => value.clamp(0.0, 1.0),
        };
        if self.sample == Sample::U8 {
            let cmyk: Vec<u8> = pixels
                .clone()
                .flat_map(|p| {
                    [0, 1, 2, 3].map(|n| {
                        if self.premultiplied {
                            (divide(self.unit(p, n), alpha(p)) * 255.0).round() as u8
                        } else {
                            p[n]
                        }
                    })
                })
                .collect();
            let mut rgb = vec![0; cmyk.len() / 4 * 3];
            inks.convert_8(&cmyk, &mut rgb)?;
            for ((pixel, out), rgb) in pixels.zip(out).zip(rgb.as_chunks::<3>().0) {
                put(out, rgb.map(|v| f32::from(v) / 255.0), alpha(pixel), self.format.sample);
            }
        } else {
            let cmyk: Vec<u16> = pixels
                .clone()
                .flat_map(|p| [0, 1, 2, 3].map(|n| (divide(self.unit(p, n), alpha(p)) * 65535.0).round() as u16))
                .collect();
            let mut rgb = vec![0; cmyk.len() / 4 * 3];
            inks.convert_16(&cmyk, &mut rgb)?;
            for ((pixel, out), rgb) in pixels.zip(out).zip(rgb.as_chunks::<3>().0) {
                put(out, rgb.map(|v| f32::from(v) / 65535.0), alpha(pixel), self.format.sample);
            }
        }
        Ok(())
    }

    /// A sample as a number.
    fn number(&self, pixel: &[u8], index: usize) -> f32 {
        let at = index * self.sample.size();
        match (self.sample, &pixel[at..]) {
            (Sample::U8, [a, ..]) => f32::from(*a),
            (Sample::U16, [a, b, ..]) => f32::from(u16::from_ne_bytes([*a, *b])),
            (Sample::F16, [a, b, ..]) => half::f16::from_ne_bytes([*a, *b]).to_f32(),
            (Sample::F32, [a, b, c, d, ..]) => f32::from_ne_bytes([*a, *b, *c, *d]),
            _ => 0.0,
        }
    }

    /// A sample from 0 to 1.
    fn unit(&self, pixel: &[u8], index: usize) -> f32 {
        let value = self.number(pixel, index);
        match self.sample {
            Sample::U8 => value / 255.0,
            Sample::U16 => value / 65535.0,
            _ => value,
        }
    }

    fn lab(&self, pixel: &[u8], icc: bool) -> [f32; 3] {
        let [l, a, b] = [0, 1, 2].map(|n| self.number(pixel, n));
        match (self.sample, icc) {
            (Sample::U8, true) => [l / 2.55, a - 128.0, b - 128.0],
            (Sample::U8, false) => [l / 2.55, f32::from(a as u8 as i8), f32::from(b as u8 as i8)],
            (Sample::U16, true) => [l / 652.80, a / 256.0 - 128.0, b / 256.0 - 128.0],
            (Sample::U16, false) => {
                [l / 655.35, f32::from(a as u16 as i16) / 256.0, f32::from(b as u16 as i16) / 256.0]
            }
            _ => [l, a, b],
        }
    }
}

fn model(directory: &Directory, layout: &Layout, ignore_profile: bool) -> Result<(Model, usize)> {
    let integers = layout.stored == Stored::Unsigned && layout.bits <= 16;
    Ok(match layout.photometric {
        0 => (Model::WhiteIsZero, 1),
        1 | 4 => (Model::Plain, 1),
        2 => (Model::Plain, 3),
        3 if integers => (palette(directory, layout)?, 1),
        SEPARATED if directory.short(tag::INK_SET, 1) == 2 => {
            return Err(unsupported("inks other than cyan, magenta, yellow and black"));
        }
        SEPARATED => {
            let icc = directory.bytes(tag::ICC);
            (Model::Cmyk(Separations::new(icc.as_deref(), ignore_profile)), 4)
        }
        // Their decoder makes RGB of it.
        YCBCR if matches!(layout.compression, Compression::Jpeg | Compression::OldJpeg) && !layout.planar => {
            (Model::Plain, 3)
        }
        YCBCR if integers => (ycbcr(directory), 3),
        8 => (Model::Lab(false), 3),
        9 => (Model::Lab(true), 3),
        10 => return Err(unsupported("the Lab colours of fax")),
        32844 | 32845 => return Err(unsupported("LogLuv colours")),
        3 | YCBCR => return Err(unsupported("a palette or YCbCr colours of unusual depth")),
        other => return Err(unsupported(&format!("colours of an unknown kind (number {other})"))),
    })
}

fn palette(directory: &Directory, layout: &Layout) -> Result<Model> {
    let map = directory.numbers(tag::COLOUR_MAP).unwrap_or_default();
    let count = map.len() / 3;
    if count < 1 << layout.bits {
        return Err(damaged(FileFormat::Tiff, "its palette is too short"));
    }
    // Most writers store 8-bit colours in these 16-bit numbers: times 257, times 256, or as they are.
    let bytes = map.iter().all(|v| *v < 256);
    let eight = bytes || map.iter().all(|v| v % 257 == 0) || map.iter().all(|v| v % 256 == 0);
    let value = |v: u64| if eight && !bytes { (v >> 8) as u16 } else { v as u16 };
    let colours = (0..count).map(|n| [map[n], map[count + n], map[2 * count + n]].map(value)).collect();
    Ok(Model::Palette(colours, eight))
}

fn ycbcr(directory: &Directory) -> Model {
    let list = |tag| directory.floats(tag).unwrap_or_default();
    let weights = match *list(tag::YCBCR_COEFFICIENTS) {
        [r, g, b, ..] if g > 0.0 && r.is_finite() && b.is_finite() => [r as f32, g as f32, b as f32],
        _ => [0.299, 0.587, 0.114],
    };
    let black_white = match *list(tag::REFERENCE_BLACK_WHITE) {
        [b0, w0, b1, w1, b2, w2, ..] if w0 > b0 && w1 > b1 && w2 > b2 => [b0, w0, b1, w1, b2, w2].map(|v| v as f32),
        _ => [0.0, 255.0, 128.0, 255.0, 128.0, 255.0],
    };
    Model::YCbCr { weights, black_white }
}

/// Writes a colour and alpha from 0 to 1.
fn put(out: &mut [u8], colour: [f32; 3], alpha: Option<f32>, sample: Sample) {
    for (out, value) in out.chunks_exact_mut(sample.size()).zip(colour.into_iter().chain(alpha)) {
        match sample {
            Sample::U8 => out[0] = (value * 255.0).round() as u8,
            _ => out.copy_from_slice(&((value * 65535.0).round() as u16).to_ne_bytes()),
        }
    }
}

/// Turns black into white. Premultiplied colour has its alpha for white.
fn invert(colour: &mut [u8], sample: Sample, white: Option<&[u8]>) {
    let white_16 = white.and_then(|w| w.first_chunk()).map_or(65535, |w| u16::from_ne_bytes(*w));
    match sample {
        Sample::U8 => colour[0] = white.map_or(255, |w| w[0]).saturating_sub(colour[0]),
        Sample::U16 => {
            let value = white_16.saturating_sub(u16::from_ne_bytes([colour[0], colour[1]]));
            colour.copy_from_slice(&value.to_ne_bytes());
        }
        Sample::F16 => {
            let white = white.map_or(1.0, |_| half::f16::from_bits(white_16).to_f32());
            let value = white - half::f16::from_ne_bytes([colour[0], colour[1]]).to_f32();
            colour.copy_from_slice(&half::f16::from_f32(value).to_ne_bytes());
        }
        Sample::F32 => {
            let white = white.and_then(|w| w.first_chunk()).map_or(1.0, |w| f32::from_ne_bytes(*w));
            let value = white - colour.first_chunk().map_or(0.0, |v| f32::from_ne_bytes(*v));
            colour.copy_from_slice(&value.to_ne_bytes());
        }
    }
}
