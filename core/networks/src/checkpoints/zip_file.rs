//! The entries of a ZIP file, found by its central directory and borrowed from the file's bytes.
//!
//! PyTorch leaves sizes out of the local headers, so only the directory knows them. Entries must be stored as they are; two
//! entries may neither share a name nor overlap, because programs would differ in what they read.

use std::collections::HashMap;

use enlarger::{Error, Result};

use super::limits::{self, exceeded};
use crate::errors::{self, invalid};

/// The mark at the beginning of a local header, and so of a ZIP file.
pub(super) const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END_64: &[u8; 4] = b"PK\x06\x06";
const END_64_LOCATOR: &[u8; 4] = b"PK\x06\x07";
/// The id of the extra field with 64-bit sizes.
const EXTRA_64: u16 = 1;

/// A ZIP file.
#[derive(Debug)]
pub(super) struct ZipFile<'a> {
    /// The entries in the directory's order.
    pub(super) entries: Vec<Entry<'a>>,
    places: HashMap<&'a [u8], usize>,
    file: &'a [u8],
}

/// An entry as the directory describes it.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Mostly UTF-8, but computers have written others.
    pub(super) name: &'a [u8],
    flags: u16,
    method: u16,
    size: u64,
    stored: u64,
    header: u64,
}

impl<'a> ZipFile<'a> {
    /// Reads the directory.
    ///
    /// # Errors
    /// `ModelInvalid` for a damaged or incomplete file; `Limit`.
    pub(super) fn read(file: &'a [u8]) -> Result<Self> {
        let (count, size, start) = directory(file)?;
        let end = start.checked_add(size).filter(|end| *end <= file.len() as u64).ok_or_else(damaged)?;
        if count > limits::ENTRIES as u64 {
            return Err(exceeded(format_args!("more than {} entries", limits::ENTRIES)));
        }
        let mut rest = &file[start as usize..end as usize];
        let mut entries = Vec::new();
        let mut places = HashMap::new();
        for place in 0..count as usize {
            let entry = next_entry(&mut rest)?;
            if places.insert(entry.name, place).is_some() {
                return Err(invalid(format!(
                    "the checkpoint has two entries named `{}`, so it is ambiguous; fetch it again",
                    shown(entry.name)
                )));
            }
            entries.push(entry);
        }
        Ok(ZipFile { entries, places, file })
    }

    /// Whether there is an entry of this name.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.places.contains_key(name)
    }

    /// Finds the bytes of all entries and checks that none overlap. In the directory's order.
    ///
    /// # Errors
    /// `ModelInvalid` for entries that are compressed, encrypted, damaged or overlapping.
    pub(super) fn contents(&self) -> Result<Vec<(&'a [u8], &'a [u8])>> {
        let mut ranges = Vec::with_capacity(self.entries.len());
        let mut contents = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let start = self.start(entry)?;
            let end = start.checked_add(entry.size).ok_or_else(damaged)?;
            let bytes = self.file.get(start as usize..usize::try_from(end).map_err(|_| damaged())?);
            contents.push((entry.name, bytes.ok_or_else(damaged)?));
            ranges.push((entry.header, end));
        }
        ranges.sort_unstable();
        if ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            return Err(invalid(
                "the entries of this checkpoint overlap, which no program writes; do not use it, and get the model from a source that you trust",
            ));
        }
        Ok(contents)
    }

    /// The place of an entry's first byte.
    fn start(&self, entry: &Entry<'_>) -> Result<u64> {
        let name = shown(entry.name);
        if entry.flags & 1 != 0 {
            return Err(invalid(format!(
                "the entry `{name}` of this ZIP file is encrypted; extract the file with its password, then import what was in it"
            )));
        }
        if entry.method != 0 || entry.size != entry.stored {
            return Err(invalid(format!(
                "the entry `{name}` of this checkpoint is compressed, which PyTorch never does; get the file as its author published it"
            )));
        }
        let header = usize::try_from(entry.header).ok().and_then(|at| self.file.get(at..)).ok_or_else(damaged)?;
        let fields = header.first_chunk::<30>().filter(|fields| fields.starts_with(LOCAL)).ok_or_else(damaged)?;
        let (name_length, extra) = (u16_at(fields, 26), u16_at(fields, 28));
        let local_name = header.get(30..30 + usize::from(name_length)).ok_or_else(damaged)?;
        if local_name != entry.name || u16_at(fields, 8) != 0 {
            return Err(damaged());
        }
        Ok(entry.header + 30 + u64::from(name_length) + u64::from(extra))
    }
}

