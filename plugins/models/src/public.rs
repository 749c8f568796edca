//! The public database of models: opened, fetched if its copy is old, and a model of it installed.
//!
//! It is fetched only for somebody who asks for it. A model is downloaded only from a direct link, and is then imported like any
//! file.

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_import::{KeptCopy, MAX_DATABASE, PublicDatabase, PublicFile, PublicModel};

use crate::download::{document, url};
use crate::import::{Existing, Import, Imported, import};
use crate::install::licence_line;
use crate::watch::Watch;
use crate::worker::Worker;

/// How old a copy of the database may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Any copy is good, and nothing is fetched.
    Kept,
    /// A copy of the last day is good. An older one is used if no other can be fetched.
    Recent,
    /// The database is fetched. A copy is used if that is not possible.
    Fetched,
}

/// Opens the public database.
///
/// # Errors
/// `Io` or `Limit` if it cannot be fetched and there is no copy; `ModelInvalid` for an answer that is not the database;
/// `Cancelled`.
pub fn open_public_database(freshness: Freshness, watch: &mut Watch<'_>) -> Result<PublicDatabase> {
    let copy = KeptCopy::of_user()?;
    let day = || copy.day().map_or("an unknown day".to_owned(), |day| day.to_string());
    if freshness == Freshness::Kept {
        let Some(database) = copy.read()? else {
            return Err(Error::new(
                ErrorKind::Io,
                "there is no copy of the public database on this machine; fetch it once with `enlarge models search`",
            ));
        };
        watch.info(format!("using the copy of the public database of {}", day()));
        return Ok(database);
    }
    if freshness == Freshness::Recent
        && !copy.is_stale()
        && let Ok(Some(database)) = copy.read()
    {
        return Ok(database);
    }
    let fetched = document::fetch(copy.address(), MAX_DATABASE, watch).and_then(|text| copy.replace(&text));
    let error = match fetched {
        Ok(database) => {
            if database.broken() > 0 {
                watch.detail(format!(
                    "{} entries of the public database are wrong and were left out",
                    database.broken()
                ));
            }
            return Ok(database);
        }
        Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
        Err(error) => error,
    };
    match copy.read() {
        Ok(Some(database)) => {
            watch.info(format!("{error}; using the copy of {}", day()));
            Ok(database)
        }
        _ => Err(error),
    }
}

/// Checks that a model of the database can be installed.
///
/// # Errors
/// `ModelInvalid` if no file of it can run, `ModelNotFound` if none can be fetched; both name the model's page.
pub fn installable(model: &PublicModel) -> Result<&PublicFile> {
    let (id, page) = (&model.id, model.page());
    let Some(file) = model.usable_file() else {
        return Err(Error::new(
            ErrorKind::ModelInvalid,
            format!(
                "{id} has no file of an architecture that Enlarger knows ({}); its page is {page}",
                if model.architecture.is_empty() { "none is stated" } else { &model.architecture }
            ),
        ));
    };
    if file.remotes().next().is_none() {
        return Err(Error::new(
            ErrorKind::ModelNotFound,
            format!(
                "{id} has no direct link; download the file from {page} and import it with `enlarge models import FILE`"
            ),
        ));
    }
    Ok(file)
}

/// Installs a model of the database. Returns `None` if it was installed before, unless `overwrite` is set.
///
/// # Errors
/// As [`installable`], [`url::fetch`] and [`import`].
pub fn install_public(
    model: &PublicModel,
    overwrite: bool,
    registry: &Registry,
    worker: &Worker,
    watch: &mut Watch<'_>,
) -> Result<Option<Imported>> {
    let file = installable(model)?;
    let description = model.describe(file);
    if !overwrite && model.is_in(registry) {
        return Ok(None);
    }
    watch.info(licence_line(&description, &model.id));
    let name = format!("{}.{}", model.id, file.kind.name());
    let folder = tempfile::tempdir()?;
    let mut failure = None;
    for remote in file.remotes() {
        match url::fetch_as(&remote, &name, folder.path(), watch) {
            Ok(path) => {
                let existing = if overwrite { Existing::Replace } else { Existing::Refuse };
                // Other entries may have the same file.
                let wanted = Import { description, recognise: false, existing, ..Import::default() };
                return import(&path, &wanted, registry, worker, watch).map(Some);
            }
            Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
            // Another link may lead to the right file.
            Err(error) => failure = Some(error),
        }
    }
    let error = failure.map_or_else(|| "no link works".to_owned(), |error| error.to_string());
    Err(Error::new(
        ErrorKind::Io,
        format!("{error}; or download the file from {} and import it with `enlarge models import FILE`", model.page()),
    ))
}
