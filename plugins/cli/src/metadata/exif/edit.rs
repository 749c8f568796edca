//! Editing the fields of a TIFF structure in place.
//!
//! Maker notes contain offsets into the block, so nothing that is kept may move. A directory that needs more room is written
//! again at the end, and its old bytes are cleared. Every offset is checked; an edit that is impossible changes nothing.

use std::ops::Range;

use crate::metadata::ifd::{Field, type_size};

const MAX_FIELDS: usize = 1000;

/// The entry of a field, as stored.
pub type Entry = [u8; 12];

/// A TIFF structure being edited.
pub struct Editor<'a> {
    pub data: &'a mut Vec<u8>,
    pub big_endian: bool,
}

/// A directory: where it begins, its entries, and the offset of the next one.
pub struct RawDirectory {
    pub at: usize,
    pub entries: Vec<Entry>,
    pub next: u32,
}

impl<'a> Editor<'a> {
    /// The editor of a classic TIFF structure.
    pub fn new(data: &'a mut Vec<u8>) -> Option<Self> {
        let big_endian = match data.get(..4)? {
            b"II\x2a\0" => false,
            b"MM\0\x2a" => true,
            _ => return None,
        };
        Some(Editor { data, big_endian })
    }

    pub fn short(&self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    pub fn long(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    pub fn long_at(&self, at: usize) -> Option<u32> {
        Some(self.long(*self.data.get(at..)?.first_chunk()?))
    }

    pub fn set_long(&mut self, at: usize, value: u32) {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        if let Some(slot) = self.data.get_mut(at..at + 4) {
            slot.copy_from_slice(&bytes);
        }
    }

    /// The directory that begins at `at`.
    pub fn directory(&self, at: usize) -> Option<RawDirectory> {
        let count = usize::from(self.short(*self.data.get(at..)?.first_chunk()?));
        if at < 8 || count > MAX_FIELDS {
            return None;
        }
        let bytes = self.data.get(at + 2..at + 2 + 12 * count)?;
        let entries = bytes.as_chunks().0.to_vec();
        // Some writers leave out the last offset.
        let next = self.long_at(at + 2 + 12 * count).unwrap_or(0);
        Some(RawDirectory { at, entries, next })
    }

    /// The first directory.
    pub fn main(&self) -> Option<RawDirectory> {
        self.directory(self.long_at(4)? as usize)
    }

    pub fn tag(&self, entry: &Entry) -> u16 {
        self.short([entry[0], entry[1]])
    }

    /// The entry with a tag.
    pub fn find<'d>(&self, directory: &'d RawDirectory, tag: u16) -> Option<&'d Entry> {
        directory.entries.iter().find(|e| self.tag(e) == tag)
    }

    /// The number in an entry that holds one number or offset.
    pub fn number(&self, entry: &Entry) -> Option<u32> {
        match self.short([entry[2], entry[3]]) {
            3 => Some(self.short([entry[8], entry[9]]).into()),
            4 | 13 => Some(self.long([entry[8], entry[9], entry[10], entry[11]])),
            _ => None,
        }
    }

    /// The numbers of an entry of 16-bit numbers, four at most.
    pub fn shorts(&self, entry: &Entry) -> Vec<u16> {
        let count = self.long([entry[4], entry[5], entry[6], entry[7]]) as usize;
        let bytes = match self.value_range(entry) {
            Some(range) => &self.data[range],
            None => &entry[8..],
        };
        let is_short = self.short([entry[2], entry[3]]) == 3;
        bytes.as_chunks().0.iter().take(if is_short { count.min(4) } else { 0 }).map(|b| self.short(*b)).collect()
    }

    /// Where an entry's value is, if it is outside the entry and inside the block.
    pub fn value_range(&self, entry: &Entry) -> Option<Range<usize>> {
        let (size, numbers) = type_size(self.short([entry[2], entry[3]]))?;
        let count = self.long([entry[4], entry[5], entry[6], entry[7]]) as usize;
        let length = count.checked_mul(size * numbers)?;
        let start = self.long([entry[8], entry[9], entry[10], entry[11]]) as usize;
        let end = start.checked_add(length)?;
        (length > 4 && end <= self.data.len()).then_some(start..end)
    }

    /// Where a directory's own bytes are.
    pub fn range(&self, directory: &RawDirectory) -> Range<usize> {
        let end = directory.at + 2 + 12 * directory.entries.len() + 4;
        directory.at..end.min(self.data.len())
    }

    /// Sets `fields` and removes the tags `removed`. Returns where the directory is then.
    pub fn change(&mut self, directory: &RawDirectory, fields: &[Field], removed: &[u16]) -> usize {
        let mut entries = directory.entries.clone();
        for entry in &directory.entries {
            if removed.contains(&self.tag(entry))
                && let Some(range) = self.value_range(entry).filter(|range| range.start >= 8)
            {
                self.data[range].fill(0);
            }
        }
        entries.retain(|e| !removed.contains(&self.tag(e)));
        for field in fields {
            let old = entries.iter().position(|e| self.tag(e) == field.tag);
            let Some(entry) = self.encode(field, old.map(|i| entries[i])) else { continue };
            match old {
                Some(index) => entries[index] = entry,
                None => entries.push(entry),
            }
        }
        if entries.len() > directory.entries.len() {
            entries.sort_by_key(|e| self.tag(e));
        }
        let old = self.range(directory);
        let bytes = 2 + 12 * entries.len() + 4;
        let at = if bytes <= old.len() { old.start } else { self.data.len().next_multiple_of(2) };
        if u32::try_from(at + bytes).is_err() {
            return directory.at;
        }
        self.data[old].fill(0);
        self.data.resize(self.data.len().max(at + bytes), 0);
        let count = entries.len() as u16;
        self.data[at..at + 2].copy_from_slice(&if self.big_endian { count.to_be_bytes() } else { count.to_le_bytes() });
        self.data[at + 2..at + bytes - 4].copy_from_slice(entries.as_flattened());
        self.set_long(at + bytes - 4, directory.next);
        at
    }

    /// The entry of a field. A value of more than four bytes is stored where the old one was, if it fits, or at the end.
    fn encode(&mut self, field: &Field, old: Option<Entry>) -> Option<Entry> {
        let (size, numbers) = type_size(field.data_type)?;
        let mut value = field.value.clone();
        if self.big_endian != cfg!(target_endian = "big") {
            value.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        let count = u32::try_from(value.len() / size / numbers).ok()?;
        let mut inline = [0; 4];
        if value.len() <= 4 {
            inline[..value.len()].copy_from_slice(&value);
        } else {
            let slot = old.and_then(|e| self.value_range(&e)).filter(|range| range.len() >= value.len());
            let at = slot.map_or(self.data.len().next_multiple_of(2), |range| range.start);
            let offset = u32::try_from(at).ok()?;
            self.data.resize(self.data.len().max(at + value.len()), 0);
            self.data[at..at + value.len()].copy_from_slice(&value);
            inline = if self.big_endian { offset.to_be_bytes() } else { offset.to_le_bytes() };
        }
        let short = |n: u16| if self.big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        let count = if self.big_endian { count.to_be_bytes() } else { count.to_le_bytes() };
        let mut entry = [0; 12];
        entry[..2].copy_from_slice(&short(field.tag));
        entry[2..4].copy_from_slice(&short(field.data_type));
        entry[4..8].copy_from_slice(&count);
        entry[8..].copy_from_slice(&inline);
        Some(entry)
    }
}
