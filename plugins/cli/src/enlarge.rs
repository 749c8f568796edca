//! One file, from its name to its result.
//!
//! Everything that can be refused is refused before the first tile: the size, the format, the name, the memory. Only a
//! whole result gets its name.

use std::path::{Path, PathBuf};
use std::time::Instant;

use enlarger::{Cancel, Job, Registry, Result, Size, Source, Wear};
use enlarger_engines::{Chosen, Engines, Opener};

use crate::bar::Bar;
use crate::limits::Limits;
use crate::output::{Destination, Part};
use crate::picture::{self, Spec, Writer};
use crate::voice::Voice;

/// What all files of a run share.
pub struct Tools<'a> {
    /// What enlarges which picture.
    pub opener: Opener,
    /// The engines that it may run on.
    pub engines: Engines,
    /// The models that there are.
    pub registry: &'a Registry,
    /// The noise level, of 100, that was asked for.
    pub denoise: Option<u8>,
    /// The target and how to get there.
    pub job: Job,
    /// Where results go.
    pub destination: Destination,
    /// Whether results that exist are replaced.
    pub overwrite: bool,
    /// Of JPEG results.
    pub quality: u8,
    /// What an input may ask for.
    pub limits: Limits,
    /// Stops the work.
    pub cancel: Cancel,
    /// What is said.
    pub voice: Voice,
}

/// What became of a file, as far as it came.
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
    /// What enlarged it.
    pub chosen: Option<Chosen>,
    /// What deserves a warning.
    pub notes: Vec<String>,
}

/// Enlarges one file. `claim` is asked whether a result's name is still free in this run.
pub fn one(
    tools: &Tools<'_>,
    input: &Path,
    outcome: &mut Outcome,
    claim: &mut dyn FnMut(&Path) -> Result<()>,
) -> Result<()> {
    let started = Instant::now();
    tools.cancel.check()?;
    let mut source = picture::open(input, &tools.limits)?;
    outcome.from = Some(source.size());
    outcome.notes.append(&mut source.notes);
    let factor = tools.job.target.factor(source.size())?;
    let mut denoise = tools.denoise;
    if tools.opener.choice().looks_at_wear(factor, tools.job.strength, denoise) {
        // Rows come once, so the picture is opened once more.
        let found = Wear::measure(&mut picture::open(input, &tools.limits)?, &tools.cancel)?;
        tools
            .voice
            .say(format_args!("noise level {} by the look of the picture; --denoise sets another", found.level()));
        denoise = Some(found.level());
    }
    let chosen = tools.opener.open(&tools.engines, tools.registry, factor, denoise)?;
    outcome.chosen = Some(chosen.clone());
    outcome.notes.extend(chosen.notes.iter().cloned());
    let mut job = tools.job.clone();
    job.noise_level = chosen.noise_level;
    let plan = chosen.upscaler.plan(source.size(), &job)?;
    outcome.to = Some(plan.output);
    let (path, kind) = tools.destination.name(input, source.kind, tools.job.target)?;
    claim(&path)?;
    Part::check(&path, tools.overwrite)?;
    let fit = picture::fit(kind, plan.output, source.format(), &source.colour(), &source.metadata)?;
    outcome.notes.extend(fit.notes);

    let name = input.file_name().unwrap_or(input.as_os_str()).to_string_lossy();
    tools.voice.say(format_args!(
        "{name}: {} → {}, {} ({}), engine {} {} on {}",
        source.size(),
        plan.output,
        chosen.upscaler.models().map(|model| model.manifest().name.as_str()).collect::<Vec<_>>().join(", then "),
        chosen.models().join(", "),
        chosen.engine.id(),
        chosen.engine.version(),
        chosen.upscaler.session().device().id,
    ));

    let part = Part::create(&path, tools.overwrite)?;
    let spec = Spec {
        kind,
        size: plan.output,
        format: fit.format,
        colour: fit.colour,
        metadata: fit.metadata,
        quality: tools.quality,
        memory: tools.limits.memory,
    };
    let mut writer = Writer::new(part.file()?, spec)?;
    let mut bar = Bar::new(tools.voice, &name);
    let report =
        chosen.upscaler.run(&mut source, &mut writer, &job, &tools.cancel, &mut |progress| bar.update(progress))?;
    drop(bar);
    writer.finish()?;
    outcome.notes.extend(report.notes);
    tools.cancel.check()?;
    // The input may be the file that is replaced, and some systems do not rename onto an open one.
    drop(source);
    part.keep()?;
    outcome.output = Some(path);
    outcome.seconds = started.elapsed().as_secs_f64();
    Ok(())
}
