//! Networks of every family that our own engine runs. `tests/oracle/networks.py` downloads and describes the real ones, and
//! `random_networks.py` makes those that cannot be downloaded, with random weights.

use std::fs;
use std::path::{Path, PathBuf};

use enlarger::{Model, Origin};

use crate::default_model;
use crate::onnx::manifest_of;
use crate::picture::data_folder;

/// File, scale, and the number that sides must be multiples of.
const OTHERS: [(&str, u32, u32); 10] = [
    ("compact-16", 4, 1),
    ("rrdb-6", 4, 1),
    ("rrdb-23", 4, 1),
    ("srmd", 4, 1),
    ("srmd-noise-free", 2, 1),
    ("cunet-denoise", 1, 4),
    ("cunet", 2, 2),
    ("upconv-photo", 2, 1),
    ("span", 4, 1),
    ("rrdb-unshuffled", 2, 2),
];

/// One of each family, the embedded one first.
pub fn networks() -> Vec<Model> {
    let others = OTHERS.map(|(name, scale, multiple)| model_of(&path(name), scale, multiple));
    [default_model()].into_iter().chain(others).collect()
}

/// The file of one of these models.
pub fn file_of(model: &Model) -> PathBuf {
    match model.origin() {
        Origin::Embedded => data_folder().join("../../core/models").join(model.id()).join("model.onnx"),
        _ => path(model.id()),
    }
}

fn path(name: &str) -> PathBuf {
    let folder = std::env::var_os("ENLARGER_TEST_NETWORKS")
        .expect("a folder with the networks of tests/oracle/networks.py; run the tests with scripts/test");
    PathBuf::from(folder).join(name).with_extension("onnx")
}

/// A model of a network's file that has an input `input` and an output `output`, as those of super-resolution have, and
/// wants sides that are multiples of `multiple`.
fn model_of(path: &Path, scale: u32, multiple: u32) -> Model {
    let network = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let named = |line: &str| match line {
        "name = \"in\"" => "name = \"input\"\n".to_owned(),
        "name = \"out\"" => "name = \"output\"\n".to_owned(),
        "multiple = 1" => format!("multiple = {multiple}\n"),
        line => format!("{line}\n"),
    };
    let id: String = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let manifest: String = manifest_of(&id, scale, &network).lines().map(named).collect();
    Model::from_bytes(&manifest, network).expect("a manifest")
}