/// The number of entries, the directory's size and its start.
fn directory(file: &[u8]) -> Result<(u64, u64, u64)> {
    // A comment of up to 65,535 bytes may follow.
    let first = file.len().saturating_sub(22 + 0xFFFF);
    let end = (first..=file.len().saturating_sub(22)).rev().find(|at| {
        let fields = file.get(*at..).and_then(|rest| rest.first_chunk::<22>());
        fields.is_some_and(|fields| fields.starts_with(END) && usize::from(u16_at(fields, 20)) <= file.len() - at - 22)
    });
    let end = end.ok_or_else(|| {
        invalid("the file is incomplete: the directory at its end is missing; fetch it again, to the end")
    })?;
    let fields = &file[end..];
    let short = (u64::from(u16_at(fields, 10)), u64::from(u32_at(fields, 12)), u64::from(u32_at(fields, 16)));
    let locator = end.checked_sub(20).map(|at| &file[at..]).filter(|locator| locator.starts_with(END_64_LOCATOR));
    let Some(locator) = locator else { return Ok(short) };
    let at = usize::try_from(u64_at(locator, 8)).map_err(|_| damaged())?;
    let fields = file.get(at..).and_then(|rest| rest.first_chunk::<56>()).ok_or_else(damaged)?;
    if !fields.starts_with(END_64) {
        return Err(damaged());
    }
    let long = (u64_at(fields, 32), u64_at(fields, 40), u64_at(fields, 48));
    // Programs differ in which of the two they believe, so they must agree.
    let agree = |short: u64, long: u64, full: u64| short == long || short == full;
    let all =
        agree(short.0, long.0, 0xFFFF) && agree(short.1, long.1, 0xFFFF_FFFF) && agree(short.2, long.2, 0xFFFF_FFFF);
    if all { Ok(long) } else { Err(damaged()) }
}

/// Reads the first entry of what is left of the directory.
fn next_entry<'a>(rest: &mut &'a [u8]) -> Result<Entry<'a>> {
    let bytes = *rest;
    let fields = bytes.first_chunk::<46>().filter(|fields| fields.starts_with(CENTRAL)).ok_or_else(damaged)?;
    let length = |at| usize::from(u16_at(fields, at));
    let (name, extra, comment) = (length(28), length(30), length(32));
    let after = bytes.get(46..).unwrap_or_default();
    let (name, after) = after.split_at_checked(name).ok_or_else(damaged)?;
    let (extra, after) = after.split_at_checked(extra).ok_or_else(damaged)?;
    *rest = after.get(comment..).ok_or_else(damaged)?;
    let mut entry = Entry {
        name,
        flags: u16_at(fields, 8),
        method: u16_at(fields, 10),
        stored: u32_at(fields, 20).into(),
        size: u32_at(fields, 24).into(),
        header: u32_at(fields, 42).into(),
    };
    // The 64-bit field holds only the values that are full in the others, in this order.
    let mut long = extra_field(extra, EXTRA_64);
    for value in [&mut entry.size, &mut entry.stored, &mut entry.header] {
        if *value == 0xFFFF_FFFF {
            let (bytes, after) = long.split_first_chunk::<8>().ok_or_else(damaged)?;
            *value = u64::from_le_bytes(*bytes);
            long = after;
        }
    }
    Ok(entry)
}

/// The bytes of the extra field with this id; empty if there is none.
fn extra_field(mut extra: &[u8], id: u16) -> &[u8] {
    while let Some((header, rest)) = extra.split_first_chunk::<4>() {
        let length = usize::from(u16_at(header, 2));
        let Some((field, after)) = rest.split_at_checked(length) else { break };
        if u16_at(header, 0) == id {
            return field;
        }
        extra = after;
    }
    &[]
}

/// An entry's name for a message.
pub(super) fn shown(name: &[u8]) -> String {
    errors::shown(&String::from_utf8_lossy(name))
}

fn damaged() -> Error {
    invalid("the checkpoint is a damaged ZIP file; fetch it again")
}

/// The number at this place. Only called for places inside `bytes`; elsewhere 0.
fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(number(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(number(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(number(bytes, at))
}
