//! Reads the weights of a `.bin` file, in the order of the layers.
//!
//! Memory is reserved only after the size has been checked against the file.

use enlarger::Result;
use half::f16;

use crate::errors::invalid;

/// Tags before weights, which tell how they are stored.
const HALF: u32 = 0x0130_6b47;
const SINGLE: u32 = 0x0002_c056;
const INT8: u32 = 0x000d_4b38;

/// The part of the file that has not been read yet.
pub(super) struct Weights<'a> {
    rest: &'a [u8],
}

impl<'a> Weights<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        Weights { rest: file }
    }

    /// The number of bytes not yet read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads 32-bit floats without a tag.
    pub(super) fn plain(&mut self, count: usize) -> Result<Vec<f32>> {
        let bytes = self.take(count.checked_mul(4))?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// Reads a tag, and floats that are stored as it tells.
    pub(super) fn tagged(&mut self, count: usize) -> Result<Vec<f32>> {
        let tag = u32::from_le_bytes(self.take(Some(4))?.try_into().unwrap_or_default());
        match tag {
            0 | SINGLE => self.plain(count),
            HALF => {
                let bytes = self.padded(count.checked_mul(2))?;
                Ok(bytes.as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect())
            }
            INT8 => Err(invalid(
                "the weights are 8-bit integers with scales, which are not supported; look for another file of the model",
            )),
            // Any other tag means a table of 256 values, followed by a byte for each weight.
            _ => {
                let table = self.plain(256)?;
                Ok(self.padded(Some(count))?.iter().map(|at| table[usize::from(*at)]).collect())
            }
        }
    }

    /// Reads this many bytes, and skips padding up to a multiple of four.
    fn padded(&mut self, count: Option<usize>) -> Result<&'a [u8]> {
        let bytes = self.take(count.and_then(|count| count.checked_next_multiple_of(4)))?;
        Ok(&bytes[..count.unwrap_or(0)])
    }

    fn take(&mut self, count: Option<usize>) -> Result<&'a [u8]> {
        let (taken, rest) = count.and_then(|count| self.rest.split_at_checked(count)).ok_or_else(|| {
            invalid(
                "the .bin file ends before the weights of all layers; fetch it again, together with its .param file",
            )
        })?;
        self.rest = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_in_every_storage_format() {
        let mut file = Vec::new();
        file.extend(HALF.to_le_bytes());
        for value in [0.5f32, -2.0, 1.0] {
            file.extend(f16::from_f32(value).to_le_bytes());
        }
        file.extend([0, 0]);
        file.extend(0u32.to_le_bytes());
        file.extend(3.25f32.to_le_bytes());
        file.extend(SINGLE.to_le_bytes());
        file.extend(4.5f32.to_le_bytes());
        file.extend(7u32.to_le_bytes());
        (0..256).for_each(|i| file.extend((i as f32 / 4.0).to_le_bytes()));
        file.extend([4, 255, 0, 0, 1, 0, 0, 0]);
        file.extend(9.0f32.to_le_bytes());
        let mut weights = Weights::new(&file);
        assert_eq!(weights.tagged(3).unwrap(), [0.5, -2.0, 1.0]);
        assert_eq!(weights.tagged(1).unwrap(), [3.25]);
        assert_eq!(weights.tagged(1).unwrap(), [4.5]);
        assert_eq!(weights.tagged(5).unwrap(), [1.0, 63.75, 0.0, 0.0, 0.25]);
        assert_eq!(weights.plain(1).unwrap(), [9.0]);
        assert_eq!(weights.left(), 0);
        assert!(weights.plain(1).is_err());
        assert!(Weights::new(&file).plain(usize::MAX).is_err());
        assert!(Weights::new(&HALF.to_le_bytes()).tagged(usize::MAX).is_err());
        assert!(Weights::new(&INT8.to_le_bytes()).tagged(0).is_err());
    }
}
