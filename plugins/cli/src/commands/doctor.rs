//! `enlarge doctor`: what works on this machine and what does not.
//!
//! It is for people who wonder why something is slow or missing, and for those who help them. It opens only what a run
//! would open, and reports what is missing instead of failing.

use std::env::consts::{ARCH, OS};
use std::path::PathBuf;
use std::thread::available_parallelism;

use enlarger::{DEFAULT_MODEL, Registry, Result, SessionOptions};
use enlarger_engines::{Engines, GpuReport, OrtReport, Verdict, ort_report};
use serde_json::{Value, json};

use super::engines::engines;
use super::models::model_json;
use crate::develop;
use crate::exit_status::{DONE, FAILED};
use crate::hosts::{self, Host, Installation};
use crate::picture::Family;
use crate::terminal::{Terminal, print_line};

/// Runs `enlarge doctor`. Fails only if no picture can be enlarged on this machine.
pub fn run(terminal: Terminal) -> u8 {
    let cores = available_parallelism().map_or(1, usize::from);
    let registry = Registry::open();
    let engines = engines();
    let auto = auto(&registry, &engines);
    let ort = ort_report();
    let gpus = engines.gpus(registry.models());
    let programs = check_programs();
    let developers = develop::all_programs();
    if terminal.json {
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
        terminal.json(&json!({
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
            "gpus": gpus_json(&gpus),
            "models": registry.models().iter().map(model_json).collect::<Vec<_>>(),
            "programs": programs.iter().map(program_json).collect::<Vec<_>>(),
            "developers": developers.iter().map(developer_json).collect::<Vec<_>>(),
            "broken_models": registry.broken().iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
    } else {
        print_line(format_args!("enlarge {} on {OS} {ARCH}, {cores} cores", env!("CARGO_PKG_VERSION")));
        print_line("\nengines");
        for candidate in engines.candidates() {
            match &candidate.engine {
                Ok(engine) => {
                    print_line(format_args!("  {} {}", candidate.id, engine.version()));
                    for device in engine.devices() {
                        print_line(format_args!("    device {}: {}", device.id, device.name));
                    }
                }
                Err(error) => print_line(format_args!("  {}: not available: {error}", candidate.id)),
            }
        }
        print_line(format_args!("  auto chooses {auto}"));
        list_gpus(&gpus);
        list_ort(&ort, terminal);
        print_line("\nmodels");
        for model in registry.models() {
            let verdict = model.network().err().map_or("OK".to_owned(), |e| e.message().to_owned());
            print_line(format_args!("  {} ({}): {verdict}", model.id(), model.origin()));
        }
        for error in registry.broken() {
            print_line(format_args!("  {error}"));
        }
        list_programs(&programs);
        list_developers(&developers);
    }
    let works = engines.candidates().any(|c| c.engine.is_ok()) && !registry.models().is_empty();
    if works { DONE } else { FAILED }
}

/// Which engine is used if the user names none, and why.
fn auto(registry: &Registry, engines: &Engines) -> String {
    let model = registry.find(DEFAULT_MODEL);
    let opened = model.and_then(|model| engines.open(None, model, &SessionOptions::default()));
    opened.map_or_else(|error| format!("none: {error}"), |opened| opened.reason)
}

/// Lists the GPUs, or says why there are none.
fn list_gpus(gpus: &Result<GpuReport>) {
    print_line("\nGPUs");
    match gpus {
        Ok(report) => {
            print_line(format_args!("  {} {}", report.library.display(), report.version));
            if report.gpus.is_empty() {
                print_line("  none found; install the current driver of the GPU's vendor, which brings Vulkan");
            }
            for gpu in &report.gpus {
                print_line(format_args!("  device {}: {}", gpu.device.id, gpu.device.name));
                if gpu.is_software {
                    print_line("    software; used only if it is named");
                }
                gpu.verdicts.iter().for_each(|verdict| print_line(format_args!("    {verdict}")));
            }
        }
        Err(error) => print_line(format_args!("  not available: {error}")),
    }
}

fn gpus_json(gpus: &Result<GpuReport>) -> Value {
    let report = gpus.as_ref().ok();
    let found = report.iter().flat_map(|report| &report.gpus).map(|gpu| {
        json!({
            "id": gpu.device.id,
            "name": gpu.device.name,
            "software": gpu.is_software,
            "verdicts": gpu.verdicts,
        })
    });
    json!({
        "library": report.map(|report| report.library.to_string_lossy()),
        "version": report.map(|report| &report.version),
        "devices": found.collect::<Vec<_>>(),
        "error": gpus.as_ref().err().map(ToString::to_string),
    })
}

/// Lists where ONNX Runtime was looked for. Places without it are listed only with --verbose or if none was found.
fn list_ort(ort: &OrtReport, terminal: Terminal) {
    print_line("\nONNX Runtime");
    for place in &ort.places {
        if place.verdict != Verdict::Missing || terminal.verbose || ort.library.is_none() {
            print_line(format_args!("  {} ({}): {}", place.path.display(), place.origin, verdict(&place.verdict)));
        }
    }
    match (&ort.library, &ort.problem) {
        (Some(library), _) => {
            print_line(format_args!("  used: {} {}", library.display(), ort.version.as_deref().unwrap_or("")));
        }
        (None, Some(problem)) => print_line(format_args!("  not used: {problem}")),
        (None, None) => print_line("  not used"),
    }
    for warning in &ort.warnings {
        print_line(format_args!("  warning: {warning}"));
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Missing => "not found".to_owned(),
        Verdict::Usable(version) => format!("usable, version {version}"),
        Verdict::Refused(reason) => format!("cannot be used: {reason}"),
        Verdict::Later => "not checked, because an earlier one is used".to_owned(),
    }
}

/// A program that has a plug-in, and the state of the plug-in.
struct Program {
    host: Host,
    installation: Installation,
    finding: Result<String, String>,
}

fn check_programs() -> Vec<Program> {
    let installations = hosts::all_installations().into_iter();
    installations
        .map(|(host, installation)| Program { host, finding: hosts::check(host, &installation), installation })
        .collect()
}

fn list_programs(programs: &[Program]) {
    print_line("\nprograms");
    for program in programs {
        let name = &program.installation.name;
        match &program.finding {
            Ok(finding) => print_line(format_args!("  {name}: {finding}")),
            Err(problem) => print_line(format_args!("  {name}: the menu entry will be missing: {problem}")),
        }
    }
    for host in Host::ALL.into_iter().filter(|host| programs.iter().all(|program| program.host != *host)) {
        print_line(format_args!("  {}: not found", host.name()));
    }
}

fn program_json(program: &Program) -> Value {
    let (Ok(finding) | Err(finding)) = &program.finding;
    json!({
        "host": program.installation.name,
        "folder": program.installation.folder.to_string_lossy(),
        "ok": program.finding.is_ok(),
        "finding": finding,
    })
}

/// A program that develops pictures, and where it is.
type Developer = (&'static develop::Program, Option<PathBuf>);

fn list_developers(developers: &[Developer]) {
    for family in [Family::Raw, Family::Heif] {
        print_line(format_args!("\nprograms that develop {}", develop::family_name(family)));
        for (program, path) in developers.iter().filter(|(program, _)| program.family == family) {
            match path {
                Some(path) => print_line(format_args!("  {}: {}", program.name, path.display())),
                None if cfg!(target_os = "linux") => {
                    print_line(format_args!("  {}: not found (in Debian's package {})", program.name, program.package));
                }
                None => print_line(format_args!("  {}: not found", program.name)),
            }
        }
    }
}

fn developer_json((program, path): &Developer) -> Value {
    json!({
        "program": program.name,
        "develops": develop::family_name(program.family),
        "path": path.as_ref().map(|path| path.to_string_lossy()),
        "package": program.package,
    })
}
