//! Image file directories (IFD): the tagged fields of TIFF files and EXIF blocks.
//!
//! An EXIF block is a small TIFF file, so one parser serves both. It must survive any bytes: every offset and count is
//! checked, and nothing large is allocated.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that a field may have. Longer fields are left out.
const MAX_FIELD: u64 = 64 << 20;
const MAX_FIELDS: u64 = 1000;

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The tag.
    pub tag: u16,
    /// The TIFF data type.
    pub data_type: u16,
    /// The values in native byte order.
    pub value: Vec<u8>,
    /// Where the field's entry begins in the file.
    pub position: u64,
}

impl Field {
    /// The first value, if it is an integer or an offset.
    pub fn number(&self) -> Option<u64> {
        Some(match (self.data_type, self.value.as_slice()) {
            (1, [a, ..]) => u64::from(*a),
            (3, [a, b, ..]) => u64::from(u16::from_ne_bytes([*a, *b])),
            (4 | 13, [a, b, c, d, ..]) => u64::from(u32::from_ne_bytes([*a, *b, *c, *d])),
            (16 | 18, value) => u64::from_ne_bytes(value.first_chunk().copied()?),
            _ => return None,
        })
    }

    /// The first value, if it is a fraction of positive numbers.
    pub fn fraction(&self) -> Option<f64> {
        let number = |at: usize| Some(f64::from(u32::from_ne_bytes(*self.value.get(at..)?.first_chunk()?)));
        (self.data_type == 5).then(|| Some(number(0)? / number(4)?)).flatten()
    }
}

/// The bytes of one number of a data type, and the numbers in one value.
pub fn type_size(data_type: u16) -> Option<(usize, usize)> {
    Some(match data_type {
        1 | 2 | 6 | 7 => (1, 1),
        3 | 8 => (2, 1),
        4 | 9 | 11 | 13 => (4, 1),
        5 | 10 => (4, 2),
        12 | 16..=18 => (8, 1),
        _ => return None,
    })
}

/// Reads the directories of a TIFF structure.
pub struct DirectoryReader<R> {
    input: R,
    /// Whether numbers are stored with the highest byte first.
    pub big_endian: bool,
    /// Whether this is BigTIFF, with 64-bit offsets.
    pub big_tiff: bool,
    /// Where the first directory begins.
    pub first: u64,
}

/// One directory.
#[derive(Debug, Default)]
pub struct Directory {
    /// The fields that were asked for.
    pub fields: Vec<Field>,
    /// The tags of all fields, in the file's order.
    pub tags: Vec<u16>,
    /// Where the offset of the next directory is stored.
    pub next_position: u64,
}

impl Directory {
    /// The field with a tag.
    pub fn find(&self, tag: u16) -> Option<&Field> {
        self.fields.iter().find(|f| f.tag == tag)
    }
}

impl<R: Read + Seek> DirectoryReader<R> {
    /// Reads the header.
    pub fn new(mut input: R) -> io::Result<Self> {
        input.seek(SeekFrom::Start(0))?;
        let mut mark = [0; 4];
        input.read_exact(&mut mark)?;
        let (big_endian, big_tiff) = match &mark {
            b"II\x2a\0" => (false, false),
            b"II\x2b\0" => (false, true),
            b"MM\0\x2a" => (true, false),
            b"MM\0\x2b" => (true, true),
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "not a TIFF structure")),
        };
        let mut directories = DirectoryReader { input, big_endian, big_tiff, first: 0 };
        if big_tiff {
            directories.number(4)?;
        }
        directories.first = directories.offset()?;
        Ok(directories)
    }

    /// Reads where the directory after one begins, if there is one.
    pub fn next(&mut self, directory: &Directory) -> io::Result<Option<u64>> {
        self.input.seek(SeekFrom::Start(directory.next_position))?;
        Ok(Some(self.offset()?).filter(|at| *at != 0))
    }

    fn number(&mut self, bytes: usize) -> io::Result<u64> {
        let mut buffer = [0; 8];
        self.input.read_exact(&mut buffer[..bytes])?;
        let fold = |n: u64, b: &u8| n << 8 | u64::from(*b);
        Ok(if self.big_endian {
            buffer[..bytes].iter().fold(0, fold)
        } else {
            buffer[..bytes].iter().rev().fold(0, fold)
        })
    }

    fn offset(&mut self) -> io::Result<u64> {
        self.number(if self.big_tiff { 8 } else { 4 })
    }

    /// Reads the directory at `at`. Keeps the fields whose tags are `wanted`.
    pub fn read(&mut self, at: u64, wanted: impl Fn(u16) -> bool) -> io::Result<Directory> {
        self.input.seek(SeekFrom::Start(at))?;
        let (count_size, slot) = if self.big_tiff { (8, 8) } else { (2, 4) };
        let count = self.number(count_size)?;
        if count > MAX_FIELDS {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a directory with too many fields"));
        }
        let mut directory = Directory::default();
        // Fields may all point to the same bytes.
        let mut budget = 4 * MAX_FIELD;
        let entry_size = 4 + 2 * slot;
        for index in 0..count {
            let entry = at.saturating_add(count_size as u64).saturating_add(index * entry_size);
            self.input.seek(SeekFrom::Start(entry))?;
            let (tag, data_type) = (self.number(2)? as u16, self.number(2)? as u16);
            directory.tags.push(tag);
            let count = self.offset()?;
            let Some((size, numbers)) = type_size(data_type).filter(|_| wanted(tag)) else { continue };
            let Some(length) = count.checked_mul((size * numbers) as u64).filter(|n| *n <= MAX_FIELD.min(budget))
            else {
                continue;
            };
            budget -= length;
            if length > slot {
                let offset = self.offset()?;
                self.input.seek(SeekFrom::Start(offset))?;
            }
            let mut value = Vec::new();
            self.input.by_ref().take(length).read_to_end(&mut value)?;
            if value.len() as u64 != length {
                continue;
            }
            if self.big_endian != cfg!(target_endian = "big") {
                value.chunks_exact_mut(size).for_each(<[u8]>::reverse);
            }
            directory.fields.push(Field { tag, data_type, value, position: entry });
        }
        directory.next_position = at.saturating_add(count_size as u64).saturating_add(count * entry_size);
        Ok(directory)
    }
}

/// Appends a directory to a TIFF structure in native byte order. Returns where the directory begins.
pub fn append(blob: &mut Vec<u8>, fields: &[Field]) -> usize {
    blob.resize(blob.len().next_multiple_of(2), 0);
    let start = blob.len();
    let entries = start + 2;
    blob.extend((fields.len() as u16).to_ne_bytes());
    blob.resize(entries + 12 * fields.len() + 4, 0);
    for (index, field) in fields.iter().enumerate() {
        let at = entries + 12 * index;
        let (size, numbers) = type_size(field.data_type).unwrap_or((1, 1));
        blob[at..at + 2].copy_from_slice(&field.tag.to_ne_bytes());
        blob[at + 2..at + 4].copy_from_slice(&field.data_type.to_ne_bytes());
        blob[at + 4..at + 8].copy_from_slice(&((field.value.len() / size / numbers) as u32).to_ne_bytes());
        if field.value.len() <= 4 {
            blob[at + 8..at + 8 + field.value.len()].copy_from_slice(&field.value);
        } else {
            blob.resize(blob.len().next_multiple_of(2), 0);
            let offset = blob.len() as u32;
            blob[at + 8..at + 12].copy_from_slice(&offset.to_ne_bytes());
            blob.extend(&field.value);
        }
    }
    start
}
