//! All files of one run.
//!
//! Folders are opened up, one bad file is reported and the rest go on. The exit status says what became of them:
//! 0 all done, 1 some failed, 2 wrong usage, 130 cancelled.

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use enlarger::{Cancel, Error, ErrorKind, Job, Location, Presets, Registry, Result, SessionOptions, Target};
use enlarger_engines::{Engines, Opened, Opener, Wish};
use serde_json::{Value, json};

use crate::args::{Enlarge, Switch, named};
use crate::enlarge::{Outcome, Tools, one};
use crate::limits::Limits;
use crate::output::{Destination, is_result};
use crate::picture::Kind;
use crate::voice::Voice;

/// All files done.
pub const DONE: u8 = 0;
/// Some failed.
pub const FAILED: u8 = 1;
/// The command line asks for something that is not there.
pub const USAGE: u8 = 2;
/// Stopped by the user.
pub const CANCELLED: u8 = 130;

/// Enlarges everything that the command line names.
pub fn run(args: &Enlarge, voice: Voice, cancel: &Cancel) -> u8 {
    let registry = Registry::open();
    let tools = match open(args, &registry, voice, cancel) {
        Ok(tools) => tools,
        Err(error) => {
            voice.error(&error);
            for input in &args.inputs {
                voice.json(&object(None, input, &Outcome::default(), Some(&error)));
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
    for input in inputs(&args.inputs, voice) {
        let mut outcome = Outcome::default();
        let mut claim = |path: &Path| {
            if taken.insert(path.to_owned()) {
                return Ok(());
            }
            Err(Error::new(
                ErrorKind::Argument,
                format!("another input of this run has the same result {}; give them one by one", path.display()),
            ))
        };
        let result = input.and_then(|path| match guarded(|| one(&tools, &path, &mut outcome, &mut claim)) {
            Ok(()) => Ok(path),
            Err(error) => Err((path, error)),
        });
        let (path, error) = match &result {
            Ok(path) => (path, None),
            Err((path, error)) => (path, Some(error)),
        };
        report(&tools, path, &outcome, error);
        match error.map(Error::kind) {
            None => {}
            Some(ErrorKind::Cancelled) => return CANCELLED,
            Some(_) => status = FAILED,
        }
    }
    status
}

/// A decoder that breaks down on a strange file must not take the other files with it.
fn guarded(work: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Internal, "this file made Enlarger break down; please report it with the file"))
    })
}

fn open<'a>(args: &Enlarge, registry: &'a Registry, voice: Voice, cancel: &Cancel) -> Result<Tools<'a>> {
    for error in registry.broken() {
        voice.detail(format_args!("passed over: {error}"));
    }
    let wish = match &args.model {
        Some(model) => Wish::Model(registry.find(model)?.clone()),
        None => {
            let presets = Presets::open();
            presets.broken().iter().for_each(|error| voice.warn(error));
            Wish::Preset(presets.find(&args.preset)?.clone())
        }
    };
    let mut options = SessionOptions::default();
    options.device = named(&args.device).map(str::to_owned);
    options.precision = args.precision.into();
    options.threads = args.threads.map(|n| n as usize);
    let opener = Opener::new(wish, named(&args.engine), options, move |Opened { upscaler, engine, reason }| {
        let model = upscaler.model();
        model.warnings().iter().for_each(|warning| voice.warn(warning));
        voice.detail(format_args!("engine {} for {}: {reason}", engine.id(), model.id()));
    });
    let engines = Engines::discover();
    let mut job = Job::new(args.target(opener.wish().factor()));
    job.tile = args.tile;
    job.colour_lock = args.colour_lock == Switch::On;
    job.memory = args.max_memory;
    job.strength = f32::from(args.strength) / 100.0;
    // What is wrong for every picture is said before the first. Which networks a picture's own noise takes is not known yet.
    if let Target::Factor(factor) = job.target
        && !opener.wish().looks_at_wear(factor, job.strength, args.denoise)
    {
        opener.open(&engines, registry, factor, args.denoise)?;
    }
    let many = args.inputs.len() > 1 || args.inputs.iter().any(|i| i.is_dir());
    let destination = Destination::new(args.output.as_deref(), many);
    if let Destination::Folder(folder) = &destination {
        fs::create_dir_all(folder).map_err(|e| Error::from(e).at(Location::File(folder.clone())))?;
    }
    Ok(Tools {
        opener,
        engines,
        registry,
        denoise: args.denoise,
        job,
        destination,
        overwrite: args.overwrite,
        quality: args.quality,
        limits: Limits { pixels: args.max_pixels, memory: args.held_memory() },
        cancel: cancel.clone(),
        voice,
    })
}

