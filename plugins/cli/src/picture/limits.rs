//! Limits on the size and memory of a picture.
//!
//! A file of a hundred bytes can claim a billion pixels. Every reader checks the numbers of the file's header here before
//! it allocates or decodes anything. Nothing may be allocated for a picture without this check.

use enlarger::{Error, ErrorKind, Result, Size};

/// What one input may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pixels of the input.
    pub pixels: u64,
    /// Bytes of a picture held in memory.
    pub memory: u64,
}

/// The default limit on pixels: about 16,000 squared.
pub const PIXELS: u64 = 1 << 28;
/// The default limit on memory: that many pixels of four 16-bit samples, twice.
pub const MEMORY: u64 = 4 << 30;

impl Default for Limits {
    fn default() -> Self {
        Limits { pixels: PIXELS, memory: MEMORY }
    }
}

impl Limits {
    /// Checks the size that a file's header states.
    pub fn check_size(&self, width: u64, height: u64) -> Result<Size> {
        let narrow = |side: u64| u32::try_from(side).unwrap_or(u32::MAX);
        let size = Size::new(narrow(width), narrow(height))?;
        if size.pixels() > self.pixels {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "the picture is {size} and has {} pixels, more than the limit of {}; \
                     if you trust the file, allow it with --max-pixels {}",
                    size.pixels(),
                    self.pixels,
                    size.pixels()
                ),
            ));
        }
        Ok(size)
    }

    /// Checks whether `what` may take `bytes` of memory.
    pub fn check_memory(&self, bytes: u64, what: &str) -> Result<()> {
        if bytes <= self.memory && usize::try_from(bytes).is_ok() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Limit,
            format!(
                "{what} must be held in memory, which takes {bytes} bytes, more than the limit of {}; \
                 allow it with --max-memory {bytes}, or convert the picture to PNG or TIFF, which are read row by row",
                self.memory
            ),
        ))
    }

    /// Allocates `bytes` zeros for `what`, within the limit.
    pub fn allocate(&self, bytes: u64, what: &str) -> Result<Vec<u8>> {
        self.check_memory(bytes, what)?;
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(bytes as usize).map_err(|e| {
            Error::new(
                ErrorKind::Memory,
                format!("not enough memory for {what} ({bytes} bytes); close other programs and try again"),
            )
            .caused_by(e)
        })?;
        buffer.resize(bytes as usize, 0);
        Ok(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decompression_bomb_is_refused() {
        let error = Limits::default().check_size(60000, 60000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.message().contains("--max-pixels 3600000000"), "{error}");
        assert!(Limits::default().check_size(0, 5).is_err());
        assert!(Limits::default().check_size(u64::MAX, 5).is_err());
    }
}
