//! `enlarge models verify`.

use enlarger::{Model, Registry};
use enlarger_engines::Engines;
use enlarger_models::trial;
use serde_json::json;

use crate::exit_status::{DONE, FAILED, USAGE};
use crate::terminal::{Terminal, print_line};

/// Runs `enlarge models verify`.
pub fn verify(registry: &Registry, ids: &[String], terminal: Terminal) -> u8 {
    let mut models: Vec<&Model> = Vec::new();
    for id in ids {
        match registry.find(id) {
            Ok(model) => models.push(model),
            Err(error) => {
                terminal.error(error);
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
        // The file is checked first: a network that the manifest does not name is not run.
        let ran = model.network().and_then(|_| trial::run(&engines, model));
        let error = ran.as_ref().err();
        if terminal.json {
            terminal.json(&json!({
                "model": model.id(),
                "found_in": model.origin().to_string(),
                "ok": error.is_none(),
                "ran_on": ran.as_ref().ok(),
                "error": error.map(ToString::to_string),
            }));
        } else if let Ok(engine) = &ran {
            print_line(format_args!("{}: OK ({}), tested with {engine}", model.id(), model.origin()));
        }
        if let Some(error) = error {
            terminal.error(error);
            status = FAILED;
        }
    }
    if ids.is_empty() && !registry.broken().is_empty() {
        registry.broken().iter().for_each(|error| terminal.error(error));
        status = FAILED;
    }
    status
}
