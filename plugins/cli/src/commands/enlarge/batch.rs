//! All files of one run.
//!
//! Folders are replaced by the pictures in them. A file that fails is reported, and the run goes on with the next one.

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use enlarger::{Cancel, Error, ErrorKind, Installed, Location, Presets, Registry, Result, Target};
use enlarger_engines::{Engines, Opened, Opener};

use super::destination::{Destination, is_result};
use super::file::{Batch, Outcome, enlarge_file};
use super::report::{outcome_json, report};
use crate::args::Enlarge;
use crate::exit_status::{CANCELLED, DONE, FAILED, USAGE};
use crate::picture::limits::{Limits, MEMORY};
use crate::picture::{FileFormat, OpenOptions};
use crate::terminal::Terminal;

/// Enlarges everything that the command line names.
pub fn run(args: &Enlarge, terminal: Terminal, cancel: &Cancel) -> u8 {
    let registry = Registry::open();
    let batch = match open(args, &registry, terminal, cancel) {
        Ok(batch) => batch,
        Err(error) => {
            terminal.error(&error);
            for input in &args.inputs {
                terminal.json(&outcome_json(None, input, &Outcome::default(), Some(&error)));
            }
            return match error.kind() {
                ErrorKind::Cancelled => CANCELLED,
                ErrorKind::Argument | ErrorKind::ModelNotFound | ErrorKind::EngineNotFound => USAGE,
                _ => FAILED,
            };
        }
    };
    let mut status = DONE;
    let mut taken = HashSet::new();
    for input in inputs(&args.inputs, terminal) {
        let mut outcome = Outcome::default();
        let mut reserve = |path: &Path| {
            if taken.insert(path.to_owned()) {
                return Ok(());
            }
            Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "another input of this run has the same result {}; enlarge them in separate runs",
                    path.display()
                ),
            ))
        };
        let result =
            input.and_then(|path| match catching_panics(|| enlarge_file(&batch, &path, &mut outcome, &mut reserve)) {
                Ok(()) => Ok(path),
                Err(error) => Err((path, error)),
            });
        let (path, error) = match &result {
            Ok(path) => (path, None),
            Err((path, error)) => (path, Some(error)),
        };
        report(&batch, path, &outcome, error);
        match error.map(Error::kind) {
            None => {}
            Some(ErrorKind::Cancelled) => return CANCELLED,
            Some(_) => status = FAILED,
        }
    }
    status
}

/// Turns a panic into an error: a decoder that panics on one file must not end the run.
fn catching_panics(work: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Internal, "Enlarger crashed on this file; please report it and attach the file"))
    })
}

fn open<'a>(args: &Enlarge, registry: &'a Registry, terminal: Terminal, cancel: &Cancel) -> Result<Batch<'a>> {
    for error in registry.broken() {
        terminal.detail(format_args!("skipped: {error}"));
    }
    let presets = Presets::open();
    presets.broken().iter().for_each(|error| terminal.warn(error));
    let installed = Installed { models: registry, presets: &presets };
    let settings = args.options.settings(installed)?;
    let choice = settings.model_choice(installed)?;
    let job = settings.job(&settings, &choice)?;
    settings.unused(&choice).iter().for_each(|note| terminal.warn(note));
    let open_with = settings.session_options();
    let opener = Opener::new(choice, settings.engine(), open_with, move |Opened { upscaler, engine, reason }| {
        let Some(model) = upscaler.model() else { return };
        model.warnings().iter().for_each(|warning| terminal.warn(warning));
        terminal.detail(format_args!("engine {} for {}: {reason}", engine.id(), model.id()));
    });
    let engines = Engines::discover();
    // An error that concerns every picture is reported before the first one. The models are not known yet if they depend on
    // the noise in each picture.
    if let Target::Factor(factor) = job.target
        && !opener.choice().looks_at_wear(factor, job.strength, settings.denoise())
    {
        opener.open(&engines, registry, factor, settings.denoise())?;
    }
    let many = args.inputs.len() > 1 || args.inputs.iter().any(|i| i.is_dir());
    let destination = Destination::new(args.output.as_deref(), many);
    if let Destination::Folder(folder) = &destination {
        fs::create_dir_all(folder).map_err(|e| Error::from(e).at(Location::File(folder.clone())))?;
    }
    Ok(Batch {
        opener,
        engines,
        registry,
        denoise: settings.denoise(),
        job,
        destination,
        overwrite: args.overwrite,
        quality: args.quality,
        open_options: OpenOptions {
            limits: Limits { pixels: args.max_pixels, memory: settings.memory().unwrap_or(MEMORY) },
            ignore_profile: args.ignore_profile,
        },
        cancel: cancel.clone(),
        terminal,
    })
}

/// The files that the inputs name. A folder stands for the pictures in it, sorted by name.
fn inputs(inputs: &[PathBuf], terminal: Terminal) -> Vec<Result<PathBuf, (PathBuf, Error)>> {
    let mut files = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            files.push(Ok(input.clone()));
            continue;
        }
        match pictures(input, terminal) {
            Ok(found) if found.is_empty() => {
                let error = Error::new(ErrorKind::Argument, "this folder contains no pictures; name another one");
                files.push(Err((input.clone(), error)));
            }
            Ok(found) => files.extend(found.into_iter().map(Ok)),
            Err(error) => files.push(Err((input.clone(), error))),
        }
    }
    files
}

fn pictures(folder: &Path, terminal: Terminal) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if hidden || !path.is_file() || FileFormat::from_name(&path).is_none() {
            continue;
        }
        if is_result(&path) {
            terminal.info(format_args!(
                "{}: skipped, because it looks like a result; name it on the command line to enlarge it",
                path.display()
            ));
            continue;
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}
