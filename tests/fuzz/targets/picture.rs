//! Reads any bytes as a picture file, by every reader of the command. The result must be an error or a whole picture, never a
//! panic, and memory must stay within the limit.
#![no_main]

use std::io::Write;
use std::path::Path;

use enlarger_cli::read_picture;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The readers take files. This one has no name, so nothing is left behind.
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(data).expect("room for it");
    if let Err(error) = read_picture(file, Path::new("picture.tga"), 1 << 24) {
        assert!(!error.message().is_empty());
    }
});
