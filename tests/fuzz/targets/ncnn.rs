//! Converts any text and any weights as an ncnn network. The result must be an error or a readable ONNX file, never a panic.
#![no_main]

use enlarger_networks::ncnn::convert;
use enlarger_networks::onnx::Network;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A zero byte separates the text from the weights.
    let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (text, weights) = data.split_at(end);
    let Ok(text) = std::str::from_utf8(text) else { return };
    match convert(text, weights.get(1..).unwrap_or_default()) {
        Ok(file) => assert_eq!(Network::read(&file).unwrap().outputs.len(), 1),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
