//! The last step: converts enlarged colour, alpha and remainder to the sink's bytes.
//!
//! Values are rounded here and nowhere else, so that no error of rounding is enlarged. Nothing after this may change
//! them.

use crate::colour::conversion::Conversion;
use crate::error::Result;
use crate::machine::memory;
use crate::pixels::convert::{self, LARGEST};
use crate::pixels::format::Format;
use crate::stages::decode::Planes;

/// Makes the sink's rows. See [`decode`](crate::stages::decode) for the planes.
pub(crate) struct Encode {
    /// The sink's format.
    format: Format,
    /// The sink's colours.
    conversion: Conversion,
    /// The planes of the source.
    planes: Planes,
    /// Pixels of a row.
    width: usize,
    /// One row in the sink's colours: planes of colour, then alpha.
    planar: Vec<f32>,
    /// Working memory of the conversion.
    scratch: Vec<f32>,
}

impl Encode {
    pub(crate) fn new(format: Format, conversion: Conversion, planes: Planes, width: u32) -> Self {
        Encode { format, conversion, planes, width: width as usize, planar: Vec::new(), scratch: Vec::new() }
    }

    /// Makes one row of the sink.
    ///
    /// `colour`: three planes, sRGB-encoded, 0 to 1. `aside`: the planes that bypassed the network, alpha and remainder
    /// (multiplied by alpha if there is alpha). `bytes` has the size of a row in the sink's format.
    pub(crate) fn row(&mut self, colour: &[f32], aside: &[f32], bytes: &mut [u8]) -> Result<()> {
        let width = self.width;
        let planar = &mut self.planar;
        planar.clear();
        memory::reserve(planar, colour.len() + width)?;
        planar.extend_from_slice(colour);
        let (alpha, remainder) = aside.split_at(if self.planes.alpha { width } else { 0 });
        // A row without remainder in an sRGB sink skips the way through linear light.
        let wide = remainder.iter().any(|&r| r != 0.0);
        let gray = self.format.is_gray();
        if wide || !self.conversion.is_srgb() {
            Conversion::Srgb.decode(planar, width, &mut self.scratch)?;
            if wide && self.planes.alpha {
                for (plane, remainder) in planar.chunks_exact_mut(width).zip(remainder.chunks_exact(width)) {
                    for ((v, r), &a) in plane.iter_mut().zip(remainder).zip(alpha) {
                        *v += if a > 0.0 { (r / a).clamp(-LARGEST, LARGEST) } else { 0.0 };
                    }
                }
            } else if wide {
                planar.iter_mut().zip(remainder).for_each(|(v, r)| *v += r);
            }
            if gray {
                mean(planar, width);
            }
            self.conversion.encode(planar, width, &mut self.scratch)?;
        } else if gray {
            mean(planar, width);
        }
        if self.format.has_alpha() {
            if self.planes.alpha {
                planar.extend(alpha.iter().map(|a| a.clamp(0.0, 1.0)));
            } else {
                planar.extend(std::iter::repeat_n(1.0, width));
            }
        }
        convert::pack(self.format, planar, width, bytes);
        Ok(())
    }
}

/// Replaces three planes by their mean, one plane.
fn mean(planar: &mut Vec<f32>, width: usize) {
    let (red, others) = planar.split_at_mut(width);
    for (i, v) in red.iter_mut().enumerate() {
        *v = (*v + others[i] + others[width + i]) / 3.0;
    }
    planar.truncate(width);
}
