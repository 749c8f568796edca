//! The public database of models, OpenModelDB: what its JSON says, and the copy of it that this user keeps.
//!
//! It makes models easy to find, and gives a file that somebody has a name, an author and a licence, by its SHA-256.
//! Its data are under GPL-3.0, so none are in Enlarger. Nothing in them is trusted, and nothing is downloaded here.

mod architecture;
mod file;
mod kept_copy;
mod licence;
mod model;
mod text;

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

pub use file::{FileKind, PublicFile};
pub use kept_copy::{KeptCopy, MAX_DATABASE, PUBLIC_DATABASE_VARIABLE};
pub use model::PublicModel;

use enlarger::{Error, ErrorKind, Result};

use crate::errors::invalid;

/// The most bytes that an entry may have. Those of the database have a few thousand.
const MAX_ENTRY: usize = 1 << 17;

/// The most models that are read. The database has some 700.
const MAX_MODELS: usize = 20_000;

/// The models of the database.
#[derive(Clone, Debug, Default)]
pub struct PublicDatabase {
    models: Vec<PublicModel>,
    broken: usize,
}

/// The entries as text, so that one that is wrong does not make the others unreadable.
#[derive(Deserialize)]
#[serde(transparent)]
struct Entries<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

impl PublicDatabase {
    /// Reads the database's JSON: a map from ids to models. Entries that are wrong are left out and counted.
    ///
    /// # Errors
    /// `Limit` for a text that is too long, `ModelInvalid` for one that is not the database.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() as u64 > MAX_DATABASE {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("the public database is longer than {MAX_DATABASE} bytes; check its address"),
            ));
        }
        let Entries(entries) = serde_json::from_str(text).map_err(|error| {
            invalid(format!(
                "this is not the public database: its JSON is no map of models ({error}); check its address"
            ))
        })?;
        if entries.len() > MAX_MODELS {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "the public database has {} models, above the limit of {MAX_MODELS}; check its address",
                    entries.len()
                ),
            ));
        }
        let mut database = PublicDatabase::default();
        for (id, entry) in entries {
            match Some(entry.get()).filter(|text| text.len() <= MAX_ENTRY).and_then(|text| PublicModel::read(&id, text))
            {
                Some(model) => database.models.push(model),
                None => database.broken += 1,
            }
        }
        if database.models.is_empty() {
            return Err(invalid("this is not the public database: no entry is a model; check its address"));
        }
        Ok(database)
    }

    /// The models, by id.
    pub fn models(&self) -> &[PublicModel] {
        &self.models
    }

    /// How many entries were left out because they are wrong.
    pub fn broken(&self) -> usize {
        self.broken
    }

    /// The model with this id or name. Upper and lower case are equal; an id wins over a name.
    pub fn find(&self, name: &str) -> Option<&PublicModel> {
        let find = |of: fn(&PublicModel) -> &str| self.models.iter().find(|model| of(model).eq_ignore_ascii_case(name));
        find(|model| &model.id).or_else(|| find(|model| &model.name))
    }

    /// The models of the file with this SHA-256, and the file. Some files are listed twice.
    pub fn recognise(&self, sha256: &str) -> impl Iterator<Item = (&PublicModel, &PublicFile)> {
        let has = move |file: &&PublicFile| file.sha256.as_deref().is_some_and(|sum| sum.eq_ignore_ascii_case(sha256));
        self.models.iter().filter_map(move |model| Some((model, model.files.iter().find(has)?)))
    }

    /// The models that all of the words match, the best matches first, newer ones before older ones.
    pub fn search(&self, words: &[String]) -> Vec<&PublicModel> {
        let words: Vec<String> = words.iter().flat_map(|text| text.split_whitespace()).map(str::to_lowercase).collect();
        let mut found: Vec<(usize, &PublicModel)> =
            self.models.iter().filter_map(|model| Some((model.rank(&words)?, model))).collect();
        found.sort_by(|(rank, a), (other, b)| (other, &b.date, &a.id).cmp(&(rank, &a.date, &b.id)));
        found.into_iter().map(|(_, model)| model).collect()
    }
}

#[cfg(test)]
mod tests;
