//! `enlarge models available`, and opening the catalogue.

use enlarger::{Registry, Result};
use enlarger_import::{Catalogue, Entry};
use serde_json::{Value, json};

use crate::download::package::command_line;
use crate::exit_status::{DONE, FAILED};
use crate::terminal::{Terminal, print_line};

/// Opens the catalogue, and warns of entries that cannot be used.
pub fn open_catalogue(terminal: Terminal) -> Result<Catalogue> {
    let catalogue = Catalogue::open()?;
    catalogue.broken().iter().for_each(|error| terminal.warn(error));
    Ok(catalogue)
}

/// Runs `enlarge models available`.
pub fn available(commercial: bool, terminal: Terminal) -> u8 {
    let catalogue = match open_catalogue(terminal) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            terminal.error(error);
            return FAILED;
        }
    };
    let registry = Registry::open();
    let wanted: Vec<&Entry> =
        catalogue.entries().iter().filter(|entry| !commercial || entry.words.commercial).collect();
    let width = wanted.iter().map(|entry| entry.words.id.len()).max().unwrap_or(0);
    for entry in wanted {
        let installed = registry.find(&entry.words.id).is_ok();
        if terminal.json {
            terminal.json(&entry_json(entry, installed));
            continue;
        }
        // The scale of a model that was not measured is determined when it is installed.
        let scale = entry.measured.as_ref().map_or("?".to_owned(), |measured| measured.scale.to_string());
        print_line(format_args!(
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

/// The JSON object of an entry.
fn entry_json(entry: &Entry, installed: bool) -> Value {
    let measured = entry.measured.as_ref();
    json!({
        "id": entry.words.id,
        "name": entry.words.name,
        "version": entry.words.version,
        "mode": format!("{:?}", entry.words.mode).to_lowercase(),
        "content": entry.words.content,
        "scale": measured.map(|m| m.scale),
        "size": measured.map_or(entry.package.size, |m| m.size),
        "licence": {
            "weights": entry.words.licence,
            "certain": entry.licence_is_certain,
            "commercial": entry.words.commercial,
            "attribution": entry.words.attribution,
        },
        "source": entry.words.source,
        "fetch": command_line(&entry.package),
        "known_limits": entry.words.known_limits,
        "installed": installed,
    })
}
