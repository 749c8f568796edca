//! `enlarge models install` and `update`.
//!
//! A model is installed completely or not at all, and only after its licence has been shown.

use std::borrow::Cow;
use std::path::Path;

use enlarger::{Cancel, Error, ErrorKind, Model, Registry, Result};
use enlarger_import::{Description, Entry, PublicDatabase, PublicModel, UserModels};
use enlarger_models::{Freshness, Installed, Installer, Watch, install_public, open_public_database};
use serde_json::json;

use super::available::open_catalogue;
use super::reports::report_to;
use crate::args::{Install, Update};
use crate::commands::engines::worker;
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
    let (mut wanted, mut public) = (Vec::new(), Public::default());
    for id in &arguments.models {
        let found = match catalogue.find(id) {
            Ok(entry) => check_licence(&Terms::of_entry(entry), arguments).map(|()| wanted.push(entry)),
            // Packages in a folder are the catalogue's.
            Err(error) if arguments.from.is_some() => Err(error),
            Err(_) => public.add(id, arguments, terminal, cancel),
        };
        if let Err(error) = found {
            terminal.error(&error);
            terminal.json(&json!({ "model": id, "error": error.to_string() }));
            return match error.kind() {
                ErrorKind::Argument | ErrorKind::ModelNotFound => USAGE,
                ErrorKind::Cancelled => CANCELLED,
                _ => FAILED,
            };
        }
    }
    let mut status = DONE;
    if !wanted.is_empty() {
        status = install_entries(&wanted, arguments.from.as_deref(), arguments.overwrite, terminal, cancel);
    }
    if status == CANCELLED || public.models.is_empty() {
        return status;
    }
    status.max(install_public_models(&public.models, arguments.overwrite, terminal, cancel))
}

/// What the user has to agree to.
struct Terms<'a> {
    id: &'a str,
    commercial: bool,
    certain: bool,
    /// Whose the model is, or what is said of its licence.
    known: Cow<'a, str>,
}

impl<'a> Terms<'a> {
    fn of_entry(entry: &'a Entry) -> Self {
        let Description { id, commercial, attribution, .. } = &entry.description;
        Terms { id, commercial: *commercial, certain: entry.licence_is_certain, known: attribution.into() }
    }

    fn of_public(model: &'a PublicModel) -> Self {
        let licence = model.licence.as_deref().unwrap_or("none is stated");
        let unknown = model.unknown_licences();
        let known = match unknown.is_empty() || unknown == [licence] {
            true => licence.into(),
            false => format!("{licence}, and it is not known what {} allows", unknown.join(" or ")).into(),
        };
        Terms { id: &model.id, commercial: model.commercial(), certain: model.licence_is_certain(), known }
    }
}

/// Checks whether the user has agreed to the licence.
fn check_licence(terms: &Terms<'_>, arguments: &Install) -> Result<()> {
    let Terms { id, commercial, certain, known } = terms;
    let refuse = |message: String| Err(Error::new(ErrorKind::Argument, message));
    if arguments.commercial && !commercial {
        return refuse(format!(
            "the licence of {id} is not known to allow commercial use; leave out --commercial, or choose another model"
        ));
    }
    if !certain && !arguments.accept_unclear_licence {
        return refuse(format!(
            "the licence of the weights of {id} is unclear ({known}); find out whether you may use them, then add --accept-unclear-licence"
        ));
    }
    Ok(())
}

/// The models of the public database that are wanted. It is opened for the first of them.
#[derive(Default)]
struct Public {
    database: Option<PublicDatabase>,
    models: Vec<PublicModel>,
}

impl Public {
    fn add(&mut self, id: &str, arguments: &Install, terminal: Terminal, cancel: &Cancel) -> Result<()> {
        let database = match &self.database {
            Some(database) => database,
            None => {
                let mut report = report_to(terminal);
                let opened = open_public_database(Freshness::Recent, &mut Watch::new(cancel, &mut report));
                self.database.insert(opened.map_err(|error| {
                    let message = format!(
                        "the catalogue has no model '{id}', and the public database cannot be asked ({}); `enlarge models available` lists the catalogue's models",
                        error.message()
                    );
                    Error::new(error.kind(), message)
                })?)
            }
        };
        let model = database.find(id).ok_or_else(|| {
            Error::new(
                ErrorKind::ModelNotFound,
                format!(
                    "neither the catalogue nor the public database has a model '{id}'; `enlarge models available` and `enlarge models search` list their models"
                ),
            )
        })?;
        check_licence(&Terms::of_public(model), arguments)?;
        self.models.push(model.clone());
        Ok(())
    }
}

/// Installs models of the public database.
fn install_public_models(models: &[PublicModel], overwrite: bool, terminal: Terminal, cancel: &Cancel) -> u8 {
    let worker = match worker() {
        Ok(worker) => worker,
        Err(error) => {
            terminal.error(error);
            return FAILED;
        }
    };
    let mut report = report_to(terminal);
    let mut watch = Watch::new(cancel, &mut report).keeping_downloads();
    let mut status = DONE;
    for model in models {
        let id = &model.id;
        let outcome = install_public(model, overwrite, &Registry::open(), &worker, &mut watch);
        let installed = outcome.as_ref().ok().and_then(Option::as_ref).map(|imported| &imported.model);
        match (&outcome, installed) {
            (Ok(_), Some(installed)) => {
                if !terminal.json {
                    let (own, origin) = (installed.id(), installed.origin());
                    print_line(format_args!("{id}: installed in {origin}; use it with --model {own}"));
                }
            }
            (Ok(_), None) => terminal.info(format_args!("{id}: already installed")),
            (Err(error), _) => {
                terminal.error(format_args!("{id}: {error}"));
                status = FAILED;
            }
        }
        terminal.json(&json!({
            "model": id,
            "ok": outcome.is_ok(),
            "id": installed.map(Model::id),
            "found_in": installed.map(|model| model.origin().to_string()),
            "page": model.page(),
            "error": outcome.as_ref().err().map(ToString::to_string),
        }));
        if cancel.is_cancelled() {
            return CANCELLED;
        }
    }
    status
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
        // The user's own models are left alone, whatever their ids.
        let named = |id: &String| match catalogue.find(registry.find(id)?.id()) {
            Ok(entry) if !entry.is_in(&registry) => Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "your model '{id}' is not the catalogue's; `enlarge models install {id} --overwrite` replaces it"
                ),
            )),
            found => found.cloned(),
        };
        let entries: Vec<Entry> = match arguments.models.as_slice() {
            [] => catalogue.entries().iter().filter(|entry| entry.is_in(&registry)).cloned().collect(),
            ids => ids.iter().map(named).collect::<Result<_>>()?,
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
