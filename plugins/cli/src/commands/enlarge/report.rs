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
        "method": batch.and_then(|batch| batch.opener.choice().method()).map(enlarger::Method::id),
        "model": chosen.and_then(|c| c.upscaler.model()).map(enlarger::Model::id),
        "models": chosen.map(|c| c.models()),
        "engine": chosen.and_then(|c| c.engine.as_ref()).map(|engine| engine.id().to_owned()),
        "engine_version": chosen.and_then(|c| c.engine.as_ref()).map(|engine| engine.version()),
        "device": chosen.and_then(|c| c.device()).map(|device| device.id.clone()),
        "seconds": error.is_none().then_some((outcome.seconds * 1000.0).round() / 1000.0),
        "notes": outcome.notes,
        "error": error.map(|e| with_path(path, e)),
    })
}
