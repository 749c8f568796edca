//! What works here and what does not.
//!
//! For people who ask why a thing is slow or missing, and for those who help them. It opens nothing that a run would
//! not open, and never fails because something is missing: that is what it reports.

use std::env::consts::{ARCH, OS};
use std::thread::available_parallelism;

use enlarger::{DEFAULT_MODEL, Registry, SessionOptions};
use enlarger_engines::{Engines, OrtReport, Verdict, ort_report};
use serde_json::{Value, json};

use crate::batch::{DONE, FAILED};
use crate::hosts;
use crate::models;
use crate::voice::{Voice, list};

/// Runs `enlarge doctor`. Fails only if no picture could be enlarged here.
pub fn run(voice: Voice) -> u8 {
    let cores = available_parallelism().map_or(1, usize::from);
    let registry = Registry::open();
    let engines = Engines::discover();
    let auto = auto(&registry, &engines);
    let ort = ort_report();
    if voice.json {
        let engines: Vec<Value> = engines
            .candidates()
            .map(|c| match &c.engine {
                Ok(engine) => json!({
                    "id": c.id,
                    "version": engine.version(),
                    "devices": engine.devices().iter().map(|d| json!({"id": d.id, "name": d.name})).collect::<Vec<_>>(),
                    "error": null,
                }),
                Err(error) => json!({"id": c.id, "version": null, "devices": [], "error": error.to_string()}),
            })
            .collect();
        voice.json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "system": OS,
            "architecture": ARCH,
            "cores": cores,
            "engines": engines,
            "auto": auto,
            "onnx_runtime": {
                "places": ort.places.iter().map(|p| json!({
                    "path": p.path.to_string_lossy(), "origin": p.origin, "verdict": verdict(&p.verdict),
                })).collect::<Vec<_>>(),
                "library": ort.library.as_ref().map(|l| l.to_string_lossy()),
                "version": ort.version,
                "problem": ort.problem,
                "warnings": ort.warnings,
            },
            "models": registry.models().iter().map(models::object).collect::<Vec<_>>(),
            "programs": hosts::objects(),
            "broken_models": registry.broken().iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
    } else {
        list(format_args!("enlarge {} on {OS} {ARCH}, {cores} cores", env!("CARGO_PKG_VERSION")));
        list("\nengines");
        for candidate in engines.candidates() {
            match &candidate.engine {
                Ok(engine) => {
                    list(format_args!("  {} {}", candidate.id, engine.version()));
                    for device in engine.devices() {
                        list(format_args!("    device {}: {}", device.id, device.name));
                    }
                }
                Err(error) => list(format_args!("  {}: not here: {error}", candidate.id)),
            }
        }
        list(format_args!("  auto takes {auto}"));
        list_ort(&ort, voice);
        list("\nmodels");
        for model in registry.models() {
            let verdict = model.network().err().map_or("right".to_owned(), |e| e.message().to_owned());
            list(format_args!("  {} ({}): {verdict}", model.id(), model.origin()));
        }
        for error in registry.broken() {
            list(format_args!("  {error}"));
        }
        hosts::list_all();
    }
    let works = engines.candidates().any(|c| c.engine.is_ok()) && !registry.models().is_empty();
    if works { DONE } else { FAILED }
}

/// Which engine is taken when none is named, and why.
fn auto(registry: &Registry, engines: &Engines) -> String {
    let model = registry.find(DEFAULT_MODEL);
    let opened = model.and_then(|model| engines.open(None, model, &SessionOptions::default()));
    opened.map_or_else(|error| format!("none: {error}"), |opened| opened.reason)
}

/// Where ONNX Runtime was looked for. Places where nothing is are listed for those who ask, or who miss it.
fn list_ort(ort: &OrtReport, voice: Voice) {
    list("\nONNX Runtime");
    for place in &ort.places {
        if place.verdict != Verdict::Missing || voice.verbose || ort.library.is_none() {
            list(format_args!("  {} ({}): {}", place.path.display(), place.origin, verdict(&place.verdict)));
        }
    }
    match (&ort.library, &ort.problem) {
        (Some(library), _) => {
            list(format_args!("  used: {} {}", library.display(), ort.version.as_deref().unwrap_or("")));
        }
        (None, Some(problem)) => list(format_args!("  not used: {problem}")),
        (None, None) => list("  not used"),
    }
    for warning in &ort.warnings {
        list(format_args!("  it warned: {warning}"));
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Missing => "nothing there".to_owned(),
        Verdict::Usable(version) => format!("usable, version {version}"),
        Verdict::Refused(reason) => format!("refused: {reason}"),
        Verdict::Later => "not looked into, an earlier place has one".to_owned(),
    }
}
