//! The first stage: converts the source's bytes to planar f32.
//!
//! Networks accept only sRGB-encoded values from 0 to 1, but sources may hold other colours, and alpha. Colours outside
//! that range must never be lost, so what clipping removes is kept apart.
//!
//! Each row holds these planes:
//! - red, green and blue: sRGB-encoded, clipped to 0 to 1;
//! - alpha, 0 to 1, if the source's format has it;
//! - the *remainder*, three planes, if the source can hold colours outside sRGB: the unclipped colour less the clipped
//!   one, in linear light with sRGB's primaries. It has no bounds. It is multiplied by alpha, so that the colour of
//!   transparent pixels does not spread into visible ones when it is resampled.

use crate::colour::conversion::Conversion;
use crate::colour::curve::SRGB;
use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::pixels::convert;
use crate::pixels::format::Format;
use crate::pixels::rows::Source;
use crate::run::run::Run;
use crate::stages::stage::Stage;

/// Which planes follow the three colour planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planes {
    /// One plane of alpha.
    pub(crate) alpha: bool,
    /// Three planes of remainder, after alpha.
    pub(crate) remainder: bool,
}

impl Planes {
    /// The planes of a source with pixels of `format` and colours of `conversion`.
    pub(crate) fn of(format: Format, conversion: &Conversion) -> Self {
        Planes { alpha: format.has_alpha(), remainder: format.sample.is_float() || !conversion.is_srgb() }
    }

    /// The number of planes, colour included: 3 to 7.
    pub(crate) fn count(self) -> usize {
        3 + usize::from(self.alpha) + 3 * usize::from(self.remainder)
    }
}

/// The stage that reads the source.
pub(crate) struct Decode<'a> {
    source: &'a mut dyn Source,
    format: Format,
    conversion: Conversion,
    planes: Planes,
    rect: Rect,
    /// The next row.
    y: u32,
    /// One row of the source, in its format.
    bytes: Vec<u8>,
    /// Working memory of the conversion.
    scratch: Vec<f32>,
}

impl<'a> Decode<'a> {
    /// Reads `rect` of the source, whose colours `conversion` describes.
    pub(crate) fn new(source: &'a mut dyn Source, conversion: Conversion, rect: Rect) -> Result<Self> {
        let format = source.format();
        let planes = Planes::of(format, &conversion);
        let bytes = memory::zeros(format.row_size(rect.width))?;
        Ok(Decode { source, format, conversion, planes, rect, y: rect.y, bytes, scratch: Vec::new() })
    }
}

impl Stage for Decode<'_> {
    fn rect(&self) -> Rect {
        self.rect
    }

    fn channels(&self) -> usize {
        self.planes.count()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        run.cancel.check()?;
        self.source.read(self.rect.x, self.y, &mut self.bytes)?;
        self.y += 1;
        let width = self.rect.width as usize;
        let gray = self.format.is_gray();
        convert::unpack(self.format, &self.bytes, width, row);
        // `unpack` puts alpha after one plane of gray; gray becomes three planes below.
        if gray && self.planes.alpha {
            row.copy_within(width..2 * width, 3 * width);
        }
        if self.planes.remainder {
            let colours = if gray { width } else { 3 * width };
            let start = row.len() - 3 * width;
            let (encoded, remainder) = row.split_at_mut(start);
            let (encoded, remainder) = (&mut encoded[..colours], &mut remainder[..colours]);
            if self.conversion.is_srgb() {
                split_encoded(encoded, remainder);
            } else {
                self.conversion.decode(encoded, width, &mut self.scratch)?;
                for (v, r) in encoded.iter_mut().zip(remainder) {
                    let clipped = v.clamp(0.0, 1.0);
                    *r = *v - clipped;
                    *v = clipped;
                }
                SRGB.encode(encoded);
            }
            if gray {
                row.copy_within(start..start + width, start + width);
                row.copy_within(start..start + width, start + 2 * width);
            }
        }
        if self.planes.remainder && self.planes.alpha {
            let (alpha, remainder) = row[3 * width..].split_at_mut(width);
            for plane in remainder.chunks_exact_mut(width) {
                plane.iter_mut().zip(&*alpha).for_each(|(r, a)| *r *= a);
            }
        }
        if gray {
            row.copy_within(..width, width);
            row.copy_within(..width, 2 * width);
        }
        Ok(())
    }
}

/// Clips sRGB-encoded values to 0 to 1 in place, and writes what clipping removed, in linear light, to `remainder`.
/// Values inside the range stay bit-identical.
fn split_encoded(encoded: &mut [f32], remainder: &mut [f32]) {
    for (v, r) in encoded.iter_mut().zip(remainder) {
        *r = 0.0;
        if !(0.0..=1.0).contains(v) {
            let mut ends = [*v, v.clamp(0.0, 1.0)];
            *v = ends[1];
            SRGB.decode(&mut ends);
            *r = ends[0] - ends[1];
        }
    }
}
