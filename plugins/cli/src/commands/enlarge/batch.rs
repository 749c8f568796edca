//! All files of one run.
//!
//! Folders are replaced by their entries. A file that fails is reported, and the run goes on with the next one.

use std::fs;
use std::io::{IsTerminal, stdin, stdout};
use std::path::Path;
use std::thread::available_parallelism;
use std::time::Instant;

use enlarger::{
    Cancel, Error, ErrorKind, Installed, Location, OptionKey, OptionValue, Presets, Registry, Result, SessionOptions,
    Settings, Target, available_memory,
};
use enlarger_engines::{Opened, Opener};

use super::destination::{Destination, Naming, stream_name, tag};
use super::existing::{ExistingResults, Policy};
use super::file::Batch;
use super::inputs::{Folders, Found, items};
use super::journal::{self, Stamp};
use super::mask::{mask_of, scratch_mask_of};
use super::outcome::{End, Outcome};
use super::report::{Status, Totals, outcome_json, report};
use super::speed::Speeds;
use super::workers::enlarge_all;
use crate::args::{Enlarge, Switch};
use crate::commands::engines::engines;
use crate::develop::Developers;
use crate::exit_status::{CANCELLED, DONE, EXISTS, FAILED, of_error};
use crate::input::is_dash;
use crate::picture::OpenOptions;
use crate::picture::limits::{Limits, MEMORY};
use crate::terminal::Terminal;

/// Enlarges everything that the command line names.
pub fn run(args: &Enlarge, terminal: Terminal, cancel: &Cancel) -> u8 {
    let started = Instant::now();
    let registry = Registry::open();
    let (mut batch, openers) = match open(args, &registry, terminal, cancel) {
        Ok(opened) => opened,
        Err(error) => return refuse(args, terminal, &error),
    };
    let results = match &batch.naming.destination {
        Destination::Folder(folder) => Some(folder.as_path()),
        _ => None,
    };
    let folders = Folders { recursive: args.recursive, results, developers: &batch.developers, shard: args.shard };
    let listing = items(&args.inputs, &folders);
    let mut totals = Totals { elsewhere: listing.elsewhere, ..Totals::default() };
    if let Some(shard) = args.shard {
        let entries = listing.items.len() as u64;
        terminal.info(format_args!("{shard}: {entries} of {} entries", entries + listing.elsewhere));
    }
    let mut pictures = Vec::new();
    let choice = openers.first().map(Opener::choice);
    for item in listing.items {
        let end = match item.found {
            Found::Picture => {
                pictures.push(item);
                continue;
            }
            Found::LeftOut(reason) => Ok(End::Skipped(reason)),
            Found::Failed(error) => Err(error),
        };
        report(terminal, choice, &mut totals, &item.path, &Outcome::default(), &end, (args.dry_run, true));
    }
    batch.single = pictures.len() == 1;
    enlarge_all(&batch, &openers, &pictures, &mut totals);
    totals.show(terminal, started.elapsed().as_secs_f64());
    if totals.stopped > 0 {
        return CANCELLED;
    }
    if totals.failed > 0 {
        return FAILED;
    }
    if totals.exists > 0 {
        return EXISTS;
    }
    batch.existing.complete();
    DONE
}

/// Reports an error that concerns the whole run.
fn refuse(args: &Enlarge, terminal: Terminal, error: &Error) -> u8 {
    terminal.error(error);
    let status = if error.kind() == ErrorKind::Cancelled { Status::Stopped } else { Status::Failed };
    for input in &args.inputs {
        terminal.json(&outcome_json(None, input, &Outcome::default(), status, None, Some(error)));
    }
    of_error(error)
}

