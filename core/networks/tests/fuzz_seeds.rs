//! Checks the seeds of the fuzz targets: a fuzzer that starts from invalid files hardly gets past the first checks.

use enlarger_networks::ncnn::convert;
use enlarger_networks::onnx::Network;

const SEED: &[u8] = include_bytes!("../../../tests/fuzz/seeds/ncnn/every-layer");

#[test]
fn the_ncnn_seed_converts_to_the_onnx_seed() {
    let end = SEED.iter().position(|byte| *byte == 0).unwrap();
    let text = std::str::from_utf8(&SEED[..end]).unwrap();
    let file = convert(text, &SEED[end + 1..]).unwrap();
    let network = Network::read(&file).unwrap();
    let facts = network.judge().unwrap();
    assert_eq!(facts.whole.as_deref(), Some("GlobalAveragePool"));
    for kind in ["Conv", "ConvTranspose", "PRelu", "LeakyRelu", "Concat", "Slice", "Resize", "DepthToSpace"] {
        assert!(facts.operators.contains_key(kind), "{kind}");
    }
    // The ONNX target's seed is the converted ncnn seed.
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/seeds/network/every-layer.onnx");
    if std::env::var_os("ENLARGER_MAKE_SEED").is_some() {
        std::fs::write(seed, &file).unwrap();
    }
    assert!(
        std::fs::read(seed).unwrap() == file,
        "the conversion changed; run with ENLARGER_MAKE_SEED=1 to update {seed}"
    );
}
