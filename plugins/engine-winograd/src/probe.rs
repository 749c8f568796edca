//! Which arithmetic a network can take: tried on small pictures when it is opened for the first time.
//!
//! The fast kinds round, and how much of that arrives at the output depends on the network. So each is compared with the
//! exact one on what is hard. One that misses must never be taken, and there is no other judge: not the network's name, not
//! its size.

use enlarger::{Cancel, Manifest, Result, Tensor, TensorMut};

use crate::kernels::isa::Isa;
use crate::kernels::quantise::{GROUP, SMALL_GROUP};
use crate::loaded::{Arithmetic, Loaded};
use crate::plan::Plan;
use crate::samples::{Painter, SAMPLES};
use crate::threads::Threads;

/// What is asked of a fast kind on every sample. Promised are 65 dB and 4/255 on any photo, print or line art; a person's
/// pictures are others than the samples, and larger, so more is asked here.
///
/// Two decibels: noise of rounding grows with contrast, so the samples have as much of it as there can be, and no network
/// and arithmetic that was tried was more than 0.9 dB worse on the fixed set of `tests/tests/precision.rs` than on these. A
/// quarter less at most: the greatest of many differences grows with their number, but slowly (for normal ones by a quarter
/// from the 110 000 of a sample to the 50 million of a megapixel enlarged).
const LEAST: f64 = 65.0 + 2.0;
const GREATEST: f64 = 0.75 * 4.0 / 255.0;

/// Halves end at 65504; activations of the samples must stay this far below.
const LARGEST_HALF: f32 = 65504.0 / 32.0;

/// Rounding adds up from layer to layer: with more convolutions than this F(6x6) has never passed, so it is not tried.
const MOST_FOR_F6: usize = 40;

/// The side of a sample.
const SIDE: u32 = 48;

/// A network to try.
pub(crate) struct Probe<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) manifest: &'a Manifest,
    pub(crate) isa: Isa,
    pub(crate) threads: &'a Threads,
}

impl Probe<'_> {
    /// The network in the fastest arithmetic that is right.
    pub(crate) fn load(&self) -> Result<Loaded> {
        let exact = self.loaded(Arithmetic::EXACT)?;
        // Where nothing is multiplied nothing can be faster.
        if self.plan.convolutions() == 0 {
            return Ok(exact);
        }
        let (mut expected, mut largest) = (Vec::new(), 0.0);
        for paint in SAMPLES {
            expected.push(self.run(&exact, paint, &mut largest)?);
        }
        for arithmetic in candidates(self.plan.convolutions(), self.plan.small_convolutions(), largest) {
            let loaded = self.loaded(arithmetic)?;
            if self.is_right(&loaded, &expected)? {
                return Ok(loaded);
            }
        }
        Ok(exact)
    }

    fn loaded(&self, arithmetic: Arithmetic) -> Result<Loaded> {
        Loaded::new(self.plan, self.isa, arithmetic, self.threads)
    }

    fn is_right(&self, loaded: &Loaded, expected: &[Vec<f32>]) -> Result<bool> {
        for (paint, expected) in SAMPLES.into_iter().zip(expected) {
            let (decibels, greatest) = compare(&self.run(loaded, paint, &mut 0.0)?, expected);
            if decibels < LEAST || greatest > GREATEST {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What a network makes of a sample, black as 0 and white as 1. Its largest activation is added to `largest`.
    fn run(&self, loaded: &Loaded, paint: Painter, largest: &mut f32) -> Result<Vec<f32>> {
        let manifest = self.manifest;
        let side = SIDE.max(manifest.input.minimum).next_multiple_of(manifest.input.multiple) as usize;
        let [black, white] = manifest.input.range;
        let made = side * manifest.scale as usize;
        let pixel = |i: usize| black + (white - black) * paint(i / side % side, i % side, i / (side * side));
        let data: Vec<f32> = (0..3 * side * side).map(pixel).collect();
        let mut inputs = vec![Tensor { name: &manifest.input.name, shape: [1, 3, side, side], data: &data }];
        for extra in &manifest.extra {
            inputs.push(Tensor { name: &extra.name, shape: [1; 4], data: std::slice::from_ref(&extra.default) });
        }
        let mut output = vec![0.0; 3 * made * made];
        let to = TensorMut { name: &manifest.output.name, shape: [1, 3, made, made], data: &mut output };
        *largest = largest.max(loaded.run_watched(self.threads, &inputs, to, &Cancel::new())?);
        // What is beyond black and white does not count.
        output.iter_mut().for_each(|value| *value = ((*value - black) / (white - black)).clamp(0.0, 1.0));
        Ok(output)
    }
}

/// The fast kinds to try, fastest first. `small` convolutions come before the network enlarges anything.
fn candidates(convolutions: usize, small: usize, largest: f32) -> Vec<Arithmetic> {
    let halves = largest <= LARGEST_HALF;
    let all = Arithmetic { floats: [0; 2], large: 0, group: GROUP, halves };
    let mut candidates = Vec::new();
    if convolutions <= MOST_FOR_F6 {
        let forms = [(4, GROUP), (4, SMALL_GROUP), (3, GROUP), (3, SMALL_GROUP), (2, GROUP), (1, GROUP)];
        candidates.extend(forms.map(|(quarters, group)| Arithmetic {
            large: convolutions * quarters / 4,
            group,
            ..all
        }));
    }
    candidates.push(all);
    candidates.push(Arithmetic { halves: false, ..all });
    // The last of the small ones in floats: all of them round alike, and those on enlarged pictures cost the most.
    for part in [4, 2] {
        let floats = [small.saturating_sub(convolutions / part), small];
        candidates.push(Arithmetic { floats, halves: false, ..all });
    }
    candidates.dedup();
    candidates
}

/// The signal-to-noise ratio of a picture, and the greatest difference. What is no number is infinitely wrong.
fn compare(made: &[f32], expected: &[f32]) -> (f64, f64) {
    let (mut squares, mut greatest) = (0.0, 0.0f64);
    for (a, b) in made.iter().zip(expected) {
        let difference = f64::from(a - b).abs();
        let difference = if difference.is_nan() { f64::INFINITY } else { difference };
        squares += difference * difference;
        greatest = greatest.max(difference);
    }
    (-10.0 * (squares / expected.len() as f64).log10(), greatest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_measured() {
        let zero = [0.0; 4];
        assert_eq!(compare(&zero, &zero), (f64::INFINITY, 0.0));
        let (decibels, greatest) = compare(&[0.5, 0.0, 0.0, 0.0], &zero);
        assert!((decibels - 12.04).abs() < 0.01 && greatest == 0.5);
        assert_eq!(compare(&[f32::NAN, 0.0, 0.0, 0.0], &zero), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn large_activations_are_not_stored_as_halves() {
        assert!(candidates(20, 20, 171.0)[0].halves);
        assert!(candidates(20, 20, 3000.0).iter().all(|arithmetic| !arithmetic.halves));
        assert!(candidates(20, 20, f32::NAN).iter().all(|arithmetic| !arithmetic.halves));
    }
}
