//! The catalogue: the models that can be installed.
//!
//! The catalogue is data: `catalogue/families.toml` and `catalogue/checkpoints.toml` are written by people, `catalogue/measured.toml` by
//! the example `measure`. A model is in it only if its origin, the SHA-256 of its files and its licence are known. A user's own
//! `catalogue.toml` has the same form, is read as well, and has to satisfy the same rules.

mod archive;
mod entry;
mod families;
mod package;

pub use archive::Archive;
pub use entry::{Entry, Measured};
pub use package::{Client, Package};

use enlarger::{Error, ErrorKind, Location, Registry, Result};

/// The name of the user's own catalogue, in the folder above that of the models.
const FILE: &str = "catalogue.toml";

/// The models that can be installed.
#[derive(Debug)]
pub struct Catalogue {
    entries: Vec<Entry>,
    broken: Vec<Error>,
}

impl Catalogue {
    /// The built-in catalogue and the user's own. A model of the user's replaces a built-in one of the same id.
    ///
    /// # Errors
    /// As [`Catalogue::embedded`]. Errors in the user's own catalogue are listed by [`Catalogue::broken`] instead.
    pub fn open() -> Result<Self> {
        let mut catalogue = Self::embedded()?;
        let (path, own) = match Registry::user_text(FILE) {
            Ok(None) => return Ok(catalogue),
            Ok(Some((path, text))) => (path, families::read(&text, "")),
            Err(error) => {
                catalogue.broken.push(error);
                return Ok(catalogue);
            }
        };
        match own {
            Ok(own) => own.into_iter().for_each(|entry| match entry.check() {
                Ok(()) => {
                    catalogue.entries.retain(|other| other.description.id != entry.description.id);
                    catalogue.entries.push(entry);
                }
                Err(error) => catalogue.broken.push(error.at(Location::File(path.clone()))),
            }),
            Err(error) => catalogue.broken.push(error.at(Location::File(path))),
        }
        Ok(catalogue)
    }

    /// The built-in catalogue.
    ///
    /// # Errors
    /// As [`Catalogue::parse`].
    pub fn embedded() -> Result<Self> {
        // The second file continues the first.
        let families =
            concat!(include_str!("../../catalogue/families.toml"), include_str!("../../catalogue/checkpoints.toml"));
        Self::parse(families, include_str!("../../catalogue/measured.toml"))
    }

    /// Reads a catalogue from the text of a catalogue file and that of a file with measured values.
    ///
    /// # Errors
    /// `ModelInvalid` for a text that is not a catalogue, contradicts itself, or has an incomplete model.
    pub fn parse(families: &str, measured: &str) -> Result<Self> {
        let entries = families::read(families, measured)?;
        entries.iter().try_for_each(Entry::check)?;
        Ok(Catalogue { entries, broken: Vec::new() })
    }

    /// The models.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The errors in the user's own catalogue: an error for each model that cannot be used, or one for the whole file.
    pub fn broken(&self) -> &[Error] {
        &self.broken
    }

    /// The model of this id.
    ///
    /// # Errors
    /// `ModelNotFound`.
    pub fn find(&self, id: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.description.id == id).ok_or_else(|| {
            Error::new(
                ErrorKind::ModelNotFound,
                format!("the catalogue has no model '{id}'; `enlarge models available` lists its models"),
            )
        })
    }
}
