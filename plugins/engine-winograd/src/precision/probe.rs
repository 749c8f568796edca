//! Finds the fastest arithmetic that is accurate enough for a network, by running small sample pictures.
//!
//! The fast arithmetics round, and how much of the rounding reaches the output depends on the network. So each candidate
//! is compared with exact arithmetic on pictures that are hard. A candidate that misses a bound must never be taken, and
//! nothing else may decide: not the network's name, not its size.

use enlarger::{Cancel, Difference, Manifest, Result, SamplePicture};

use crate::compiled_graph::CompiledGraph;
use crate::execute::loaded_graph::LoadedGraph;
use crate::kernels::quantised_input_transform::{GROUP, SMALL_GROUP};
use crate::kernels::simd::InstructionSet;
use crate::operations::arithmetic::Arithmetic;

use crate::execute::threads::Threads;

/// The greatest activation on the samples at which activations are stored as halves. Halves end at 65504.
const LARGEST_HALF: f32 = 65504.0 / 32.0;

/// F(6x6) of integers is not tried for networks with more convolutions than this: rounding adds up from layer to layer, and
/// none of them has ever passed.
const MAX_CONVOLUTIONS_FOR_F6: usize = 40;

/// The side of a sample in pixels. Smaller where an emulator runs the tests, as their other pictures.
fn side() -> u32 {
    if cfg!(test) && std::env::var_os("ENLARGER_EMULATED").is_some() { 24 } else { 48 }
}

/// A network whose arithmetic is to be found.
pub(crate) struct Probe<'a> {
    pub(crate) compiled: &'a CompiledGraph,
    pub(crate) manifest: &'a Manifest,
    pub(crate) isa: InstructionSet,
    pub(crate) threads: &'a Threads,
}

impl Probe<'_> {
    /// Loads the network in the fastest arithmetic that is accurate enough.
    pub(crate) fn load(&self) -> Result<LoadedGraph> {
        let exact = self.load_in(Arithmetic::EXACT)?;
        // Without 3×3 convolutions, no arithmetic is faster.
        if self.compiled.convolutions() == 0 {
            return Ok(exact);
        }
        let (mut expected, mut largest) = (Vec::new(), 0.0);
        for picture in SamplePicture::ALL {
            expected.push(self.run_sample(&exact, picture, &mut largest)?);
        }
        let (convolutions, halves) = (self.compiled.convolutions(), fits_into_halves(largest));
        let candidates = if self.isa.integers_are_faster() {
            integers(convolutions, self.compiled.convolutions_before_enlarging(), halves)
        } else {
            floats(convolutions, halves)
        };
        for arithmetic in candidates {
            let loaded = self.load_in(arithmetic)?;
            if self.is_accurate(&loaded, &expected)? {
                return Ok(loaded);
            }
        }
        Ok(exact)
    }

    fn load_in(&self, arithmetic: Arithmetic) -> Result<LoadedGraph> {
        LoadedGraph::new(self.compiled, self.isa, arithmetic, self.threads)
    }

    fn is_accurate(&self, loaded: &LoadedGraph, expected: &[Vec<f32>]) -> Result<bool> {
        for (picture, expected) in SamplePicture::ALL.into_iter().zip(expected) {
            let made = self.run_sample(loaded, picture, &mut 0.0)?;
            if !Difference::between(&made, expected).is_nearly_nothing() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The network's output for a sample. Raises `largest` to the largest activation.
    fn run_sample(&self, loaded: &LoadedGraph, picture: SamplePicture, largest: &mut f32) -> Result<Vec<f32>> {
        picture.enlarge(self.manifest, side(), |inputs, output| {
            *largest = largest.max(loaded.execute_tile_watched(self.threads, inputs, output, &Cancel::new())?);
            Ok(())
        })
    }
}

/// Whether activations may be stored as halves. One that is not a number fits into nothing.
fn fits_into_halves(largest_activation: f32) -> bool {
    largest_activation <= LARGEST_HALF
}

/// The fast arithmetics to try where an instruction multiplies as many floats as integers, fastest first. Floats round so
/// little that all convolutions of any network can take F(6x6).
fn floats(convolutions: usize, halves: bool) -> Vec<Arithmetic> {
    let floats = Arithmetic { float_layers: [0, convolutions], f6_layers: convolutions, group: GROUP, halves };
    let mut candidates = vec![floats, Arithmetic { halves: false, ..floats }];
    candidates.dedup();
    candidates
}

/// The fast arithmetics to try where integers are faster, fastest first. `before_enlarging` of the convolutions come before
/// the network enlarges.
fn integers(convolutions: usize, before_enlarging: usize, halves: bool) -> Vec<Arithmetic> {
    let integers = Arithmetic { float_layers: [0; 2], f6_layers: 0, group: GROUP, halves };
    let mut candidates = Vec::new();
    if convolutions <= MAX_CONVOLUTIONS_FOR_F6 {
        let forms = [(4, GROUP), (4, SMALL_GROUP), (3, GROUP), (3, SMALL_GROUP), (2, GROUP), (1, GROUP)];
        candidates.extend(forms.map(|(quarters, group)| Arithmetic {
            f6_layers: convolutions * quarters / 4,
            group,
            ..integers
        }));
    }
    candidates.push(integers);
    candidates.push(Arithmetic { halves: false, ..integers });
    // Some convolutions in floats: the first ones, whose rounding grows on its way through networks that multiply values
    // with one another; or the last ones before the network enlarges. All convolutions round alike, and those on enlarged
    // feature maps cost the most.
    for part in [4, 2] {
        let count = convolutions / part;
        for float_layers in
            [[0, count.min(before_enlarging)], [before_enlarging.saturating_sub(count), before_enlarging]]
        {
            candidates.push(Arithmetic { float_layers, halves: false, ..integers });
        }
    }
    candidates.dedup();
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_activations_are_not_stored_as_halves() {
        assert!(fits_into_halves(171.0) && !fits_into_halves(3000.0) && !fits_into_halves(f32::NAN));
        for candidates in [integers, |convolutions, _, halves| floats(convolutions, halves)] {
            assert!(candidates(20, 20, true)[0].halves);
            assert!(candidates(20, 20, false).iter().all(|arithmetic| !arithmetic.halves));
        }
    }
}
