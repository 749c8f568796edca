//! The run: [`Upscaler::run`] joins the stages and reads from top to bottom in the order of the data. The stages do the
//! work; nothing here may compute on a pixel.

use std::sync::Arc;

use crate::engine::contract::Contract;
use crate::error::Result;
use crate::layout::{FacePatch, Layout};
use crate::machine::memory;
use crate::models::noise::NoiseLevel;
use crate::pixels::rows::{Sink, Source};
use crate::pixels::sheet::Sheet;
use crate::plan::job::Job;
use crate::plan::method::Method;
use crate::run::cancel::{Cancel, ChildCancel};
use crate::run::progress::Progress;
use crate::run::run::Run;
use crate::stages::alpha_bleed::AlphaBleed;
use crate::stages::clip::Clip;
use crate::stages::colour_lock::ColourLock;
use crate::stages::decode::{Decode, Planes};
use crate::stages::edge_care::{EdgeCare, Limits};
use crate::stages::encode::Encode;
use crate::stages::face_blend::{FaceBlend, Patch};
use crate::stages::grain::Grain;
use crate::stages::grain_noise::GrainNoise;
use crate::stages::resample::Light;
use crate::stages::source_noise::SourceNoise;
use crate::stages::stage::BoxStage;
use crate::stages::strength::StrengthMix;
use crate::stages::tee::Tee;
use crate::stages::texture::{self, Texture};
use crate::stages::tiles::tile_stage::TileStage;
use crate::upscale::ends::{check_sink, conversions, repeat_pixels, takes_pixels, write_rows};
use crate::upscale::fit::{beside, fit, mask, reduce, resample};
use crate::upscale::repair::repair;
use crate::upscale::report::Report;
use crate::upscale::upscaler::{Link, Upscaler};

