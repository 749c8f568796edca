//! One file, from opening it to its finished result.
//!
//! Everything that can be refused is refused before the first tile: size, format, name and memory. Only a complete result
//! gets its name.

use std::path::{Path, PathBuf};
use std::time::Instant;

use enlarger::{Cancel, Job, Registry, Result, Size, Source, Wear};
use enlarger_engines::{Chosen, Engines, Opener};

use super::destination::Destination;
use super::unfinished_file::UnfinishedFile;
use crate::picture::{self, Conversion, OpenOptions, WriteSpec, Writer};
use crate::terminal::{ProgressDisplay, Terminal};

/// What all files of a run share.
pub struct Batch<'a> {
    /// Opens the models for each picture.
    pub opener: Opener,
    /// The engines that may run them.
    pub engines: Engines,
    /// The installed models.
    pub registry: &'a Registry,
    /// The noise level that the user asks for, 0 to 100.
    pub denoise: Option<u8>,
    /// The target and the settings.
    pub job: Job,
    /// Where results go.
    pub destination: Destination,
    /// Whether existing results are replaced.
    pub overwrite: bool,
    /// The quality of JPEG results, 1 to 100.
    pub quality: u8,
    /// How inputs are opened.
    pub open_options: OpenOptions,
    /// Stops the work.
    pub cancel: Cancel,
    /// Shows messages and progress.
    pub terminal: Terminal,
}

/// The result of a file. After an error, only the fields up to the step that failed are set.
#[derive(Default)]
pub struct Outcome {
    /// The result's file.
    pub output: Option<PathBuf>,
    /// The input's size, upright.
    pub from: Option<Size>,
    /// The result's size.
    pub to: Option<Size>,
    /// Seconds from beginning to end.
    pub seconds: f64,
    /// The models and the engine that enlarged the picture.
    pub chosen: Option<Chosen>,
    /// Warnings for the user.
    pub notes: Vec<String>,
}

/// Enlarges one file. `reserve` fails if another file of this run has the same result.
pub fn enlarge_file(
    batch: &Batch<'_>,
    input: &Path,
    outcome: &mut Outcome,
    reserve: &mut dyn FnMut(&Path) -> Result<()>,
) -> Result<()> {
    let started = Instant::now();
    batch.cancel.check()?;
    let mut source = picture::open(input, &batch.open_options)?;
    outcome.from = Some(source.size());
    outcome.notes.append(&mut source.notes);
    let factor = batch.job.target.factor(source.size())?;
    let mut denoise = batch.denoise;
    if batch.opener.choice().looks_at_wear(factor, batch.job.strength, denoise) {
        // A source gives its rows once, so the picture is opened a second time.
        let found = Wear::measure(&mut picture::open(input, &batch.open_options)?, &batch.cancel)?;
        batch
            .terminal
            .info(format_args!("noise level {}, measured in the picture; --denoise sets another", found.level()));
        denoise = Some(found.level());
    }
    let chosen = batch.opener.open(&batch.engines, batch.registry, factor, denoise)?;
    outcome.chosen = Some(chosen.clone());
    outcome.notes.extend(chosen.notes.iter().cloned());
    let mut job = batch.job.clone();
    job.noise_level = chosen.noise_level;
    let plan = chosen.upscaler.plan(source.size(), &job)?;
    outcome.to = Some(plan.output);
    let (path, file_format) = batch.destination.result_path(input, source.file_format, batch.job.target)?;
    reserve(&path)?;
    UnfinishedFile::check(&path, batch.overwrite)?;
    let conversion = Conversion::new(file_format, plan.output, source.format(), &source.colour(), &source.metadata)?;
    outcome.notes.extend(conversion.notes);

    let name = input.file_name().unwrap_or(input.as_os_str()).to_string_lossy();
    batch.terminal.info(format_args!("{name}: {} → {}, {}", source.size(), plan.output, made_by(&chosen)));

    let result = UnfinishedFile::create(&path, batch.overwrite)?;
    let spec = WriteSpec {
        file_format,
        size: plan.output,
        format: conversion.format,
        colour: conversion.colour,
        metadata: conversion.metadata,
        quality: batch.quality,
        memory: batch.open_options.limits.memory,
    };
    let mut writer = Writer::new(result.file()?, spec)?;
    let mut display = ProgressDisplay::new(batch.terminal, &name);
    let report =
        chosen.upscaler.run(&mut source, &mut writer, &job, &batch.cancel, &mut |progress| display.update(progress))?;
    drop(display);
    writer.finish()?;
    outcome.notes.extend(report.notes);
    batch.cancel.check()?;
    // The result may replace the input, and some systems cannot replace an open file.
    drop(source);
    result.keep()?;
    outcome.output = Some(path);
    outcome.seconds = started.elapsed().as_secs_f64();
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
