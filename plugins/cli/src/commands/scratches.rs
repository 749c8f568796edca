//! `enlarge scratches PICTURE -o MASK.png`: where a picture's scratches and dust are, as a mask that people can edit.
//!
//! It finds what a run would find. It changes no picture.

use enlarger::{
    Cancel, Channels, Colour, Damage, Error, ErrorKind, Format, Job, Location, Result, Sample, Sink, Source, Target,
};
use serde_json::json;

use super::enlarge::output::Output;
use crate::args::Scratches;
use crate::develop::Developers;
use crate::exit_status::{DONE, of_error};
use crate::input::Input;
use crate::metadata::Metadata;
use crate::picture::limits::MEMORY;
use crate::picture::{Conversion, FileFormat, Limits, OpenOptions, WriteSpec, Writer};
use crate::terminal::{Terminal, with_path};

/// Runs `enlarge scratches`.
pub fn run(args: &Scratches, terminal: Terminal, cancel: &Cancel) -> u8 {
    match write(args, terminal, cancel) {
        Ok(()) => DONE,
        Err(error) => {
            terminal.json(&json!({"input": args.file.to_string_lossy(), "error": with_path(&args.file, &error)}));
            terminal.error(with_path(&args.file, &error));
            of_error(&error)
        }
    }
}

fn write(args: &Scratches, terminal: Terminal, cancel: &Cancel) -> Result<()> {
    if FileFormat::from_name(&args.output) != Some(FileFormat::Png) {
        let sentence = "a mask is written as PNG, which keeps it exactly; give a name that ends in .png with -o";
        return Err(Error::new(ErrorKind::Argument, sentence).at(Location::File(args.output.clone())));
    }
    let output = Output::file(&args.output, args.overwrite)?;
    let options =
        OpenOptions { limits: Limits { pixels: args.max_pixels, ..Limits::default() }, ..OpenOptions::default() };
    let mut picture = Input::new(&args.file, &options, &Developers::find("auto")?, cancel)?.open(&options)?;
    picture.notes.drain(..).for_each(|note| terminal.warn(note));
    let size = picture.size();
    let mut job = Job::new(Target::Factor(1.0));
    job.scratches = f32::from(args.scratches) / 100.0;
    let damage = Damage::find(&mut picture, &job, cancel)?;

    let format = Format::new(Sample::U8, Channels::Gray);
    let conversion = Conversion::new(FileFormat::Png, size, format, &Colour::Srgb, &Metadata::default())?;
    let spec = WriteSpec {
        file_format: FileFormat::Png,
        size,
        format: conversion.format,
        colour: conversion.colour,
        metadata: conversion.metadata,
        quality: None,
        memory: MEMORY,
    };
    let mut writer = Writer::new(output.to_write()?, spec)?;
    let mut rows = match &damage.scratches {
        Some(mask) => Some(mask.open()?),
        None => None,
    };
    let mut row = vec![0; format.row_size(size.width)];
    for y in 0..size.height {
        if let Some(rows) = &mut rows {
            rows.read(0, y, &mut row)?;
        }
        writer.write(y, &row)?;
    }
    writer.finish()?;
    output.keep(cancel)?;
    let share = damage.scratched as f64 / size.pixels() as f64;
    terminal.info(format_args!(
        "{}: scratches and dust cover {:.2} %; edit {} and give it to --scratch-mask",
        args.file.display(),
        share * 100.0,
        args.output.display()
    ));
    terminal.json(&json!({
        "input": args.file.to_string_lossy(),
        "output": args.output.to_string_lossy(),
        "size": [size.width, size.height],
        "scratched": damage.scratched,
        "error": null,
    }));
    Ok(())
}
