//! Whether a picture in a folder is a result of ours, which another run over the folder must not enlarge again.
//!
//! A name alone is no evidence: microscopes write `cells.40x.png`. The evidence is what the result says about itself, or a
//! picture beside it that it was made from, of just the right size.

use std::collections::HashMap;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use enlarger::{Size, Source};

use crate::commands::provenance;
use crate::picture::{self, Limits, OpenOptions};

/// The files of a folder, by their names without ending and by their whole names.
pub type Siblings = HashMap<String, Vec<PathBuf>>;

/// The files among the entries of a folder, for [`evidence`].
pub fn siblings(entries: &[DirEntry]) -> Siblings {
    let mut siblings = Siblings::new();
    for path in entries.iter().map(DirEntry::path) {
        for name in [path.file_stem(), path.extension().and(path.file_name())].into_iter().flatten() {
            siblings.entry(name.to_string_lossy().into_owned()).or_default().push(path.clone());
        }
    }
    siblings
}

/// What shows that the picture at `path` is a result of ours; `None` for a source.
pub fn evidence(path: &Path, siblings: &Siblings) -> Option<String> {
    let (stem, growth) = named_as_result(path)?;
    let limits = Limits { pixels: u64::MAX, ..Limits::default() };
    let options = OpenOptions { limits, only_header: true, ..OpenOptions::default() };
    let picture = picture::open(path, &options).ok()?;
    if provenance::maker(&picture.metadata).is_enlarger {
        return Some("this is a result, as its metadata says".to_owned());
    }
    for other in siblings.get(&stem)?.iter().filter(|other| *other != path && other.is_file()) {
        let Ok(source) = picture::open(other, &options) else { continue };
        if growth.fits(source.size(), picture.size()) {
            let name = other.file_name().unwrap_or_default();
            return Some(format!("this is a result made from {}, as its name and size say", name.display()));
        }
    }
    None
}

/// What a name says about the size.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Growth {
    Factor(f64),
    Width(u32),
    Height(u32),
    /// Another size; only the proportions can be compared.
    Proportions,
}

impl Growth {
    fn fits(self, from: Size, to: Size) -> bool {
        let side = |from: u32, to: u32, by: f64| (f64::from(from) * by - f64::from(to)).abs() <= 1.0;
        let both = |by: f64| side(from.width, to.width, by) && side(from.height, to.height, by);
        match self {
            Growth::Factor(by) => both(by),
            Growth::Width(width) => to.width == width && both(f64::from(width) / f64::from(from.width)),
            Growth::Height(height) => to.height == height && both(f64::from(height) / f64::from(from.height)),
            Growth::Proportions => from != to && both(f64::from(to.width) / f64::from(from.width)),
        }
    }
}

/// The name of the source and the size, if a file is named as results are.
fn named_as_result(path: &Path) -> Option<(String, Growth)> {
    let text = path.file_stem()?.to_string_lossy();
    let (mut stem, tag) = text.rsplit_once('.')?;
    let mut tag = tag.to_owned();
    // The tag itself contains a point in 1.5x.
    if let Some((shorter, whole)) = stem.rsplit_once('.')
        && !whole.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit())
    {
        (stem, tag) = (shorter, format!("{whole}.{tag}"));
    }
    let number = |end: &str| tag.strip_suffix(end).and_then(|n| n.parse::<f64>().ok()).filter(|n| n.is_finite());
    let side = |end: &str| tag.strip_suffix(end).and_then(|n| n.parse::<u32>().ok());
    let growth = if let Some(by) = number("x") {
        Growth::Factor(by)
    } else if let Some(width) = side("w") {
        Growth::Width(width)
    } else if let Some(height) = side("h") {
        Growth::Height(height)
    } else if number("mp").is_some() || side("px").is_some() || tag.ends_with("dpi") {
        Growth::Proportions
    } else {
        return None;
    };
    (!stem.is_empty()).then(|| (stem.to_owned(), growth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_results_are_taken_apart() {
        let parts = |name: &str| named_as_result(Path::new(name));
        let is = |stem: &str, growth| Some((stem.to_owned(), growth));
        assert_eq!(parts("a.4x.png"), is("a", Growth::Factor(4.0)));
        assert_eq!(parts("d/a.1.5x.png"), is("a", Growth::Factor(1.5)));
        assert_eq!(parts("a.2000w.jpg"), is("a", Growth::Width(2000)));
        assert_eq!(parts("a.b.300h.tif"), is("a.b", Growth::Height(300)));
        assert_eq!(parts("a.30x20cm-300dpi.tif"), is("a", Growth::Proportions));
        for name in ["a.24mp.png", "a.1.5mp.png", "a.3000px.png"] {
            assert_eq!(parts(name), is("a", Growth::Proportions), "{name}");
        }
        for name in ["a.png", "4x.png", ".4x.png", "a.v2.png", "a.max.png", "x.x.png", "holiday 4x.jpg"] {
            assert_eq!(parts(name), None, "{name}");
        }
    }

    #[test]
    fn a_result_has_the_size_that_its_name_states() {
        let size = |width, height| Size { width, height };
        assert!(Growth::Factor(1.5).fits(size(3, 5), size(5, 8)));
        assert!(!Growth::Factor(40.0).fits(size(30, 50), size(30, 50)));
        assert!(Growth::Width(20).fits(size(10, 7), size(20, 14)));
        assert!(!Growth::Width(20).fits(size(10, 7), size(20, 20)));
        assert!(!Growth::Proportions.fits(size(10, 7), size(10, 7)));
    }
}
