//! How much a picture may ask for.
//!
//! A file of a hundred bytes can claim a billion pixels. Every reader asks here, with the numbers of the file's header,
//! before it reserves or decodes anything; nothing may be reserved for a picture without it.

use enlarger::{Error, ErrorKind, Result, Size};

/// What one input may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pixels of an input.
    pub pixels: u64,
    /// Bytes that a picture which must be held may take.
    pub memory: u64,
}

/// Some sixteen thousand pixels squared.
pub const PIXELS: u64 = 1 << 28;
/// Enough for that many pixels of four 16-bit samples, twice.
pub const MEMORY: u64 = 4 << 30;

impl Default for Limits {
    fn default() -> Self {
        Limits { pixels: PIXELS, memory: MEMORY }
    }
}

impl Limits {
    /// A size from a file's header, checked.
    pub fn size(&self, width: u64, height: u64) -> Result<Size> {
        let narrow = |side: u64| u32::try_from(side).unwrap_or(u32::MAX);
        let size = Size::new(narrow(width), narrow(height))?;
        if size.pixels() > self.pixels {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "the picture of {size} has {} pixels, more than the limit of {}; \
                     if it is what you expect, allow it with --max-pixels {}",
                    size.pixels(),
                    self.pixels,
                    size.pixels()
                ),
            ));
        }
        Ok(size)
    }

    /// Says whether `bytes` may be held for `what`.
    pub fn hold(&self, bytes: u64, what: &str) -> Result<()> {
        if bytes <= self.memory && usize::try_from(bytes).is_ok() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Limit,
            format!(
                "{what} must be held in memory and takes {bytes} bytes, more than the limit of {}; \
                 allow it with --max-memory {bytes}, or convert the picture to PNG or TIFF, which are read row by row",
                self.memory
            ),
        ))
    }

    /// A buffer of `bytes` zeros for `what`, if it may be held and there is memory.
    pub fn buffer(&self, bytes: u64, what: &str) -> Result<Vec<u8>> {
        self.hold(bytes, what)?;
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(bytes as usize).map_err(|e| {
            Error::new(
                ErrorKind::Memory,
                format!("there is no memory for {what} ({bytes} bytes); close other programs"),
            )
            .caused_by(e)
        })?;
        buffer.resize(bytes as usize, 0);
        Ok(buffer)
    }
}

/// A number with an optional K, M, G or T (thousands, or 1024s for bytes), for the command line.
pub fn parse_amount(text: &str, unit: u64) -> Result<u64, String> {
    let text = text.trim();
    let (digits, power) = match text.chars().last().map(|c| c.to_ascii_uppercase()) {
        Some('K') => (&text[..text.len() - 1], 1),
        Some('M') => (&text[..text.len() - 1], 2),
        Some('G') => (&text[..text.len() - 1], 3),
        Some('T') => (&text[..text.len() - 1], 4),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().map_err(|_| "write a whole number, or one with K, M, G or T".to_owned())?;
    unit.checked_pow(power)
        .and_then(|factor| number.checked_mul(factor))
        .filter(|n| *n > 0)
        .ok_or_else(|| "the number must be above 0 and not so large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        assert_eq!(parse_amount("300M", 1000), Ok(300_000_000));
        assert_eq!(parse_amount("2g", 1024), Ok(2 << 30));
        assert_eq!(parse_amount("17", 1024), Ok(17));
        for wrong in ["", "M", "-1", "1.5G", "0", "99999999T"] {
            assert!(parse_amount(wrong, 1024).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let error = Limits::default().size(60000, 60000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.message().contains("--max-pixels 3600000000"), "{error}");
        assert!(Limits::default().size(0, 5).is_err());
        assert!(Limits::default().size(u64::MAX, 5).is_err());
    }
}
