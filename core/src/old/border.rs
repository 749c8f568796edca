//! The border of a scan: paper, or the scanner's lid, around the picture.
//!
//! A border is even and reaches along a whole side. It is neither measured nor changed. What is not clearly a border is part of the
//! picture.

use crate::geometry::{Rect, Size};
use crate::old::fading::Samples;

/// The most of a side that a border may take.
const MOST: f64 = 0.15;

/// The largest standard deviation of the luminance in a row or column of a border.
const EVEN: f64 = 0.025;

/// How much a border must differ from what follows it, in luminance.
const STEP: f64 = 0.06;

/// The part of a picture inside the border of its scan.
pub(super) fn inside(samples: &Samples, size: Size) -> Rect {
    let (columns, rows) = (samples.columns(), samples.rows());
    let across = |y: usize| (0..columns).map(move |x| samples.luminance(x, y)).collect::<Vec<f64>>();
    let down = |x: usize| (0..rows).map(move |y| samples.luminance(x, y)).collect::<Vec<f64>>();
    let [top, bottom] = [thickness(rows, across), thickness(rows, |i| across(rows - 1 - i))];
    let [left, right] = [thickness(columns, down), thickness(columns, |i| down(columns - 1 - i))];
    let step = samples.step();
    // One sample more than is even: the edge itself is blurred.
    let pixels = |count: usize| if count == 0 { 0 } else { (count as u32 + 1) * step };
    let (x, y) = (pixels(left).min(size.width - 1), pixels(top).min(size.height - 1));
    let width = (size.width - x).saturating_sub(pixels(right)).max(1);
    let height = (size.height - y).saturating_sub(pixels(bottom)).max(1);
    Rect { x, y, width, height }
}

/// The number of lines of samples that belong to a border, counted from one side.
fn thickness(lines: usize, line: impl Fn(usize) -> Vec<f64>) -> usize {
    let most = (lines as f64 * MOST) as usize;
    let mut first = None;
    for index in 0..most {
        let (mean, deviation) = moments(&line(index));
        let first = *first.get_or_insert(mean);
        if deviation > EVEN || (mean - first).abs() > EVEN {
            // What follows must be another picture: a sky that slowly becomes uneven is none.
            let after = line((index + 1).min(lines - 1));
            let differs = after.iter().filter(|v| (**v - first).abs() > STEP).count();
            return if differs * 2 > after.len() { index } else { 0 };
        }
    }
    0
}

fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}
