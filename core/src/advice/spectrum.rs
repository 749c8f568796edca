//! The spectrum of a picture: up to which frequency it has detail, and whether it shows the halftone dots of a print.
//!
//! Frequencies are in cycles per pixel; the highest is 1/2.

use crate::advice::fourier::Fourier;
use crate::advice::sample::{PIECE, Sample};

/// The frequencies of a piece, from 0 to 1/2.
pub(super) const FREQUENCIES: usize = PIECE / 2 + 1;

/// The least amplitude of a screen, where white is 1. The steps of a gradient that is rounded to 8 bits repeat as well, with half of
/// 1/255 at most.
const DOTS: f64 = 2.0 / 255.0;

/// Pieces whose luminance varies less than this are flat and say nothing, where white is 1.
const FLAT: f32 = 0.01;

/// The mean powers of the pieces that are not flat.
pub(super) struct Spectrum {
    /// Along rows and columns, in decibels.
    pub(super) decibels: Vec<f64>,
    /// How far the strongest peak of the plane of frequencies stands out, in decibels, and its period in pixels.
    pub(super) screen: (f64, f64),
}

impl Spectrum {
    /// `None` if no piece has content.
    pub(super) fn new(sample: &Sample) -> Option<Self> {
        let fourier = Fourier::new(PIECE);
        let mut line = vec![0.0; FREQUENCIES];
        let mut plane = vec![0.0; PIECE * PIECE];
        let mut count = 0;
        for piece in sample.pieces.iter().filter(|piece| piece.is_full() && deviation(piece.luminance()) > FLAT) {
            count += 1;
            let luminance = piece.luminance();
            for y in 0..PIECE {
                fourier.add_power(piece.row(y), &mut line);
            }
            let mut column = vec![0.0; PIECE];
            for x in 0..PIECE {
                (0..PIECE).for_each(|y| column[y] = luminance[y * PIECE + x]);
                fourier.add_power(&column, &mut line);
            }
            add_plane(luminance, &fourier, &mut plane);
        }
        if count == 0 {
            return None;
        }
        let lines = (2 * PIECE * count) as f64;
        let decibels = line.iter().map(|power| decibels(power / lines)).collect();
        plane.iter_mut().for_each(|sum| *sum /= f64::from(count as u32));
        let weights: f64 = fourier.window().iter().map(|weight| f64::from(*weight)).sum();
        // What a wave of that amplitude has at its frequency: half of it, times the weights of both directions.
        let least = self::decibels((0.5 * DOTS * weights * weights).powi(2));
        Some(Spectrum { decibels, screen: peak(&plane, least) })
    }

    /// By how many decibels the power between two frequencies is below what the power before the first one leads to
    /// expect.
    pub(super) fn fall(&self, from: f64, to: f64) -> f64 {
        let bin = |frequency: f64| frequency * PIECE as f64;
        let (mut n, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for k in (bin(from) * 0.25).max(2.0) as usize..=(bin(from) * 0.8) as usize {
            let (x, y) = ((k as f64).ln(), self.decibels[k]);
            (n, sx, sy, sxx, sxy) = (n + 1.0, sx + x, sy + y, sxx + x * x, sxy + x * y);
        }
        let spread = n * sxx - sx * sx;
        let beyond = (bin(from) * 1.15).ceil() as usize..(bin(to) * 0.95) as usize + 1;
        if spread <= 0.0 || beyond.is_empty() {
            return 0.0;
        }
        // Power falls with frequency in every natural picture, hardly faster than by 12 dB an octave.
        let slope = ((n * sxy - sx * sy) / spread).clamp(-17.3, 0.0);
        let offset = (sy - slope * sx) / n;
        let count = beyond.len() as f64;
        beyond.map(|k| offset + slope * (k as f64).ln() - self.decibels[k]).sum::<f64>() / count
    }

    /// The power of middle frequencies relative to that of low ones, in decibels. Sharpening raises it.
    pub(super) fn middle(&self) -> f64 {
        let mean = |bins: std::ops::Range<usize>| {
            let count = bins.len() as f64;
            bins.map(|k| self.decibels[k]).sum::<f64>() / count
        };
        mean(10..16) - mean(3..6)
    }
}

fn decibels(power: f64) -> f64 {
    10.0 * (power + 1e-12).log10()
}

pub(super) fn deviation(values: &[f32]) -> f32 {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt()
}

/// Adds the power of a piece in decibels, at each pair of frequencies.
fn add_plane(luminance: &[f32], fourier: &Fourier, plane: &mut [f64]) {
    let mean = luminance.iter().sum::<f32>() / luminance.len() as f32;
    let window = fourier.window();
    let mut real: Vec<f32> =
        luminance.iter().enumerate().map(|(i, v)| (v - mean) * window[i % PIECE] * window[i / PIECE]).collect();
    let mut imaginary = vec![0.0; real.len()];
    for (r, i) in real.chunks_exact_mut(PIECE).zip(imaginary.chunks_exact_mut(PIECE)) {
        fourier.transform(r, i);
    }
    let (mut r, mut i) = (vec![0.0; PIECE], vec![0.0; PIECE]);
    for u in 0..PIECE {
        for v in 0..PIECE {
            (r[v], i[v]) = (real[v * PIECE + u], imaginary[v * PIECE + u]);
        }
        fourier.transform(&mut r, &mut i);
        for v in 0..PIECE {
            plane[v * PIECE + u] += decibels(f64::from(r[v] * r[v] + i[v] * i[v]));
        }
    }
}

/// The strongest peak of at least this power away from the axes, where edges of the picture and JPEG's blocks have their power.
fn peak(plane: &[f64], least: f64) -> (f64, f64) {
    let side = PIECE as i32;
    let at = |u: i32, v: i32| plane[(v.rem_euclid(side) * side + u.rem_euclid(side)) as usize];
    let mut found = (0.0, 0.0);
    for v in 3..=side / 2 {
        for u in -side / 2 + 1..=side / 2 {
            let radius = f64::from(u * u + v * v).sqrt();
            if u.abs() < 3 || radius < 7.0 || at(u, v) < least {
                continue;
            }
            let mut around: Vec<f64> = (-4..=4)
                .flat_map(|dv| (-4..=4).map(move |du: i32| (du, dv)))
                .filter(|(du, dv): &(i32, i32)| du.abs().max(dv.abs()) > 2)
                .map(|(du, dv)| at(u + du, v + dv))
                .collect();
            let middle = around.len() / 2;
            let (_, median, _) = around.select_nth_unstable_by(middle, f64::total_cmp);
            let above = at(u, v) - *median;
            if above > found.0 {
                found = (above, f64::from(side) / radius);
            }
        }
    }
    found
}
