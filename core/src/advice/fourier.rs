//! The Fourier transform of short rows whose length is a power of two.
//!
//! The measures need nothing more, so this is the textbook algorithm of Cooley and Tukey and no library.

use std::f32::consts::PI;

/// The transform for one length, with its tables.
pub(super) struct Fourier {
    /// The cosines and sines of the circle's first half.
    turns: Vec<(f32, f32)>,
    /// Hann's window, which lets the ends of a piece fade.
    window: Vec<f32>,
    swaps: Vec<(usize, usize)>,
}

impl Fourier {
    /// # Panics
    /// If `length` is not a power of two from 2 on.
    pub(super) fn new(length: usize) -> Self {
        assert!(length.is_power_of_two() && length > 1);
        let angle = |i: usize| 2.0 * PI * i as f32 / length as f32;
        let bits = length.trailing_zeros();
        let reversed = |i: usize| i.reverse_bits() >> (usize::BITS - bits);
        Fourier {
            turns: (0..length / 2).map(|i| (angle(i).cos(), -angle(i).sin())).collect(),
            window: (0..length).map(|i| 0.5 - 0.5 * angle(i).cos()).collect(),
            swaps: (0..length).map(|i| (i, reversed(i))).filter(|(i, j)| i < j).collect(),
        }
    }

    pub(super) fn length(&self) -> usize {
        self.window.len()
    }

    pub(super) fn window(&self) -> &[f32] {
        &self.window
    }

    /// Transforms real and imaginary parts in place.
    pub(super) fn transform(&self, real: &mut [f32], imaginary: &mut [f32]) {
        let length = self.length();
        for (i, j) in &self.swaps {
            real.swap(*i, *j);
            imaginary.swap(*i, *j);
        }
        let mut half = 1;
        while half < length {
            let stride = length / (2 * half);
            for start in (0..length).step_by(2 * half) {
                for k in 0..half {
                    let (cosine, sine) = self.turns[k * stride];
                    let (a, b) = (start + k, start + k + half);
                    let (r, i) = (real[b] * cosine - imaginary[b] * sine, real[b] * sine + imaginary[b] * cosine);
                    (real[b], imaginary[b]) = (real[a] - r, imaginary[a] - i);
                    (real[a], imaginary[a]) = (real[a] + r, imaginary[a] + i);
                }
            }
            half *= 2;
        }
    }

    /// Adds the power of a row at each frequency from 0 to half the length, after removing its mean and windowing it.
    pub(super) fn add_power(&self, row: &[f32], power: &mut [f64]) {
        let mean = row.iter().sum::<f32>() / row.len() as f32;
        let mut real: Vec<f32> = row.iter().zip(&self.window).map(|(v, w)| (v - mean) * w).collect();
        let mut imaginary = vec![0.0; real.len()];
        self.transform(&mut real, &mut imaginary);
        for (sum, (r, i)) in power.iter_mut().zip(real.iter().zip(&imaginary)) {
            *sum += f64::from(r * r + i * i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_has_its_power_at_its_frequency() {
        let fourier = Fourier::new(64);
        let wave: Vec<f32> = (0..64).map(|x| (2.0 * PI * 5.0 * x as f32 / 64.0).cos()).collect();
        let mut power = [0.0; 33];
        fourier.add_power(&wave, &mut power);
        // Hann's window spreads it to both neighbours, with a quarter of the power each.
        assert!((power[5] - 256.0).abs() < 0.1 && (power[4] - 64.0).abs() < 0.1, "{power:?}");
        assert!(power[8..].iter().chain(&power[..3]).all(|p| *p < 1e-6), "{power:?}");
    }
}
