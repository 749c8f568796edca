//! The pipeline: source rows in, enlarged rows out.
//!
//! [`Upscaler::run`] joins the stages and reads from top to bottom in the order of the data. The stages do the work;
//! nothing here may compute on a pixel, apart from clipping.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::colour::colour::Colour;
use crate::colour::conversion::Conversion;
use crate::engine::contract::Contract;
use crate::engine::engine::{Engine, Session, SessionOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size};
use crate::layout::Layout;
use crate::machine::memory;
use crate::models::model::Model;
use crate::models::noise::NoiseLevel;
use crate::pixels::format::Format;
use crate::pixels::rows::{Sink, Source};
use crate::pixels::sheet::Sheet;
use crate::plan::job::Job;
use crate::plan::method::Method;
use crate::plan::networks::{Network, Networks, Sequence};
use crate::plan::plan::Plan;
use crate::provenance::provenance::Provenance;
use crate::run::cancel::{Cancel, ChildCancel};
use crate::run::progress::Progress;
use crate::run::run::Run;
use crate::stages::alpha_bleed::AlphaBleed;
use crate::stages::colour_lock::ColourLock;
use crate::stages::decode::{Decode, Planes};
use crate::stages::edge_care::{EdgeCare, Limits};
use crate::stages::encode::Encode;
use crate::stages::grain::Grain;
use crate::stages::grain_noise::GrainNoise;
use crate::stages::join::Join;
use crate::stages::mask::MaskRows;
use crate::stages::repeat;
use crate::stages::resample::{Axis, Light, Resample};
use crate::stages::source_noise::SourceNoise;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::strength::StrengthMix;
use crate::stages::tee::Tee;
use crate::stages::tiles::ladder::Ladder;
use crate::stages::tiles::tile_stage::TileStage;

/// The most that the networks of a chain may enlarge together.
const MAX_CHAIN_SCALE: u64 = 256;

/// What a run did.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The number of tiles computed.
    pub tiles: u64,
    /// Events that the caller should know about, a sentence each; for example, tiles that needed a second try.
    pub notes: Vec<String>,
}

/// One or more models on engines, or a classical method, ready to enlarge pictures.
///
/// Several runs may go on at the same time, each on its own thread.
#[derive(Clone)]
pub struct Upscaler {
    /// The networks in their order; none for a classical method, and exactly one for [`Sequence::Repeat`].
    links: Vec<Link>,
    sequence: Sequence,
    /// The kernel of all resampling.
    method: Method,
}

/// A model and its sessions.
#[derive(Clone)]
struct Link {
    model: Model,
    ladder: Arc<Ladder>,
}

impl fmt::Debug for Upscaler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.session() {
            Some(session) => {
                let models: Vec<&Model> = self.models().collect();
                write!(f, "Upscaler({models:?} on {})", session.device().id)
            }
            None => write!(f, "Upscaler({:?})", self.method),
        }
    }
}

