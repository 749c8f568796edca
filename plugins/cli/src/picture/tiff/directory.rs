//! One directory of a TIFF file: its fields as numbers, texts and bytes.
//!
//! Files store the same field in different types, such as a length as 16 or 32 bits, and every reader accepts all of them.
//! Nothing here may interpret a field.

use std::io::{Read, Seek};

use crate::metadata::ifd::{self, DirectoryReader, Field};

/// The fields of a directory.
#[derive(Debug, Default)]
pub struct Directory {
    pub inner: ifd::Directory,
    /// Where the directory begins in the file.
    pub at: u64,
    /// Whether the file stores the highest byte first.
    pub big_endian: bool,
}

impl Directory {
    /// Reads the fields with `wanted` tags.
    pub fn read(
        reader: &mut DirectoryReader<impl Read + Seek>,
        at: u64,
        wanted: impl Fn(u16) -> bool,
    ) -> std::io::Result<Self> {
        Ok(Directory { inner: reader.read(at, wanted)?, at, big_endian: reader.big_endian })
    }

    /// Whether the directory has a field with this tag, wanted or not.
    pub fn has(&self, tag: u16) -> bool {
        self.inner.tags.contains(&tag)
    }

    /// The integers of a field.
    pub fn numbers(&self, tag: u16) -> Option<Vec<u64>> {
        let Field { data_type, value, .. } = self.inner.find(tag)?;
        Some(match data_type {
            1 | 7 => value.iter().map(|b| u64::from(*b)).collect(),
            3 => value.as_chunks().0.iter().map(|b| u64::from(u16::from_ne_bytes(*b))).collect(),
            4 | 13 => value.as_chunks().0.iter().map(|b| u64::from(u32::from_ne_bytes(*b))).collect(),
            16 | 18 => value.as_chunks().0.iter().map(|b| u64::from_ne_bytes(*b)).collect(),
            _ => return None,
        })
    }

    /// The first integer of a field.
    pub fn number(&self, tag: u16) -> Option<u64> {
        self.numbers(tag)?.first().copied()
    }

    /// A field that must fit 16 bits, or its default.
    pub fn short(&self, tag: u16, default: u16) -> u16 {
        self.number(tag).and_then(|n| u16::try_from(n).ok()).unwrap_or(default)
    }

    /// The numbers of a field of any numeric type.
    pub fn floats(&self, tag: u16) -> Option<Vec<f64>> {
        let Field { data_type, value, .. } = self.inner.find(tag)?;
        Some(match data_type {
            5 => ratios(value).map(|(n, d)| f64::from(n) / f64::from(d)).collect(),
            10 => ratios(value).map(|(n, d)| f64::from(n as i32) / f64::from(d as i32)).collect(),
            11 => value.as_chunks().0.iter().map(|b| f64::from(f32::from_ne_bytes(*b))).collect(),
            12 => value.as_chunks().0.iter().map(|b| f64::from_ne_bytes(*b)).collect(),
            _ => self.numbers(tag)?.into_iter().map(|n| n as f64).collect(),
        })
    }

    /// A field's text, without the zeros at its end. `None` if it is empty.
    pub fn text(&self, tag: u16) -> Option<String> {
        let value = &self.inner.find(tag).filter(|f| matches!(f.data_type, 1 | 2 | 7))?.value;
        let text = String::from_utf8_lossy(value);
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A field's bytes in the order of the file, whatever type it claims: some writers store bytes as 32-bit numbers.
    pub fn bytes(&self, tag: u16) -> Option<Vec<u8>> {
        let Field { data_type, value, .. } = self.inner.find(tag)?;
        let mut value = value.clone();
        let (size, _) = ifd::type_size(*data_type)?;
        if size > 1 && self.big_endian != cfg!(target_endian = "big") {
            value.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        Some(value)
    }
}

fn ratios(value: &[u8]) -> impl Iterator<Item = (u32, u32)> + '_ {
    value
        .as_chunks()
        .0
        .iter()
        .map(|[a, b, c, d, e, f, g, h]| (u32::from_ne_bytes([*a, *b, *c, *d]), u32::from_ne_bytes([*e, *f, *g, *h])))
}
