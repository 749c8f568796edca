//! Real ONNX networks of a node or two, written by hand. They run on every engine and cost next to nothing.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::toy::toy_manifest;

/// Puts the model `nearest` into a folder of its own inside `models`, which a registry then finds: nearest neighbour.
pub fn install_nearest(models: &Path, scale: u32) {
    install(models, "nearest", scale, &network(scale, None));
}

/// Puts the model `black` beside it: the same, and every value by 0, as a broken driver would.
pub fn install_black(models: &Path, scale: u32) {
    install(models, "black", scale, &network(scale, Some(0.0)));
}

fn install(models: &Path, id: &str, scale: u32, network: &[u8]) {
    let manifest = manifest_of(id, scale, network);
    let folder = models.join(id);
    fs::create_dir_all(&folder).expect("a folder for the model");
    fs::write(folder.join("manifest.toml"), manifest).expect("a manifest");
    fs::write(folder.join("model.onnx"), network).expect("a network");
}

/// A toy's manifest with this id, for this file.
pub(crate) fn manifest_of(id: &str, scale: u32, network: &[u8]) -> String {
    let sha256: String = Sha256::digest(network).iter().map(|b| format!("{b:02x}")).collect();
    let line = |line: &str| match line.split(" = ").next() {
        Some("id") => format!("id = \"{id}\"\n"),
        Some("size") => format!("size = {}\n", network.len()),
        Some("sha256") => format!("sha256 = \"{sha256}\"\n"),
        _ => format!("{line}\n"),
    };
    toy_manifest(scale, 0).lines().map(line).collect()
}

/// The network: `in` to `out` by a Resize node, and a Mul node if there is a gain. Field numbers are those of the ONNX
/// format (onnx.proto, IR 7).
fn network(scale: u32, gain: Option<f32>) -> Vec<u8> {
    let attribute = |name: &str, value: &str| [text(1, name), text(4, value), number(20, 3)].concat();
    let resized = if gain.is_some() { "resized" } else { "out" };
    let resize = [
        text(1, "in"),
        text(1, ""),
        text(1, "scales"),
        text(2, resized),
        text(4, "Resize"),
        field(5, &attribute("mode", "nearest")),
        field(5, &attribute("coordinate_transformation_mode", "asymmetric")),
        field(5, &attribute("nearest_mode", "floor")),
    ]
    .concat();
    let scales = [1.0, 1.0, scale as f32, scale as f32];
    let mut nodes = field(1, &resize);
    let mut tensors = field(5, &tensor("scales", &scales));
    if let Some(gain) = gain {
        nodes.extend(field(1, &[text(1, resized), text(1, "gain"), text(2, "out"), text(4, "Mul")].concat()));
        tensors.extend(field(5, &tensor("gain", &[gain])));
    }
    let value = |name: &str, sides: [&str; 2]| {
        let dims = [number(1, 1), number(1, 3), text(2, sides[0]), text(2, sides[1])];
        let shape: Vec<u8> = dims.iter().flat_map(|dim| field(1, dim)).collect();
        let kind = field(1, &[number(1, 1), field(2, &shape)].concat());
        [text(1, name), field(2, &kind)].concat()
    };
    let graph = [
        nodes,
        text(2, "toy"),
        tensors,
        field(11, &value("in", ["height", "width"])),
        field(12, &value("out", ["tall", "wide"])),
    ]
    .concat();
    [number(1, 7), field(7, &graph), field(8, &[text(1, ""), number(2, 13)].concat())].concat()
}

/// A vector of f32 with a name.
fn tensor(name: &str, values: &[f32]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    [number(1, values.len() as u64), number(2, 1), text(8, name), field(9, &bytes)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn field(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn text(number: u64, text: &str) -> Vec<u8> {
    field(number, text.as_bytes())
}
