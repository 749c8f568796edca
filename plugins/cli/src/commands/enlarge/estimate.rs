//! What a picture comes to before it is enlarged: pixels, factor, memory, time, the size of the file, the print.
//!
//! The first two and the memory are computed. The time follows from the speed of this machine, and the size of the file from
//! what results of its format usually need; both are rough, and shown as "about".

use enlarger::{Channels, Format, Plan, Size};
use serde_json::{Value, json};

use super::speed::Work;
use crate::metadata::Density;
use crate::picture::{FileFormat, JPEG_QUALITY};
use crate::terminal::{about, bytes, megapixels};

/// What one picture comes to.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The result's size.
    pub output: Size,
    /// The factor.
    pub factor: f64,
    /// The most bytes of memory.
    pub memory: u64,
    /// What must be computed.
    pub work: Work,
    /// Seconds, if the speed of this machine is known.
    pub seconds: Option<f64>,
    /// Bytes of the file, about.
    pub bytes: u64,
    /// The density that is written.
    pub density: Option<Density>,
}

impl Estimate {
    /// The estimate for a picture of `input` pixels in `source`, stored as `stored` in a file of `format`.
    pub fn new(
        plan: &Plan,
        factor: f64,
        (input, source, input_format): (Size, Format, FileFormat),
        (stored, format, quality): (Format, FileFormat, Option<u8>),
        density: Option<Density>,
    ) -> Self {
        let output = plan.output;
        let held_input = if is_read_by_rows(input_format) { 0 } else { input.pixels() * source.pixel_size() as u64 };
        let held_output = if format == FileFormat::WebP { output.pixels() * stored.pixel_size() as u64 } else { 0 };
        let work = Work { network_pixels: plan.network_pixels, output_pixels: output.pixels() };
        let per_pixel = bytes_per_pixel(format, stored, quality);
        let bytes = (output.pixels() as f64 * per_pixel) as u64 + 2000;
        let memory = plan.memory.saturating_add(held_input).saturating_add(held_output);
        Estimate { output, factor, memory, work, seconds: None, bytes, density: density.filter(|d| d.absolute) }
    }

    /// The sides of a print at the density that is written, in centimetres.
    pub fn print(&self) -> Option<(f64, f64)> {
        let density = self.density?;
        Some((f64::from(self.output.width) / density.x * 2.54, f64::from(self.output.height) / density.y * 2.54))
    }

    /// The figures for people.
    pub fn sentence(&self) -> String {
        let mut parts = vec![megapixels(self.output.pixels()), format!("factor {}", rounded(self.factor))];
        if let (Some(density), Some((width, height))) = (self.density, self.print()) {
            parts.push(format!("{width:.1} x {height:.1} cm at {} dpi", rounded(density.x)));
        }
        parts.push(format!("up to {} of memory", bytes(self.memory)));
        parts.extend(self.seconds.map(about));
        parts.push(format!("a file of about {}", bytes(self.bytes)));
        parts.join(", ")
    }

    /// The figures for programs.
    pub fn json(&self) -> Value {
        json!({
            "pixels": self.output.pixels(),
            "factor": self.factor,
            "memory": self.memory,
            "seconds": self.seconds,
            "bytes": self.bytes,
            "dpi": self.density.map(|density| [density.x, density.y]),
            "print_cm": self.print().map(|(width, height)| [(width * 100.0).round() / 100.0, (height * 100.0).round() / 100.0]),
        })
    }
}

/// At most two decimals.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// Whether a reader passes rows on as it reads them.
fn is_read_by_rows(format: FileFormat) -> bool {
    matches!(format, FileFormat::Png | FileFormat::Tiff)
}

/// Bytes of a colour pixel of an enlarged photograph as JPEG, by quality.
const JPEG: [(f64, f64); 6] = [(1.0, 0.03), (60.0, 0.11), (80.0, 0.16), (92.0, 0.32), (95.0, 0.42), (100.0, 1.05)];

/// The bytes that a pixel of an enlarged photograph needs, as measured on some. Drawings and text need less, noise needs
/// more.
fn bytes_per_pixel(format: FileFormat, stored: Format, quality: Option<u8>) -> f64 {
    let size = stored.pixel_size() as f64;
    let deep = stored.sample.size() > 1;
    size * match format {
        FileFormat::Jpeg => {
            let gray = matches!(stored.channels, Channels::Gray | Channels::GrayAlpha);
            return jpeg_bytes(f64::from(quality.unwrap_or(JPEG_QUALITY))) * if gray { 0.75 } else { 1.0 };
        }
        FileFormat::Tiff if stored.sample.is_float() => 0.9,
        FileFormat::WebP => match quality {
            Some(quality) => return 0.7 * jpeg_bytes(f64::from(quality)),
            None => 0.42,
        },
        FileFormat::Exr => 0.68,
        _ if deep => 0.8,
        _ => 0.48,
    }
}

fn jpeg_bytes(quality: f64) -> f64 {
    let after = JPEG.iter().position(|(step, _)| quality <= *step).unwrap_or(JPEG.len() - 1).max(1);
    let ((from, low), (to, high)) = (JPEG[after - 1], JPEG[after]);
    low + (high - low) * ((quality - from) / (to - from)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_print_states_its_density() {
        let estimate = Estimate {
            output: Size { width: 3000, height: 2000 },
            factor: 2.0,
            memory: 500_000_000,
            work: Work { network_pixels: 1, output_pixels: 6_000_000 },
            seconds: Some(95.0),
            bytes: 5_000_000,
            density: Density::new(300.0, 300.0, true),
        };
        assert_eq!(
            estimate.sentence(),
            "6.0 megapixels, factor 2, 25.4 x 16.9 cm at 300 dpi, up to 500 MB of memory, about 95 s, a file of about 5.0 MB"
        );
        assert_eq!(estimate.json()["print_cm"], json!([25.4, 16.93]));
    }
}
