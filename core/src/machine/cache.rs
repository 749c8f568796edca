//! A cache of measurements, shared by all programs of the user.
//!
//! An entry is a line of text under a key that names everything it depends on. Entries may be lost at any time. An
//! entry that cannot be read or written (damage, another key, no folder, no permission) counts as missing; this must
//! never be an error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::machine::folders::Folders;

/// A cache: a folder of entries, or no folder at all.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
}

impl Cache {
    /// The cache of this user, below the user's folder for caches (see [`Folders`]).
    pub fn of_user() -> Self {
        Cache { folder: Folders::of_user().cache.map(|folder| folder.join("enlarger").join("measured")) }
    }

    /// A cache in this folder, which is created when the first entry is written.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Cache { folder: Some(folder.into()) }
    }

    /// A cache that keeps nothing.
    pub fn none() -> Self {
        Cache::default()
    }

    /// The entry under this key, exactly as it was written.
    pub fn read(&self, key: &str) -> Option<String> {
        let text = fs::read_to_string(self.path(key)?).ok()?;
        let note = text.strip_prefix(key)?.strip_prefix('\n')?.lines().next()?;
        (text == file(key, note)).then(|| note.to_owned())
    }

    /// Writes an entry of one line. A program that reads at the same time finds the old entry or the new one, never a
    /// part of one.
    pub fn write(&self, key: &str, note: &str) {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let Some(path) = self.path(key) else { return };
        let part = path.with_extension(format!("{}-{}.part", process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&part, file(key, note)));
        if written.and_then(|()| fs::rename(&part, &path)).is_err() {
            // If this fails too, a temporary file may stay behind; the cache still works.
            let _ = fs::remove_file(&part);
        }
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        Some(Path::new(self.folder.as_ref()?).join(&hash(key)[..32]).with_extension("txt"))
    }
}

/// The content of an entry's file: the key, the entry, and a hash that reveals damage to either.
fn file(key: &str, note: &str) -> String {
    let text = format!("{key}\n{note}\n");
    format!("{text}{}\n", hash(&text))
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;

    /// An empty folder for one test.
    fn folder(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("enlarger-cache-{}-{name}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn entries_are_kept_by_key() {
        let folder = folder("kept");
        let cache = Cache::at(&folder);
        assert_eq!(cache.read("a"), None);
        cache.write("a", "one");
        cache.write("b", "two");
        cache.write("a", "three");
        let other = Cache::at(&folder);
        assert_eq!((other.read("a").as_deref(), other.read("b").as_deref()), (Some("three"), Some("two")));
        assert_eq!(files(&folder).len(), 2, "nothing else is left behind");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_damaged_entry_counts_as_missing() {
        let folder = folder("damaged");
        let cache = Cache::at(&folder);
        cache.write("key", "note");
        let [path] = <[PathBuf; 1]>::try_from(files(&folder)).unwrap();
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(cache.read("key"), None, "the first {length} bytes");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert_eq!(cache.read("key"), None, "byte {at}");
        }
        fs::write(&path, [0xff; 100]).unwrap();
        assert_eq!(cache.read("key"), None);
        cache.write("key", "again");
        assert_eq!(cache.read("key").as_deref(), Some("again"));
        fs::remove_dir_all(folder).unwrap();
    }

    /// A file stands where the folder should be, so that not even an administrator can write there.
    #[test]
    fn an_unwritable_cache_keeps_nothing() {
        let folder = folder("unwritable");
        fs::write(&folder, "a file").unwrap();
        for cache in [Cache::at(&folder), Cache::at(folder.join("below")), Cache::none()] {
            cache.write("key", "note");
            assert_eq!(cache.read("key"), None);
        }
        fs::remove_file(folder).unwrap();
    }
}