impl Upscaler {
    /// Enlarges the picture from `source` into `sink`, whose size must be the plan's output size.
    ///
    /// `source`, `sink` and `progress` are called on this thread only; while the network works, `progress` is called at
    /// least ten times a second. A cancel is answered within half a second, whatever the engine is doing.
    ///
    /// # Errors
    /// The error that stopped the run. The sink then holds only some of its rows.
    pub fn run(
        &self,
        source: &mut dyn Source,
        sink: &mut dyn Sink,
        job: &Job,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Report> {
        let layout = self.layout(source.size(), job)?;
        let in_faces = if self.for_faces.is_some() { job.in_faces() } else { job.clone() };
        check_sink(source.format(), sink, layout.output())?;
        if layout.method() == Method::Nearest && !layout.reduces() && !layout.repairs() && takes_pixels(source, sink) {
            return repeat_pixels(&layout, source, sink, cancel, progress);
        }
        let (decoding, encoding) = conversions(source, sink)?;
        let planes = Planes::of(source.format(), &decoding);
        let read = layout.original_rect(planes);
        let encode = Encode::new(sink.format(), encoding, planes, layout.output().width);
        let cancel = ChildCancel::new(cancel);
        let mut run = Run::new(cancel.get(), progress, layout.tiles(), layout.output().height);
        // A source that repeats is read into memory, and shown side by side with itself.
        let mut sheet = match layout.repeats() {
            true => Some(Sheet::read(&run, source, layout.original(), read)?),
            false => None,
        };
        let source = sheet.as_mut().map_or(source, |sheet| sheet as &mut dyn Source);
        if layout.is_in_parts() {
            run.note(self.parts_note());
        }
        if layout.is_textured() {
            run.note(self.texture_note(job.creativity));
        }
        if job.colour_lock {
            self.colours_note(&layout).into_iter().for_each(|note| run.note(note));
        }
        self.restoration_notes(&layout, job).into_iter().for_each(|note| run.note(note));

        // Source rows, in the form that networks take.
        let mut decoded: BoxStage<'_> = Box::new(Decode::new(source, decoding, read)?);
        decoded = repair(&layout, job, &mut run, decoded, planes)?;
        let bleeds = planes.alpha && layout.bleeds();
        if bleeds {
            decoded = Box::new(AlphaBleed::new(decoded)?);
        }
        if layout.reduces() {
            decoded = reduce(&layout, decoded, planes)?;
            if bleeds {
                decoded = Box::new(AlphaBleed::new(decoded)?);
            }
        }
        let decoded = Tee::new(decoded);

        let mask = if layout.is_masked()
            || !layout.restored().is_empty()
            || layout.faces().iter().any(|patch| patch.layout.is_masked())
        {
            mask(&layout, job, &run)?
        } else {
            None
        };
        // Colour goes through the network passes. Faces go through theirs, and are mixed in.
        let mut colour = self.colour(&layout, job, &decoded, mask.as_ref())?;
        if let Some(upscaler) = &self.for_faces {
            colour = upscaler.with_faces_blended(colour, &layout, &in_faces, &decoded, mask.as_ref())?;
        }
        if !layout.restored().is_empty() {
            colour = self.with_faces_restored(colour, &layout, &in_faces, &decoded, mask.as_ref())?;
        }
        // Alpha, and colours that no network can see, are only resampled.
        let aside = match planes.count() {
            3 => None,
            count => Some(resample(&layout, &decoded, 3..count, Light::Plain)?),
        };

        write_rows(&mut run, colour, aside, encode, sink)?;
        Ok(Report { tiles: run.tiles_done(), notes: run.into_notes() })
    }

    /// Colour as this upscaler enlarges it: the passes, and what the job wants done to their result.
    fn colour<'a>(
        &self,
        layout: &Layout,
        job: &Job,
        decoded: &Tee<'a>,
        mask: Option<&Tee<'a>>,
    ) -> Result<BoxStage<'a>> {
        let mut colour = self.passes(layout, job, decoded.reader(layout.colour_rect(), 0..3))?;
        colour = fit(layout, colour)?;
        if let Some((rect, read)) = layout.limits() {
            let limits = Box::new(Limits::new(decoded.reader(read, 0..3), rect));
            colour = Box::new(EdgeCare::new(colour, beside(layout, limits)?, job.edge_care)?);
        }
        let mask = mask.filter(|_| layout.is_masked());
        let shares = || mask.map(|mask| mask.reader(layout.wanted(), 0..1));
        if layout.is_mixed() {
            let faithful = resample(layout, decoded, 0..3, layout.light())?;
            colour = Box::new(StrengthMix::new(colour, faithful, shares(), job.strength)?);
        }
        if let Some((rect, read)) = layout.noise() {
            let found = beside(layout, Box::new(SourceNoise::new(decoded.reader(read, 0..3), rect)))?;
            let grains = GrainNoise::new(job.seed, layout.factors(), layout.result_period(), layout.wanted())?;
            colour = Box::new(Grain::new(colour, found, shares(), grains, job.grain)?);
        }
        Ok(colour)
    }

    /// The enlarged picture with the faces that this upscaler enlarges. `job`: the job inside faces.
    fn with_faces_blended<'a>(
        &'a self,
        colour: BoxStage<'a>,
        layout: &'a Layout,
        job: &'a Job,
        decoded: &Tee<'a>,
        mask: Option<&Tee<'a>>,
    ) -> Result<BoxStage<'a>> {
        let patch = |patch: &'a FacePatch| {
            let FacePatch { layout, ovals } = patch;
            // Readers must exist before the first row is read; the stages are built when the patch is due.
            let decoded = decoded.reader(layout.colour_read_rect(), 0..3);
            let mask = mask.filter(|_| layout.is_masked()).map(|mask| mask.reader(layout.wanted(), 0..1));
            Patch::new(layout.wanted(), ovals, move || {
                self.colour(layout, job, &Tee::new(decoded), mask.map(Tee::new).as_ref())
            })
        };
        let patches: Vec<Patch<'a>> = memory::collect(layout.faces().iter().map(patch))?;
        Ok(if patches.is_empty() { colour } else { Box::new(FaceBlend::new(colour, patches)?) })
    }

    /// The network passes over `colour`, each followed by the colour lock if the job wants it; texture comes between the last two.
    pub(crate) fn passes<'a>(&self, layout: &Layout, job: &Job, mut colour: BoxStage<'a>) -> Result<BoxStage<'a>> {
        for (index, pass) in layout.passes().iter().enumerate() {
            let Link { model, ladder } = &self.links[pass.network];
            // The first pass removes the noise.
            let noise_level = if index == 0 { job.noise_level } else { NoiseLevel::NoNoise };
            let contract = Arc::new(Contract::new(model.manifest(), noise_level));
            let source = Tee::new(colour);
            let input = source.reader(pass.grid.read_rect(), 0..3);
            let mut enlarged: BoxStage<'a> = Box::new(TileStage::new(input, pass, ladder.clone(), contract)?);
            let locked = pass.texture.unwrap_or(pass.grid.area);
            if pass.texture.is_some() {
                let wanted = locked.times(pass.scale);
                let noise = texture::noise(job.seed, layout.native_factors(), layout.native_period(), wanted)?;
                enlarged = Box::new(Texture::new(enlarged, noise, wanted, pass.scale, job.creativity)?);
            }
            colour = if job.colour_lock && !model.manifest().verify.changes_colours {
                let source = source.reader(locked, 0..3);
                Box::new(ColourLock::new(enlarged, source, pass.grid.picture, pass.wanted, pass.scale))
            } else {
                Box::new(Clip(enlarged))
            };
        }
        Ok(colour)
    }
}
