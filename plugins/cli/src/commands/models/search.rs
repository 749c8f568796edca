//! `enlarge models search`: the models that people share, in the public database.
//!
//! It is fetched when somebody searches, at most once a day. What its entries say is shown as said; whether Enlarger runs a model,
//! only an import finds out for certain.

use enlarger::{Cancel, ErrorKind, Registry};
use enlarger_import::{PublicFile, PublicModel};
use enlarger_models::{Freshness, Watch, installable, open_public_database};
use serde_json::{Value, json};

use super::reports::report_to;
use crate::args::Search;
use crate::exit_status::{CANCELLED, DONE, FAILED};
use crate::terminal::{Terminal, bytes, count, print_line};

/// Runs `enlarge models search WORDS…`.
pub fn search(arguments: &Search, terminal: Terminal, cancel: &Cancel) -> u8 {
    let mut report = report_to(terminal);
    let mut watch = Watch::new(cancel, &mut report);
    let freshness = match (arguments.offline, arguments.refresh) {
        (true, _) => Freshness::Kept,
        (false, true) => Freshness::Fetched,
        (false, false) => Freshness::Recent,
    };
    let database = match open_public_database(freshness, &mut watch) {
        Ok(database) => database,
        Err(error) => {
            terminal.error(&error);
            terminal.json(&json!({ "error": error.to_string() }));
            return if error.kind() == ErrorKind::Cancelled { CANCELLED } else { FAILED };
        }
    };
    let mut found = database.search(&arguments.words);
    found.retain(|model| !arguments.commercial || model.commercial());
    if terminal.json {
        found.iter().for_each(|model| terminal.json(&model_json(model)));
        return DONE;
    }
    let shown = &found[..found.len().min(arguments.limit)];
    let width = shown.iter().map(|model| model.id.len()).max().unwrap_or(0);
    let registry = Registry::open();
    for model in shown {
        let status = match installable(model) {
            Ok(_) if model.is_in(&registry) => "installed",
            Ok(_) => "can be installed",
            Err(error) if error.kind() == ErrorKind::ModelNotFound => "from its page only",
            Err(_) => "does not run here",
        };
        print_line(format_args!("{:width$}  {}; {status}", model.id, facts(model)));
        let tags = model.tags.join(", ");
        let text = [tags, model.summary()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
        if !text.is_empty() {
            print_line(format_args!("{:width$}  {text}", ""));
        }
    }
    let hidden = found.len() - shown.len();
    if found.is_empty() {
        terminal.info("No model matches all of the words.");
    } else if hidden > 0 {
        terminal.info(format_args!("{} more; give more words, or a higher --limit", count(hidden, "model")));
    }
    DONE
}

/// Scale, author, architecture, licence and size, on one line.
fn facts(model: &PublicModel) -> String {
    let scale = model.scale.map_or("?".to_owned(), |scale| scale.to_string());
    let author = if model.authors.is_empty() { String::new() } else { format!(" by {}", model.author()) };
    let architecture = if model.architecture.is_empty() { "unknown architecture" } else { &model.architecture };
    let size = main_file(model).and_then(|file| file.size).map(|size| format!(", {}", bytes(size))).unwrap_or_default();
    let licence = model.licence.as_deref().unwrap_or("no licence stated");
    format!("×{scale}  {}{author}  ({architecture}, {licence}{size})", model.name)
}

/// The file that would be installed; if none can, the first.
fn main_file(model: &PublicModel) -> Option<&PublicFile> {
    model.usable_file().or_else(|| model.files.first())
}

/// The JSON object of a model.
fn model_json(model: &PublicModel) -> Value {
    let files: Vec<Value> = model
        .files
        .iter()
        .map(|file| {
            json!({
                "type": file.kind.name(),
                "size": file.size,
                "sha256": file.sha256,
                "direct": file.remotes().next().is_some(),
            })
        })
        .collect();
    json!({
        "id": model.id,
        "name": model.name,
        "authors": model.authors,
        "licence": {
            "weights": model.licence,
            "certain": model.licence_is_certain(),
            "unknown": model.unknown_licences(),
            "commercial": model.commercial(),
        },
        "tags": model.tags,
        "description": model.description,
        "date": model.date,
        "architecture": model.architecture,
        "scale": model.scale,
        "size": main_file(model).and_then(|file| file.size),
        "files": files,
        "page": model.page(),
        "runs": model.usable_file().is_some(),
        "installable": installable(model).is_ok(),
    })
}
