//! The headers of a library of Windows (Portable Executable), compared with the file.
//!
//! Offsets and numbers are those of Microsoft's "PE Format". Nothing here trusts a number of the file.

use std::fs::File;

use super::{TRUNCATED, array, no_library, other_file, other_machine, read_at};

/// The size of the header that every program of Windows begins with, from the days of MS-DOS.
const DOS_HEADER: usize = 64;
/// Where that header states the offset of the next one.
const NEXT: usize = 0x3c;
/// The size of the signature and of the file header behind it.
const FILE_HEADER: usize = 24;
/// The size of a row in the table of sections.
const SECTION: usize = 40;
/// The mark of a library among the characteristics (`IMAGE_FILE_DLL`).
const DLL: u16 = 0x2000;
/// The mark of a header for 64-bit systems, PE32+.
const PLUS: u16 = 0x20b;

/// Checks a library of `size` bytes for an architecture, named as Rust names it.
pub(super) fn check(file: &mut File, size: u64, architecture: &str) -> Result<(), String> {
    let mut part = |offset: u64, count: usize| -> Result<Vec<u8>, String> {
        if offset.checked_add(count as u64).is_none_or(|end| end > size) {
            return Err(TRUNCATED.to_owned());
        }
        read_at(file, offset, count).map_err(|e| e.to_string())
    };
    if size < 2 || part(0, 2)? != *b"MZ" {
        return Err(other_file());
    }
    let start = u64::from(word(&part(0, DOS_HEADER)?, NEXT));
    let header = part(start, FILE_HEADER)?;
    // Programs for older systems have other signatures.
    if !header.starts_with(b"PE\0\0") {
        return Err(other_file());
    }
    if machine(architecture).is_some_and(|machine| half(&header, 4) != machine) {
        return Err(other_machine(architecture));
    }
    if half(&header, 22) & DLL == 0 {
        return Err(no_library());
    }
    let (sections, optional) = (usize::from(half(&header, 6)), half(&header, 20));
    let begin = start + FILE_HEADER as u64;
    if optional < 2 || sections == 0 {
        return Err("its header is invalid; install it again".to_owned());
    }
    if cfg!(target_pointer_width = "64") && half(&part(begin, 2)?, 0) != PLUS {
        return Err(other_machine(architecture));
    }
    let table = part(begin + u64::from(optional), sections * SECTION)?;
    for section in table.chunks_exact(SECTION) {
        // Sections without data in the file, such as zeroed memory, may state any offset.
        let (length, offset) = (u64::from(word(section, 16)), u64::from(word(section, 20)));
        if length > 0 && offset > 0 && offset + length > size {
            return Err(TRUNCATED.to_owned());
        }
    }
    Ok(())
}

/// PE's number for an architecture, if it is listed here.
fn machine(architecture: &str) -> Option<u16> {
    match architecture {
        "x86_64" => Some(0x8664),
        "aarch64" => Some(0xaa64),
        "x86" => Some(0x14c),
        _ => None,
    }
}

// The format is little-endian on every machine.
fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Where the made-up header begins.
    const START: usize = 0x80;

    /// The headers of a library with two sections, one of which has no data in the file.
    fn library() -> Vec<u8> {
        let mut bytes = vec![0; 0x600];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[NEXT..NEXT + 4].copy_from_slice(&(START as u32).to_le_bytes());
        let mut put = |at: usize, value: &[u8]| bytes[START + at..START + at + value.len()].copy_from_slice(value);
        put(0, b"PE\0\0");
        put(4, &0x8664u16.to_le_bytes());
        put(6, &2u16.to_le_bytes());
        put(20, &240u16.to_le_bytes());
        put(22, &0x2022u16.to_le_bytes());
        put(24, &PLUS.to_le_bytes());
        let table = FILE_HEADER + 240;
        put(table + 16, &0x200u32.to_le_bytes());
        put(table + 20, &0x400u32.to_le_bytes());
        put(table + SECTION + 8, &0x10000u32.to_le_bytes());
        bytes
    }

    fn verdict(bytes: &[u8]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.dll");
        fs::write(&path, bytes).unwrap();
        check(&mut File::open(&path).unwrap(), bytes.len() as u64, "x86_64")
    }

    /// The library with other bytes at a place of its header.
    fn with(at: usize, value: &[u8]) -> Vec<u8> {
        let mut bytes = library();
        bytes[START + at..START + at + value.len()].copy_from_slice(value);
        bytes
    }

    #[test]
    fn a_complete_library_is_accepted() {
        verdict(&library()).unwrap();
    }

    #[test]
    fn a_truncated_library_is_refused_wherever_it_is_cut() {
        let whole = library();
        for length in [2, 63, 64, 0x81, 0x98, 0x100, 0x188, 0x1a0, 0x400, 0x5ff] {
            assert_eq!(verdict(&whole[..length]).unwrap_err(), TRUNCATED, "{length} bytes");
        }
        assert_eq!(verdict(b"").unwrap_err(), other_file());
        assert_eq!(verdict(b"M").unwrap_err(), other_file());
    }

    #[test]
    fn other_files_get_sentences_of_their_own() {
        assert_eq!(verdict(&[0x5a; 4096]).unwrap_err(), other_file());
        assert_eq!(verdict(b"\x7fELF and more").unwrap_err(), other_file());
        assert_eq!(verdict(&with(0, b"NE\0\0")).unwrap_err(), other_file());
        for other in [0x14cu16, 0xaa64, 0] {
            assert_eq!(verdict(&with(4, &other.to_le_bytes())).unwrap_err(), other_machine("x86_64"));
        }
        assert_eq!(verdict(&with(22, &0x0022u16.to_le_bytes())).unwrap_err(), no_library());
        assert!(verdict(&with(6, &0u16.to_le_bytes())).unwrap_err().contains("header is invalid"));
        assert_eq!(verdict(&with(24, &0x10bu16.to_le_bytes())).is_err(), cfg!(target_pointer_width = "64"));
    }

    #[test]
    fn damaged_headers_never_panic() {
        for at in 0..0x1e0 {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = library();
                bytes[at] = value;
                let _ = verdict(&bytes);
            }
        }
        let mut far = library();
        far[NEXT..NEXT + 4].fill(0xff);
        assert_eq!(verdict(&far).unwrap_err(), TRUNCATED);
    }

    #[test]
    #[cfg(windows)]
    fn a_library_of_this_system_is_accepted() {
        let path = std::path::Path::new(&std::env::var_os("SystemRoot").unwrap()).join("system32").join("kernel32.dll");
        super::super::check(&path).unwrap();
        let program = std::env::current_exe().unwrap();
        assert_eq!(super::super::check(&program).unwrap_err(), no_library());
    }
}
