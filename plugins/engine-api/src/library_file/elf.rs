//! The headers of a library of Linux and other Unix systems (ELF), compared with the file.
//!
//! Offsets and numbers are those of elf(5). Nothing here trusts a number of the file.

use std::env::consts::ARCH;
use std::fs::File;

use super::{TRUNCATED, array, no_library, other_machine, read_at};

/// The size of an ELF header of the 64-bit class.
pub(super) const HEADER: usize = 64;
/// The ELF file type of a shared library (`ET_DYN`).
const SHARED: u16 = 3;
/// The type of an ELF segment that is loaded (`PT_LOAD`).
const LOAD: u32 = 1;

/// Checks a library of `size` bytes, which begins with `header`.
pub(super) fn check(file: &mut File, header: &[u8], size: u64) -> Result<(), String> {
    if header.len() < HEADER {
        return Err(TRUNCATED.to_owned());
    }
    let (class, order) =
        if cfg!(target_pointer_width = "64") { (2, 1 + u8::from(cfg!(target_endian = "big"))) } else { (1, 1) };
    if header[4] != class || header[5] != order || machine().is_some_and(|machine| half(header, 18) != machine) {
        return Err(other_machine(ARCH));
    }
    if half(header, 16) != SHARED {
        return Err(no_library());
    }
    // Files of the 32-bit class have the following fields at other offsets; for them the checks so far have to do.
    if class != 2 {
        return Ok(());
    }
    let (table, entry, count) = (long(header, 32), u64::from(half(header, 54)), u64::from(half(header, 56)));
    if entry < 56 || count == 0 {
        return Err("its header is invalid; install it again".to_owned());
    }
    let end = table.checked_add(entry * count);
    if end.is_none_or(|end| end > size) {
        return Err(TRUNCATED.to_owned());
    }
    let segments = read_at(file, table, (entry * count) as usize).map_err(|e| e.to_string())?;
    for segment in segments.chunks_exact(entry as usize) {
        let end = long(segment, 8).checked_add(long(segment, 32));
        if word(segment, 0) == LOAD && end.is_none_or(|end| end > size) {
            return Err(TRUNCATED.to_owned());
        }
    }
    Ok(())
}

/// ELF's number for the architecture that this crate was compiled for, if it is listed here.
fn machine() -> Option<u16> {
    match ARCH {
        "x86_64" => Some(62),
        "aarch64" => Some(183),
        "riscv64" => Some(243),
        "loongarch64" => Some(258),
        "powerpc64" => Some(21),
        "s390x" => Some(22),
        _ => None,
    }
}

fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(array(bytes, at))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(array(bytes, at))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::check;
    use super::HEADER;
    use std::fs;
    use std::path::Path;

    fn verdict(bytes: &[u8]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.so");
        fs::write(&path, bytes).unwrap();
        check(&path)
    }

    /// The C library of this process, as a real library to damage.
    fn real() -> Vec<u8> {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let path = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).find(|path| path.contains("libc.so"));
        fs::read(path.expect("this program is linked with the C library")).unwrap()
    }

    #[test]
    fn a_complete_library_is_accepted() {
        verdict(&real()).unwrap();
    }

    #[test]
    fn a_truncated_library_is_refused() {
        let whole = real();
        for length in [0, 1, 4, 63, 64, 100, 4096, whole.len() / 2, whole.len() * 3 / 4] {
            assert!(verdict(&whole[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn damaged_headers_never_panic() {
        let whole = real();
        for at in 0..HEADER {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = whole[..4096].to_vec();
                bytes[at] = value;
                let _ = verdict(&bytes);
            }
        }
        let mut huge = whole.clone();
        huge[32..40].fill(0xff);
        assert!(verdict(&huge).is_err());
    }

    #[test]
    fn other_files_are_refused() {
        assert!(verdict(b"not a library\n").is_err());
        assert!(verdict(&[0x5a; 100_000]).is_err());
        assert!(check(Path::new("/")).is_err());
        assert!(check(Path::new("/nowhere/at/all")).is_err());
        let mut foreign = real();
        foreign[18..20].copy_from_slice(&40u16.to_ne_bytes());
        assert!(verdict(&foreign).unwrap_err().contains("machine"));
    }
}
