//! What became of each file: messages for people, and a JSON object for programs.

use std::path::Path;

use enlarger::{Error, ErrorKind};
use serde_json::{Value, json};

use super::file::{Batch, Outcome};
use crate::terminal::with_path;

/// Shows what became of a file.
pub fn report(batch: &Batch<'_>, path: &Path, outcome: &Outcome, error: Option<&Error>) {
    let terminal = batch.terminal;
    for note in &outcome.notes {
        terminal.warn(format_args!("{}: {note}", path.display()));
    }
    match error {
        None => {
            let output = outcome.output.as_deref().unwrap_or(Path::new(""));
            terminal.info(format_args!("{} written in {:.1} s", output.display(), outcome.seconds));
        }
        Some(error) if error.kind() == ErrorKind::Cancelled => {
            terminal.info(format_args!("{}: stopped; no file was written", path.display()));
        }
        Some(error) => terminal.error(with_path(path, error)),
    }
    terminal.json(&outcome_json(Some(batch), path, outcome, error));
}

/// The JSON object of a file. `batch` is missing if the run could not start.
pub fn outcome_json(batch: Option<&Batch<'_>>, path: &Path, outcome: &Outcome, error: Option<&Error>) -> Value {
    let size = |size: Option<enlarger::Size>| size.map(|s| [s.width, s.height]);
    let chosen = outcome.chosen.as_ref();
    json!({
        "input": path.to_string_lossy(),
        "output": outcome.output.as_ref().map(|p| p.to_string_lossy()),
        "input_size": size(outcome.from),
        "output_size": size(outcome.to),
        "preset": batch.and_then(|batch| batch.opener.choice().preset()).map(|preset| preset.id.as_str()),
        "model": chosen.map(|c| c.upscaler.model().id()),
        "models": chosen.map(|c| c.models()),
        "engine": chosen.map(|c| c.engine.id()),
        "engine_version": chosen.map(|c| c.engine.version()),
        "device": chosen.map(|c| c.upscaler.session().device().id.clone()),
        "seconds": error.is_none().then_some((outcome.seconds * 1000.0).round() / 1000.0),
        "notes": outcome.notes,
        "error": error.map(|e| with_path(path, e)),
    })
}