/// The files that the inputs name: files themselves, and the pictures in folders, by name.
fn inputs(inputs: &[PathBuf], voice: Voice) -> Vec<Result<PathBuf, (PathBuf, Error)>> {
    let mut files = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            files.push(Ok(input.clone()));
            continue;
        }
        match pictures(input, voice) {
            Ok(found) if found.is_empty() => {
                let error = Error::new(ErrorKind::Argument, "there is no picture in this folder; name another one");
                files.push(Err((input.clone(), error)));
            }
            Ok(found) => files.extend(found.into_iter().map(Ok)),
            Err(error) => files.push(Err((input.clone(), error))),
        }
    }
    files
}

fn pictures(folder: &Path, voice: Voice) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if hidden || !path.is_file() || Kind::from_name(&path).is_none() {
            continue;
        }
        if is_result(&path) {
            voice.say(format_args!("{}: passed over, it looks like a result; name it to enlarge it", path.display()));
            continue;
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}

fn report(tools: &Tools<'_>, path: &Path, outcome: &Outcome, error: Option<&Error>) {
    let voice = tools.voice;
    for note in &outcome.notes {
        voice.warn(format_args!("{}: {note}", path.display()));
    }
    match error {
        None => {
            let output = outcome.output.as_deref().unwrap_or(Path::new(""));
            voice.say(format_args!("{} written in {:.1} s", output.display(), outcome.seconds));
        }
        Some(error) if error.kind() == ErrorKind::Cancelled => {
            voice.say(format_args!("{}: stopped, nothing was written", path.display()));
        }
        Some(error) => voice.error(sentence(path, error)),
    }
    voice.json(&object(Some(tools), path, outcome, error));
}

/// The error with the file's name, once.
fn sentence(path: &Path, error: &Error) -> String {
    match error.location() {
        Some(Location::File(file)) if file == path => error.to_string(),
        _ => format!("{}: {error}", path.display()),
    }
}

fn object(tools: Option<&Tools<'_>>, path: &Path, outcome: &Outcome, error: Option<&Error>) -> Value {
    let size = |size: Option<enlarger::Size>| size.map(|s| [s.width, s.height]);
    let chosen = outcome.chosen.as_ref();
    json!({
        "input": path.to_string_lossy(),
        "output": outcome.output.as_ref().map(|p| p.to_string_lossy()),
        "input_size": size(outcome.from),
        "output_size": size(outcome.to),
        "preset": tools.and_then(|t| match t.opener.wish() {
            Wish::Preset(preset) => Some(preset.id.as_str()),
            Wish::Model(_) => None,
        }),
        "model": chosen.map(|c| c.upscaler.model().id()),
        "models": chosen.map(|c| c.models()),
        "engine": chosen.map(|c| c.engine.id()),
        "engine_version": chosen.map(|c| c.engine.version()),
        "device": chosen.map(|c| c.upscaler.session().device().id.clone()),
        "seconds": error.is_none().then_some((outcome.seconds * 1000.0).round() / 1000.0),
        "notes": outcome.notes,
        "error": error.map(|e| sentence(path, e)),
    })
}
