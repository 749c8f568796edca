//! Resampling: changes the size of a picture by a separable filter over f32 rows.
//!
//! Network passes give fixed factors; resampling gives any size. The result for a band or a rectangle must never differ
//! from the same rows of the whole picture, so all positions are those of the whole picture.
//!
//! The filter is Catmull-Rom after a network, and that of the [`Method`] without one. When shrinking it is stretched by the
//! ratio of the sizes, which prevents aliasing. Taps outside the picture are left out, and the weights of a sample sum to
//! 1. The method *nearest* is the exception: it takes one sample, and never stretches.
//!
//! A resampled picture can keep the mean of its linear light or that of its encoded values, not both. A picture that
//! becomes smaller than the source keeps its light, as a picture seen from afar does. What a network enlarged keeps its
//! encoded values; [`Light`] gives the reason.

use crate::colour::curve::SRGB;
use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::plan::method::Method;
use crate::plan::pass::PIXEL_BYTES;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::window::Window;

/// The filter's weights along one axis.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    /// One for each output sample.
    taps: Vec<Taps>,
    /// The weights of all output samples, one after another.
    weights: Vec<f32>,
}

/// The input samples and weights of one output sample.
#[derive(Clone, Copy, Debug)]
struct Taps {
    /// The first input sample.
    first: u32,
    /// The index of its weight in [`Axis::weights`].
    start: usize,
    /// The number of input samples, and of weights.
    count: usize,
}

/// The support of the filter for one output sample, in input samples.
struct Support {
    /// The position of the output sample; the centre of input sample 0 is 0.
    centre: f64,
    /// The filter's stretch, at least 1.
    stretch: f64,
    /// The first and the last input sample inside the picture.
    first: u32,
    last: u32,
}

impl Support {
    /// The support of output sample `i`, when `input` samples are resized to `output` samples.
    fn of(method: Method, input: u32, output: u32, i: u32) -> Self {
        if method == Method::Nearest {
            let first = nearest(input, output, i);
            return Support { centre: f64::from(first), stretch: 1.0, first, last: first };
        }
        let ratio = f64::from(input) / f64::from(output);
        let stretch = ratio.max(1.0);
        let centre = (f64::from(i) + 0.5) * ratio - 0.5;
        let reach = f64::from(method.radius()) * stretch;
        let first = (centre - reach).ceil().max(0.0) as u32;
        let last = ((centre + reach).floor() as u32).min(input - 1);
        Support { centre, stretch, first, last }
    }
}

/// The input sample under the centre of output sample `i`. Computed in whole numbers, so that it never depends on rounding.
pub(crate) fn nearest(input: u32, output: u32, i: u32) -> u32 {
    ((2 * u64::from(i) + 1) * u64::from(input) / (2 * u64::from(output))) as u32
}

impl Axis {
    /// The weights of `method` that resize `input` samples to `output` samples, for the output samples from `start` to
    /// before `end`.
    pub(crate) fn new(method: Method, input: u32, output: u32, start: u32, end: u32) -> Result<Self> {
        let mut axis = Axis { taps: Vec::new(), weights: Vec::new() };
        memory::reserve(&mut axis.taps, (end - start) as usize)?;
        for i in start..end {
            let Support { centre, stretch, first, last } = Support::of(method, input, output, i);
            let weight = |j: u32| method.kernel((f64::from(j) - centre) / stretch);
            let sum: f64 = (first..=last).map(weight).sum();
            axis.taps.push(Taps { first, start: axis.weights.len(), count: (last - first + 1) as usize });
            memory::reserve(&mut axis.weights, (last - first + 1) as usize)?;
            axis.weights.extend((first..=last).map(|j| (weight(j) / sum) as f32));
        }
        Ok(axis)
    }

    /// The input samples that [`Axis::new`] with the same arguments uses: the first, and the number after the last.
    pub(crate) fn span(method: Method, input: u32, output: u32, start: u32, end: u32) -> (u32, u32) {
        (Support::of(method, input, output, start).first, Support::of(method, input, output, end - 1).last + 1)
    }

    fn weights(&self, taps: Taps) -> &[f32] {
        &self.weights[taps.start..taps.start + taps.count]
    }
}

