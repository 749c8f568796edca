//! What became of each file, and of all: messages for people, and JSON objects for programs.

use std::collections::BTreeMap;
use std::path::Path;

use enlarger::{AdviceCode, Error, ErrorKind, Method, Model, ModelChoice, Provenance, Result, UsedModel};
use serde_json::{Map, Value, json};

use super::outcome::{End, Outcome};
use crate::commands::advice;
use crate::input::is_dash;
use crate::terminal::{Terminal, bytes, duration, megapixels, with_path};

/// The end of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Enlarged.
    Done,
    /// Would be enlarged.
    Planned,
    /// Left out.
    Skipped,
    /// The result exists already.
    Exists,
    /// Failed.
    Failed,
    /// Stopped by the user.
    Stopped,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Planned => "planned",
            Status::Skipped => "skipped",
            Status::Exists => "exists",
            Status::Failed => "failed",
            Status::Stopped => "stopped",
        }
    }
}

/// All files of a run so far.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub files: u64,
    pub done: u64,
    pub planned: u64,
    pub skipped: u64,
    pub exists: u64,
    pub failed: u64,
    pub stopped: u64,
    /// The entries that belong to other parts of the batch. They are not counted as files.
    pub elsewhere: u64,
    /// The pixels of the results.
    pub pixels: u64,
    /// The bytes of the results' files.
    pub bytes: u64,
    /// The seconds that planned pictures will take, one after the other.
    pub expected: f64,
    /// The pictures with advice, by its code.
    pub advice: BTreeMap<AdviceCode, u64>,
}

impl Totals {
    /// Counts files that were not begun because the user stopped the run.
    pub fn count_stopped(&mut self, files: u64) {
        self.files += files;
        self.stopped += files;
    }

    fn count(&mut self, status: Status, outcome: &Outcome) {
        self.files += 1;
        for found in outcome.advice.iter().flatten() {
            *self.advice.entry(found.code).or_default() += 1;
        }
        match status {
            Status::Done => self.done += 1,
            Status::Planned => self.planned += 1,
            Status::Skipped => self.skipped += 1,
            Status::Exists => self.exists += 1,
            Status::Failed => self.failed += 1,
            Status::Stopped => self.stopped += 1,
        }
        if matches!(status, Status::Done | Status::Planned) {
            self.pixels += outcome.to.map_or(0, enlarger::Size::pixels);
            self.expected += outcome.estimate.as_ref().and_then(|e| e.seconds).unwrap_or(0.0);
            self.bytes += outcome.bytes.or(outcome.estimate.as_ref().map(|e| e.bytes)).unwrap_or(0);
        }
    }

    /// Shows the totals. People see them only for several files.
    pub fn show(&self, terminal: Terminal, seconds: f64) {
        let Totals { files, done, planned, skipped, exists, failed, stopped, pixels, bytes: size, expected, .. } =
            *self;
        if files > 1 {
            let counts = [
                (done, "enlarged"),
                (planned, "would be enlarged"),
                (skipped, "left out"),
                (exists, "exist already"),
                (failed, "failed"),
                (stopped, "not enlarged because the run was stopped"),
            ];
            let counts: Vec<String> =
                counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
            terminal.info(format_args!(
                "{files} files: {}; {}, {}, {}",
                counts.join(", "),
                megapixels(pixels),
                bytes(size),
                if planned > 0 {
                    format!("about {} one after the other", duration(expected))
                } else {
                    duration(seconds)
                }
            ));
            if !self.advice.is_empty() {
                let counts: Vec<String> = self.advice.iter().map(|(code, n)| format!("{n} {}", code.name())).collect();
                let list = counts.join(", ");
                terminal.info(format_args!(
                    "advice: {list}; `enlarge info FILE` and --verbose say more, --advice off stops it"
                ));
            }
        }
        terminal.json(&json!({ "totals": {
            "files": files,
            "done": done,
            "planned": planned,
            "skipped": skipped,
            "exists": exists,
            "failed": failed,
            "stopped": stopped,
            "other_parts": self.elsewhere,
            "pixels": pixels,
            "bytes": size,
            "seconds": rounded(seconds),
            "expected_seconds": (planned > 0).then_some(rounded(expected)),
            "advice": self.advice.iter().map(|(code, n)| (code.name(), *n)).collect::<BTreeMap<_, _>>(),
        }}));
    }
}