fn open<'a>(
    args: &Enlarge,
    registry: &'a Registry,
    terminal: Terminal,
    cancel: &Cancel,
) -> Result<(Batch<'a>, Vec<Opener>)> {
    for error in registry.broken() {
        terminal.detail(format_args!("skipped: {error}"));
    }
    let presets = Presets::open();
    presets.broken().iter().for_each(|error| terminal.warn(error));
    let installed = Installed { models: registry, presets: &presets };
    let mut settings = args.options.settings(installed)?;
    let many = args.inputs.len() > 1 || args.inputs.iter().any(|i| i.is_dir());
    let destination = Destination::new(args.output.as_deref(), many)?;
    check_streams(args, terminal, &destination)?;
    let developers = Developers::find(&args.develop)?;
    let open_options = OpenOptions {
        limits: Limits { pixels: args.max_pixels, memory: settings.memory().unwrap_or(MEMORY) },
        ignore_profile: args.ignore_profile,
        ..OpenOptions::default()
    };
    let mut hash = args.settings_hash();
    if let Some(mask) = mask_of(args.mask.as_deref(), &args.options, open_options, &developers, cancel, terminal)? {
        settings.set(installed, OptionKey::Mask, OptionValue::Mask(mask))?;
        // A mask that was changed makes other results.
        hash += &format!(" {:?}", args.mask.as_deref().map(Stamp::of));
    }
    let scratches = args.scratch_mask.as_deref();
    if let Some(mask) = scratch_mask_of(scratches, open_options, &developers, cancel, terminal)? {
        settings.set(installed, OptionKey::ScratchMask, OptionValue::Mask(mask))?;
        hash += &format!(" scratches {:?}", scratches.map(Stamp::of));
    }
    let jobs = if many { usize::from(args.jobs) } else { 1 };
    let cores = available_parallelism().map_or(1, usize::from);
    let mut session = settings.session_options();
    let threads = session.threads.unwrap_or(cores.div_ceil(jobs));

    let choice = settings.model_choice(installed)?;
    let mut job = settings.job(&settings, &choice)?;
    settings.unused(&choice).iter().for_each(|note| terminal.warn(note));
    let size_tag = match args.sizes.target(args.dpi) {
        Some((target, tag)) => {
            job.target = target;
            tag
        }
        None => tag(job.target),
    };
    if jobs > 1 {
        job.memory = Some(job.memory.unwrap_or_else(|| available_memory() / 2) / jobs as u64);
        session.threads = Some(threads);
    }
    let openers = openers(&settings, installed, jobs, &session, terminal)?;
    let engines = engines();
    // An error that concerns every picture is reported before the first one. The models are not known yet if they depend on
    // the noise in each picture.
    if let Target::Factor(factor) = job.target
        && let Some(opener) = openers.first()
        && !opener.choice().looks_at_wear(factor, job.strength, settings.denoise())
        && !opener.choice().looks_at_content(factor, job.strength, settings.content())
    {
        opener.open(&engines, registry, factor, settings.denoise(), settings.content())?;
    }
    if let Destination::Folder(folder) = &destination
        && !args.dry_run
    {
        fs::create_dir_all(folder).map_err(|e| Error::from(e).at(Location::File(folder.clone())))?;
    }
    let policy = match (args.overwrite, args.skip_existing, args.resume) {
        (true, ..) => Policy::Overwrite,
        (_, true, _) => Policy::Skip,
        (_, _, true) => Policy::Resume,
        _ => Policy::Refuse,
    };
    // A few files beside their results are no batch that is worth a journal, unless the user resumes it.
    let batch = args.inputs.iter().any(|i| i.is_dir()) || (many && matches!(destination, Destination::Folder(_)));
    let existing =
        ExistingResults::new(policy, &destination, hash, (batch, journal::name(args.shard)), args.dry_run, terminal);
    let memory = settings.memory();
    let batch = Batch {
        engines,
        registry,
        denoise: settings.denoise(),
        faces: settings.face_mode(&choice),
        face_denoise: settings.face_denoise(),
        content: settings.content(),
        job,
        memory,
        naming: Naming { destination, tag: size_tag, format: args.format },
        existing,
        dpi: args.density(),
        quality: args.quality,
        label: args.label == Switch::On,
        advice: args.advice == Switch::On,
        print: args.sizes.print.as_ref().and(args.density()),
        open_options,
        developers,
        speeds: Speeds::of_user(),
        threads,
        dry_run: args.dry_run,
        cancel: cancel.clone(),
        terminal,
        single: true,
    };
    Ok((batch, openers))
}

/// Refuses what cannot go through standard input and output.
fn check_streams(args: &Enlarge, terminal: Terminal, destination: &Destination) -> Result<()> {
    let wrong = |sentence: String| Err(Error::new(ErrorKind::Argument, sentence));
    if args.inputs.iter().filter(|input| is_dash(input)).count() > 1 {
        return wrong("standard input is named twice; it can be read only once".to_owned());
    }
    if args.inputs.iter().any(|input| is_dash(input)) && stdin().is_terminal() {
        return wrong("standard input is the terminal; redirect a picture into it, or name a file".to_owned());
    }
    let beside = *destination == Destination::Beside;
    if let Some(input) = args.inputs.iter().find(|input| crate::input::is_stream(input)).filter(|_| beside) {
        return wrong(format!(
            "{} has no place for a result beside it; give -o FILE, or -o - for standard output",
            if is_dash(input) { "standard input".to_owned() } else { input.display().to_string() }
        ));
    }
    let Destination::Stream(path) = destination else { return Ok(()) };
    if is_dash(path) && terminal.json && !args.dry_run {
        return wrong("--json and -o - both write to standard output; leave one of them out".to_owned());
    }
    if is_dash(path) && stdout().is_terminal() && !args.dry_run {
        return wrong(format!("{} is the terminal; redirect it to a file or a program", stream_name(path)));
    }
    Ok(())
}

/// One opener for each job, so that each has its own threads.
fn openers(
    settings: &Settings,
    installed: Installed<'_>,
    jobs: usize,
    options: &SessionOptions,
    terminal: Terminal,
) -> Result<Vec<Opener>> {
    let opener = |index: usize| {
        let choice = settings.model_choice(installed)?;
        Ok(Opener::new(
            choice,
            settings.engine(),
            options.clone(),
            move |Opened { upscaler, engine, reason, .. }| {
                // The others open the same models.
                if let Some(model) = upscaler.model().filter(|_| index == 0) {
                    model.warnings().iter().for_each(|warning| terminal.warn(warning));
                    terminal.detail(format_args!("engine {} for {}: {reason}", engine.id(), model.id()));
                }
            },
        ))
    };
    (0..jobs).map(opener).collect()
}

/// What the panics of decoders become.
pub fn crashed(path: &Path) -> Error {
    Error::new(ErrorKind::Internal, "Enlarger crashed on this file; please report it and attach the file")
        .at(Location::File(path.to_owned()))
}
