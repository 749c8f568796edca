//! Correcting an EXIF block for the enlarged picture: orientation, sizes, density, thumbnail.
//!
//! What is no longer true is corrected where it stands; the old thumbnail is removed with its bytes. A block that cannot be
//! followed is left as it is.

use std::ops::Range;

use enlarger::Size;

use super::edit::{Editor, RawDirectory};
use super::{ASCII, X_RESOLUTION, Y_RESOLUTION};
use super::{EXIF_POINTER, Exif, GPS_POINTER, LONG, MAKER_NOTE, ORIENTATION, RATIONAL, RESOLUTION_UNIT, SHORT};
use crate::metadata::Density;
use crate::metadata::ifd::Field;

const WIDTH: u16 = 0x100;
const HEIGHT: u16 = 0x101;
const PIXEL_WIDTH: u16 = 0xA002;
const PIXEL_HEIGHT: u16 = 0xA003;
const SUBJECT_AREA: u16 = 0x9214;
const SUBJECT_LOCATION: u16 = 0xA214;
const INTEROPERABILITY_POINTER: u16 = 0xA005;
const RELATED_WIDTH: u16 = 0x1001;
const RELATED_HEIGHT: u16 = 0x1002;
/// Directories of thumbnails and previews that are followed.
const MAX_DIRECTORIES: usize = 8;

impl Exif {
    /// Sets the orientation and sizes to those of an upright picture of `size`, makes stated densities agree with `density`,
    /// moves the place of the subject, and removes the old thumbnail. `from` is the size of the upright picture that the block
    /// describes.
    pub fn update_for_result(&mut self, from: Option<Size>, size: Size, density: Option<Density>) {
        let Some(mut editor) = Editor::new(&mut self.0) else { return };
        let Some(main) = editor.main() else { return };
        remove_thumbnails(&mut editor, &main);
        let sizes = [
            (ORIENTATION, 1),
            (WIDTH, size.width),
            (HEIGHT, size.height),
            (PIXEL_WIDTH, size.width),
            (PIXEL_HEIGHT, size.height),
            (RELATED_WIDTH, size.width),
            (RELATED_HEIGHT, size.height),
        ];
        for path in [&[][..], &[EXIF_POINTER], &[EXIF_POINTER, INTEROPERABILITY_POINTER]] {
            let Some(directory) = follow(&editor, path) else { continue };
            let present = sizes.iter().filter(|(tag, _)| editor.find(&directory, *tag).is_some());
            let fields: Vec<_> = present.map(|(tag, value)| number(*tag, *value)).collect();
            editor.change(&directory, &fields, &[]);
        }
        let factor = |to: u32, from: u32| f64::from(to) / f64::from(from);
        match from {
            Some(from) => {
                let (x, y) = (factor(size.width, from.width), factor(size.height, from.height));
                self.move_subject(|place| match place {
                    [left, top] => vec![left * x, top * y],
                    [left, top, diameter] => vec![left * x, top * y, diameter * x.max(y)],
                    [left, top, width, height] => vec![left * x, top * y, width * x, height * y],
                    _ => Vec::new(),
                });
            }
            None => self.move_subject(|_| Vec::new()),
        }
        if let Some(density) = density
            && self.density().is_some_and(|stated| stated != density)
        {
            self.set_density(density);
        }
    }

    /// Moves the place of the subject as an orientation asks for. `upright` is the size afterwards.
    pub fn turn_upright(&mut self, orientation: u8, upright: Size) {
        let (right, bottom) = (f64::from(upright.width) - 1.0, f64::from(upright.height) - 1.0);
        self.move_subject(|place| {
            let &[x, y, ref sides @ ..] = place else { return Vec::new() };
            let (x, y) = match orientation {
                2 => (right - x, y),
                3 => (right - x, bottom - y),
                4 => (x, bottom - y),
                5 => (y, x),
                6 => (right - y, x),
                7 => (right - y, bottom - x),
                8 => (y, bottom - x),
                _ => (x, y),
            };
            let mut place = vec![x, y];
            place.extend(sides);
            if let (5.., [_, _, width, height]) = (orientation, place.as_mut_slice()) {
                std::mem::swap(width, height);
            }
            place
        });
    }

    /// Changes the place of the subject: its middle, and a diameter or width and height. A place that cannot be stored is
    /// removed.
    fn move_subject(&mut self, change: impl Fn(&[f64]) -> Vec<f64>) {
        let Some(mut editor) = Editor::new(&mut self.0) else { return };
        for tag in [SUBJECT_AREA, SUBJECT_LOCATION] {
            let Some(directory) = follow(&editor, &[EXIF_POINTER]) else { return };
            let Some(place) = editor.find(&directory, tag).map(|e| editor.shorts(e)) else { continue };
            let place: Vec<f64> = place.into_iter().map(f64::from).collect();
            let new: Option<Vec<u16>> = change(&place).into_iter().map(short).collect();
            match new.filter(|new| !new.is_empty() && new.len() == place.len()) {
                Some(new) => {
                    let value = new.iter().flat_map(|n| n.to_ne_bytes()).collect();
                    editor.change(&directory, &[Field { tag, data_type: SHORT, value, position: 0 }], &[]);
                }
                None => {
                    editor.change(&directory, &[], &[tag]);
                }
            }
        }
    }

