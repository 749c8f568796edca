//! One file, from opening it to its finished result.
//!
//! Everything that can be refused is refused before the first tile: size, format, name and memory. Only a complete result
//! gets its name.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Instant;

use enlarger::{
    Asked, Cancel, Content, Damage, FaceMode, Job, Measures, Question, Registry, Result, Source, Wear, advise,
    available_memory,
};
use enlarger_engines::{Chosen, Engines, NO_FACE, Opener};

use super::damage;
use super::destination::{Destination, Naming};
use super::estimate::Estimate;
use super::existing::{Existing, ExistingResults};
use super::inputs::Item;
use super::journal::Stamp;
use super::outcome::{End, Outcome};
use super::output::Output;
use super::speed::Speeds;
use crate::commands::advice;
use crate::develop::Developers;
use crate::input::{self, Input};
use crate::metadata::Density;
use crate::picture::{Conversion, FileFormat, OpenOptions, Picture, WriteSpec, Writer};
use crate::terminal::{FileProgress, Terminal, count};

/// What all files of a run share.
pub struct Batch<'a> {
    /// The engines that may run the models.
    pub engines: Engines,
    /// The installed models.
    pub registry: &'a Registry,
    /// The noise level that the user asks for, 0 to 100.
    pub denoise: Option<u8>,
    /// What becomes of faces.
    pub faces: FaceMode,
    /// The noise level for faces that the user asks for, 0 to 100.
    pub face_denoise: Option<u8>,
    /// What the pictures are, if the user says so.
    pub content: Option<Content>,
    /// The target and the settings.
    pub job: Job,
    /// The bytes of memory that the user allows; `None` for half of what is available.
    pub memory: Option<u64>,
    /// What results are called.
    pub naming: Naming,
    /// What happens where a result exists.
    pub existing: ExistingResults,
    /// The density to write, in dots per inch.
    pub dpi: Option<f64>,
    /// The quality of JPEG and WebP results, 1 to 100, if the user asks for one.
    pub quality: Option<u8>,
    /// Whether results say what made them.
    pub label: bool,
    /// Whether pictures are looked at for advice.
    pub advice: bool,
    /// The density of a print that the user asks for, in dots per inch.
    pub print: Option<f64>,
    /// How inputs are opened.
    pub open_options: OpenOptions,
    /// The programs that develop raw photographs.
    pub developers: Developers,
    /// The speed of this machine.
    pub speeds: Speeds,
    /// The threads of one job.
    pub threads: usize,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Stops the work.
    pub cancel: Cancel,
    /// Shows messages and progress.
    pub terminal: Terminal,
    /// Whether the run has a single picture.
    pub single: bool,
}

impl Batch<'_> {
    /// Tells advice on one picture. Of many pictures only those who want details read all of it; others get a summary.
    fn tell_advice(&self, line: impl Display) {
        if self.single {
            self.terminal.info(line);
        } else {
            self.terminal.detail(line);
        }
    }
}

/// A picture that is ready to be enlarged.
struct Ready {
    input: Input,
    source: Picture,
    chosen: Chosen,
    job: Job,
    path: PathBuf,
    format: FileFormat,
    /// Whether an existing result is replaced.
    replace: bool,
    conversion: Conversion,
    estimate: Estimate,
    /// The state of the input's file before it was read.
    stamp: Option<Stamp>,
}

/// What is expected of a picture before its turn comes.
pub enum Survey {
    /// It comes to this.
    Expected(Estimate),
    /// It must be read or developed first.
    Unknown,
    /// It will not be enlarged.
    LeftOut,
}

impl Survey {
    /// What it comes to, if that is known.
    pub fn estimate(self) -> Option<Estimate> {
        match self {
            Survey::Expected(estimate) => Some(estimate),
            Survey::Unknown | Survey::LeftOut => None,
        }
    }
}

