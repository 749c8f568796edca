//! What the command line names: files, streams, and every entry of folders.
//!
//! Each entry of a folder becomes a picture to enlarge, or is left out with a reason. None is passed over in silence, and no
//! name decides what a file is.

use std::collections::HashSet;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};

use super::own_result::{self, Siblings};
use super::{journal, unfinished_file};
use crate::args::Shard;
use crate::develop::Developers;
use crate::picture::{self, Kind};

/// Something that the command line or a folder names.
#[derive(Debug)]
pub struct Item {
    /// A number of its own.
    pub id: usize,
    /// Its path.
    pub path: PathBuf,
    /// Where it lies below the folder that the command line names. The result lies there below the results' folder.
    pub below: PathBuf,
    /// That folder.
    pub root: Option<PathBuf>,
    /// What it is.
    pub found: Found,
}

/// What an item is.
#[derive(Debug)]
pub enum Found {
    /// A picture, as far as is known before it is opened.
    Picture,
    /// An entry that is left out, and why.
    LeftOut(String),
    /// Something that cannot be read.
    Failed(Error),
}

impl Item {
    /// A picture that the command line names.
    pub fn picture(path: PathBuf) -> Self {
        Item { id: 0, path, below: PathBuf::new(), root: None, found: Found::Picture }
    }

    fn failed(path: &Path, error: Error) -> Self {
        let found = Found::Failed(error.at(Location::File(path.to_owned())));
        Item { id: 0, path: path.to_owned(), below: PathBuf::new(), root: None, found }
    }
}

/// How folders are read.
pub struct Folders<'a> {
    /// Whether folders in folders are read too.
    pub recursive: bool,
    /// The folder of the results, which is never read.
    pub results: Option<&'a Path>,
    /// The programs that develop raw photographs.
    pub developers: &'a Developers,
    /// The part to list; all by default.
    pub shard: Option<Shard>,
}

impl Folders<'_> {
    /// Whether a name below a folder belongs to the part that is listed.
    fn has(&self, name: &Path) -> bool {
        self.shard.is_none_or(|shard| shard.has(name))
    }
}

/// What is listed.
pub struct Listing {
    /// The items, in order.
    pub items: Vec<Item>,
    /// How many entries belong to other parts.
    pub elsewhere: u64,
}

/// Everything that `inputs` name. Folders are replaced by their entries, sorted by name.
pub fn items(inputs: &[PathBuf], folders: &Folders<'_>) -> Listing {
    let (mut items, mut elsewhere) = (Vec::new(), 0);
    for input in inputs {
        if !input.is_dir() {
            if folders.has(Path::new(input.file_name().unwrap_or(input.as_os_str()))) {
                items.push(Item::picture(input.clone()));
            } else {
                elsewhere += 1;
            }
            continue;
        }
        let results = folders.results.and_then(|path| fs::canonicalize(path).ok());
        // A folder that is named itself is read, even if the results go into it.
        let results = results.filter(|results| fs::canonicalize(input).ok().as_ref() != Some(results));
        let mut walk = Walk { folders, root: input, results, open: HashSet::new(), items: Vec::new(), elsewhere: 0 };
        walk.folder(input, Path::new(""));
        let found = walk.items;
        elsewhere += walk.elsewhere;
        let empty =
            walk.elsewhere == 0 && !found.iter().any(|item| matches!(item.found, Found::Picture | Found::Failed(_)));
        items.extend(found);
        if empty {
            let error = Error::new(ErrorKind::Argument, "this folder contains no picture to enlarge; name another one");
            items.push(Item::failed(input, error));
        }
    }
    items.iter_mut().enumerate().for_each(|(id, item)| item.id = id);
    Listing { items, elsewhere }
}

