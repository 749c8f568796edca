//! The one function that everything is about: source rows in, enlarged rows out.
//!
//! Here the stages are put together; each does its own work. Read [`Upscaler::run`] from top to bottom.

use std::fmt;
use std::sync::Arc;

use crate::colour::colour::{Colour, Conversion};
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
use crate::plan::job::Job;
use crate::plan::plan::Plan;
use crate::plan::steps::{Step, Steps};
use crate::run::cancel::{Cancel, ChildCancel};
use crate::run::progress::Progress;
use crate::run::run::Run;
use crate::stages::bleed::Bleed;
use crate::stages::blend::Blend;
use crate::stages::colour_lock::ColourLock;
use crate::stages::decode::{Decode, Planes};
use crate::stages::encode::Encode;
use crate::stages::resample::{Axis, Light, Resample};
use crate::stages::stage::{BoxStage, Stage, Tee};
use crate::stages::tiles::ladder::Ladder;
use crate::stages::tiles::network::Network;

/// The most that the networks of a chain may enlarge together.
const LARGEST_CHAIN: u64 = 256;

/// What a run did.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Tiles done.
    pub tiles: u64,
    /// What went otherwise than planned, a sentence each: tiles that needed a second try.
    pub notes: Vec<String>,
}

/// A model on an engine, ready to enlarge pictures.
///
/// Runs may go on at the same time, each on its own thread.
#[derive(Clone)]
pub struct Upscaler {
    /// The networks, in the order that they run in.
    links: Vec<Link>,
    /// Whether each runs once; otherwise there is one, which runs as often as the factor asks for.
    chained: bool,
}

#[derive(Clone)]
struct Link {
    model: Model,
    ladder: Arc<Ladder>,
}

impl fmt::Debug for Upscaler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models: Vec<&Model> = self.models().collect();
        write!(f, "Upscaler({models:?} on {})", self.session().device().id)
    }
}

