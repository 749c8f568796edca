//! The upscaler: models on engines, or a classical method, and what a run with them would do. The run itself is in
//! `run.rs`.

use std::fmt;
use std::sync::Arc;

use crate::engine::engine::{Engine, Session, SessionOptions};
use crate::error::{Error, ErrorKind, Location, Result};
use crate::geometry::Size;
use crate::layout::Layout;
use crate::models::manifest::Task;
use crate::models::model::Model;
use crate::plan::job::Job;
use crate::plan::method::Method;
use crate::plan::networks::{Network, Networks, Sequence};
use crate::plan::plan::Plan;
use crate::provenance::provenance::{FacesMade, Provenance, UsedModel};
use crate::restoration::restorer::Restorer;
use crate::stages::tiles::ladder::Ladder;

/// The most that the networks of a chain may enlarge together.
const MAX_CHAIN_SCALE: u64 = 256;

/// One or more models on engines, or a classical method, ready to enlarge pictures.
///
/// Several runs may go on at the same time, each on its own thread.
#[derive(Clone)]
pub struct Upscaler {
    /// The networks in their order; none for a classical method, and exactly one for [`Sequence::Repeat`].
    pub(crate) links: Vec<Link>,
    sequence: Sequence,
    /// The kernel of all resampling.
    method: Method,
    /// The upscaler whose networks enlarge faces.
    pub(crate) for_faces: Option<Arc<Upscaler>>,
    /// What paints the job's faces anew, if anything does.
    pub(crate) restorer: Option<Restorer>,
}

/// A model and its sessions.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) model: Model,
    pub(crate) ladder: Arc<Ladder>,
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
    /// `ModelContract` for a network that makes no pictures; otherwise as [`Engine::open`].
    pub fn new(model: &Model, engine: Arc<dyn Engine>, options: &SessionOptions) -> Result<Self> {
        if model.manifest().task == Task::Detect {
            let message = "this model finds faces and makes no pictures; choose another model";
            return Err(Error::new(ErrorKind::ModelContract, message).at(Location::Model(model.id().to_owned())));
        }
        let link = Link { model: model.clone(), ladder: Arc::new(Ladder::new(model, engine, options)?) };
        Ok(Upscaler {
            links: vec![link],
            sequence: Sequence::Repeat,
            method: Method::Bicubic,
            for_faces: None,
            restorer: None,
        })
    }

    /// An upscaler that resizes by a classical method. It needs no model and no engine. Colour, alpha, depth, rectangles
    /// and sizes are treated as with a network; the job's colour lock, strength, mask, edge care, noise level and tile do not apply.
    pub fn classical(method: Method) -> Self {
        Upscaler { links: Vec::new(), sequence: Sequence::Chain, method, for_faces: None, restorer: None }
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
        Ok(Upscaler { links, sequence: Sequence::Chain, method: Method::Bicubic, for_faces: None, restorer: None })
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

    /// The same upscaler with other networks for the job's [faces](Job::faces): those of `for_faces`, which run over the faces'
    /// surroundings only. A soft mask mixes them over the rest.
    ///
    /// # Errors
    /// `Argument` if one of the two has no networks, because a classical method treats all pixels alike.
    pub fn with_faces(self, for_faces: Upscaler) -> Result<Self> {
        if self.links.is_empty() || for_faces.links.is_empty() {
            let sentence =
                "a classical method has no networks for faces; choose a preset or a model, or leave faces out";
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
        let for_faces = Upscaler { for_faces: None, restorer: None, ..for_faces };
        Ok(Upscaler { for_faces: Some(Arc::new(for_faces)), ..self })
    }

    /// The models that enlarge faces, in the order in which they run.
    pub fn face_models(&self) -> impl Iterator<Item = &Model> {
        self.for_faces.iter().flat_map(|upscaler| upscaler.models())
    }

    /// This upscaler, which then also restores the faces of each job ([`Job::faces`]). A face is restored once and kept for the next
    /// runs, so that a preview is quick; clones of the restorer share what they keep.
    pub fn with_restorer(self, restorer: Restorer) -> Self {
        Upscaler { restorer: Some(restorer), ..self }
    }

    /// What restores faces, if anything does.
    pub fn restorer(&self) -> Option<&Restorer> {
        self.restorer.as_ref()
    }

    pub(crate) fn layout(&self, source: Size, job: &Job) -> Result<Layout> {
        let new = |networks: &Networks<'_>, for_faces: Option<&Networks<'_>>| match &self.restorer {
            Some(restorer) => Layout::with_restorer(networks, for_faces, self.method, source, job, restorer),
            None => Layout::new(networks, for_faces, self.method, source, job),
        };
        self.with_networks(|networks| match &self.for_faces {
            Some(upscaler) => upscaler.with_networks(|for_faces| new(networks, Some(for_faces))),
            None => new(networks, None),
        })
    }

    /// Calls `body` with what a plan needs to know of the networks.
    fn with_networks<T>(&self, body: impl FnOnce(&Networks<'_>) -> T) -> T {
        let sessions: Vec<&Arc<dyn Session>> = self.links.iter().map(|link| link.ladder.first()).collect();
        let streams: Vec<_> = sessions.iter().map(|session| |width| session.stream_memory(width)).collect();
        let networks = self.links.iter().zip(sessions.iter().zip(&streams)).map(|(link, (session, stream))| Network {
            manifest: link.model.manifest(),
            usage: session.usage(),
            stream_memory: stream,
        });
        body(&Networks { networks: networks.collect(), sequence: self.sequence })
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
        made.creativity *= u8::from(layout.is_textured());
        made.grain = made.grain.filter(|_| layout.noise().is_some());
        for (index, pass) in layout.passes().iter().enumerate() {
            made.add(&self.links[pass.network].model, (index == 0).then_some(job.noise_level));
        }
        made.faces = FacesMade::of(job, layout.faces().iter().map(|patch| patch.ovals.len()).sum());
        if let (Some(upscaler), Some(patch)) = (&self.for_faces, layout.faces().first()) {
            for (index, pass) in patch.layout.passes().iter().enumerate() {
                made.add_for_faces(&upscaler.links[pass.network].model, (index == 0).then_some(job.face_noise_level));
            }
        }
        let restorer = self.restorer.as_ref().filter(|_| !layout.restored().is_empty());
        made.restorer = restorer.map(|restorer| UsedModel::new(restorer.model()));
        if made.models.is_empty() {
            // A preset that chose nothing made nothing.
            (made.method, made.preset) = (Some(layout.method()), None);
        }
        Ok(made)
    }
}
