//! Memory: how much there is, and asking for it politely.
//!
//! Big buffers are reserved so that a picture too large ends in an error instead of ending the host program.

use std::collections::{TryReserveError, VecDeque};
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
    let more = length.saturating_sub(values.len());
    values.try_reserve_exact(more).map_err(|e| none_left::<f32>(length, e))?;
    values.resize(length, 0.0);
    Ok(())
}

/// `length` zeros.
pub(crate) fn zeros<T: Clone + Default>(length: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|e| none_left::<T>(length, e))?;
    values.resize(length, T::default());
    Ok(values)
}

/// A vector of these.
pub(crate) fn collect<T>(items: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(items.len()).map_err(|e| none_left::<T>(items.len(), e))?;
    values.extend(items);
    Ok(values)
}

/// Makes room for `more` values, and for some beyond them where there will be others.
pub(crate) fn reserve<T>(values: &mut Vec<T>, more: usize) -> Result<()> {
    values.try_reserve(more).map_err(|e| none_left::<T>(values.len() + more, e))
}

/// Puts a value at the end of a queue.
pub(crate) fn push<T>(values: &mut VecDeque<T>, value: T) -> Result<()> {
    values.try_reserve(1).map_err(|e| none_left::<T>(values.len() + 1, e))?;
    values.push_back(value);
    Ok(())
}

fn none_left<T>(length: usize, error: TryReserveError) -> Error {
    let bytes = length.saturating_mul(size_of::<T>());
    Error::new(
        ErrorKind::Memory,
        format!("{} KiB of memory could not be had; close other programs or use smaller tiles", bytes.div_ceil(1024)),
    )
    .caused_by(error)
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
        assert_eq!(zeros::<u8>(1 << 63).unwrap_err().kind(), ErrorKind::Memory);
        assert_eq!(reserve(&mut vec![0u64], 1 << 60).unwrap_err().kind(), ErrorKind::Memory);
        assert_eq!(collect((0..usize::MAX >> 3).map(|_| 0u64)).unwrap_err().kind(), ErrorKind::Memory);
    }
}