/// Shows what became of a file, and counts it. `warn` says whether a picture that was left out deserves a warning.
pub fn report(
    terminal: Terminal,
    choice: Option<&ModelChoice>,
    totals: &mut Totals,
    path: &Path,
    outcome: &Outcome,
    end: &Result<End>,
    (dry_run, warn): (bool, bool),
) {
    let shown = path.display();
    for note in &outcome.notes {
        terminal.warn(format_args!("{shown}: {note}"));
    }
    let status = match end {
        Ok(End::Done) if dry_run => Status::Planned,
        Ok(End::Done) => {
            let output = outcome.output.as_deref().unwrap_or(Path::new(""));
            let output = if is_dash(output) { "standard output".into() } else { output.display().to_string() };
            terminal.info(format_args!("{output} written in {:.1} s", outcome.seconds));
            Status::Done
        }
        Ok(End::Skipped(reason)) => {
            let line = format!("{shown}: skipped: {reason}");
            if warn {
                terminal.warn(line)
            } else {
                terminal.info(line)
            }
            Status::Skipped
        }
        Ok(End::Exists(error)) => {
            terminal.error(with_path(path, error));
            Status::Exists
        }
        Err(error) if error.kind() == ErrorKind::Cancelled => {
            terminal.info(format_args!("{shown}: stopped; no file was written"));
            Status::Stopped
        }
        Err(error) => {
            terminal.error(with_path(path, error));
            Status::Failed
        }
    };
    totals.count(status, outcome);
    let (skipped, error) = match end {
        Ok(End::Done) => (None, None),
        Ok(End::Skipped(reason)) => (Some(reason.as_str()), None),
        Ok(End::Exists(error)) | Err(error) => (None, Some(error)),
    };
    terminal.json(&outcome_json(choice, path, outcome, status, skipped, error));
}

/// The JSON object of a file.
pub fn outcome_json(
    choice: Option<&ModelChoice>,
    path: &Path,
    outcome: &Outcome,
    status: Status,
    skipped: Option<&str>,
    error: Option<&Error>,
) -> Value {
    let size = |size: Option<enlarger::Size>| size.map(|s| [s.width, s.height]);
    let chosen = outcome.chosen.as_ref();
    let mut object = Map::new();
    path_json(&mut object, "input", Some(path));
    path_json(&mut object, "output", outcome.output.as_deref());
    let rest = json!({
        "status": status.name(),
        "skipped": skipped,
        "input_size": size(outcome.from),
        "output_size": size(outcome.to),
        "developed_by": outcome.developed_by,
        "preset": choice.and_then(ModelChoice::preset).map(|preset| preset.id.as_str()),
        "method": choice.and_then(ModelChoice::method).map(Method::id),
        "model": chosen.and_then(|c| c.upscaler.model()).map(Model::id),
        "models": chosen.map(|c| c.models()),
        "engine": chosen.and_then(|c| c.engine.as_ref()).map(|engine| engine.id().to_owned()),
        "engine_version": chosen.and_then(|c| c.engine.as_ref()).map(|engine| engine.version()),
        "device": chosen.and_then(|c| c.device()).map(|device| device.id.clone()),
        // Everything that has an estimate has a label, unless the user wants none.
        "label": match &outcome.label {
            Some(made) => label_json(made),
            None if outcome.estimate.is_some() => "off".into(),
            None => Value::Null,
        },
        "estimate": outcome.estimate.as_ref().map(|estimate| estimate.json()),
        "seconds": (status == Status::Done).then_some(rounded(outcome.seconds)),
        "bytes": outcome.bytes,
        "advice": advice::list(outcome.advice.as_deref()),
        "notes": outcome.notes,
        "error": error.map(|e| with_path(path, e)),
    });
    if let Value::Object(rest) = rest {
        object.extend(rest);
    }
    Value::Object(object)
}

/// The label, with the last part of the address of IPTC's digital source type.
fn label_json(made: &Provenance) -> Value {
    json!({
        "software": made.software(),
        "digital_source_type": made.digital_source_type().rsplit('/').next(),
        "models": made.models.iter().map(UsedModel::text).collect::<Vec<_>>(),
    })
}

/// A path, and its bytes in hexadecimal if it is not UTF-8.
fn path_json(object: &mut Map<String, Value>, key: &str, path: Option<&Path>) {
    object.insert(key.to_owned(), path.map_or(Value::Null, |path| path.to_string_lossy().into()));
    if let Some(path) = path.filter(|path| path.to_str().is_none()) {
        let hex: String = path.as_os_str().as_encoded_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        object.insert(format!("{key}_bytes"), hex.into());
    }
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
