//! What the probe of precision finds for networks that multiply values with one another: nothing that breaks the promise.

use enlarger::{DEFAULT_MODEL as DEFAULT_ID, Registry};

use enlarger_compiler_testing::strong_span;

use super::*;
use crate::execute::loaded_graph::LoadedGraph;
use crate::precision::probe::Probe;

/// The height and width of the picture.
fn size() -> (usize, usize) {
    unless_emulated((60, 64), (30, 32))
}

/// Stripes and squares of several widths, in strong colours. None of the probe's samples.
fn stripes() -> Vec<f32> {
    let (height, width) = size();
    let planes = (0..3).flat_map(|channel| (0..height * width).map(move |i| (channel, i / width, i % width)));
    let sample = |(channel, y, x): (usize, usize, usize)| {
        let dark = (x / (1 + y / 12)).is_multiple_of(2) != (y / 3).is_multiple_of(3);
        if dark { [0.05, 0.2, 0.4][channel] } else { [1.0, 0.9, 0.95][channel] }
    };
    planes.map(sample).collect()
}

fn run(loaded: &LoadedGraph, output: &str, threads: &Threads) -> Vec<f32> {
    let (data, (height, width)) = (stripes(), size());
    let inputs = [Tensor { name: "in", shape: [1, 3, height, width], data: &data }];
    let mut result = vec![f32::NAN; 4 * data.len()];
    let to = TensorMut { name: output, shape: [1, 3, 2 * height, 2 * width], data: &mut result };
    loaded.execute_tile(threads, &inputs, to, &Cancel::new()).unwrap();
    result
}

/// The signal-to-noise ratio in dB, and the greatest difference in 1/255, of what is visible.
fn difference(a: &[f32], b: &[f32]) -> (f64, f64) {
    let pairs = a.iter().zip(b).map(|(a, b)| f64::from(a.clamp(0.0, 1.0) - b.clamp(0.0, 1.0)).abs());
    let squares: f64 = pairs.clone().map(|difference| difference * difference).sum();
    (-10.0 * (squares / a.len() as f64).log10(), 255.0 * pairs.fold(0.0, f64::max))
}

/// Where integers are faster, tame networks multiply them; for wild ones, whose errors grow, the probe takes floats. What it
/// takes keeps the promise on a picture that it has not seen.
#[test]
fn the_probe_keeps_the_promise_for_products_of_values() {
    let (isa, threads) = (InstructionSet::best(), Threads::new(1).unwrap());
    let mut found = Vec::new();
    for (blocks, gain) in [(4, 0.7), (4, 1.2), (4, 2.0), (4, 6.0), (9, 2.0)] {
        let network = strong_span(32, blocks, false, gain);
        let (mut builder, raw) = (network.builder, network.output);
        let plain =
            LoadedGraph::new(&compile(&builder.graph, &raw).unwrap(), isa, Arithmetic::EXACT, &threads).unwrap();
        let values = run(&plain, &raw, &threads);
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt();
        // The range of a picture.
        let factor = builder.constant(&[], ConstantData::Floats(vec![0.2 / deviation]));
        let summand = builder.constant(&[], ConstantData::Floats(vec![0.5 - mean * 0.2 / deviation]));
        let scaled = builder.node("Mul", &[&raw, &factor], &[]);
        let output = builder.node("Add", &[&scaled, &summand], &[]);

        let compiled = compile(&builder.graph, &output).unwrap();
        let mut manifest = Registry::search(&[]).find(DEFAULT_ID).unwrap().manifest().clone();
        (manifest.input.name, manifest.output.name, manifest.scale) = ("in".to_owned(), output.clone(), 2);
        let probe = Probe { compiled: &compiled, manifest: &manifest, isa, threads: &threads };
        let taken = probe.load().unwrap();
        let exact = LoadedGraph::new(&compiled, isa, Arithmetic::EXACT, &threads).unwrap();
        let (decibels, greatest) = difference(&run(&taken, &output, &threads), &run(&exact, &output, &threads));
        println!("{blocks} blocks, gain {gain}: {:?}, {decibels:.1} dB, {greatest:.2}/255", taken.arithmetic());
        assert!(decibels >= 65.0 && greatest <= 4.0, "{blocks} blocks, gain {gain}: {decibels} dB, {greatest}/255");
        found.push(taken.arithmetic());
    }
    let integers = |arithmetic: &Arithmetic| arithmetic.float_layers == [0; 2] && arithmetic.halves;
    if isa.integers_are_faster() {
        assert!(integers(&found[0]) && !integers(&found[4]), "the tamest and the wildest are told apart: {found:?}");
    } else {
        assert!(found.iter().all(|arithmetic| arithmetic.f6_layers > 0), "floats round little: {found:?}");
    }
}
