//! Reads any text as a manifest. The result must be an error or a valid manifest, never a panic.
#![no_main]

use enlarger::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Manifest::parse(text) {
        Ok((manifest, _)) => {
            assert!((1..=16).contains(&manifest.scale));
            assert!(!manifest.file.name.contains('/'));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
