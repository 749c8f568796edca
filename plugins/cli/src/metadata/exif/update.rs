//! Correcting an EXIF block for the enlarged picture: orientation, sizes, density, thumbnail.
//!
//! What is no longer true is corrected where it stands; the old thumbnail is removed with its bytes. A block that cannot be
//! followed is left as it is.

use std::ops::Range;

use enlarger::Size;

use super::edit::{Editor, RawDirectory};
use super::{EXIF_POINTER, Exif, GPS_POINTER, LONG, ORIENTATION, RATIONAL, RESOLUTION_UNIT, SHORT};
use super::{X_RESOLUTION, Y_RESOLUTION};
use crate::metadata::Density;
use crate::metadata::ifd::Field;

const WIDTH: u16 = 0x100;
const HEIGHT: u16 = 0x101;
const PIXEL_WIDTH: u16 = 0xA002;
const PIXEL_HEIGHT: u16 = 0xA003;
const INTEROPERABILITY_POINTER: u16 = 0xA005;
const RELATED_WIDTH: u16 = 0x1001;
const RELATED_HEIGHT: u16 = 0x1002;
/// Directories of thumbnails and previews that are followed.
const MAX_DIRECTORIES: usize = 8;

impl Exif {
    /// Sets the orientation and sizes to those of an upright picture of `size`, makes stated densities agree with `density`,
    /// and removes the old thumbnail.
    pub fn update_for_result(&mut self, size: Size, density: Option<Density>) {
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
        if let Some(density) = density
            && self.density().is_some_and(|stated| stated != density)
        {
            self.set_density(density);
        }
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

    /// Sets fields of the first directory.
    pub fn set_main(&mut self, fields: &[Field]) {
        let Some(mut editor) = Editor::new(&mut self.0) else { return };
        let Some(main) = editor.main() else { return };
        let at = editor.change(&main, fields, &[]);
        editor.set_long(4, at as u32);
    }
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
    let mut used = vec![0..8];
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