impl Upscaler {
    /// Opens a session of `model` on `engine`. The network runs as often as the factor needs.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn new(model: &Model, engine: Arc<dyn Engine>, options: &SessionOptions) -> Result<Self> {
        let link = Link { model: model.clone(), ladder: Arc::new(Ladder::new(model, engine, options)?) };
        Ok(Upscaler { links: vec![link], sequence: Sequence::Repeat, method: Method::Bicubic })
    }

    /// An upscaler that resizes by a classical method. It needs no model and no engine. Colour, alpha, depth, rectangles
    /// and sizes are treated as with a network; the job's colour lock, strength, mask, edge care, noise level and tile do not apply.
    pub fn classical(method: Method) -> Self {
        Upscaler { links: Vec::new(), sequence: Sequence::Chain, method }
    }

    /// Joins upscalers into one that runs each network once, in this order, for every factor. Resampling then corrects
    /// the size. For factors below 1 only the leading networks of scale 1 run.
    ///
    /// # Errors
    /// `Argument` for an empty list, or if the networks together enlarge by more than 256.
    pub fn chain(upscalers: &[Upscaler]) -> Result<Self> {
        let links: Vec<Link> = upscalers.iter().flat_map(|upscaler| upscaler.links.iter().cloned()).collect();
        let scales = links.iter().map(|link| u64::from(link.model.manifest().scale));
        let product = scales.fold(1u64, u64::saturating_mul);
        if links.is_empty() || product > MAX_CHAIN_SCALE {
            return Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "a chain of {} networks that enlarge by {product} together cannot run; give at least one network and at most ×{MAX_CHAIN_SCALE} in all",
                    links.len()
                ),
            ));
        }
        Ok(Upscaler { links, sequence: Sequence::Chain, method: Method::Bicubic })
    }

    /// The classical method; `None` for an upscaler with networks.
    pub fn method(&self) -> Option<Method> {
        self.links.is_empty().then_some(self.method)
    }

    /// The first model that runs; `None` for a classical method.
    pub fn model(&self) -> Option<&Model> {
        self.links.first().map(|link| &link.model)
    }

    /// The models, in the order in which they run; none for a classical method.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.links.iter().map(|link| &link.model)
    }

    /// The session of the first model; `None` for a classical method. Tiles are computed on it unless they fail and are
    /// tried again.
    pub fn session(&self) -> Option<&Arc<dyn Session>> {
        self.links.first().map(|link| link.ladder.first())
    }

    fn layout(&self, source: Size, job: &Job) -> Result<Layout> {
        let sessions: Vec<&Arc<dyn Session>> = self.links.iter().map(|link| link.ladder.first()).collect();
        let streams: Vec<_> = sessions.iter().map(|session| |width| session.stream_memory(width)).collect();
        let networks = self.links.iter().zip(sessions.iter().zip(&streams)).map(|(link, (session, stream))| Network {
            manifest: link.model.manifest(),
            usage: session.usage(),
            stream_memory: stream,
        });
        let networks = Networks { networks: networks.collect(), sequence: self.sequence };
        Layout::new(&networks, self.method, source, job)
    }

    /// What a run would do with a picture of this size.
    ///
    /// # Errors
    /// `Argument` for an impossible target or rectangle, `Memory` if the run cannot be made to fit into memory.
    pub fn plan(&self, source: Size, job: &Job) -> Result<Plan> {
        Ok(self.layout(source, job)?.plan())
    }

    /// What a run makes a result with, for the result's metadata. `preset`: the id of the preset that chose the models.
    ///
    /// # Errors
    /// As [`Upscaler::plan`].
    pub fn provenance(&self, source: Size, job: &Job, preset: Option<&str>) -> Result<Provenance> {
        let layout = self.layout(source, job)?;
        let mut made = Provenance::of_job(job, job.target.factor(source)?, source, layout.output());
        made.reduce_first = made.reduce_first.filter(|_| layout.reduces());
        made.preset = preset.map(str::to_owned);
        made.mask = made.mask.filter(|_| layout.is_masked());
        made.edge_care *= u8::from(layout.limits().is_some());
        made.grain = made.grain.filter(|_| layout.noise().is_some());
        for (index, pass) in layout.passes().iter().enumerate() {
            made.add(&self.links[pass.network].model, (index == 0).then_some(job.noise_level));
        }
        if made.models.is_empty() {
            made.method = Some(layout.method());
        }
        Ok(made)
    }

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
        check_sink(source.format(), sink, layout.output())?;
        if layout.method() == Method::Nearest && !layout.reduces() && takes_pixels(source, sink) {
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
        if job.colour_lock {
            self.colours_note(&layout).into_iter().for_each(|note| run.note(note));
        }

        // Source rows, in the form that networks take.
        let mut decoded: BoxStage<'_> = Box::new(Decode::new(source, decoding, read)?);
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

        // Colour goes through the network passes; a faithful enlargement is mixed in if the job asks for it.
        let mut colour = self.passes(&layout, job, decoded.reader(layout.colour_rect(), 0..3))?;
        colour = fit(&layout, colour)?;
        if let Some((rect, read)) = layout.limits() {
            let limits = Box::new(Limits::new(decoded.reader(read, 0..3), rect));
            colour = Box::new(EdgeCare::new(colour, beside(&layout, limits)?, job.edge_care)?);
        }
        let mask = if layout.is_masked() { mask(&layout, job, &run)? } else { None };
        let shares = || mask.as_ref().map(|mask| mask.reader(layout.wanted(), 0..1));
        if layout.is_mixed() {
            let faithful = resample(&layout, &decoded, 0..3, layout.light())?;
            colour = Box::new(StrengthMix::new(colour, faithful, shares(), job.strength)?);
        }
        if let Some((rect, read)) = layout.noise() {
            let found = beside(&layout, Box::new(SourceNoise::new(decoded.reader(read, 0..3), rect)))?;
            let grains = GrainNoise::new(job.seed, layout.factors(), layout.result_period(), layout.wanted())?;
            colour = Box::new(Grain::new(colour, found, shares(), grains, job.grain)?);
        }
        // Alpha, and colours that no network can see, are only resampled.
        let aside = match planes.count() {
            3 => None,
            count => Some(resample(&layout, &decoded, 3..count, Light::Plain)?),
        };

        write_rows(&mut run, colour, aside, encode, sink)?;
        Ok(Report { tiles: run.tiles_done(), notes: run.into_notes() })
    }

    /// The network passes over `colour`, each followed by the colour lock if the job wants it.
    fn passes<'a>(&self, layout: &Layout, job: &Job, mut colour: BoxStage<'a>) -> Result<BoxStage<'a>> {
        for (index, pass) in layout.passes().iter().enumerate() {
            let Link { model, ladder } = &self.links[pass.network];
            // The first pass removes the noise.
            let noise_level = if index == 0 { job.noise_level } else { NoiseLevel::NoNoise };
            let contract = Arc::new(Contract::new(model.manifest(), noise_level));
            let source = Tee::new(colour);
            let input = source.reader(pass.grid.read_rect(), 0..3);
            let enlarged: BoxStage<'a> = Box::new(TileStage::new(input, pass, ladder.clone(), contract)?);
            colour = if job.colour_lock && !model.manifest().verify.changes_colours {
                let source = source.reader(pass.grid.area, 0..3);
                Box::new(ColourLock::new(enlarged, source, pass.grid.picture, pass.wanted, pass.scale))
            } else {
                Box::new(Clip(enlarged))
            };
        }
        Ok(colour)
    }

    /// Which models are exempt from the colour lock, if any that runs is.
    fn colours_note(&self, layout: &Layout) -> Option<String> {
        let models = layout.passes().iter().map(|pass| &self.links[pass.network].model);
        let exempt = models.filter(|model| model.manifest().verify.changes_colours).map(Model::id);
        let exempt: BTreeSet<&str> = exempt.collect();
        let names = exempt.iter().copied().collect::<Vec<_>>().join(" and ");
        (!exempt.is_empty()).then(|| {
            format!(
                "{names} changes colours on purpose, so its colours are neither verified nor locked; compare them with the source, or choose another model"
            )
        })
    }

    fn parts_note(&self) -> String {
        let models = self.models().map(Model::id).collect::<Vec<_>>().join(" and ");
        format!(
            "the model {models} needs the whole picture at once, for which there is not enough memory; it got parts of it, and their colours may differ a little. Allow more memory, or choose another model"
        )
    }
}

