//! `enlarge preview FILE`: a part of the picture, enlarged in several ways side by side.
//!
//! Each panel is the same part of what a run would give, pixel by pixel. The first one is bicubic, for comparison.

mod comparison;
mod panel;
mod part;
mod show;

use std::path::{Path, PathBuf};

use enlarger::{Cancel, Error, ErrorKind, Installed, OptionKey, OptionValue, Presets, Registry, Result, Settings};
use serde_json::json;

use self::comparison::Comparison;
use self::panel::Panel;
use self::part::Part;
use super::enlarge::mask::{mask_of, scratch_mask_of};
use super::enlarge::output::Output;
use crate::args::Preview;
use crate::develop::Developers;
use crate::exit_status::{DONE, of_error};
use crate::input::is_dash;
use crate::picture::OpenOptions;
use crate::picture::limits::{Limits, MEMORY};
use crate::terminal::Terminal;

/// Runs `enlarge preview`.
pub fn run(args: &Preview, terminal: Terminal, cancel: &Cancel) -> u8 {
    match preview(args, terminal, cancel) {
        Ok(()) => DONE,
        Err(error) => {
            terminal.json(&json!({"input": args.file.to_string_lossy(), "error": error.to_string()}));
            terminal.error(&error);
            of_error(&error)
        }
    }
}

fn preview(args: &Preview, terminal: Terminal, cancel: &Cancel) -> Result<()> {
    if args.dpi.is_some() && args.sizes.print.is_none() {
        let sentence = "--dpi is the density of a print, but there is no print; give its size with --print";
        return Err(Error::new(ErrorKind::Argument, sentence));
    }
    let (registry, presets) = (Registry::open(), Presets::open());
    let installed = Installed { models: &registry, presets: &presets };
    let mut settings = args.options.settings(installed)?;
    let limits = Limits { pixels: args.max_pixels, memory: settings.memory().unwrap_or(MEMORY) };
    let options = OpenOptions { limits, ..OpenOptions::default() };
    let developers = Developers::find(&args.develop)?;
    if let Some(mask) = mask_of(args.mask.as_deref(), &args.options, options, &developers, cancel, terminal)? {
        settings.set(installed, OptionKey::Mask, OptionValue::Mask(mask))?;
    }
    let scratches = args.scratch_mask.as_deref();
    if let Some(mask) = scratch_mask_of(scratches, options, &developers, cancel, terminal)? {
        settings.set(installed, OptionKey::ScratchMask, OptionValue::Mask(mask))?;
    }
    let variants = variants(args, &settings, installed)?;
    // What cannot be written is refused before anything is enlarged.
    let output = match place(args, terminal)? {
        Some(path) => Some((comparison::format_of(&path)?, Output::file(&path, args.overwrite)?, path)),
        None => None,
    };
    let mut part = Part::open(args, &settings, installed, terminal, cancel)?;
    let mut panels = vec![part.panel("bicubic", &bicubic(&settings, installed)?)?];
    let several = variants.len() > 1;
    for (label, settings) in &variants {
        match part.panel(label, settings) {
            Ok(panel) => panels.push(panel),
            Err(error) if several && error.kind() != ErrorKind::Cancelled => {
                terminal.warn(format_args!("{label} is left out: {error}"));
            }
            Err(error) => return Err(error),
        }
    }
    if panels.len() == 1 {
        return Err(Error::new(ErrorKind::Inference, "none of the presets could enlarge this part; see the warnings"));
    }
    panels.iter().for_each(|panel| terminal.info(panel.sentence()));
    let comparison = Comparison::new(&panels);
    let written = match output {
        Some((format, output, path)) => {
            comparison.write(format, &output)?;
            output.keep(cancel)?;
            terminal.info(format_args!("The comparison is in {}", path.display()));
            Some(path)
        }
        None => {
            show::show(comparison)?;
            None
        }
    };
    let rect = part.rect();
    terminal.json(&json!({
        "input": args.file.to_string_lossy(),
        "output": written.map(|path| path.to_string_lossy().into_owned()),
        "part": {"x": rect.x, "y": rect.y, "width": rect.width, "height": rect.height},
        "panels": panels.iter().map(Panel::json).collect::<Vec<_>>(),
    }));
    Ok(())
}

/// What is compared with bicubic: labels and settings.
fn variants(args: &Preview, settings: &Settings, installed: Installed<'_>) -> Result<Vec<(String, Settings)>> {
    if args.presets.is_empty() {
        let choice = settings.model_choice(installed)?;
        return Ok(vec![(panel::label(&choice), settings.clone())]);
    }
    let mut ids = Vec::new();
    for id in &args.presets {
        match id.as_str() {
            "all" => ids.extend(installed.presets.presets().iter().map(|preset| preset.id.clone())),
            id => ids.push(id.to_owned()),
        }
    }
    let with = |id: String| {
        let mut settings = settings.clone();
        let key = if installed.presets.find(&id).is_ok() { OptionKey::Preset } else { OptionKey::Model };
        settings.set(installed, key, OptionValue::Text(id.clone())).map_err(|error| match key {
            OptionKey::Preset => error,
            _ => Error::new(
                error.kind(),
                format!(
                    "there is neither a preset nor a model '{id}'; see `enlarge presets` and `enlarge models list`"
                ),
            ),
        })?;
        Ok((id, settings))
    };
    ids.into_iter().map(with).collect()
}

/// The plain enlargement: without what the options add or take away.
fn bicubic(settings: &Settings, installed: Installed<'_>) -> Result<Settings> {
    let mut settings = settings.clone();
    settings.reset(OptionKey::Grain);
    settings.reset(OptionKey::Fading);
    settings.reset(OptionKey::Scratches);
    settings.reset(OptionKey::ScratchMask);
    settings.reset(OptionKey::ReduceFirst);
    settings.set(installed, OptionKey::Method, OptionValue::Text("bicubic".to_owned()))?;
    Ok(settings)
}

/// The file of the comparison; `None` if the terminal shows it.
fn place(args: &Preview, terminal: Terminal) -> Result<Option<PathBuf>> {
    if let Some(path) = &args.output {
        return Ok(Some(path.clone()));
    }
    if !terminal.json && show::can_show() {
        return Ok(None);
    }
    if is_dash(&args.file) {
        return Err(Error::new(
            ErrorKind::Argument,
            "standard input has no place for a comparison beside it; name the comparison's file with -o",
        ));
    }
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
    Ok(Some(args.file.with_file_name(Path::new(&format!("{stem}-preview.png")))))
}
