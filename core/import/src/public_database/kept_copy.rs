//! The user's copy of the database, from the last time that it was fetched.
//!
//! It answers without a connection, and says of which day it is. It is written only with what was read as the database.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{env, fmt};

use enlarger::{Error, ErrorKind, Folders, Location, Result};

use super::PublicDatabase;
use crate::sha256::sha256;

/// The environment variable that names another address of the database's JSON: a mirror, or a server for tests.
pub const PUBLIC_DATABASE_VARIABLE: &str = "ENLARGER_PUBLIC_DATABASE";

/// The address of the JSON.
const ADDRESS: &str = "https://openmodeldb.info/api/v1/models.json";

/// The most bytes that the JSON may have. It has some two million.
pub const MAX_DATABASE: u64 = 16 << 20;

/// The age from which a copy is fetched again.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// The user's copy of the database. It need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCopy {
    address: String,
    path: PathBuf,
}

/// A day, as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(i64);

impl KeptCopy {
    /// The copy of this user.
    ///
    /// # Errors
    /// `Io` if there is no home folder for it.
    pub fn of_user() -> Result<Self> {
        let named = env::var(PUBLIC_DATABASE_VARIABLE).ok().filter(|address| !address.is_empty());
        let address = named.unwrap_or_else(|| ADDRESS.into());
        let folder = Folders::of_user().cache.ok_or_else(|| {
            Error::new(
                ErrorKind::Io,
                "there is no home folder to keep the public database in; set the environment variable HOME",
            )
        })?;
        Ok(Self::of(&folder.join("enlarger"), &address))
    }

    /// Copies of different addresses have different names.
    fn of(folder: &Path, address: &str) -> Self {
        let name = format!("public-database-{}.json", &sha256(address.as_bytes())[..12]);
        KeptCopy { address: address.to_owned(), path: folder.join(name) }
    }

    /// The address that it is a copy of.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The day on which it was fetched; `None` if there is none.
    pub fn day(&self) -> Option<Day> {
        Day::of(fs::metadata(&self.path).ok()?.modified().ok()?)
    }

    /// Whether it should be fetched again: it is missing, older than a day, or from the future.
    pub fn is_stale(&self) -> bool {
        let modified = fs::metadata(&self.path).and_then(|found| found.modified());
        modified.is_err() || !modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age < STALE))
    }

    /// Reads the copy; `None` if there is none.
    ///
    /// # Errors
    /// `Io`, or as [`PublicDatabase::parse`]. Both name the file.
    pub fn read(&self) -> Result<Option<PublicDatabase>> {
        let read = || PublicDatabase::parse(&self.text()?).map(Some);
        if !self.path.exists() {
            return Ok(None);
        }
        read().map_err(|error| error.at(Location::File(self.path.clone())))
    }

    /// The copy, if it knows a file with one of these SHA-256. That takes a few milliseconds.
    pub fn read_if_it_knows(&self, sums: &[String]) -> Option<PublicDatabase> {
        let text = self.text().ok()?;
        let lower = text.to_ascii_lowercase();
        let knows = sums.iter().any(|sum| lower.contains(sum.as_str()));
        if knows { PublicDatabase::parse(&text).ok() } else { None }
    }

    fn text(&self) -> Result<String> {
        let mut text = String::new();
        File::open(&self.path)?.take(MAX_DATABASE + 1).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Reads the JSON that was fetched, and keeps it.
    ///
    /// # Errors
    /// As [`PublicDatabase::parse`], and the old copy stays; `Io` if it cannot be kept.
    pub fn replace(&self, text: &str) -> Result<PublicDatabase> {
        let database = PublicDatabase::parse(text)?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(&self.path).map_err(|error| Error::from(error.error).at(Location::File(self.path.clone())))?;
        Ok(database)
    }
}

impl Day {
    fn of(time: SystemTime) -> Option<Self> {
        let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
        Some(Day((seconds / 86_400).try_into().ok()?))
    }
}

impl fmt::Display for Day {
    /// The Gregorian date, counted in years that begin in March, so that the leap day is the last of a year.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0 + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let (day, month) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1);
        write!(f, "{:04}-{month:02}-{day:02}", era * 400 + year + i64::from(month <= 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_gregorian() {
        for (day, expected) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_785, "2026-11-28"),
            (20_818, "2026-12-31"),
            (20_819, "2027-01-01"),
        ] {
            assert_eq!(Day(day).to_string(), expected);
        }
    }

    #[test]
    fn a_copy_is_kept_and_replaced_only_by_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let copy = KeptCopy::of(&folder.path().join("cache"), "https://example.org/models.json");
        assert!(copy.is_stale() && copy.read().unwrap().is_none() && copy.day().is_none());
        let sum = "ab".repeat(32);
        let text =
            format!(r#"{{"4x-a":{{"name":"A","resources":[{{"type":"pth","sha256":"{}"}}]}}}}"#, sum.to_uppercase());
        assert_eq!(copy.replace(&text).unwrap().models().len(), 1);
        assert!(!copy.is_stale() && copy.day().is_some());
        assert!(copy.replace("<html>").is_err());
        assert_eq!(copy.read().unwrap().unwrap().models()[0].id, "4x-a");
        assert!(copy.read_if_it_knows(&["cd".repeat(32)]).is_none());
        assert!(copy.read_if_it_knows(std::slice::from_ref(&sum)).unwrap().recognise(&sum).count() == 1);
        // Another address has another copy.
        assert!(KeptCopy::of(&folder.path().join("cache"), "https://example.org/other.json").read().unwrap().is_none());
        // A copy from the future was not fetched on this clock.
        let file = File::options().write(true).open(&copy.path).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
        assert!(copy.is_stale());
    }
}
