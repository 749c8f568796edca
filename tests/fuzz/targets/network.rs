//! Reads any bytes as an ONNX file. The result must be an error or a description of the network, never a panic, and memory
//! must stay in proportion to the file.
#![no_main]

use enlarger_networks::onnx::{Network, Wrapping, adapted, inline, widened, wrap};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(network) = Network::read(data) else { return };
    for tensor in &network.tensors {
        let values = tensor.floats().map(|values| values.len()).or(tensor.integers().map(|values| values.len()));
        assert!(values.is_none_or(|values| Some(values as u64) == tensor.values()));
    }
    if let Err(error) = network.judge() {
        assert!(!error.to_string().is_empty());
    }
    let _ = inline(data, "/none".as_ref());
    // Converted networks can be read, and converting them again changes nothing.
    if let Ok(wide) = widened(data) {
        assert!(widened(&wide).is_ok_and(|again| matches!(again, std::borrow::Cow::Borrowed(_))));
        if let Ok(made) = adapted(&wide) {
            assert!(Network::read(&made).is_ok());
        }
    }
    let wrapping = Wrapping {
        pad: 3,
        planes: vec![0.5],
        noise_level: true,
        gain: Some(2.0),
        add_nearest: 2,
        ..Wrapping::default()
    };
    if let Ok(wrapped) = wrap(data, &wrapping) {
        // What is written can be read again.
        assert_eq!(Network::read(&wrapped).unwrap().inputs.len(), 2);
    }
});