/// Colour after the passes, resampled or cut to the part of the result that is wanted.
fn fit<'a>(layout: &Layout, colour: BoxStage<'a>) -> Result<BoxStage<'a>> {
    if layout.native() != layout.whole() {
        let (horizontal, vertical) = axes(layout, layout.native())?;
        return Ok(Box::new(Resample::new(colour, horizontal, vertical, layout.wanted(), layout.light())?));
    }
    if colour.rect() != layout.wanted() {
        return Ok(Tee::new(colour).reader(layout.wanted(), 0..3));
    }
    Ok(colour)
}

/// The source, reduced as a run of its own would reduce it: colour in linear light.
fn reduce<'a>(layout: &Layout, decoded: BoxStage<'a>, planes: Planes) -> Result<BoxStage<'a>> {
    let (rect, from, to, method) = (layout.read_rect(planes), layout.original(), layout.source(), layout.method());
    let decoded = Tee::new(decoded);
    let part = |planes: Range<usize>, light: Light| -> Result<BoxStage<'a>> {
        let horizontal = Axis::new(method, from.width, to.width, rect.x, rect.right())?;
        let vertical = Axis::new(method, from.height, to.height, rect.y, rect.bottom())?;
        let rows = decoded.reader(layout.reduced_from(rect), planes);
        Ok(Box::new(Resample::new(rows, horizontal, vertical, rect, light)?))
    };
    let mut reduced = part(0..3, if method == Method::Nearest { Light::Encoded } else { Light::Linear })?;
    let mut next = 3;
    if planes.alpha {
        reduced = Box::new(Join::new(reduced, Box::new(Clip(part(3..4, Light::Plain)?))));
        next = 4;
    }
    if planes.remainder {
        reduced = Box::new(Join::new(reduced, part(next..planes.count(), Light::Plain)?));
    }
    Ok(reduced)
}

