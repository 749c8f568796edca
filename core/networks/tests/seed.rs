//! The seeds of the fuzz targets are sound: from nonsense a fuzzer hardly finds its way into a format.

use enlarger_networks::ncnn::convert;
use enlarger_networks::onnx::Network;

const SEED: &[u8] = include_bytes!("../../../tests/fuzz/seeds/ncnn/every-layer");

#[test]
fn every_layer_is_converted() {
    let end = SEED.iter().position(|byte| *byte == 0).unwrap();
    let text = std::str::from_utf8(&SEED[..end]).unwrap();
    let file = convert(text, &SEED[end + 1..]).unwrap();
    let network = Network::read(&file).unwrap();
    let facts = network.facts().unwrap();
    assert_eq!(facts.whole.as_deref(), Some("GlobalAveragePool"));
    for kind in ["Conv", "ConvTranspose", "PRelu", "LeakyRelu", "Concat", "Slice", "Resize", "DepthToSpace"] {
        assert!(facts.operators.contains_key(kind), "{kind}");
    }
    // The seed of the other target is what this one makes.
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/seeds/network/every-layer.onnx");
    if std::env::var_os("ENLARGER_MAKE_SEED").is_some() {
        std::fs::write(seed, &file).unwrap();
    }
    assert!(std::fs::read(seed).unwrap() == file, "it changed; ENLARGER_MAKE_SEED=1 makes it again");
}
