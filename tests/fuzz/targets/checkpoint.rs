//! Reads any bytes as a checkpoint. The result must be an error with a message or tensors that lie in the file, never a panic, and
//! memory must stay in proportion to the file.
#![no_main]

use enlarger_networks::checkpoints::{Checkpoint, is_checkpoint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let recognised = is_checkpoint(data);
    match Checkpoint::read(data) {
        Ok(checkpoint) => {
            assert!(recognised && !checkpoint.tensors.is_empty());
            for (name, tensor) in &checkpoint.tensors {
                match tensor.floats() {
                    Ok(floats) => assert_eq!(floats.len(), tensor.values(), "{name}"),
                    Err(error) => assert!(!error.to_string().is_empty()),
                }
            }
        }
        Err(error) => assert!(error.to_string().contains(';')),
    }
});
