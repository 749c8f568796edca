//! Reads any bytes as what a host sends to a worker: frames, and the arguments of calls. It must end at the first byte that is wrong, and
//! take no memory for what only a number claims.
#![no_main]

use enlarger_capi::read_frames;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A frame has at least a head.
    assert!(read_frames(data) <= data.len() / 13);
});
