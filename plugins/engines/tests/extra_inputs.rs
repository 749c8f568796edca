//! Every engine must pass extra inputs to the network by name, in any order.

use std::path::Path;

use enlarger::{Cancel, ErrorKind, Model, SessionOptions, Tensor, TensorMut};
use enlarger_engines::{Engines, LIBRARY_VARIABLE};

#[test]
fn extra_inputs_are_passed_by_name() {
    assert!(
        std::env::var_os(LIBRARY_VARIABLE).is_some(),
        "these tests need an ONNX Runtime: run scripts/test, which sets {LIBRARY_VARIABLE}"
    );
    let model = Model::from_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extra")).unwrap();
    let pixels: Vec<f32> = (0..3 * 2 * 5).map(|i| i as f32 / 32.0).collect();
    let expected: Vec<f32> = pixels.iter().map(|value| value + 0.5).collect();
    let pixels = Tensor { name: "pixels", shape: [1, 3, 2, 5], data: &pixels };
    let level = Tensor { name: "noise_level", shape: [1; 4], data: &[0.5] };
    for candidate in Engines::discover_in(None).candidates() {
        let session = candidate.engine.as_ref().unwrap().open(&model, &SessionOptions::default()).unwrap();
        let run = |inputs: &[Tensor<'_>]| {
            let mut made = vec![0.0; expected.len()];
            let output = TensorMut { name: "made", shape: [1, 3, 2, 5], data: &mut made };
            session.run(inputs, output, &Cancel::new()).map(|()| made)
        };
        assert_eq!(run(&[pixels, level]).unwrap(), expected, "{}", candidate.id);
        assert_eq!(run(&[level, pixels]).unwrap(), expected, "{}", candidate.id);
        let error = run(&[pixels]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument | ErrorKind::Inference), "{}: {error:?}", candidate.id);
    }
}
