//! The models: listed, shown and checked here; how they come in is in files of its own.
//!
//! Listing must stay quick: it reads manifests and no network.

use enlarger::{Model, Registry};
use enlarger_engines::Engines;
use serde_json::{Value, json};

use crate::args::Models;
use crate::batch::{DONE, FAILED, USAGE};
use crate::voice::{Voice, list};
use crate::{catalogue, import, probe, trial};

/// Runs `enlarge models …`.
pub fn run(command: &Models, voice: Voice) -> u8 {
    let registry = Registry::open();
    match command {
        Models::List => list_all(&registry, voice),
        Models::Info { model } => info(&registry, model, voice),
        Models::Available { commercial } => catalogue::available(*commercial, voice),
        Models::Install(arguments) => catalogue::install(arguments, voice),
        Models::Update(arguments) => catalogue::update(arguments, voice),
        Models::Remove { models } => catalogue::remove(models, voice),
        Models::Import(arguments) => import::run(arguments, voice),
        Models::Probe { file } => probe::run(file),
        Models::Verify { models } => verify(&registry, models, voice),
    }
}

fn list_all(registry: &Registry, voice: Voice) -> u8 {
    if voice.json {
        registry.models().iter().for_each(|m| voice.json(&object(m)));
    } else {
        let width = registry.models().iter().map(|m| m.id().len()).max().unwrap_or(0);
        for model in registry.models() {
            let manifest = model.manifest();
            list(format_args!(
                "{:width$}  ×{}  {}  ({}, {})",
                model.id(),
                manifest.scale,
                manifest.name,
                manifest.licence.weights,
                model.origin(),
            ));
        }
    }
    for model in registry.hidden() {
        voice.say(format_args!("{} in {} is hidden by one found earlier", model.id(), model.origin()));
    }
    for error in registry.broken() {
        voice.warn(error);
    }
    DONE
}

fn info(registry: &Registry, id: &str, voice: Voice) -> u8 {
    let model = match registry.find(id) {
        Ok(model) => model,
        Err(error) => {
            voice.error(error);
            return USAGE;
        }
    };
    for warning in model.warnings() {
        voice.warn(warning);
    }
    if voice.json {
        voice.json(&object(model));
        return DONE;
    }
    let manifest = model.manifest();
    let commercial = if manifest.licence.commercial { "commercial use allowed" } else { "no commercial use" };
    let lines = [
        ("id", manifest.id.clone()),
        ("name", manifest.name.clone()),
        ("version", manifest.version.clone()),
        ("task", format!("{:?}, {:?}", manifest.task, manifest.mode).to_lowercase()),
        ("content", manifest.content.join(", ")),
        ("factor", format!("×{}", manifest.scale)),
        ("network", format!("{}, {} bytes", manifest.architecture, manifest.file.size)),
        ("sha256", manifest.file.sha256.clone()),
        ("licence", format!("{}, {commercial}", manifest.licence.weights)),
        ("attribution", manifest.licence.attribution.clone()),
        ("author", manifest.card.author.clone()),
        ("source", manifest.card.source.clone()),
        ("training data", manifest.card.training_data.clone()),
        ("known limits", manifest.card.known_limits.clone()),
        ("found in", model.origin().to_string()),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        list(format_args!("{name:13}  {value}"));
    }
    DONE
}

fn verify(registry: &Registry, ids: &[String], voice: Voice) -> u8 {
    let mut models: Vec<&Model> = Vec::new();
    for id in ids {
        match registry.find(id) {
            Ok(model) => models.push(model),
            Err(error) => {
                voice.error(error);
                return USAGE;
            }
        }
    }
    if ids.is_empty() {
        models.extend(registry.models());
    }
    let engines = Engines::discover();
    let mut status = DONE;
    for model in models {
        // The file first: a network that is not the manifest's is not run.
        let ran = model.network().and_then(|_| trial::run(&engines, model));
        let error = ran.as_ref().err();
        if voice.json {
            voice.json(&json!({
                "model": model.id(),
                "found_in": model.origin().to_string(),
                "ok": error.is_none(),
                "ran_on": ran.as_ref().ok(),
                "error": error.map(ToString::to_string),
            }));
        } else if let Ok(engine) = &ran {
            list(format_args!("{}: right ({}), ran on {engine}", model.id(), model.origin()));
        }
        if let Some(error) = error {
            voice.error(error);
            status = FAILED;
        }
    }
    if ids.is_empty() && !registry.broken().is_empty() {
        registry.broken().iter().for_each(|error| voice.error(error));
        status = FAILED;
    }
    status
}

/// A model as JSON.
pub fn object(model: &Model) -> Value {
    let manifest = model.manifest();
    json!({
        "id": manifest.id,
        "name": manifest.name,
        "version": manifest.version,
        "task": format!("{:?}", manifest.task).to_lowercase(),
        "mode": format!("{:?}", manifest.mode).to_lowercase(),
        "content": manifest.content,
        "architecture": manifest.architecture,
        "scale": manifest.scale,
        "file": { "name": manifest.file.name, "size": manifest.file.size, "sha256": manifest.file.sha256 },
        "licence": {
            "weights": manifest.licence.weights,
            "commercial": manifest.licence.commercial,
            "attribution": manifest.licence.attribution,
        },
        "author": manifest.card.author,
        "source": manifest.card.source,
        "training_data": manifest.card.training_data,
        "known_limits": manifest.card.known_limits,
        "found_in": model.origin().to_string(),
    })
}
