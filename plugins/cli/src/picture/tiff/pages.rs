//! Which directory of a TIFF file holds the main picture.
//!
//! A file may hold pages, reduced copies of them before, behind or below them, and masks. The main picture is the first
//! page in full resolution. A reduced copy must never pass for it.

use std::io::{Read, Seek};

use enlarger::Result;

use super::directory::Directory;
use super::tag;
use crate::metadata::ifd::DirectoryReader;
use crate::picture::decode_error::damaged;
use crate::picture::file_format::FileFormat;

/// Directories that are looked at. A file may have more pages, but their number hardly matters then.
const MAX_DIRECTORIES: usize = 4096;
/// Sub-directories of one directory.
const MAX_BELOW: usize = 64;
/// The longest side of a first page that may be a thumbnail without being marked as one.
const THUMBNAIL: u64 = 512;

/// What the directories of a file are.
pub struct Pages {
    /// Where the main picture's directory begins.
    pub main: u64,
    /// The pages in full resolution.
    pub count: usize,
    /// The number of the main picture's page, from 1.
    pub number: usize,
    /// Whether there are masks.
    pub has_masks: bool,
}

/// The directories of the chain, each followed by those below it.
///
/// # Errors
/// If the first directory cannot be read.
pub fn directories(reader: &mut DirectoryReader<impl Read + Seek>) -> std::io::Result<Vec<(Directory, usize)>> {
    let mut found: Vec<(Directory, usize)> = Vec::new();
    let mut next = Some(reader.first);
    while let Some(at) = next.filter(|at| found.len() < MAX_DIRECTORIES && !found.iter().any(|(d, _)| d.at == *at)) {
        let directory = match Directory::read(reader, at, wanted) {
            Ok(directory) => directory,
            // A broken chain behind a sound picture does no harm to that.
            Err(_) if !found.is_empty() => break,
            Err(e) => return Err(e),
        };
        next = match reader.next(&directory.inner) {
            // A file that ends inside its first directory is cut.
            Err(e) if found.is_empty() => return Err(e),
            next => next.ok().flatten(),
        };
        let mut below: Vec<(u64, usize)> =
            directory.numbers(tag::SUB_IFDS).unwrap_or_default().into_iter().map(|at| (at, 1)).collect();
        below.truncate(MAX_BELOW);
        found.push((directory, 0));
        while let Some((at, depth)) = (!below.is_empty()).then(|| below.remove(0)) {
            if found.len() >= MAX_DIRECTORIES || found.iter().any(|(d, _)| d.at == at) {
                continue;
            }
            let Ok(directory) = Directory::read(reader, at, wanted) else { continue };
            if depth < 3 {
                let more = directory.numbers(tag::SUB_IFDS).unwrap_or_default();
                below.extend(more.into_iter().take(MAX_BELOW).map(|at| (at, depth + 1)));
            }
            found.push((directory, depth));
        }
    }
    Ok(found)
}

fn wanted(tag: u16) -> bool {
    matches!(
        tag,
        tag::NEW_SUBFILE_TYPE
            | tag::SUBFILE_TYPE
            | tag::WIDTH
            | tag::HEIGHT
            | tag::COMPRESSION
            | tag::PHOTOMETRIC
            | tag::MAKE
            | tag::MODEL
            | tag::SUB_IFDS
            | tag::DNG_CAMERA
    )
}

/// Finds the main picture.
pub fn find(directories: &[(Directory, usize)]) -> Result<Pages> {
    let side = |d: &Directory| (d.number(tag::WIDTH).unwrap_or(0), d.number(tag::HEIGHT).unwrap_or(0));
    let area = |d: &Directory| side(d).0.saturating_mul(side(d).1);
    let kind = |d: &Directory| d.number(tag::NEW_SUBFILE_TYPE).unwrap_or(0);
    let is_mask = |d: &Directory| kind(d) & 4 != 0 || d.short(tag::PHOTOMETRIC, 1) == 4;
    let is_reduced = |d: &Directory| kind(d) & 1 != 0 || d.short(tag::SUBFILE_TYPE, 1) == 2;
    let is_picture = |d: &Directory| area(d) > 0 && !is_mask(d);
    // Bits above the fourth mark depth maps and the like.
    let is_full = |d: &Directory| is_picture(d) && !is_reduced(d) && kind(d) & !7 == 0;

    let mut pages: Vec<&Directory> = Vec::new();
    let mut rest = directories;
    while let Some(((top, _), others)) = rest.split_first() {
        let below = others.iter().take_while(|(_, depth)| *depth > 0).count();
        let largest = others[..below].iter().map(|(d, _)| d).filter(|d| is_full(d)).max_by_key(|d| area(d));
        let larger = |d: &&Directory| side(d).0 > side(top).0 && side(d).1 > side(top).1;
        match largest {
            Some(page) if !is_full(top) || larger(&page) => pages.push(page),
            _ if is_full(top) => pages.push(top),
            _ => {}
        }
        rest = &others[below..];
    }
    let pictures = || directories.iter().map(|(d, _)| d);
    if pages.is_empty() {
        // All are marked as copies, or the only one is a mask.
        let only = pictures().filter(|d| is_picture(d)).max_by_key(|d| area(d));
        let only = only.or_else(|| pictures().find(|d| area(d) > 0)).or(pictures().next());
        pages.extend(only);
    }
    let main = *pages.first().ok_or_else(|| damaged(FileFormat::Tiff, "it has no picture"))?;
    let (width, height) = side(main);
    let is_original = |d: &&&Directory| {
        let (w, h) = side(d);
        let difference = (w as f64 / width as f64 - h as f64 / height as f64).abs() * width.min(height) as f64;
        w >= 4 * width && h >= 4 * height && difference <= (w / width) as f64
    };
    let original = pages.iter().filter(|_| (1..=THUMBNAIL).contains(&width.min(height))).find(is_original);
    let original = original.filter(|_| width.max(height) <= THUMBNAIL);
    let main = original.copied().unwrap_or(main);
    let number = pages.iter().position(|d| d.at == main.at).unwrap_or(0) + 1;
    let unmarked = usize::from(original.is_some());
    Ok(Pages {
        main: main.at,
        count: pages.len() - unmarked,
        number: (number - unmarked).max(1),
        has_masks: pictures().any(is_mask) && !is_mask(main),
    })
}