/// What a picture comes to, without looking at its wear.
pub fn survey(batch: &Batch<'_>, opener: &Opener, item: &Item) -> Survey {
    if let Ok(Some(format)) = input::format_of(&item.path)
        && let Ok((path, _)) = batch.naming.result_path(item, format)
        && !matches!(check_existing(batch, item, &path), Ok((_, None)))
    {
        return Survey::LeftOut;
    }
    if input::needs_work(&item.path) {
        return Survey::Unknown;
    }
    match open(batch, opener, item, &batch.job, &mut Outcome::default(), false) {
        Ok(ready) => Survey::Expected(ready.estimate),
        Err(_) => Survey::LeftOut,
    }
}

/// Enlarges one file by `job`. `begin` is called when it is ready, with the name to show and the work.
pub fn enlarge_file(
    batch: &Batch<'_>,
    opener: &Opener,
    item: &Item,
    job: &Job,
    outcome: &mut Outcome,
    begin: &mut dyn FnMut(&str, f64) -> FileProgress,
) -> Result<End> {
    let started = Instant::now();
    batch.cancel.check()?;
    // What is left out needs neither to be developed nor opened.
    if let Some(format) = input::format_of(&item.path)? {
        let (path, _) = batch.naming.result_path(item, format)?;
        batch.existing.reserve(&path, item)?;
        if let Some(end) = check_existing(batch, item, &path)?.1 {
            outcome.output = matches!(end, End::Skipped(_)).then_some(path);
            return Ok(end);
        }
    }
    let ready = open(batch, opener, item, job, outcome, true)?;
    let (replace, end) = check_existing(batch, item, &ready.path)?;
    if let Some(end) = end {
        return Ok(end);
    }
    batch.existing.reserve(&ready.path, item)?;
    let ready = Ready { replace, ..ready };
    say_what_it_comes_to(batch, item, &ready);
    for found in outcome.advice.iter().flatten() {
        batch.tell_advice(format_args!("{}: advice: {}", name(&item.path), advice::line(found)));
    }
    if batch.dry_run {
        outcome.output = Some(ready.path);
        return Ok(End::Done);
    }
    carry_out(batch, item, ready, outcome, begin)?;
    outcome.seconds = started.elapsed().as_secs_f64();
    Ok(End::Done)
}

/// Whether an existing result is replaced, and how the file ends if it is not enlarged.
fn check_existing(batch: &Batch<'_>, item: &Item, path: &Path) -> Result<(bool, Option<End>)> {
    if matches!(batch.naming.destination, Destination::Stream(_)) {
        return Ok((false, None));
    }
    Ok(match batch.existing.check(path, item)? {
        Existing::Free => (false, None),
        Existing::Replace => (true, None),
        Existing::Skip(reason) => (false, Some(End::Skipped(reason))),
        Existing::Refuse(error) => (false, Some(End::Exists(error))),
    })
}

