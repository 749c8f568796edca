//! The tones of a picture: how much of it is black or white, and whether that was cut off. Transparent pixels do not count.

use crate::advice::sample::Sample;

/// Tones that lead up to an end, in 1/255.
const NEAR: std::ops::Range<usize> = 3..23;

pub(super) struct Tones {
    /// The share of pixels that are black, and that are white.
    pub(super) ends: [f64; 2],
    /// The share of pixels for each tone near black and near white, on average, relative to an even spread over all tones.
    pub(super) near: [f64; 2],
}

impl Tones {
    pub(super) fn new(sample: &Sample) -> Self {
        let mut counts = [0u64; 256];
        for piece in &sample.pieces {
            for (_, v) in piece.luminance().iter().enumerate().filter(|(at, _)| piece.is_visible(*at)) {
                counts[(v * 255.0).round() as usize] += 1;
            }
        }
        let all = counts.iter().sum::<u64>().max(1) as f64;
        let end = |from: &dyn Fn(usize) -> usize| {
            let sum = |range: std::ops::Range<usize>| range.map(|i| counts[from(i)]).sum::<u64>() as f64;
            (sum(0..2) / all, sum(NEAR) / NEAR.len() as f64 / all * 256.0)
        };
        let (black, white) = (end(&|i| i), end(&|i| 255 - i));
        Tones { ends: [black.0, white.0], near: [black.1, white.1] }
    }
}
