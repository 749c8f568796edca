//! Luminance and chrominance of a decoded picture, converted to red, green and blue.
//!
//! Chrominance of half size is interpolated between its samples, as decoders of JPEG and AVIF do it.

use enlarger::Result;
use enlarger_av1::{Frame, Plane};

use super::colours::CodePoints;

/// How samples become colours.
pub enum Matrix {
    /// Green, blue and red are stored as they are.
    Identity,
    /// The weights of red and blue in luminance.
    Weights(f32, f32),
    YCgCo,
}

impl Matrix {
    /// By the code points, or by the values that are usual where they say nothing.
    pub fn new(points: &CodePoints) -> Result<Self> {
        Ok(match points.matrix {
            0 => Matrix::Identity,
            1 => Matrix::Weights(0.2126, 0.0722),
            2 | 5 | 6 => Matrix::Weights(0.299, 0.114),
            4 => Matrix::Weights(0.30, 0.11),
            7 => Matrix::Weights(0.212, 0.087),
            8 => Matrix::YCgCo,
            9 => Matrix::Weights(0.2627, 0.0593),
            12 => {
                let weights = points.primaries().map(|p| p.luminance_weights());
                let [red, _, blue] = weights.unwrap_or([0.2126, 0.7152, 0.0722]);
                Matrix::Weights(red, blue)
            }
            other => {
                return Err(super::read::unsupported(&format!(
                    "colours by a matrix of an unknown kind (number {other})"
                )));
            }
        })
    }
}

/// Converts rows of a frame.
pub struct Rows<'a> {
    frame: &'a Frame,
    matrix: &'a Matrix,
    full_range: bool,
    chrominance: [Vec<f32>; 2],
}

impl<'a> Rows<'a> {
    pub fn new(frame: &'a Frame, matrix: &'a Matrix, full_range: bool) -> Self {
        let row = || vec![0.0; frame.width];
        Rows { frame, matrix, full_range, chrominance: [row(), row()] }
    }

    /// Luminance of a row, from 0 to 1. Also for alpha.
    pub fn luminance(&self, y: usize) -> impl Iterator<Item = f32> + '_ {
        let plane = &self.frame.planes[0];
        let (black, scale) = self.luminance_range();
        plane.samples[y * plane.width..][..self.frame.width].iter().map(move |v| (f32::from(*v) - black) / scale)
    }

    fn luminance_range(&self) -> (f32, f32) {
        let unit = f32::from(1u16 << (self.frame.bits - 8));
        if self.full_range { (0.0, f32::from((1u16 << self.frame.bits) - 1)) } else { (16.0 * unit, 219.0 * unit) }
    }

    /// Red, green and blue of a row, from 0 to 1, unclipped.
    pub fn rgb(&mut self, y: usize, to: &mut Vec<[f32; 3]>) {
        to.clear();
        if self.frame.planes.len() < 3 {
            to.extend(self.luminance(y).map(|v| [v; 3]));
            return;
        }
        let unit = f32::from(1u16 << (self.frame.bits - 8));
        let middle = 128.0 * unit;
        let scale = if self.full_range { f32::from((1u16 << self.frame.bits) - 1) } else { 224.0 * unit };
        let mut rows = std::mem::take(&mut self.chrominance);
        for (row, plane) in rows.iter_mut().zip(&self.frame.planes[1..]) {
            interpolate(plane, self.frame.width, self.frame.height, y, row);
        }
        let (black, white) = self.luminance_range();
        for (x, luminance) in self.luminance(y).enumerate() {
            let (first, second) = (rows[0][x], rows[1][x]);
            let (cb, cr) = ((first - middle) / scale, (second - middle) / scale);
            to.push(match self.matrix {
                Matrix::Identity => [(second - black) / white, luminance, (first - black) / white],
                Matrix::YCgCo => [luminance - cb + cr, luminance + cb, luminance - cb - cr],
                Matrix::Weights(red, blue) => {
                    let (r, b) = (luminance + cr * 2.0 * (1.0 - red), luminance + cb * 2.0 * (1.0 - blue));
                    [r, (luminance - red * r - blue * b) / (1.0 - red - blue), b]
                }
            });
        }
        self.chrominance = rows;
    }
}

/// A row of chrominance at full size.
fn interpolate(plane: &Plane, width: usize, height: usize, y: usize, to: &mut [f32]) {
    let rows = plane.samples.len() / plane.width.max(1);
    let row = |n: usize| &plane.samples[n * plane.width..][..plane.width];
    // Of the two nearest samples, the nearer one counts three quarters.
    let pair = |at: usize, count: usize, full: usize| {
        if count == full {
            return (at, at);
        }
        let near = at / 2;
        let far = if at.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(count - 1) };
        (near, far)
    };
    let (near, far) = pair(y, rows, height);
    let (near, far) = (row(near), row(far));
    for (x, to) in to.iter_mut().enumerate() {
        let (a, b) = pair(x, plane.width, width);
        let at = |n: usize| 0.75 * f32::from(near[n]) + 0.25 * f32::from(far[n]);
        *to = 0.75 * at(a) + 0.25 * at(b);
    }
}
