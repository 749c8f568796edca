//! Any size from any size, by separable filtering of f32 rows.
//!
//! Two sums cannot both stay: that of the light, and that of the encoded values. What is made smaller keeps the light, as a
//! picture seen from afar does. What a network enlarged keeps the encoded values ([`Light`] says why).
//!
//! Catmull-Rom (Mitchell and Netravali 1988, B = 0, C = 1/2), widened when shrinking so that nothing aliases; weights
//! sum to one and are cut at the picture's edge. Positions are those of the whole picture, so bands and rectangles
//! equal the whole.

use crate::colour::curve::SRGB;
use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::plan::pass::PIXEL_BYTES;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage, Window};

/// The weights along one axis.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    taps: Vec<Taps>,
    weights: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
struct Taps {
    /// The first input sample.
    first: u32,
    /// Where its weights begin.
    start: usize,
    count: usize,
}

/// What one output sample is made of.
struct Reach {
    centre: f64,
    stretch: f64,
    first: u32,
    last: u32,
}

impl Reach {
    fn of(input: u32, output: u32, i: u32) -> Self {
        let ratio = f64::from(input) / f64::from(output);
        let stretch = ratio.max(1.0);
        let centre = (f64::from(i) + 0.5) * ratio - 0.5;
        let first = (centre - 2.0 * stretch).ceil().max(0.0) as u32;
        let last = ((centre + 2.0 * stretch).floor() as u32).min(input - 1);
        Reach { centre, stretch, first, last }
    }
}

impl Axis {
    /// From `input` samples to `output` samples, of which those from `start` to `end` are wanted.
    pub(crate) fn new(input: u32, output: u32, start: u32, end: u32) -> Result<Self> {
        let mut axis = Axis { taps: Vec::new(), weights: Vec::new() };
        memory::reserve(&mut axis.taps, (end - start) as usize)?;
        for i in start..end {
            let Reach { centre, stretch, first, last } = Reach::of(input, output, i);
            let weight = |j: u32| catmull_rom((f64::from(j) - centre) / stretch);
            let sum: f64 = (first..=last).map(weight).sum();
            axis.taps.push(Taps { first, start: axis.weights.len(), count: (last - first + 1) as usize });
            memory::reserve(&mut axis.weights, (last - first + 1) as usize)?;
            axis.weights.extend((first..=last).map(|j| (weight(j) / sum) as f32));
        }
        Ok(axis)
    }

    /// The input samples that [`Axis::new`] would need: the first, and the one after the last.
    pub(crate) fn span(input: u32, output: u32, start: u32, end: u32) -> (u32, u32) {
        (Reach::of(input, output, start).first, Reach::of(input, output, end - 1).last + 1)
    }

    fn weights(&self, taps: Taps) -> &[f32] {
        &self.weights[taps.start..taps.start + taps.count]
    }
}

fn catmull_rom(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

/// What rows hold, and what is mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Light {
    /// Rows are sRGB-encoded, 0 to 1, and are mixed as that. Networks were trained on pictures made smaller so, and the
    /// colour lock holds their mean so: mixing the light of what they sharpened would move it again.
    Encoded,
    /// Rows are sRGB-encoded, 0 to 1; they are mixed in linear light and encoded again.
    Linear,
    /// Rows hold what needs no curve and no bounds (alpha, remainder).
    Plain,
}

/// A stage that resizes.
pub(crate) struct Resample<'a> {
    /// Input rows, already resized along the row.
    rows: Window<'a>,
    vertical: Axis,
    rect: Rect,
    light: Light,
    done: usize,
}

impl<'a> Resample<'a> {
    /// Resizes the rows of `stage`, which must cover what the axes need, to `rect` of the resized picture.
    pub(crate) fn new(stage: BoxStage<'a>, horizontal: Axis, vertical: Axis, rect: Rect, light: Light) -> Result<Self> {
        let input = stage.rect();
        let narrow = Narrow {
            buffer: memory::zeros(stage.row_length())?,
            rect: Rect { x: rect.x, width: rect.width, ..input },
            stage,
            horizontal,
            light,
        };
        Ok(Resample { rows: Window::new(Box::new(narrow)), vertical, rect, light, done: 0 })
    }

    /// The most bytes of rows that are here to make one row of `width` pixels, from a picture `input` rows high to one of
    /// `output` rows.
    pub(crate) fn memory(width: u32, input: u32, output: u32) -> u128 {
        let taps = u128::from(4 * input.div_ceil(output) + 2);
        PIXEL_BYTES * u128::from(width) * (taps + 2)
    }
}

impl Stage for Resample<'_> {
    fn rect(&self) -> Rect {
        self.rect
    }

    fn channels(&self) -> usize {
        self.rows.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let taps = self.vertical.taps[self.done];
        self.done += 1;
        self.rows.fill(run, taps.first + taps.count as u32)?;
        self.rows.release(taps.first);
        row.fill(0.0);
        for (y, &w) in (taps.first..).zip(self.vertical.weights(taps)) {
            row.iter_mut().zip(self.rows.row(y)).for_each(|(out, v)| *out += w * v);
        }
        if self.light != Light::Plain {
            row.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
        }
        if self.light == Light::Linear {
            SRGB.encode(row);
        }
        Ok(())
    }
}

/// The half of the work that is done along rows.
struct Narrow<'a> {
    stage: BoxStage<'a>,
    horizontal: Axis,
    rect: Rect,
    light: Light,
    buffer: Vec<f32>,
}

impl Stage for Narrow<'_> {
    fn rect(&self) -> Rect {
        self.rect
    }

    fn channels(&self) -> usize {
        self.stage.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let input = self.stage.rect();
        self.stage.next(run, &mut self.buffer)?;
        if self.light == Light::Linear {
            SRGB.decode(&mut self.buffer);
        }
        let planes = row.chunks_exact_mut(self.rect.width as usize);
        for (out, plane) in planes.zip(self.buffer.chunks_exact(input.width as usize)) {
            // Most remainders are nothing at all.
            if plane.iter().all(|&v| v == 0.0) {
                out.fill(0.0);
                continue;
            }
            for (v, &taps) in out.iter_mut().zip(&self.horizontal.taps) {
                let samples = &plane[(taps.first - input.x) as usize..][..taps.count];
                *v = samples.iter().zip(self.horizontal.weights(taps)).map(|(s, w)| s * w).sum();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn weights_sum_to_one_and_stay_inside(input in 1u32..300, output in 1u32..300) {
            let axis = Axis::new(input, output, 0, output).unwrap();
            let (first, end) = Axis::span(input, output, 0, output);
            prop_assert!(first == 0 && end <= input);
            prop_assert!(axis.taps.iter().all(|t| t.first + t.count as u32 <= end));
            for &taps in &axis.taps {
                let sum: f32 = axis.weights(taps).iter().sum();
                prop_assert!((sum - 1.0).abs() < 1e-5);
                prop_assert!(taps.first + taps.count as u32 <= input);
            }
        }

        #[test]
        fn a_part_has_the_weights_of_the_whole(input in 1u32..200, output in 2u32..200, cut in 0.0f64..1.0) {
            let cut = (f64::from(output - 1) * cut) as u32;
            let whole = Axis::new(input, output, 0, output).unwrap();
            let part = Axis::new(input, output, cut, output).unwrap();
            for (a, b) in whole.taps[cut as usize..].iter().zip(&part.taps) {
                prop_assert_eq!(a.first, b.first);
                prop_assert_eq!(whole.weights(*a), part.weights(*b));
            }
        }
    }
}
