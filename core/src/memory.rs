//! Memory: how much there is, and asking for it politely.
//!
//! Big buffers are reserved so that a picture too large ends in an error instead of ending the host program.

use std::fs;

use crate::error::{Error, ErrorKind, Result};

/// What is taken for available where the system does not say.
const UNKNOWN: u64 = 4 << 30;

/// Bytes that programs can still take without swapping.
pub(crate) fn available() -> u64 {
    fs::read_to_string("/proc/meminfo").ok().and_then(|text| parse(&text)).unwrap_or(UNKNOWN)
}

fn parse(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Makes `values` `length` long; what is new is zero.
pub(crate) fn grow(values: &mut Vec<f32>, length: usize) -> Result<()> {
    values.try_reserve_exact(length.saturating_sub(values.len())).map_err(|e| {
        Error::new(
            ErrorKind::Memory,
            format!("{} MiB of memory could not be had; close other programs or use smaller tiles", length >> 18),
        )
        .caused_by(e)
    })?;
    values.resize(length, 0.0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo_is_read() {
        assert_eq!(parse("MemTotal: 1 kB\nMemAvailable:   24000000 kB\n"), Some(24_000_000 * 1024));
        assert_eq!(parse("MemTotal: 1 kB\n"), None);
        assert_eq!(parse("MemAvailable: lots\n"), None);
    }

    #[test]
    fn too_much_is_an_error() {
        assert_eq!(grow(&mut Vec::new(), 1 << 60).unwrap_err().kind(), ErrorKind::Memory);
    }
}
