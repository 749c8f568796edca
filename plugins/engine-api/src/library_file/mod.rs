//! Checks that a file is a complete shared library for this machine.
//!
//! The system's loader maps the parts of the file that the library's header lists; if the file is truncated, reading them kills the
//! process. So the header is compared with the file before the library is loaded. Nothing is loaded or run here.

mod elf;
mod pe;

use std::env::consts::ARCH;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What becomes of a file that ends before its header says.
const TRUNCATED: &str = "the file is truncated; install it again";

/// Checks that this process can load the file as a library. The error is the end of a sentence, without the file's name.
pub fn check(path: &Path) -> Result<(), String> {
    let metadata = path.metadata().map_err(|e| e.to_string())?;
    // Opening a pipe or a device could block.
    if !metadata.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut file = File::open(path).map_err(|e| e.to_string())?;
    let mut start = Vec::new();
    file.by_ref().take(elf::HEADER as u64).read_to_end(&mut start).map_err(|e| e.to_string())?;
    if cfg!(windows) {
        return pe::check(&mut file, metadata.len(), ARCH);
    }
    if cfg!(target_vendor = "apple") {
        // A 64-bit Mach-O file, and a universal file with several architectures.
        return magic(&start, &[&[0xcf, 0xfa, 0xed, 0xfe], &[0xca, 0xfe, 0xba, 0xbe]]);
    }
    magic(&start, &[b"\x7fELF"])?;
    elf::check(&mut file, &start, metadata.len())
}

fn magic(start: &[u8], known: &[&[u8]]) -> Result<(), String> {
    if known.iter().any(|magic| start.starts_with(magic)) { Ok(()) } else { Err(other_file()) }
}

fn other_file() -> String {
    "it is not a shared library of this system".to_owned()
}

fn other_machine(architecture: &str) -> String {
    format!("it is built for another kind of machine; install the one for {architecture}")
}

fn no_library() -> String {
    "it is a program or an object file, not a shared library".to_owned()
}

fn read_at(file: &mut File, offset: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes[at + i])
}
