//! A picture in memory, and a few ways to make one.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use enlarger::{Channels, Colour, Format, Rect, Sample, Size};

/// 8-bit RGB.
pub const RGB8: Format = Format { sample: Sample::U8, channels: Channels::Rgb, alpha: enlarger::Alpha::Straight };
/// 8-bit RGB with alpha.
pub const RGBA8: Format = Format { channels: Channels::Rgba, ..RGB8 };
/// 32-bit float RGB.
pub const RGB32F: Format = Format { sample: Sample::F32, ..RGB8 };

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub size: Size,
    pub format: Format,
    pub colour: Colour,
    pub bytes: Vec<u8>,
}

impl Picture {
    /// A black one.
    pub fn new(size: Size, format: Format, colour: Colour) -> Self {
        let bytes = vec![0; format.row_size(size.width) * size.height as usize];
        Picture { size, format, colour, bytes }
    }

    /// A picture whose samples come from `value` (x, y, channel), 0 to 1 for integers.
    pub fn from_fn(width: u32, height: u32, format: Format, value: impl Fn(u32, u32, usize) -> f32) -> Self {
        let mut picture = Picture::new(Size { width, height }, format, Colour::Srgb);
        let channels = format.channels.count();
        let mut samples = picture.bytes.chunks_exact_mut(format.sample.size());
        for y in 0..height {
            for x in 0..width {
                for c in 0..channels {
                    let (v, sample) = (value(x, y, c), samples.next().expect("as many samples as pixels"));
                    match format.sample {
                        Sample::U8 => sample[0] = (v * 255.0).round() as u8,
                        Sample::U16 => sample.copy_from_slice(&((v * 65535.0).round() as u16).to_ne_bytes()),
                        Sample::F32 => sample.copy_from_slice(&v.to_ne_bytes()),
                        Sample::F16 => unimplemented_f16(),
                    }
                }
            }
        }
        picture
    }

    /// A photo of `tests/data`.
    pub fn photo(name: &str) -> Self {
        Self::read_png(&data_folder().join(name))
    }

    /// An 8-bit PNG.
    pub fn read_png(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut reader = png::Decoder::new(BufReader::new(file)).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut bytes).expect("pixels");
        assert_eq!(info.bit_depth, png::BitDepth::Eight, "{}", path.display());
        let channels = match info.color_type {
            png::ColorType::Grayscale => Channels::Gray,
            png::ColorType::GrayscaleAlpha => Channels::GrayAlpha,
            png::ColorType::Rgb => Channels::Rgb,
            png::ColorType::Rgba => Channels::Rgba,
            png::ColorType::Indexed => panic!("{}: indexed", path.display()),
        };
        bytes.truncate(info.buffer_size());
        let size = Size { width: info.width, height: info.height };
        Picture { size, format: Format { channels, ..RGB8 }, colour: Colour::Srgb, bytes }
    }

    /// Writes an 8-bit PNG.
    pub fn write_png(&self, path: &Path) {
        assert_eq!(self.format.sample, Sample::U8);
        let file = File::create(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut encoder = png::Encoder::new(file, self.size.width, self.size.height);
        encoder.set_color(match self.format.channels {
            Channels::Gray => png::ColorType::Grayscale,
            Channels::GrayAlpha => png::ColorType::GrayscaleAlpha,
            Channels::Rgb => png::ColorType::Rgb,
            Channels::Rgba => png::ColorType::Rgba,
            Channels::Bgra => panic!("PNG has no BGRA"),
        });
        encoder.write_header().expect("a header").write_image_data(&self.bytes).expect("pixels");
    }

    pub fn stride(&self) -> usize {
        self.format.row_size(self.size.width)
    }

    /// All samples in order, integers as 0 to 1.
    pub fn samples(&self) -> Vec<f32> {
        let sample = self.format.sample;
        let value = |b: &[u8]| match sample {
            Sample::U8 => f32::from(b[0]) / 255.0,
            Sample::U16 => f32::from(u16::from_ne_bytes([b[0], b[1]])) / 65535.0,
            Sample::F32 => f32::from_ne_bytes([b[0], b[1], b[2], b[3]]),
            Sample::F16 => unimplemented_f16(),
        };
        self.bytes.chunks_exact(sample.size()).map(value).collect()
    }

    /// One sample.
    pub fn at(&self, x: u32, y: u32, channel: usize) -> f32 {
        self.crop(Rect { x, y, width: 1, height: 1 }).samples()[channel]
    }

    /// A part of it.
    pub fn crop(&self, rect: Rect) -> Self {
        let mut part = Picture::new(rect.size(), self.format, self.colour.clone());
        let (from, length, stride) = (self.format.row_size(rect.x), part.stride(), self.stride());
        for (y, row) in part.bytes.chunks_exact_mut(length).enumerate() {
            row.copy_from_slice(&self.bytes[(y + rect.y as usize) * stride + from..][..length]);
        }
        part
    }

    /// The mean of all samples.
    pub fn mean(&self) -> f64 {
        let samples = self.samples();
        samples.iter().map(|v| f64::from(*v)).sum::<f64>() / samples.len() as f64
    }

    /// The largest difference of a sample, of 255.
    pub fn distance(&self, other: &Picture) -> f32 {
        assert_eq!(self.size, other.size);
        let (a, b) = (self.samples(), other.samples());
        assert_eq!(a.len(), b.len());
        a.iter().zip(&b).map(|(a, b)| (a - b).abs() * 255.0).fold(0.0, f32::max)
    }
}

fn unimplemented_f16() -> ! {
    panic!("half floats are tested in the core")
}

/// The folder of test pictures.
pub fn data_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// A file of the folder of test pictures.
pub fn data_folder_file(name: &str) -> PathBuf {
    data_folder().join(name)
}
