//! Memory: how much is available, and allocations that can fail.
//!
//! Large buffers are allocated here, so that a picture that is too large gives an error instead of ending the host
//! program. Nothing here may panic because memory is short.

use std::collections::{TryReserveError, VecDeque};

use crate::error::{Error, ErrorKind, Result};

/// The available memory to assume if the system does not tell.
const UNKNOWN: u64 = 4 << 30;

/// The bytes that programs can still use without swapping, on Linux, Windows and macOS; 4 GiB where the system does not tell.
pub fn available() -> u64 {
    enlarger_system::available_memory().unwrap_or(UNKNOWN)
}

/// Grows `values` to `length` with zeros. A longer vector is left as it is.
pub(crate) fn grow(values: &mut Vec<f32>, length: usize) -> Result<()> {
    let more = length.saturating_sub(values.len());
    values.try_reserve_exact(more).map_err(|e| out_of_memory::<f32>(length, e))?;
    values.resize(length, 0.0);
    Ok(())
}

/// A vector of `length` zeros.
pub(crate) fn zeros<T: Clone + Default>(length: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|e| out_of_memory::<T>(length, e))?;
    values.resize(length, T::default());
    Ok(values)
}

/// Collects items into a vector.
pub(crate) fn collect<T>(items: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(items.len()).map_err(|e| out_of_memory::<T>(items.len(), e))?;
    values.extend(items);
    Ok(values)
}

/// Reserves space for at least `more` further values.
pub(crate) fn reserve<T>(values: &mut Vec<T>, more: usize) -> Result<()> {
    values.try_reserve(more).map_err(|e| out_of_memory::<T>(values.len() + more, e))
}

/// Appends a value to a queue.
pub(crate) fn push<T>(values: &mut VecDeque<T>, value: T) -> Result<()> {
    values.try_reserve(1).map_err(|e| out_of_memory::<T>(values.len() + 1, e))?;
    values.push_back(value);
    Ok(())
}

fn out_of_memory<T>(length: usize, error: TryReserveError) -> Error {
    let bytes = length.saturating_mul(size_of::<T>());
    Error::new(
        ErrorKind::Memory,
        format!(
            "{} KiB of memory could not be allocated; close other programs or use smaller tiles",
            bytes.div_ceil(1024)
        ),
    )
    .caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allocation_that_is_too_large_is_an_error() {
        assert_eq!(grow(&mut Vec::new(), 1 << 60).unwrap_err().kind(), ErrorKind::Memory);
        assert_eq!(zeros::<u8>(1 << 63).unwrap_err().kind(), ErrorKind::Memory);
        assert_eq!(reserve(&mut vec![0u64], 1 << 60).unwrap_err().kind(), ErrorKind::Memory);
        assert_eq!(collect((0..usize::MAX >> 3).map(|_| 0u64)).unwrap_err().kind(), ErrorKind::Memory);
    }
}