/// Planes of the source, resampled to the part of the result that is wanted.
fn resample<'a>(layout: &Layout, decoded: &Tee<'a>, planes: Range<usize>, light: Light) -> Result<BoxStage<'a>> {
    let (horizontal, vertical) = axes(layout, layout.source())?;
    let rows = decoded.reader(layout.aside_rect(), planes);
    Ok(Box::new(Resample::new(rows, horizontal, vertical, layout.wanted(), light)?))
}

/// What a stage measures for each pixel of the source, interpolated for the part of the result that is wanted.
fn beside<'a>(layout: &Layout, measured: BoxStage<'a>) -> Result<BoxStage<'a>> {
    let (horizontal, vertical) = axes_of(Method::Bilinear, layout, layout.source())?;
    Ok(Box::new(Resample::new(measured, horizontal, vertical, layout.wanted(), Light::Plain)?))
}

/// The job's mask, enlarged to the part of the result that is wanted.
fn mask(layout: &Layout, job: &Job, run: &Run<'_>) -> Result<Option<Tee<'static>>> {
    let Some(mask) = &job.mask else { return Ok(None) };
    let mut source = mask.open()?;
    if layout.repeats() {
        source = Box::new(Sheet::read(run, source.as_mut(), layout.original(), layout.mask_rect())?);
    }
    let rows = Box::new(MaskRows::new(source, job.mask_white, layout.mask_rect())?);
    let (horizontal, vertical) = axes(layout, layout.original())?;
    let enlarged = Box::new(Resample::new(rows, horizontal, vertical, layout.wanted(), Light::Plain)?);
    Ok(Some(Tee::new(Box::new(Clip(enlarged)))))
}

/// Copies the nearest pixels, without the way through planar colour: every bit of a pixel is kept.
fn repeat_pixels(
    layout: &Layout,
    source: &mut dyn Source,
    sink: &mut dyn Sink,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report> {
    let cancel = ChildCancel::new(cancel);
    let mut run = Run::new(cancel.get(), progress, 0, layout.output().height);
    repeat::write(&mut run, source, layout.source(), layout.whole(), layout.wanted(), sink)?;
    Ok(Report { tiles: 0, notes: run.into_notes() })
}

/// The weights that resample a picture of size `from` to the part of the result that is wanted.
fn axes(layout: &Layout, from: Size) -> Result<(Axis, Axis)> {
    axes_of(layout.method(), layout, from)
}

fn axes_of(method: Method, layout: &Layout, from: Size) -> Result<(Axis, Axis)> {
    let (whole, wanted) = (layout.whole(), layout.wanted());
    let horizontal = Axis::new(method, from.width, whole.width, wanted.x, wanted.right())?;
    let vertical = Axis::new(method, from.height, whole.height, wanted.y, wanted.bottom())?;
    Ok((horizontal, vertical))
}

/// Pulls all rows through the stages and writes them to the sink.
fn write_rows(
    run: &mut Run<'_>,
    mut colour: BoxStage<'_>,
    mut aside: Option<BoxStage<'_>>,
    mut encode: Encode,
    sink: &mut dyn Sink,
) -> Result<()> {
    let Rect { width, height, .. } = colour.rect();
    let mut colour_row = memory::zeros(colour.row_length())?;
    let mut aside_row = memory::zeros(aside.as_ref().map_or(0, |stage| stage.row_length()))?;
    let mut bytes = memory::zeros(sink.format().row_size(width))?;
    for y in 0..height {
        colour.next(run, &mut colour_row)?;
        if let Some(aside) = &mut aside {
            aside.next(run, &mut aside_row)?;
        }
        encode.row(&colour_row, &aside_row, &mut bytes)?;
        sink.write(y, &bytes)?;
        run.row_done()?;
    }
    Ok(())
}

/// Checks that the sink can take the result.
fn check_sink(input: Format, sink: &dyn Sink, size: Size) -> Result<()> {
    let output = sink.format();
    let (kind, message) = if sink.size() != size {
        let taken = sink.size();
        let message = format!(
            "the result has {size} pixels, but the sink takes {taken}; use the output size that the plan gives"
        );
        (ErrorKind::Buffer, message)
    } else if output.is_gray() && !input.is_gray() {
        (
            ErrorKind::Format,
            "a colour picture does not fit into a gray format; use a colour format for the result".into(),
        )
    } else if input.has_alpha() && !output.has_alpha() {
        let message = "the picture has transparency, and the format of the result has none; use a format with alpha";
        (ErrorKind::Format, message.into())
    } else {
        return Ok(());
    };
    Err(Error::new(kind, message))
}

/// Whether the sink takes the source's colours as they are.
fn takes_pixels(source: &dyn Source, sink: &dyn Sink) -> bool {
    let colour = source.colour();
    let same = sink.colour().is_none_or(|other| other == colour);
    // A gray profile cannot describe colour pixels.
    same && (!matches!(colour, Colour::Icc(_)) || source.format().is_gray() == sink.format().is_gray())
}

/// The conversions between linear light and the colours of the source and of the sink.
fn conversions(source: &dyn Source, sink: &dyn Sink) -> Result<(Conversion, Conversion)> {
    let (input, output) = (source.format().is_gray(), sink.format().is_gray());
    let colour = source.colour();
    let conversion = Conversion::new(&colour, input)?;
    let out = match sink.colour() {
        Some(colour) => Conversion::new(&colour, output)?,
        None if matches!(colour, Colour::Icc(_)) && input != output => {
            return Err(Error::new(
                ErrorKind::Format,
                "a gray ICC profile cannot describe a colour result; use a gray format or another colour space for the result",
            ));
        }
        None => conversion.clone(),
    };
    Ok((conversion, out))
}

/// Clips values to 0 to 1: colour to black and white, which replaces the colour lock if it is off, and the share of a mask.
struct Clip<'a>(BoxStage<'a>);

impl Stage for Clip<'_> {
    fn rect(&self) -> Rect {
        self.0.rect()
    }

    fn channels(&self) -> usize {
        self.0.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        self.0.next(run, row)?;
        row.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
        Ok(())
    }
}
