//! A real ONNX network of one node: nearest neighbour. Runs on every engine, costs next to nothing.

use std::fs;
use std::path::Path;

use enlarger_networks::onnx::{Builder, Setting, Side};
use sha2::{Digest, Sha256};

use crate::toy::toy_manifest;

/// A toy's manifest with the size and the SHA-256 of this network.
pub fn manifest_of(network: &[u8], manifest: &str) -> String {
    let sha256: String = Sha256::digest(network).iter().map(|b| format!("{b:02x}")).collect();
    manifest
        .lines()
        .map(|line| match line.split(" = ").next() {
            Some("size") => format!("size = {}\n", network.len()),
            Some("sha256") => format!("sha256 = \"{sha256}\"\n"),
            _ => format!("{line}\n"),
        })
        .collect()
}

/// Puts the model `nearest` into a folder of its own inside `models`, which a registry then finds.
pub fn install_nearest(models: &Path, scale: u32) {
    let network = nearest(scale);
    let manifest = manifest_of(&network, &toy_manifest(scale, 0).replace("id = \"toy\"", "id = \"nearest\""));
    let folder = models.join("nearest");
    fs::create_dir_all(&folder).expect("a folder for the model");
    fs::write(folder.join("manifest.toml"), manifest).expect("a manifest");
    fs::write(folder.join("model.onnx"), network).expect("a network");
}

/// The network: `in` to `out` by a Resize node.
fn nearest(scale: u32) -> Vec<u8> {
    let sides = [Side::Fixed(1), Side::Fixed(3), Side::Open, Side::Open];
    let mut builder = Builder::new();
    builder.input("in", &sides);
    builder.output("out", &sides);
    let factors = builder.constant(&[4], &[1.0, 1.0, scale as f32, scale as f32]);
    let settings = [
        ("mode", Setting::Text("nearest")),
        ("coordinate_transformation_mode", Setting::Text("asymmetric")),
        ("nearest_mode", Setting::Text("floor")),
    ];
    builder.node("Resize", &["in", "", &factors], "out", &settings);
    builder.finish()
}
