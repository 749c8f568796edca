//! `enlarge info FILE…`: what pictures are, as Enlarger reads them.
//!
//! It opens files as a run does, reads them once for noise, JPEG damage and advice, and once for faces, and writes nothing but
//! its answer.

use std::collections::BTreeMap;
use std::path::Path;

use enlarger::{
    Advice, Alpha, Asked, Cancel, Channels, Colour, DEFAULT_PRESET, ErrorKind, Face, FaceFinder, Measures, ModelChoice,
    Presets, Question, Result, Sample, SessionOptions, Size, Source, Target, Wear, advise,
};
use enlarger_engines::Engines;
use serde_json::{Value, json};

use super::advice;
use super::faces;
use super::provenance::{self, Maker};
use crate::args::{Info, Switch};
use crate::develop::Developers;
use crate::exit_status::{CANCELLED, DONE, FAILED};
use crate::input::Input;
use crate::metadata::{Density, profile_name};
use crate::picture::{Limits, OpenOptions, Picture, longest_side};
use crate::terminal::{Terminal, bytes, megapixels, print_line, with_path};

/// What is known of a picture.
struct Facts {
    size: Size,
    format: &'static str,
    file_bytes: Option<u64>,
    developed_by: Option<String>,
    colour: String,
    profile: Option<String>,
    depth: &'static str,
    channels: &'static str,
    alpha: Option<&'static str>,
    density: Option<Density>,
    orientation: u8,
    wear: Wear,
    measures: Option<Measures>,
    /// Advice for an enlargement with the default preset.
    advice: Option<Vec<Advice>>,
    /// `None` if none were looked for.
    faces: Option<Vec<Face>>,
    metadata: Vec<(&'static str, usize)>,
    maker: Maker,
    notes: Vec<String>,
    /// What no result keeps.
    not_kept: Vec<String>,
}

/// Runs `enlarge info`.
pub fn run(args: &Info, terminal: Terminal, cancel: &Cancel) -> u8 {
    let mut status = DONE;
    let finder = match args.faces {
        Switch::Off => None,
        Switch::On => match Engines::discover().open_finder(None, &SessionOptions::default()) {
            Ok((finder, _)) => Some(finder),
            Err(error) => {
                terminal.error(format_args!("faces cannot be looked for, use --faces off: {error}"));
                return FAILED;
            }
        },
    };
    for path in &args.files {
        match look(path, args, finder.as_ref(), cancel) {
            Ok(facts) if terminal.json => terminal.json(&facts.json(path)),
            Ok(facts) => facts.print(path),
            Err(error) if error.kind() == ErrorKind::Cancelled => return CANCELLED,
            Err(error) => {
                terminal.error(with_path(path, &error));
                terminal.json(&json!({"input": path.to_string_lossy(), "error": with_path(path, &error)}));
                status = FAILED;
            }
        }
    }
    status
}

fn look(path: &Path, args: &Info, finder: Option<&FaceFinder>, cancel: &Cancel) -> Result<Facts> {
    let limits = Limits { pixels: args.max_pixels, ..Limits::default() };
    let options = OpenOptions { limits, ..OpenOptions::default() };
    let mut input = Input::new(path, &options, &Developers::find("auto")?, cancel)?;
    let faces = match finder {
        // The rows of a picture can be read only once, and only one picture of an input may be open.
        Some(finder) => Some(finder.find(&mut input.open(&options)?, cancel, &mut |_| {})?),
        None => None,
    };
    let mut picture = input.open(&options)?;
    if args.advice == Switch::Off {
        let wear = Wear::measure(&mut picture, cancel)?;
        return Ok(Facts { faces, ..Facts::new(&picture, &input, wear) });
    }
    let measures = Measures::measure(&mut picture, cancel)?;
    let found = advise(Some(&measures), &question(&picture)?);
    let facts = Facts::new(&picture, &input, measures.wear());
    Ok(Facts { measures: Some(measures), advice: Some(found), faces, ..facts })
}

/// What a run would ask without any option.
fn question(picture: &Picture) -> Result<Question> {
    let choice = ModelChoice::Preset(Box::new(Presets::open().find(DEFAULT_PRESET)?.clone()));
    let mut question = Question::new(choice.factor(), &choice);
    question.quality = picture.quality;
    // A result that is larger than anything can be is refused later, and not asked about.
    let size = Target::Factor(choice.factor()).size(picture.size());
    question.result =
        size.ok().map(|size| Asked { longest: Some(longest_side(picture.file_format)), ..Asked::new(size) });
    Ok(question)
}

impl Facts {
    fn new(picture: &Picture, input: &Input, wear: Wear) -> Self {
        let (metadata, format) = (&picture.metadata, picture.format());
        let profile =
            metadata.icc.as_deref().map(|icc| profile_name(icc).unwrap_or_else(|| "without a name".to_owned()));
        let colour = match (picture.colour(), &profile) {
            (Colour::Srgb, _) => "sRGB".to_owned(),
            (Colour::LinearSrgb, _) => "linear light, sRGB primaries".to_owned(),
            (_, Some(name)) => format!("ICC profile: {name}"),
            (_, None) => "as the file states it".to_owned(),
        };
        let gray = matches!(format.channels, Channels::Gray | Channels::GrayAlpha);
        let kinds = [
            ("ICC profile", metadata.icc.as_ref().map(Vec::len)),
            ("EXIF", metadata.exif.as_ref().map(|exif| exif.bytes().len())),
            ("XMP", metadata.xmp.as_ref().map(Vec::len)),
            ("IPTC", metadata.iptc.as_ref().map(Vec::len)),
            ("Photoshop resources", bytes_of(metadata.photoshop.iter().map(|resource| resource.data.len()))),
            ("texts", bytes_of(metadata.texts.iter().map(|(key, text)| key.len() + text.len()))),
            ("comments", bytes_of(metadata.comments.iter().map(String::len))),
            ("page name", metadata.page_name.as_ref().map(String::len)),
            (
                "georeferencing",
                metadata.geo.as_ref().map(|geo| geo.fields().iter().map(|field| field.value.len()).sum()),
            ),
        ];
        Facts {
            size: picture.size(),
            format: picture.file_format.name(),
            file_bytes: input.bytes(),
            developed_by: input.developed_by().map(str::to_owned),
            colour,
            profile,
            depth: match format.sample {
                Sample::U8 => "8 bits",
                Sample::U16 => "16 bits",
                Sample::F16 => "16 bits, floating point",
                Sample::F32 => "32 bits, floating point",
            },
            channels: if gray { "gray" } else { "RGB" },
            alpha: format.channels.has_alpha().then_some(match format.alpha {
                Alpha::Straight => "straight",
                Alpha::Premultiplied => "premultiplied",
            }),
            density: metadata.density,
            orientation: picture.turned,
            wear,
            measures: None,
            advice: None,
            faces: None,
            metadata: kinds.iter().filter_map(|(kind, size)| Some((*kind, (*size)?))).collect(),
            maker: provenance::maker(metadata),
            notes: picture.notes.clone(),
            not_kept: metadata.left_out.clone(),
        }
    }