/// What the rows hold, and in which light they are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Light {
    /// Rows are sRGB-encoded, 0 to 1, and encoded values are mixed. This is for results of networks: networks were
    /// trained on pictures shrunk this way, and the colour lock keeps the mean of encoded values. Mixing the linear
    /// light of a sharpened picture would move that mean again.
    Encoded,
    /// Rows are sRGB-encoded, 0 to 1. They are decoded, mixed in linear light and encoded again.
    Linear,
    /// Rows hold linear values without bounds (alpha, remainder), which are neither decoded nor clipped.
    Plain,
}

/// The stage that resizes.
pub(crate) struct Resample<'a> {
    /// Input rows, already resized along the row; in linear light for [`Light::Linear`].
    rows: Window<'a>,
    vertical: Axis,
    rect: Rect,
    light: Light,
    /// The number of rows made so far.
    done: usize,
}

impl<'a> Resample<'a> {
    /// Resizes the rows of `stage` to `rect` of the resized picture. The rectangle of `stage` must contain every input
    /// sample that the axes use ([`Axis::span`]).
    pub(crate) fn new(stage: BoxStage<'a>, horizontal: Axis, vertical: Axis, rect: Rect, light: Light) -> Result<Self> {
        let input = stage.rect();
        let horizontal = Horizontal {
            buffer: memory::zeros(stage.row_length())?,
            rect: Rect { x: rect.x, width: rect.width, ..input },
            stage,
            axis: horizontal,
            light,
        };
        Ok(Resample { rows: Window::new(Box::new(horizontal)), vertical, rect, light, done: 0 })
    }

    /// The most bytes of the rows needed to make one row of `width` pixels, when `input` rows are resized to `output`
    /// rows.
    pub(crate) fn memory(method: Method, width: u32, input: u32, output: u32) -> u128 {
        let taps = 2 * u128::from(method.radius()) * u128::from(input.div_ceil(output)) + 2;
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

/// The stage that resizes along rows; the height stays.
struct Horizontal<'a> {
    stage: BoxStage<'a>,
    axis: Axis,
    /// The columns of the resized picture, and the rows of the input.
    rect: Rect,
    light: Light,
    /// One input row.
    buffer: Vec<f32>,
}

impl Stage for Horizontal<'_> {
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
            // Most planes of the remainder are zero.
            if plane.iter().all(|&v| v == 0.0) {
                out.fill(0.0);
                continue;
            }
            for (v, &taps) in out.iter_mut().zip(&self.axis.taps) {
                let samples = &plane[(taps.first - input.x) as usize..][..taps.count];
                *v = samples.iter().zip(self.axis.weights(taps)).map(|(s, w)| s * w).sum();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn methods() -> impl Strategy<Value = Method> {
        prop::sample::select(Method::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn weights_sum_to_one_and_stay_inside_the_picture(method in methods(), input in 1u32..300, output in 1u32..300) {
            let axis = Axis::new(method, input, output, 0, output).unwrap();
            let (first, end) = Axis::span(method, input, output, 0, output);
            prop_assert!((first == 0 || method == Method::Nearest) && end <= input);
            prop_assert!(axis.taps.iter().all(|t| t.first + t.count as u32 <= end));
            for &taps in &axis.taps {
                let sum: f32 = axis.weights(taps).iter().sum();
                prop_assert!((sum - 1.0).abs() < 1e-5);
                prop_assert!(taps.first + taps.count as u32 <= input);
            }
        }

        #[test]
        fn a_part_of_an_axis_has_the_weights_of_the_whole(
            method in methods(), input in 1u32..200, output in 2u32..200, cut in 0.0f64..1.0,
        ) {
            let cut = (f64::from(output - 1) * cut) as u32;
            let whole = Axis::new(method, input, output, 0, output).unwrap();
            let part = Axis::new(method, input, output, cut, output).unwrap();
            for (a, b) in whole.taps[cut as usize..].iter().zip(&part.taps) {
                prop_assert_eq!(a.first, b.first);
                prop_assert_eq!(whole.weights(*a), part.weights(*b));
            }
        }
    }
}
