//! The part of the picture that is previewed, and how a panel is computed from it.
//!
//! The picture is opened again for each panel, because a source gives its rows once. It must never compute pixels itself.

use std::time::Instant;

use enlarger::{
    Cancel, Channels, Colour, Content, Damage, Error, ErrorKind, Face, Fading, Format, Installed, Job, Location,
    Measures, Rect, Result, Sample, Settings, Sink, Size, Source, Target, Wear,
};
use enlarger_engines::{Engines, NO_FACE, Opener};

use super::panel::Panel;
use crate::args::Preview;
use crate::commands::engines::engines;
use crate::develop::Developers;
use crate::input::Input;
use crate::picture::limits::MEMORY;
use crate::picture::{Limits, OpenOptions};
use crate::terminal::{RunProgress, Terminal};

/// The side of the squares behind transparent pixels, and their two shades, as image editors show them.
const SQUARE: u32 = 8;
const SHADES: [u8; 2] = [0x99, 0x66];

/// The part of the picture.
pub struct Part<'a> {
    input: Input,
    options: OpenOptions,
    installed: Installed<'a>,
    engines: Engines,
    terminal: Terminal,
    cancel: &'a Cancel,
    /// The size of the whole result; all panels have it.
    target: Target,
    /// The size of the picture.
    size: Size,
    rect: Rect,
    /// The noise level that the picture needs, once it was measured.
    level: Option<u8>,
    /// The faces of the picture, once they were looked for.
    faces: Option<Vec<Face>>,
    /// The damage that was found last, and how readily marks counted as scratches.
    damage: Option<(f32, Damage)>,
    /// What the picture is, once it was measured.
    content: Option<Content>,
}

impl<'a> Part<'a> {
    /// Opens the picture and finds the part. `settings` choose the size of the result.
    pub fn open(
        args: &Preview,
        settings: &Settings,
        installed: Installed<'a>,
        terminal: Terminal,
        cancel: &'a Cancel,
    ) -> Result<Self> {
        let limits = Limits { pixels: args.max_pixels, memory: settings.memory().unwrap_or(MEMORY) };
        let options = OpenOptions { limits, ignore_profile: args.ignore_profile, ..OpenOptions::default() };
        let mut input = Input::new(&args.file, &options, &Developers::find(&args.develop)?, cancel)?;
        let mut picture = input.open(&OpenOptions { only_header: true, ..options })?;
        picture.notes.drain(..).for_each(|note| terminal.warn(note));
        let choice = settings.model_choice(installed)?;
        settings.unused(&choice).iter().for_each(|note| terminal.warn(note));
        let named = args.sizes.target(args.dpi).map(|(target, _)| target);
        let (target, size) = (named.unwrap_or(settings.job(settings, &choice)?.target), picture.size());
        let rect = target.factor(size).and_then(|factor| rect_at(args.at, args.size, factor, size));
        let rect = rect.map_err(|error| error.at(Location::File(args.file.clone())))?;
        let engines = engines();
        Ok(Part {
            input,
            options,
            installed,
            engines,
            terminal,
            cancel,
            target,
            size,
            rect,
            level: None,
            faces: None,
            damage: None,
            content: None,
        })
    }

    /// The part, in pixels of the picture.
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// The part as a run with `settings` enlarges it.
    pub fn panel(&mut self, label: &str, settings: &Settings) -> Result<Panel> {
        let choice = settings.model_choice(self.installed)?;
        let mut job = settings.job(settings, &choice)?;
        (job.target, job.rect) = (self.target, Some(self.rect));
        let factor = job.factor(self.size)?;
        let opener = Opener::new(choice, settings.engine(), settings.session_options(), |_| ());
        let mut denoise = settings.denoise();
        if opener.choice().looks_at_wear(factor, job.strength, denoise) {
            denoise = Some(self.measured_level()?);
        }
        let mut content = settings.content();
        if opener.choice().looks_at_content(factor, job.strength, content) {
            content = Some(self.measured_content()?);
        }
        let mut chosen = opener.open(&self.engines, self.installed.models, factor, denoise, content)?;
        if settings.face_mode(opener.choice()).looks(factor, &job) {
            job.faces = self.found_faces(&opener)?;
            if job.faces.is_empty() {
                chosen.notes.push(NO_FACE.to_owned());
            }
        }
        let mode = settings.face_mode(opener.choice());
        let mut denoise = settings.face_denoise();
        if !job.faces.is_empty() && mode.keeps(opener.choice()) && denoise.is_none() {
            denoise = Some(self.measured_level()?);
        }
        opener.add_faces(&self.engines, self.installed.models, (mode, denoise), &job, factor, &mut chosen)?;
        (job.noise_level, job.face_noise_level) = (chosen.noise_level, chosen.face_noise_level);
        if job.needs_damage() {
            job.damage = Some(self.found_damage(&job)?);
        }
        let mut source = self.input.open(&self.options)?;
        let plan = chosen.upscaler.plan(source.size(), &job)?;
        let mut pixels = Pixels::new(plan.output, source.format().channels.has_alpha());
        let progress = RunProgress::new(self.terminal, 1, 1.0);
        let progress = progress.begin(label, 1.0, 1.0);
        let started = Instant::now();
        let report = chosen.upscaler.run(&mut source, &mut pixels, &job, self.cancel, &mut |p| progress.update(p))?;
        Ok(Panel {
            label: label.to_owned(),
            size: plan.output,
            pixels: pixels.rgb,
            models: chosen.models().into_iter().map(str::to_owned).collect(),
            seconds: started.elapsed().as_secs_f64(),
            notes: chosen.notes.into_iter().chain(report.notes).collect(),
        })
    }