struct Walk<'a> {
    folders: &'a Folders<'a>,
    root: &'a Path,
    results: Option<PathBuf>,
    /// The folders that are being read, for loops of mounts.
    open: HashSet<PathBuf>,
    items: Vec<Item>,
    elsewhere: u64,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, below: &Path) {
        let entries = fs::canonicalize(folder).and_then(|whole| {
            let entries: Vec<DirEntry> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
            Ok((whole, entries))
        });
        let (whole, mut entries) = match entries {
            Ok(entries) => entries,
            Err(error) => return self.items.push(Item::failed(folder, error.into())),
        };
        if !self.open.insert(whole.clone()) {
            return self.push(folder.to_owned(), below, Found::LeftOut("this folder contains itself".to_owned()));
        }
        entries.sort_by_key(DirEntry::file_name);
        let siblings = own_result::siblings(&entries);
        for entry in entries {
            let path = entry.path();
            if path.is_dir() {
                self.inner_folder(&path, below, &entry);
            } else if let Some(found) = self.file(&path, below, &entry, &siblings) {
                self.push(path, below, found);
            }
        }
        self.open.remove(&whole);
    }

    fn push(&mut self, path: PathBuf, below: &Path, found: Found) {
        self.items.push(Item { id: 0, path, below: below.to_owned(), root: Some(self.root.to_owned()), found });
    }

    fn inner_folder(&mut self, path: &Path, below: &Path, entry: &DirEntry) {
        let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let name = entry.file_name();
        let reason = if self.results.is_some() && fs::canonicalize(path).ok() == self.results {
            "this is the folder of the results"
        } else if !self.folders.recursive {
            "this is a folder; --recursive enlarges the pictures in it"
        } else if link {
            "this is a link to a folder; name it on the command line to enlarge the pictures in it"
        } else if name.to_string_lossy().starts_with('.') {
            "this is a hidden folder; name it on the command line to enlarge the pictures in it"
        } else {
            return self.folder(path, &below.join(name));
        };
        if !self.folders.has(&below.join(name)) {
            self.elsewhere += 1;
            return;
        }
        self.push(path.to_owned(), below, Found::LeftOut(reason.to_owned()));
    }

    /// What an entry is; `None` for a journal of ours, and for an entry of another part, which is not even opened.
    fn file(&mut self, path: &Path, below: &Path, entry: &DirEntry, siblings: &Siblings) -> Option<Found> {
        let name = entry.file_name();
        let left_out = |reason: &str| Some(Found::LeftOut(reason.to_owned()));
        if journal::is_journal(&name) {
            return None;
        }
        if !self.folders.has(&below.join(&name)) {
            self.elsewhere += 1;
            return None;
        }
        if unfinished_file::is_unfinished(&name) {
            return left_out("this is an unfinished result of another run");
        }
        if name.to_string_lossy().starts_with('.') {
            return left_out("this is a hidden file; name it on the command line to enlarge it");
        }
        match path.metadata() {
            Ok(found) if found.is_file() => {}
            Ok(_) => return left_out("this is no regular file"),
            Err(error) if path.is_symlink() => {
                return Some(Found::LeftOut(format!("this link points to nothing ({error})")));
            }
            Err(error) => return Some(Found::Failed(Error::from(error).at(Location::File(path.to_owned())))),
        }
        Some(match picture::kind(path) {
            Ok(Kind::Picture(_)) => match own_result::evidence(path, siblings) {
                None => Found::Picture,
                Some(evidence) => Found::LeftOut(format!("{evidence}; name it on the command line to enlarge it")),
            },
            Ok(Kind::Foreign(foreign)) => {
                self.folders.developers.refusal(&foreign).map_or(Found::Picture, Found::LeftOut)
            }
            Ok(Kind::Other(kind)) => Found::LeftOut(picture::refusal(kind)),
            Err(error) => Found::Failed(error.at(Location::File(path.to_owned()))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items of a folder: names below it, and whether they are pictures.
    fn listed(folder: &Path, recursive: bool, results: Option<&Path>) -> Vec<(String, bool)> {
        let developers = Developers::default();
        let folders = Folders { recursive, results, developers: &developers, shard: None };
        let items = items(&[folder.to_owned()], &folders).items;
        let name = |item: &Item| item.path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
        items.iter().map(|item| (name(item), matches!(item.found, Found::Picture))).collect()
    }

    #[test]
    fn every_entry_is_a_picture_or_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b")).unwrap();
        fs::create_dir_all(at("out")).unwrap();
        for (name, content) in [
            ("1.png", "P5\n1 1 255\n."),
            ("2", "P5\n1 1 255\n."),
            ("3.jpg", "text"),
            ("4.heic", "\0\0\0\x14ftypheic\0\0\0\0mif1"),
            (".hidden.png", "P5\n1 1 255\n."),
            (".enlarge-1.part", "P5\n1 1 255\n."),
            (&journal::name(None), "{}"),
            (&journal::name(Some(Shard { part: 3, of: 100 })), "{}"),
            ("a/b/5.png", "P5\n1 1 255\n."),
            ("out/6.png", "P5\n1 1 255\n."),
        ] {
            fs::write(at(name), content).unwrap();
        }
        let names = |list: &[(&str, bool)]| list.iter().map(|(n, p)| ((*n).to_owned(), *p)).collect::<Vec<_>>();
        let flat = [
            (".enlarge-1.part", false),
            (".hidden.png", false),
            ("1.png", true),
            ("2", true),
            ("3.jpg", false),
            ("4.heic", false),
            ("a", false),
            ("out", false),
        ];
        assert_eq!(listed(folder.path(), false, None), names(&flat));
        let mut deep = flat.to_vec();
        deep[6] = ("a/b/5.png", true);
        assert_eq!(listed(folder.path(), true, Some(&at("out"))), names(&deep));
        deep[7] = ("out/6.png", true);
        assert_eq!(listed(folder.path(), true, Some(folder.path())), names(&deep));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("a")).unwrap();
        std::os::unix::fs::symlink("..", at("a/up")).unwrap();
        std::os::unix::fs::symlink("nothing", at("b")).unwrap();
        fs::write(at("1"), "P5\n1 1 255\n.").unwrap();
        let names = [("1", true), ("a/up", false), ("b", false)].map(|(n, p)| (n.to_owned(), p));
        assert_eq!(listed(folder.path(), true, None), names);
    }
}