    /// The sides of a print in centimetres.
    fn print_size(&self) -> Option<(f64, f64)> {
        let density = self.density.filter(|density| density.absolute)?;
        Some((f64::from(self.size.width) / density.x * 2.54, f64::from(self.size.height) / density.y * 2.54))
    }

    fn print(&self, path: &Path) {
        let line = |key: &str, value: &str| print_line(format_args!("  {key:<13} {value}"));
        print_line(path.display());
        line("size", &format!("{} pixels, {}", self.size, megapixels(self.size.pixels())));
        let file = self.file_bytes.map(|size| format!(", {}", bytes(size))).unwrap_or_default();
        let by = self.developed_by.as_ref().map(|by| format!(", as {by} develops it")).unwrap_or_default();
        line("format", &format!("{}{file}{by}", self.format));
        line("colour", &format!("{}, {}", self.channels, self.colour));
        line("depth", self.depth);
        line("transparency", self.alpha.unwrap_or("none"));
        let density = match (self.density, self.print_size()) {
            (Some(density), Some((width, height))) if (density.x - density.y).abs() < 0.01 => {
                format!("{:.0} dpi, a print of {width:.1} x {height:.1} cm", density.x)
            }
            (Some(density), Some((width, height))) => {
                format!("{:.0} x {:.0} dpi, a print of {width:.1} x {height:.1} cm", density.x, density.y)
            }
            (Some(density), None) => format!("pixels of {} to {}", density.y, density.x),
            (None, _) => "not stated".to_owned(),
        };
        line("density", &density);
        let turned = match self.orientation {
            1 => "upright".to_owned(),
            other => format!("turned upright; the file says {other}"),
        };
        line("orientation", &turned);
        let blocks = if self.wear.has_blocks() { "; JPEG damage" } else { "" };
        line("noise", &format!("level {} of 100{blocks}", self.wear.level()));
        let kinds: Vec<String> =
            self.metadata.iter().map(|(kind, size)| format!("{kind} ({})", bytes(*size as u64))).collect();
        line("metadata", if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") }.as_str());
        line("made by", self.maker.sentence().as_deref().unwrap_or("not stated"));
        match self.faces.as_deref() {
            None => {}
            Some([]) => line("faces", "none found"),
            Some(faces) => faces.iter().for_each(|face| line("face", &faces::line(face))),
        }
        self.advice.iter().flatten().for_each(|found| line("advice", &advice::line(found)));
        self.not_kept.iter().for_each(|what| line("not kept", what));
        self.notes.iter().for_each(|note| line("note", note));
    }

    fn json(&self, path: &Path) -> Value {
        json!({
            "input": path.to_string_lossy(),
            "size": [self.size.width, self.size.height],
            "format": self.format,
            "bytes": self.file_bytes,
            "developed_by": self.developed_by,
            "channels": self.channels,
            "colour": self.colour,
            "profile": self.profile,
            "depth": self.depth,
            "alpha": self.alpha,
            "dpi": self.density.filter(|density| density.absolute).map(|density| [density.x, density.y]),
            "orientation": self.orientation,
            "noise_level": self.wear.level(),
            "noise": self.wear.noise,
            "blocks": self.wear.blocks,
            "measures": self.measures.as_ref().map(|measures| measures.figures().into_iter().collect::<BTreeMap<_, _>>()),
            "advice": advice::list(self.advice.as_deref()),
            "faces": faces::list(self.faces.as_deref()),
            "metadata": self.metadata.iter().map(|(kind, size)| json!({"kind": kind, "bytes": size})).collect::<Vec<_>>(),
            "made_by": self.maker.json(),
            "not_kept": self.not_kept,
            "notes": self.notes,
            "error": null,
        })
    }
}

/// The bytes of several parts; `None` if there are none.
fn bytes_of(parts: impl ExactSizeIterator<Item = usize>) -> Option<usize> {
    (parts.len() > 0).then(|| parts.sum())
}
