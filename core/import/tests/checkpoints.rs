//! The golden checkpoints in `tests/checkpoints`: each becomes a network that computes what PyTorch computes, on every engine that
//! can run it.

use std::fs;
use std::path::{Path, PathBuf};

use enlarger::{Cancel, Model, Precision, SessionOptions, Tensor, TensorMut};
use enlarger_engines::Engines;
use enlarger_import::{Known, LoadedNetwork, ManifestDraft, load_network};
use enlarger_networks::onnx::{NOISE_INPUT, Network};
use serde::Deserialize;

/// The largest difference to PyTorch, where the output is from 0 to 1 or smaller. The difference of a larger output is relative.
const DIFFERENCE: f32 = 1e-4;

/// The samples of an output that a golden file has, at least.
const SAMPLES: usize = 4096;

#[derive(Deserialize)]
struct Golden {
    file: String,
    architecture: String,
    scale: u32,
    input: [usize; 3],
    output: [usize; 3],
    engines: Vec<String>,
}

/// The picture of `tests/checkpoints/make.py`.
fn picture(samples: usize) -> Vec<f32> {
    let hash = |at: usize| {
        let mut x = at as u32;
        for _ in 0..2 {
            x = ((x >> 16) ^ x).wrapping_mul(0x045d_9f3b);
        }
        ((x >> 16) ^ x) as f32 / 2f32.powi(32)
    };
    (0..samples).map(hash).collect()
}

/// The picture with three channels, as the pipeline gives it.
fn colour(picture: &[f32], channels: usize) -> Vec<f32> {
    match channels {
        1 => picture.repeat(3),
        3 => picture.to_vec(),
        // The pipeline enlarges alpha itself and gives the network an opaque picture, so such a golden has one.
        _ => picture[..picture.len() / channels * 3].to_vec(),
    }
}

fn model(given: &LoadedNetwork, known: &Known) -> Model {
    let facts = Network::read(&given.network).unwrap().judge().unwrap();
    let draft = ManifestDraft {
        scale: known.scale,
        input: facts.input,
        output: facts.output,
        minimum: known.minimum,
        multiple: known.multiple,
        size: facts.size,
        noise_level: known.noise_level,
        ..ManifestDraft::of(&given.network)
    };
    let draft = ManifestDraft {
        description: enlarger_import::Description { id: "golden".into(), ..draft.description },
        ..draft
    };
    Model::from_bytes(&draft.text(), given.network.clone()).unwrap()
}

fn check(golden: &Path) -> Result<(), String> {
    let folder = golden.parent().unwrap();
    let golden: Golden = toml::from_str(&fs::read_to_string(golden).unwrap()).unwrap();
    let given = load_network(&folder.join(&golden.file)).map_err(|error| error.to_string())?;
    let known = given.known.clone().unwrap();
    assert_eq!(
        (known.architecture.as_str(), known.scale),
        (golden.architecture.as_str(), golden.scale),
        "{}",
        golden.file
    );
    let expected: Vec<f32> = fs::read(folder.join(&golden.file).with_extension("f32"))
        .unwrap()
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    let largest = expected.iter().fold(1f32, |most, value| most.max(value.abs()));

    let [channels, height, width] = golden.input;
    let input = colour(&picture(channels * height * width), channels);
    let model = model(&given, &known);
    let level = known.noise_level.map_or(0.0, |[_, _, usual]| usual);
    let engines = Engines::discover();
    let mut problems = Vec::new();
    for engine in &golden.engines {
        let mut options = SessionOptions::default();
        options.precision = Precision::Exact;
        let run = || -> enlarger::Result<Vec<f32>> {
            let session = engines.open(Some(engine), &model, &options)?.session()?.clone();
            let manifest = model.manifest();
            let mut inputs = vec![Tensor { name: &manifest.input.name, shape: [1, 3, height, width], data: &input }];
            if known.noise_level.is_some() {
                inputs.push(Tensor { name: NOISE_INPUT, shape: [1; 4], data: std::slice::from_ref(&level) });
            }
            let [_, tall, wide] = golden.output;
            let mut made = vec![0.0; 3 * tall * wide];
            let output = TensorMut { name: &manifest.output.name, shape: [1, 3, tall, wide], data: &mut made };
            session.run(&inputs, output, &Cancel::new())?;
            // The first channel of a gray network's result is its result.
            made.truncate(golden.output[0].min(3) * tall * wide);
            Ok(made)
        };
        let made = match run() {
            Ok(made) => made,
            Err(error) => {
                problems.push(format!("{} on {engine}: {error}", golden.file));
                continue;
            }
        };
        let step = (golden.output.iter().product::<usize>() / SAMPLES) | 1;
        let compared = made.iter().step_by(step).zip(&expected);
        let worst = compared
            .map(|(a, b)| (a - b).abs())
            .fold(0f32, |worst, off| if off.is_nan() { f32::INFINITY } else { worst.max(off) });
        assert!(made.iter().step_by(step).count() <= expected.len(), "{}", golden.file);
        if worst > DIFFERENCE * largest {
            problems.push(format!("{} on {engine}: {worst} off, of {largest}", golden.file));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// All golden checkpoints, or those whose names contain the variable GOLDEN.
fn goldens() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/checkpoints");
    let only = std::env::var("GOLDEN").unwrap_or_default();
    let mut goldens: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    goldens.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    goldens.retain(|path| path.file_stem().unwrap().to_string_lossy().contains(&only));
    goldens.sort();
    goldens
}

#[test]
fn networks_of_checkpoints_compute_what_pytorch_computes() {
    let goldens = goldens();
    assert!(!goldens.is_empty());
    let problems: Vec<String> = goldens.iter().filter_map(|golden| check(golden).err()).collect();
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), goldens.len(), problems.join("\n"));
}
