//! Real ONNX networks of one or two nodes, which run on every engine in almost no time.

use std::fs;
use std::path::Path;

use enlarger::Model;
use enlarger_networks::onnx::{Builder, Dimension, Setting};
use sha2::{Digest, Sha256};

use crate::toy::toy_manifest;

/// A model of this network with the manifest of a toy.
pub fn model_of(network: Vec<u8>, manifest: &str) -> Model {
    Model::from_bytes(&described(&network, manifest), network).expect("a manifest")
}

/// Installs the model `nearest`, which is nearest neighbour, into the folder `models` of a registry.
pub fn install_nearest(models: &Path, scale: u32) {
    install(models, "nearest", scale, &network(scale, None));
}

/// Installs the model `black`, which multiplies every value by 0, as a broken driver might.
pub fn install_black(models: &Path, scale: u32) {
    install(models, "black", scale, &network(scale, Some(0.0)));
}

fn install(models: &Path, id: &str, scale: u32, network: &[u8]) {
    let folder = models.join(id);
    fs::create_dir_all(&folder).expect("a folder for the model");
    fs::write(folder.join("manifest.toml"), manifest_of(id, scale, network)).expect("a manifest");
    fs::write(folder.join("model.onnx"), network).expect("a network");
}

/// The manifest of a toy with this id, for this network.
pub(crate) fn manifest_of(id: &str, scale: u32, network: &[u8]) -> String {
    described(network, &toy_manifest(scale, 0).replace("id = \"toy\"", &format!("id = \"{id}\"")))
}

/// A manifest with the size and the SHA-256 of this network.
fn described(network: &[u8], manifest: &str) -> String {
    let sha256: String = Sha256::digest(network).iter().map(|b| format!("{b:02x}")).collect();
    let line = |line: &str| match line.split(" = ").next() {
        Some("size") => format!("size = {}\n", network.len()),
        Some("sha256") => format!("sha256 = \"{sha256}\"\n"),
        _ => format!("{line}\n"),
    };
    manifest.lines().map(line).collect()
}

/// A network from `in` to `out`: a Resize node, and a Mul node if there is a gain.
fn network(scale: u32, gain: Option<f32>) -> Vec<u8> {
    let sides = [Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];
    let mut builder = Builder::new();
    builder.input("in", &sides);
    builder.output("out", &sides);
    let factors = builder.constant(&[4], &[1.0, 1.0, scale as f32, scale as f32]);
    let settings = [
        ("mode", Setting::Text("nearest")),
        ("coordinate_transformation_mode", Setting::Text("asymmetric")),
        ("nearest_mode", Setting::Text("floor")),
    ];
    let resized = if gain.is_some() { "resized" } else { "out" };
    builder.node("Resize", &["in", "", &factors], resized, &settings);
    if let Some(gain) = gain {
        let gain = builder.constant(&[1], &[gain]);
        builder.node("Mul", &[resized, &gain], "out", &[]);
    }
    builder.finish()
}
