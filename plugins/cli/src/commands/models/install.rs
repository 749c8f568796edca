//! `enlarge models install` and `update`.
//!
//! A model is installed completely or not at all, and only after its licence has been shown.

use std::path::Path;

use enlarger::{Cancel, Error, ErrorKind, Registry, Result};
use enlarger_import::{Entry, UserModels};
use enlarger_models::{Installed, Installer, Watch};
use serde_json::json;

use super::available::open_catalogue;
use super::reports::{report_to, worker};
use crate::args::{Install, Update};
use crate::exit_status::{CANCELLED, DONE, FAILED, USAGE};
use crate::terminal::{Terminal, print_line};

/// Runs `enlarge models install ID…`.
pub fn install(arguments: &Install, terminal: Terminal, cancel: &Cancel) -> u8 {
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
    install_entries(&wanted, arguments.from.as_deref(), arguments.overwrite, terminal, cancel)
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

/// Installs the entries. A package that several of them share is fetched once.
fn install_entries(
    entries: &[&Entry],
    from: Option<&Path>,
    overwrite: bool,
    terminal: Terminal,
    cancel: &Cancel,
) -> u8 {
    let mut installer = match worker().and_then(|w| Installer::new(Registry::open(), w, from, overwrite)) {
        Ok(installer) => installer,
        Err(error) => {
            terminal.error(error);
            return FAILED;
        }
    };
    let mut report = report_to(terminal);
    let mut watch = Watch::new(cancel, &mut report).keeping_downloads();
    let mut status = DONE;
    for entry in entries {
        let id = &entry.description.id;
        let outcome = installer.install(entry, &mut watch);
        match &outcome {
            Ok(Some(Installed { folder, engine })) => {
                if !terminal.json {
                    print_line(format_args!("{id}: installed in {}, tested with {engine}", folder.display()));
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
            "found_in": outcome.as_ref().ok().and_then(Option::as_ref).map(|found| found.folder.display().to_string()),
            "error": outcome.as_ref().err().map(ToString::to_string),
        }));
        if cancel.is_cancelled() {
            return CANCELLED;
        }
    }
    status
}

/// Runs `enlarge models update`.
pub fn update(arguments: &Update, terminal: Terminal, cancel: &Cancel) -> u8 {
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
        Ok(wanted) => {
            let wanted: Vec<&Entry> = wanted.iter().collect();
            install_entries(&wanted, arguments.from.as_deref(), true, terminal, cancel)
        }
        Err(error) => {
            terminal.error(error);
            USAGE
        }
    }
}