/// Opens an input and works out what it comes to.
fn open(
    batch: &Batch<'_>,
    opener: &Opener,
    item: &Item,
    job: &Job,
    outcome: &mut Outcome,
    measure: bool,
) -> Result<Ready> {
    // What comes through a pipe has no state that a journal could note.
    let stamp = Stamp::of(&item.path).filter(|_| !input::is_stream(&item.path));
    let mut input = Input::new(&item.path, &batch.open_options, &batch.developers, &batch.cancel)?;
    outcome.developed_by = input.developed_by().map(str::to_owned);
    let options = OpenOptions { only_header: !measure, ..batch.open_options };
    let mut source = input.open(&options)?;
    outcome.from = Some(source.size());
    outcome.notes.append(&mut source.notes);
    // Networks enlarge what is left after a reduction; the user counts from the picture as it is.
    let (factor, network_factor) = (job.target.factor(source.size())?, job.factor(source.size())?);
    let (mut denoise, mut content) = (batch.denoise, batch.content);
    let mut job = job.clone();
    let looks_for_faces = measure && batch.faces.looks(network_factor, &job);
    if looks_for_faces {
        job.faces = opener.find_faces(&batch.engines, &mut source, &batch.cancel)?;
        if job.faces.is_empty() {
            outcome.notes.push(NO_FACE.to_owned());
        }
        source = input.open(&batch.open_options)?;
    }
    let looks_at_wear = measure && opener.choice().looks_at_wear(network_factor, job.strength, denoise);
    let keeps_faces = !job.faces.is_empty() && batch.faces.keeps(opener.choice());
    let looks_at_faces = keeps_faces && batch.face_denoise.is_none();
    // A classical method changes nothing that advice could be about.
    let looks_at_content = measure && opener.choice().looks_at_content(network_factor, job.strength, content);
    let advises = measure && batch.advice && opener.choice().method().is_none();
    let measures =
        if advises || looks_at_content { Some(Measures::measure(&mut source, &batch.cancel)?) } else { None };
    let mut face_denoise = batch.face_denoise;
    if looks_at_wear || looks_at_faces {
        let found = match &measures {
            Some(measures) => measures.wear(),
            None => Wear::measure(&mut source, &batch.cancel)?,
        };
        if looks_at_wear {
            batch.terminal.info(format_args!(
                "{}: noise level {}, measured in the picture; --denoise sets another",
                item.path.display(),
                found.level()
            ));
            denoise = Some(found.level());
        }
        face_denoise = face_denoise.or(Some(found.level()));
    }
    if let Some(level) = face_denoise.filter(|_| keeps_faces) {
        batch.terminal.info(format_args!(
            "{}: {} found, noise level {level} in faces; --face-denoise sets another, --faces off treats faces as the rest",
            item.path.display(),
            count(job.faces.len(), "face"),
        ));
    }
    if looks_at_content {
        content = measures.as_ref().map(Measures::content);
        batch.terminal.info(format_args!(
            "{}: taken for a {}; --content sets something else",
            item.path.display(),
            content.map_or("photo", Content::id)
        ));
    }
    if looks_at_wear || looks_at_faces || looks_for_faces || looks_at_content || advises {
        // A source gives its rows once, so the picture is opened a second time.
        source = input.open(&batch.open_options)?;
        source.notes.clear();
    }
    if measure && job.needs_damage() {
        let damage = Damage::find(&mut source, &job, &batch.cancel)?;
        batch.terminal.info(format_args!(
            "{}: {}",
            item.path.display(),
            damage::sentence(&damage, &job, source.size())
        ));
        job.damage = Some(damage);
        source = input.open(&batch.open_options)?;
        source.notes.clear();
    }
    let mut chosen = opener.open(&batch.engines, batch.registry, network_factor, denoise, content)?;
    let faces = (batch.faces, face_denoise);
    opener.add_faces(&batch.engines, batch.registry, faces, &job, network_factor, &mut chosen)?;
    outcome.chosen = Some(chosen.clone());
    outcome.notes.extend(chosen.notes.iter().cloned());
    chosen.advice.iter().for_each(|advice| batch.terminal.detail(format_args!("{}: {advice}", item.path.display())));
    (job.noise_level, job.face_noise_level) = (chosen.noise_level, chosen.face_noise_level);
    let plan = chosen.upscaler.plan(source.size(), &job)?;
    outcome.to = Some(plan.output);
    if let Some(density) = batch.dpi.and_then(|dpi| Density::new(dpi, dpi, true)) {
        source.metadata.density = Some(density);
    }
    let (path, format) = batch.naming.result_path(item, source.file_format)?;
    if batch.label {
        let preset = opener.choice().preset().map(|preset| preset.id.as_str());
        let mut made = chosen.upscaler.provenance(source.size(), &job, preset)?;
        let level = opener.choice().preset().zip(denoise).map(|(preset, level)| preset.limited(level));
        made.denoise = made.denoise.or(level).filter(|_| !made.models.is_empty());
        if let Some(faces) = &mut made.faces {
            faces.denoise = faces.denoise.or(face_denoise);
        }
        outcome.label = Some(made);
    }
    source.metadata.made_by.clone_from(&outcome.label);
    let mut conversion = Conversion::new(format, plan.output, source.format(), &source.colour(), &source.metadata)?;
    outcome.notes.append(&mut conversion.notes);
    let read = (source.size(), source.format(), source.file_format);
    let written = (conversion.format, format, batch.quality);
    let mut estimate = Estimate::new(&plan, factor, read, written, conversion.metadata.density);
    let speeds = &batch.speeds;
    estimate.seconds = speeds.seconds(&chosen, estimate.work, batch.threads, batch.dry_run, &batch.cancel);
    outcome.estimate = Some(estimate.clone());
    if measure && batch.advice {
        let mut question = Question::of_job(&job, source.size(), opener.choice())?;
        question.quality = source.quality;
        question.result = Some(Asked {
            print: batch.print,
            memory: Some((estimate.memory, available_memory())),
            ..Asked::new(plan.output)
        });
        outcome.advice = Some(advise(measures.as_ref(), &question));
    }
    Ok(Ready { input, source, chosen, job, path, format, replace: false, conversion, estimate, stamp })
}