    /// Removes the maker note. Returns whether there was one.
    pub fn remove_maker_note(&mut self) -> bool {
        let Some(mut editor) = Editor::new(&mut self.0) else { return false };
        let Some(directory) = follow(&editor, &[EXIF_POINTER]) else { return false };
        let Some(entry) = editor.find(&directory, MAKER_NOTE) else { return false };
        let end = editor.value_range(entry).map(|range| range.end);
        editor.change(&directory, &[], &[MAKER_NOTE]);
        // Room is gained only where the note is the last part, so the whole block is written anew.
        if end.is_some() {
            *self = self.without_gaps();
        }
        true
    }

    /// States a density, in new fields where there are none.
    pub fn set_density(&mut self, density: Density) {
        let fraction = |tag, value: f64| {
            let (n, d) = Density::fraction(value);
            Field { tag, data_type: RATIONAL, value: [n.to_ne_bytes(), d.to_ne_bytes()].concat(), position: 0 }
        };
        self.set_main(&[
            fraction(X_RESOLUTION, density.x),
            fraction(Y_RESOLUTION, density.y),
            number(RESOLUTION_UNIT, if density.absolute { 2 } else { 1 }),
        ]);
    }

    /// Sets a text of the first directory.
    pub fn set_main_text(&mut self, tag: u16, text: &str) {
        let value = [text.as_bytes(), &[0]].concat();
        self.set_main(&[Field { tag, data_type: ASCII, value, position: 0 }]);
    }

    /// Sets fields of the first directory.
    pub fn set_main(&mut self, fields: &[Field]) {
        let Some(mut editor) = Editor::new(&mut self.0) else { return };
        let Some(main) = editor.main() else { return };
        let at = editor.change(&main, fields, &[]);
        editor.set_long(4, at as u32);
    }
}

/// A number that a 16-bit field can hold.
fn short(value: f64) -> Option<u16> {
    let value = value.round();
    (0.0..=65535.0).contains(&value).then_some(value as u16)
}

/// A field with one number, as short as it can be.
fn number(tag: u16, value: u32) -> Field {
    let (data_type, value) = match u16::try_from(value) {
        Ok(value) => (SHORT, value.to_ne_bytes().to_vec()),
        Err(_) => (LONG, value.to_ne_bytes().to_vec()),
    };
    Field { tag, data_type, value, position: 0 }
}

/// The directory that a chain of pointers leads to.
fn follow(editor: &Editor<'_>, path: &[u16]) -> Option<RawDirectory> {
    path.iter().try_fold(editor.main()?, |directory, tag| {
        editor.directory(editor.number(editor.find(&directory, *tag)?)? as usize)
    })
}

/// Removes the directories after the first one, which describe thumbnails and previews, with what they point to. Bytes that
/// something else uses are not touched.
fn remove_thumbnails(editor: &mut Editor<'_>, main: &RawDirectory) {
    // The header, and what is kept.
    let mut used: Vec<Range<usize>> = Vec::new();
    used.push(0..8);
    for path in [&[][..], &[EXIF_POINTER], &[GPS_POINTER], &[EXIF_POINTER, INTEROPERABILITY_POINTER]] {
        let Some(directory) = follow(editor, path) else { continue };
        used.extend(directory.entries.iter().filter_map(|e| editor.value_range(e)));
        used.push(editor.range(&directory));
    }
    let mut removed: Vec<Range<usize>> = Vec::new();
    let mut next = main.next;
    for _ in 0..MAX_DIRECTORIES {
        let Some(directory) = editor.directory(next as usize) else { break };
        removed.push(editor.range(&directory));
        removed.extend(directory.entries.iter().filter_map(|e| editor.value_range(e)));
        // A JPEG file, or strips.
        for (start, length) in [(0x201, 0x202), (0x111, 0x117)] {
            let number = |tag| editor.number(editor.find(&directory, tag)?).map(|n| n as usize);
            if let (Some(start), Some(length)) = (number(start), number(length)) {
                let end = start.saturating_add(length).min(editor.data.len());
                removed.push(start.min(end)..end);
            }
        }
        next = directory.next;
    }
    for range in removed {
        // What lies between the used parts.
        let mut at = range.start;
        let mut inside: Vec<_> = used.iter().filter(|u| u.start < range.end && u.end > range.start).collect();
        inside.sort_by_key(|u| u.start);
        for part in inside {
            if at < part.start {
                editor.data[at..part.start].fill(0);
            }
            at = at.max(part.end);
        }
        if at < range.end {
            editor.data[at..range.end].fill(0);
        }
    }
    let next_position = main.at + 2 + 12 * main.entries.len();
    editor.set_long(next_position, 0);
    // The thumbnail is mostly the last part.
    let end = used.iter().map(|u| u.end).max().unwrap_or(8);
    let zeros = editor.data.iter().rev().take_while(|b| **b == 0).count();
    let length = end.max(editor.data.len() - zeros);
    editor.data.truncate(length);
}