    /// The damage of the whole picture, searched for again only where a job wants another search.
    fn found_damage(&mut self, job: &Job) -> Result<Damage> {
        if let Some((scratches, damage)) = &self.damage
            && *scratches == job.scratches
            && (damage.tones.is_some() || job.fading == Fading::NONE)
        {
            return Ok(damage.clone());
        }
        let damage = Damage::find(&mut self.input.open(&self.options)?, job, self.cancel)?;
        self.damage = Some((job.scratches, damage.clone()));
        Ok(damage)
    }

    /// The faces of the whole picture, found once.
    fn found_faces(&mut self, opener: &Opener) -> Result<Vec<Face>> {
        if let Some(faces) = &self.faces {
            return Ok(faces.clone());
        }
        let faces = opener.find_faces(&self.engines, &mut self.input.open(&self.options)?, self.cancel)?;
        Ok(self.faces.insert(faces).clone())
    }

    /// What the whole picture is, measured once.
    fn measured_content(&mut self) -> Result<Content> {
        if let Some(content) = self.content {
            return Ok(content);
        }
        let content = Measures::measure(&mut self.input.open(&self.options)?, self.cancel)?.content();
        self.content = Some(content);
        Ok(content)
    }

    /// The noise level that the whole picture needs, measured once.
    fn measured_level(&mut self) -> Result<u8> {
        if let Some(level) = self.level {
            return Ok(level);
        }
        let level = Wear::measure(&mut self.input.open(&self.options)?, self.cancel)?.level();
        self.level = Some(level);
        Ok(level)
    }
}

/// The square around a point whose result has sides of `size` pixels, moved and cut so that it lies in the picture.
fn rect_at(at: Option<(u32, u32)>, size: u32, factor: f64, picture: Size) -> Result<Rect> {
    let (x, y) = at.unwrap_or((picture.width / 2, picture.height / 2));
    if x >= picture.width || y >= picture.height {
        return Err(Error::new(
            ErrorKind::Argument,
            format!("--at {x},{y} lies outside the picture, which has {picture} pixels; the top left one is 0,0"),
        ));
    }
    let side = (f64::from(size) / factor).round().max(1.0) as u32;
    let (width, height) = (side.min(picture.width), side.min(picture.height));
    Ok(Rect {
        x: x.saturating_sub(width / 2).min(picture.width - width),
        y: y.saturating_sub(height / 2).min(picture.height - height),
        width,
        height,
    })
}

/// A sink for 8-bit sRGB, which lays transparent pixels over squares.
struct Pixels {
    size: Size,
    format: Format,
    rgb: Vec<u8>,
}

impl Pixels {
    fn new(size: Size, alpha: bool) -> Self {
        let channels = if alpha { Channels::Rgba } else { Channels::Rgb };
        Pixels { size, format: Format::new(Sample::U8, channels), rgb: Vec::new() }
    }
}

impl Sink for Pixels {
    fn size(&self) -> Size {
        self.size
    }

    fn format(&self) -> Format {
        self.format
    }

    fn colour(&self) -> Option<Colour> {
        Some(Colour::Srgb)
    }

    fn write(&mut self, y: u32, row: &[u8]) -> Result<()> {
        if !self.format.channels.has_alpha() {
            self.rgb.extend_from_slice(row);
            return Ok(());
        }
        for (x, pixel) in (0u32..).zip(row.chunks_exact(4)) {
            let behind = u32::from(SHADES[((x / SQUARE + y / SQUARE) % 2) as usize]);
            let alpha = u32::from(pixel[3]);
            let over = |v: &u8| ((u32::from(*v) * alpha + behind * (255 - alpha) + 127) / 255) as u8;
            self.rgb.extend(pixel[..3].iter().map(over));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_lies_in_the_picture() {
        let picture = Size { width: 300, height: 100 };
        let rect = |at, factor| rect_at(at, 320, factor, picture).map(|r| (r.x, r.y, r.width, r.height));
        assert_eq!(rect(None, 4.0).unwrap(), (110, 10, 80, 80), "the middle");
        assert_eq!(rect(Some((0, 0)), 4.0).unwrap(), (0, 0, 80, 80), "moved to the right and down");
        assert_eq!(rect(Some((299, 99)), 4.0).unwrap(), (220, 20, 80, 80), "moved to the left and up");
        assert_eq!(rect(Some((150, 50)), 2.0).unwrap(), (70, 0, 160, 100), "no higher than the picture");
        assert!(rect(Some((300, 0)), 2.0).unwrap_err().to_string().contains("300x100"));
    }

    #[test]
    fn transparent_pixels_lie_over_squares() {
        let mut pixels = Pixels::new(Size { width: 2, height: 1 }, true);
        pixels.write(0, &[10, 20, 30, 255, 10, 20, 30, 0]).unwrap();
        assert_eq!(pixels.rgb, [10, 20, 30, SHADES[0], SHADES[0], SHADES[0]]);
    }
}