fn say_what_it_comes_to(batch: &Batch<'_>, item: &Item, ready: &Ready) {
    let Ready { source, chosen, estimate, input, .. } = ready;
    let by = input.developed_by().map(|program| format!("developed by {program}, ")).unwrap_or_default();
    let what = format!("{}: {} → {}, {by}{}", name(&item.path), source.size(), estimate.output, made_by(chosen),);
    batch.terminal.info(format_args!("{what}\n  {}", estimate.sentence()));
}

/// The name of an input, to show.
pub fn name(path: &Path) -> String {
    if input::is_dash(path) {
        return "standard input".to_owned();
    }
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn carry_out(
    batch: &Batch<'_>,
    item: &Item,
    ready: Ready,
    outcome: &mut Outcome,
    begin: &mut dyn FnMut(&str, f64) -> FileProgress,
) -> Result<()> {
    let Ready { input, mut source, chosen, job, path, format, replace, conversion, estimate, stamp } = ready;
    let result = match &batch.naming.destination {
        Destination::Stream(path) => Output::stream(path)?,
        Destination::Folder(folder) => {
            batch.existing.make_folder(folder, &path)?;
            Output::file(&path, replace)?
        }
        _ => Output::file(&path, replace)?,
    };
    let spec = WriteSpec {
        file_format: format,
        size: estimate.output,
        format: conversion.format,
        colour: conversion.colour,
        metadata: conversion.metadata,
        quality: batch.quality,
        memory: batch.open_options.limits.memory,
    };
    let mut writer = Writer::new(result.to_write()?, spec)?;
    let progress = begin(&name(&item.path), estimate.work.units());
    let started = Instant::now();
    let report = chosen.upscaler.run(&mut source, &mut writer, &job, &batch.cancel, &mut |p| progress.update(p))?;
    writer.finish()?;
    batch.speeds.note(&chosen, estimate.work, batch.threads, started.elapsed().as_secs_f64());
    outcome.notes.extend(report.notes);
    batch.cancel.check()?;
    // The result may replace the input, and some systems cannot replace an open file.
    drop((source, input));
    outcome.bytes = Some(result.keep(&batch.cancel)?);
    if let Some(stamp) = stamp
        && let Err(error) = batch.existing.note(&path, item, stamp)
    {
        outcome
            .notes
            .push(format!("the journal could not be written, so that --resume will not know this result ({error})"));
    }
    outcome.output = Some(path);
    Ok(())
}

/// What enlarges the picture, for people: the models and the engine, or the method.
fn made_by(chosen: &Chosen) -> String {
    if let Some(method) = chosen.upscaler.method() {
        return format!("method {}", method.id());
    }
    let names: Vec<&str> = chosen.upscaler.models().map(|model| model.manifest().name.as_str()).collect();
    let mut text = format!("{} ({})", names.join(", then "), chosen.models().join(", "));
    if let (Some(engine), Some(device)) = (&chosen.engine, chosen.device()) {
        text += &format!(", engine {} {} on {}", engine.id(), engine.version(), device.id);
    }
    text
}
