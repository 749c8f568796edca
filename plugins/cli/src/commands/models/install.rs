//! `enlarge models install` and `update`.
//!
//! A model is installed completely or not at all, and only after its licence has been shown.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_engines::Engines;
use enlarger_import::{Entry, UserModels};
use serde_json::json;
use tempfile::TempDir;

use super::available::open_catalogue;
use super::{probe, trial};
use crate::args::{Install, SECONDS, Update};
use crate::download::package;
use crate::exit_status::{DONE, FAILED, USAGE};
use crate::terminal::{Terminal, print_line};

/// Runs `enlarge models install ID…`.
pub fn install(arguments: &Install, terminal: Terminal) -> u8 {
    let catalogue = match open_catalogue(terminal) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            terminal.error(error);
            return FAILED;
        }
    };
    let mut wanted = Vec::new();
    for id in &arguments.models {
        match catalogue.find(id).and_then(|entry| check_licence(entry, arguments).map(|()| entry)) {
            Ok(entry) => wanted.push(entry),
            Err(error) => {
                terminal.error(&error);
                terminal.json(&json!({ "model": id, "error": error.to_string() }));
                return USAGE;
            }
        }
    }
    install_entries(&wanted, arguments.from.as_deref(), arguments.overwrite, terminal)
}

/// Checks whether the user has agreed to the licence.
fn check_licence(entry: &Entry, arguments: &Install) -> Result<()> {
    let id = &entry.description.id;
    let refuse = |message: String| Err(Error::new(ErrorKind::Argument, message));
    if arguments.commercial && !entry.description.commercial {
        return refuse(format!(
            "the licence of {id} is not known to allow commercial use; leave out --commercial, or choose another model"
        ));
    }
    if !entry.licence_is_certain && !arguments.accept_unclear_licence {
        return refuse(format!(
            "the licence of the weights of {id} is unclear ({}); find out whether you may use them, then add --accept-unclear-licence",
            entry.description.attribution
        ));
    }
    Ok(())
}

/// What all installations of a run share.
struct Installer<'a> {
    registry: Registry,
    store: UserModels,
    engines: Engines,
    /// The folder that packages are taken from; `None` to fetch them.
    from: Option<&'a Path>,
    /// The folder that packages are fetched into.
    fetched: TempDir,
    overwrite: bool,
    terminal: Terminal,
}

/// Installs the entries. A package that several of them share is fetched once.
fn install_entries(entries: &[&Entry], from: Option<&Path>, overwrite: bool, terminal: Terminal) -> u8 {
    let prepare = || -> Result<Installer<'_>> {
        let (registry, store, engines) = (Registry::open(), UserModels::open()?, Engines::discover());
        Ok(Installer { registry, store, engines, from, fetched: tempfile::tempdir()?, overwrite, terminal })
    };
    let installer = match prepare() {
        Ok(installer) => installer,
        Err(error) => {
            terminal.error(error);
            return FAILED;
        }
    };
    let mut status = DONE;
    let mut packages: HashMap<&str, PathBuf> = HashMap::new();
    for entry in entries {
        let id = &entry.description.id;
        let outcome = install_entry(&installer, entry, &mut packages);
        match &outcome {
            Ok(Some((path, ran_on))) => {
                if !terminal.json {
                    print_line(format_args!("{id}: installed in {}, tested with {ran_on}", path.display()));
                }
            }
            Ok(None) => terminal.info(format_args!("{id}: already installed")),
            Err(error) => {
                terminal.error(format_args!("{id}: {error}"));
                status = FAILED;
            }
        }
        terminal.json(&json!({
            "model": id,
            "ok": outcome.is_ok(),
            "found_in": outcome.as_ref().ok().and_then(Option::as_ref).map(|(path, _)| path.display().to_string()),
            "error": outcome.as_ref().err().map(ToString::to_string),
        }));
    }
    status
}

/// Installs an entry. Returns its folder and the engine that ran it, or nothing if it was installed before.
fn install_entry<'a>(
    installer: &Installer<'_>,
    entry: &'a Entry,
    packages: &mut HashMap<&'a str, PathBuf>,
) -> Result<Option<(PathBuf, String)>> {
    let Installer { registry, store, terminal, .. } = installer;
    let words = &entry.description;
    // A built-in model counts as installed.
    let is_found = registry.find(&words.id).is_ok_and(|model| entry.is(model));
    if (is_found || store.has(&words.id)) && !installer.overwrite {
        return Ok(None);
    }
    terminal.info(format_args!(
        "{} ({}): licence {}, {}; {}",
        words.name,
        words.id,
        words.licence,
        if words.commercial { "commercial use allowed" } else { "commercial use not known to be allowed" },
        words.attribution
    ));
    let package = &entry.package;
    let path = match packages.get(package.id.as_str()) {
        Some(path) => path.clone(),
        None => {
            let path = package::fetch(package, installer.from, installer.fetched.path(), *terminal)?;
            packages.insert(&package.id, path.clone());
            path
        }
    };
    let network = entry.network(&path)?;
    let (network, found) = match &entry.measured {
        Some(measured) => (network, measured.findings()),
        None => probe::probe_and_pad(network, SECONDS, *terminal)?,
    };
    let licence = entry.licence_text();
    let notice = format!(
        "{}\n\n{}\nLicence of the weights: {}{}\n",
        words.attribution,
        words.source,
        words.licence,
        if entry.licence_is_certain { "" } else { " (unclear)" }
    );
    let mut notices = vec![("NOTICE", notice.as_str())];
    notices.extend(licence.as_deref().map(|text| ("LICENSE", text)));
    let prepared = store.prepare(&entry.manifest(&network, &found)?, &network, &notices)?;
    let ran_on = trial::run_one_tile(&installer.engines, &prepared.model()?)?;
    Ok(Some((prepared.install(installer.overwrite)?, ran_on)))
}

/// Runs `enlarge models update`.
pub fn update(arguments: &Update, terminal: Terminal) -> u8 {
    let found = open_catalogue(terminal).and_then(|catalogue| {
        let registry = Registry::search(&[UserModels::open()?.folder().to_owned()]);
        let entries: Vec<Entry> = match arguments.models.as_slice() {
            [] => catalogue.entries().to_vec(),
            ids => ids.iter().map(|id| catalogue.find(registry.find(id)?.id()).cloned()).collect::<Result<_>>()?,
        };
        let differs = |entry: &Entry| {
            registry
                .find(&entry.description.id)
                .is_ok_and(|model| !entry.is(model) || entry.description.version != model.manifest().version)
        };
        Ok(entries.into_iter().filter(differs).collect::<Vec<Entry>>())
    });
    match found {
        Ok(wanted) if wanted.is_empty() => {
            terminal.info("Everything is up to date: the installed models are the catalogue's.");
            DONE
        }
        Ok(wanted) => install_entries(&wanted.iter().collect::<Vec<_>>(), arguments.from.as_deref(), true, terminal),
        Err(error) => {
            terminal.error(error);
            USAGE
        }
    }
}
