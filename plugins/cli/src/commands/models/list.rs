//! `enlarge models list` and `info`.
//!
//! They must stay quick: they read manifests and no networks.

use enlarger::{Model, Registry};

use super::model_json::model_json;
use crate::exit_status::{DONE, USAGE};
use crate::terminal::{Terminal, print_line};

/// Runs `enlarge models list`.
pub fn list(registry: &Registry, terminal: Terminal) -> u8 {
    if terminal.json {
        registry.models().iter().for_each(|m| terminal.json(&model_json(m)));
    } else {
        let width = registry.models().iter().map(|m| m.id().len()).max().unwrap_or(0);
        for model in registry.models() {
            let manifest = model.manifest();
            // What takes no pictures has another use than those around it.
            let task = if manifest.task.takes_pictures() { "" } else { manifest.task.id() };
            print_line(format_args!(
                "{:width$}  ×{}  {task}{}{}  ({}, {})",
                model.id(),
                manifest.scale,
                if task.is_empty() { "" } else { ": " },
                manifest.name,
                manifest.licence.weights,
                model.origin(),
            ));
        }
    }
    // The same network in two places makes no difference.
    let same =
        |model: &Model| registry.find(model.id()).is_ok_and(|used| used.manifest().file == model.manifest().file);
    for model in registry.hidden().iter().filter(|model| !same(model)) {
        terminal.info(format_args!(
            "{} in {} is not used, because a model of the same id was found first",
            model.id(),
            model.origin()
        ));
    }
    for error in registry.broken() {
        terminal.warn(error);
    }
    DONE
}

/// Runs `enlarge models info`.
pub fn info(registry: &Registry, id: &str, terminal: Terminal) -> u8 {
    let model = match registry.find(id) {
        Ok(model) => model,
        Err(error) => {
            terminal.error(error);
            return USAGE;
        }
    };
    for warning in model.warnings() {
        terminal.warn(warning);
    }
    if terminal.json {
        terminal.json(&model_json(model));
        return DONE;
    }
    let manifest = model.manifest();
    let commercial = if manifest.licence.commercial { "commercial use allowed" } else { "commercial use not allowed" };
    let changes = match manifest.verify.changes_colours {
        true => "changed on purpose: neither verified nor locked".to_owned(),
        false => String::new(),
    };
    let noise = manifest.noise().map_or(String::new(), |noise| {
        let usual = if noise.is_estimated() { "the network's own estimate" } else { &noise.default.to_string() };
        format!("{} to {}; default: {usual}", noise.minimum, noise.maximum)
    });
    let lines = [
        ("id", manifest.id.clone()),
        ("name", manifest.name.clone()),
        ("version", manifest.version.clone()),
        ("task", format!("{}, {}", manifest.task.id(), manifest.mode.id())),
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
        ("colours", changes),
        ("noise level", noise),
        ("found in", model.origin().to_string()),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        print_line(format_args!("{name:13}  {value}"));
    }
    DONE
}
