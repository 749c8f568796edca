//! The weights of a `.bin` file, one layer after the other.
//!
//! Nothing is reserved before it is known that the file has as much.

use enlarger::Result;
use half::f16;

use super::invalid;

/// Marks before weights: how they are stored.
const HALF: u32 = 0x0130_6b47;
const SINGLE: u32 = 0x0002_c056;
const INT8: u32 = 0x000d_4b38;

/// What is left of the file.
pub(super) struct Weights<'a> {
    rest: &'a [u8],
}

impl<'a> Weights<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        Weights { rest: file }
    }

    /// Bytes that nobody has asked for.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Floats as they are.
    pub(super) fn plain(&mut self, count: usize) -> Result<Vec<f32>> {
        let bytes = self.take(count.checked_mul(4))?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// Floats after a mark that says how they are stored.
    pub(super) fn marked(&mut self, count: usize) -> Result<Vec<f32>> {
        let mark = u32::from_le_bytes(self.take(Some(4))?.try_into().unwrap_or_default());
        match mark {
            0 | SINGLE => self.plain(count),
            HALF => {
                let bytes = self.padded(count.checked_mul(2))?;
                Ok(bytes.as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect())
            }
            INT8 => Err(invalid(
                "the weights are 8-bit integers with scales, which are not understood; look for another file of the model",
            )),
            // Any other mark: a table of 256 values, and a byte for each weight.
            _ => {
                let table = self.plain(256)?;
                Ok(self.padded(Some(count))?.iter().map(|at| table[usize::from(*at)]).collect())
            }
        }
    }

    /// These bytes, and those that fill up to a multiple of four.
    fn padded(&mut self, count: Option<usize>) -> Result<&'a [u8]> {
        let bytes = self.take(count.and_then(|count| count.checked_next_multiple_of(4)))?;
        Ok(&bytes[..count.unwrap_or(0)])
    }

    fn take(&mut self, count: Option<usize>) -> Result<&'a [u8]> {
        let (taken, rest) = count.and_then(|count| self.rest.split_at_checked(count)).ok_or_else(|| {
            invalid(
                "the .bin file ends before the weights of all layers; it is cut off, or belongs to another .param file",
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
    fn every_storage() {
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
        assert_eq!(weights.marked(3).unwrap(), [0.5, -2.0, 1.0]);
        assert_eq!(weights.marked(1).unwrap(), [3.25]);
        assert_eq!(weights.marked(1).unwrap(), [4.5]);
        assert_eq!(weights.marked(5).unwrap(), [1.0, 63.75, 0.0, 0.0, 0.25]);
        assert_eq!(weights.plain(1).unwrap(), [9.0]);
        assert_eq!(weights.left(), 0);
        assert!(weights.plain(1).is_err());
        assert!(Weights::new(&file).plain(usize::MAX).is_err());
        assert!(Weights::new(&HALF.to_le_bytes()).marked(usize::MAX).is_err());
        assert!(Weights::new(&INT8.to_le_bytes()).marked(0).is_err());
    }
}