impl Upscaler {
    /// Opens a session of `model` on `engine`.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn new(model: &Model, engine: Arc<dyn Engine>, options: &SessionOptions) -> Result<Self> {
        let link = Link { model: model.clone(), ladder: Arc::new(Ladder::new(model, engine, options)?) };
        Ok(Upscaler { links: vec![link], chained: false })
    }

    /// Upscalers after one another, as one: each network runs once, in this order, whatever the factor is. What is then
    /// missing or too much is left to resampling. Below a factor of 1 only those run that come first and do not enlarge.
    ///
    /// # Errors
    /// `Argument` for none, or for factors that multiply to more than 256.
    pub fn chain(upscalers: &[Upscaler]) -> Result<Self> {
        let links: Vec<Link> = upscalers.iter().flat_map(|upscaler| upscaler.links.iter().cloned()).collect();
        let scales = links.iter().map(|link| u64::from(link.model.manifest().scale));
        let product = scales.fold(1u64, u64::saturating_mul);
        if links.is_empty() || product > LARGEST_CHAIN {
            return Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "{} networks that enlarge by {product} together are no chain; name one to {LARGEST_CHAIN}",
                    links.len()
                ),
            ));
        }
        Ok(Upscaler { links, chained: true })
    }

    /// The first model that runs.
    pub fn model(&self) -> &Model {
        &self.links[0].model
    }

    /// The models, in the order that they run in.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.links.iter().map(|link| &link.model)
    }

    /// The session that tiles run on first.
    pub fn session(&self) -> &Arc<dyn Session> {
        self.links[0].ladder.first()
    }

    fn layout(&self, source: Size, job: &Job) -> Result<Layout> {
        let sessions: Vec<&Arc<dyn Session>> = self.links.iter().map(|link| link.ladder.first()).collect();
        let streams: Vec<_> = sessions.iter().map(|session| |width| session.stream_memory(width)).collect();
        let networks = self.links.iter().zip(sessions.iter().zip(&streams));
        let networks = networks.map(|(link, (session, stream))| Step {
            manifest: link.model.manifest(),
            usage: session.usage(),
            stream,
        });
        let networks = networks.collect();
        Layout::new(&Steps { networks, chained: self.chained }, source, job)
    }

    /// What a run would do with a picture of this size.
    ///
    /// # Errors
    /// `Argument` for a target or rectangle that cannot be, `Memory` if the run cannot be made to fit.
    pub fn plan(&self, source: Size, job: &Job) -> Result<Plan> {
        Ok(self.layout(source, job)?.plan())
    }

    /// Enlarges what `source` gives into `sink`, whose size must be the plan's.
    ///
    /// Reports go to `progress` on this thread, while the network works at least ten a second. A cancel is answered
    /// within half a second, whatever the engine does.
    ///
    /// # Errors
    /// Whatever stopped it. The sink then holds only some of its rows.
    pub fn run(
        &self,
        source: &mut dyn Source,
        sink: &mut dyn Sink,
        job: &Job,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Report> {
        let layout = self.layout(source.size(), job)?;
        let (input, output) = (source.format(), sink.format());
        check_sink(input, sink, layout.output())?;
        let (conversion, out) = conversions(source, sink)?;
        let planes = Planes::of(input, &conversion);
        let cancel = ChildCancel::new(cancel);
        let mut run = Run::new(cancel.get(), progress, layout.tiles(), layout.output().height);

        if layout.is_parted() {
            run.note(format!(
                "the model {} looks at the whole picture, for which there is no memory; it saw parts of it, and their colours may differ a little. Allow more memory, or choose another model",
                self.models().map(Model::id).collect::<Vec<_>>().join(" and ")
            ));
        }

        // Source rows, in a form that a network can see.
        let read = layout.read_rect(planes);
        let mut decoded: BoxStage<'_> = Box::new(Decode::new(source, conversion, read)?);
        if planes.alpha {
            decoded = Box::new(Bleed::new(decoded)?);
        }
        let decoded = Tee::new(decoded);

        // Colour goes through the network, as often as it must, and on to the size that is wanted.
        let mut colour = decoded.reader(layout.colour_rect(), 0..3);
        for (at, pass) in layout.passes().iter().enumerate() {
            let Link { model, ladder } = &self.links[pass.network];
            // The first pass removes the noise.
            let noise_level = if at == 0 { job.noise_level } else { NoiseLevel::NoNoise };
            let contract = Arc::new(Contract::new(model.manifest(), noise_level));
            let tee = Tee::new(colour);
            let network = tee.reader(pass.grid.read_rect(), 0..3);
            let network: BoxStage<'_> = Box::new(Network::new(network, pass, ladder.clone(), contract)?);
            colour = if job.colour_lock {
                let source = tee.reader(pass.grid.area, 0..3);
                Box::new(ColourLock::new(network, source, pass.grid.picture, pass.wanted, pass.scale))
            } else {
                Box::new(Clip(network))
            };
        }
        let (native, whole, wanted) = (layout.native(), layout.whole(), layout.wanted());
        let axes = |from: Size| -> Result<(Axis, Axis)> {
            let horizontal = Axis::new(from.width, whole.width, wanted.x, wanted.right())?;
            Ok((horizontal, Axis::new(from.height, whole.height, wanted.y, wanted.bottom())?))
        };
        // Enlarging keeps the mean of encoded values, making smaller that of the light.
        let light = if layout.enlarges() { Light::Encoded } else { Light::Linear };
        if native != whole {
            let (horizontal, vertical) = axes(native)?;
            colour = Box::new(Resample::new(colour, horizontal, vertical, wanted, light)?);
        } else if colour.rect() != wanted {
            colour = Tee::new(colour).reader(wanted, 0..3);
        }

        // As much of the network's work as is wanted, and the rest from the source.
        if layout.is_mixed() {
            let (horizontal, vertical) = axes(layout.source())?;
            let rows = decoded.reader(layout.aside_rect(), 0..3);
            let faithful = Box::new(Resample::new(rows, horizontal, vertical, wanted, light)?);
            colour = Box::new(Blend::new(colour, faithful, job.strength)?);
        }

        // Alpha, and colours that the network could not see, go their own way.
        let mut aside = None;
        if planes.count() > 3 {
            let (horizontal, vertical) = axes(layout.source())?;
            let rows = decoded.reader(layout.aside_rect(), 3..planes.count());
            aside = Some(Resample::new(rows, horizontal, vertical, wanted, Light::Plain)?);
        }

        // Together they become the sink's rows.
        let width = wanted.width as usize;
        let mut encode = Encode::new(output, out, planes, wanted.width);
        let mut colour_row = memory::zeros(3 * width)?;
        let mut aside_row = memory::zeros((planes.count() - 3) * width)?;
        let mut bytes = memory::zeros(output.row_size(wanted.width))?;
        for y in 0..wanted.height {
            colour.next(&mut run, &mut colour_row)?;
            if let Some(aside) = &mut aside {
                aside.next(&mut run, &mut aside_row)?;
            }
            encode.row(&colour_row, &aside_row, &mut bytes)?;
            sink.write(y, &bytes)?;
            run.row_done()?;
        }
        Ok(Report { tiles: run.tiles_done(), notes: run.into_notes() })
    }
}

/// Whether the sink can take the result.
fn check_sink(input: Format, sink: &dyn Sink, size: Size) -> Result<()> {
    let output = sink.format();
    let (kind, message) = if sink.size() != size {
        let taken = sink.size();
        let message = format!("the result has {size} pixels, the sink takes {taken}; ask the plan for the output size");
        (ErrorKind::Buffer, message)
    } else if output.is_gray() && !input.is_gray() {
        (ErrorKind::Format, "a colour picture does not fit into gray pixels; ask for colour".into())
    } else if input.has_alpha() && !output.has_alpha() {
        let message = "the picture has transparency and the result would have none; ask for pixels with alpha";
        (ErrorKind::Format, message.into())
    } else {
        return Ok(());
    };
    Err(Error::new(kind, message))
}

/// The ways from the source's colours to linear light and from there to the sink's.
fn conversions(source: &dyn Source, sink: &dyn Sink) -> Result<(Conversion, Conversion)> {
    let (input, output) = (source.format().is_gray(), sink.format().is_gray());
    let colour = source.colour();
    let conversion = Conversion::new(&colour, input)?;
    let out = match sink.colour() {
        Some(colour) => Conversion::new(&colour, output)?,
        None if matches!(colour, Colour::Icc(_)) && input != output => {
            return Err(Error::new(
                ErrorKind::Format,
                "a gray ICC profile cannot describe a colour result; ask for gray, or for another colour space",
            ));
        }
        None => conversion.clone(),
    };
    Ok((conversion, out))
}

/// Without colour lock, only what lies outside black and white is cut off.
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
