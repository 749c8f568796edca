//! The restorer: a model of the task *face* on an engine, which paints one aligned face anew.
//!
//! A restorer invents: it knows what faces look like, not what this one looked like. So it never runs unless it was asked for, and
//! a run that used it says so. It must never see more than the crop of a face.

use std::fmt;
use std::sync::Arc;

use crate::engine::contract::Contract;
use crate::engine::engine::{Engine, Session, SessionOptions};
use crate::error::{Error, ErrorKind, Location, Result};
use crate::geometry::Size;
use crate::models::manifest::{Task, Verify};
use crate::models::model::Model;
use crate::models::noise::NoiseLevel;
use crate::models::registry::Registry;
use crate::restoration::colour_match;
use crate::restoration::kept_faces::{KeptFaces, MOST};
use crate::restoration::warp::Planes;
use crate::run::run::Run;
use crate::stages::tiles::ladder::Ladder;
use crate::stages::tiles::pool::Pool;
use crate::stages::tiles::verify::{Block, verify};

/// What every text about restored faces says.
pub(crate) const WARNING: &str =
    "restored faces are partly invented, so the result must not serve as a document or to recognise a person";

/// A model of the task *face* on an engine. Clones share the session and what is kept.
#[derive(Clone)]
pub struct Restorer {
    model: Model,
    ladder: Arc<Ladder>,
    contract: Arc<Contract>,
    side: u32,
    pub(crate) kept: Arc<KeptFaces>,
}

impl fmt::Debug for Restorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Restorer({:?} on {})", self.model, self.session().device().id)
    }
}

impl Restorer {
    /// The first installed model of the task *face*.
    ///
    /// # Errors
    /// `ModelNotFound` if none is installed, with what to do.
    pub fn find_model(registry: &Registry) -> Result<&Model> {
        let mut faces = registry.models().iter().filter(|model| model.manifest().task == Task::Face);
        faces.next().ok_or_else(|| {
            Error::new(
                ErrorKind::ModelNotFound,
                "no model that restores faces is installed, and none comes with Enlarger; import one, such as GFPGAN, from its file: enlarge models import GFPGANv1.4.pth",
            )
        })
    }

    /// Opens a session of `model` on `engine`.
    ///
    /// # Errors
    /// `Argument` for a model of another task, `ModelContract` for one that does not take one square of faces and give its size;
    /// otherwise as [`Engine::open`].
    pub fn open(model: &Model, engine: Arc<dyn Engine>, options: &SessionOptions) -> Result<Self> {
        let manifest = model.manifest();
        let refused = |kind, what: String| Err(Error::new(kind, what).at(Location::Model(model.id().to_owned())));
        if manifest.task != Task::Face {
            let what = "it does not restore faces; choose a model of the task 'face', which 'enlarge models' lists";
            return refused(ErrorKind::Argument, what.to_owned());
        }
        let side = match manifest.input.size {
            Some([width, height]) if width == height && manifest.scale == 1 => width,
            size => {
                let size =
                    size.map_or("pictures of any size".into(), |[width, height]| format!("{width}x{height} pixels"));
                let what = format!(
                    "a restorer takes one square of pixels and gives it back at its size, but this one takes {size} at scale {}; correct the manifest or import the model again",
                    manifest.scale
                );
                return refused(ErrorKind::ModelContract, what);
            }
        };
        Ok(Restorer {
            model: model.clone(),
            ladder: Arc::new(Ladder::new(model, engine, options)?),
            contract: Arc::new(Contract::new(manifest, NoiseLevel::ModelDefault)),
            side,
            kept: Arc::default(),
        })
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The session on which faces are restored, unless they fail there and are tried again.
    pub fn session(&self) -> &Arc<dyn Session> {
        self.ladder.first()
    }

    /// The side of the square of pixels that it takes.
    pub(crate) fn side(&self) -> u32 {
        self.side
    }

    /// The most bytes that it holds: the network at work on a face, and the faces that are kept.
    pub(crate) fn memory(&self) -> u128 {
        let pixels = u128::from(self.side) * u128::from(self.side);
        pixels * (u128::from(self.model.manifest().cost.bytes_per_pixel) + 12 * MOST as u128)
    }

    /// What the restorer changes of a face, in the colours of `crop`, which has [`Restorer::side`] pixels along each side.
    ///
    /// # Errors
    /// `Cancelled`, at once, even if the engine cannot be interrupted; otherwise what the last attempt failed with.
    pub(crate) fn change(&self, run: &mut Run<'_>, crop: Planes) -> Result<Planes> {
        let pool = Pool::new(1)?;
        let crop = Arc::new(crop);
        for attempt in self.ladder.start(run).. {
            let (ladder, contract, input) = (self.ladder.clone(), self.contract.clone(), crop.clone());
            let (side, cancel) = (self.side, run.cancel.clone());
            // A face that is painted anew may be brighter; colour_match takes that away.
            let rules = Verify { mean_tolerance: 255.0, ..self.model.manifest().verify.clone() };
            pool.submit(attempt, move || {
                let size = Size { width: side, height: side };
                let mut output = Planes::new(side as usize, side as usize)?;
                contract.run(&*ladder.session(attempt)?, &input.data, size, &mut output.data, &cancel)?;
                let block = |data| Block { data, width: side as usize, height: side as usize, part: size.rect() };
                verify(block(&input.data), block(&output.data), &rules)
                    .map_err(|rejection| Error::new(ErrorKind::Output, rejection.to_string()))?;
                output.data.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
                colour_match::change(&input, &output)
            })?;
            let error = match pool.wait(run)?.1 {
                Ok(change) => return Ok(change),
                Err(error) => error,
            };
            run.cancel.check()?;
            let here = self.ladder.device(attempt).unwrap_or_else(|| self.session().device().clone());
            let (id, what, next) = (self.model.id(), error.message(), attempt + 1);
            let Some(there) = self.ladder.device(next) else {
                let message = format!(
                    "a face could not be restored: {what}, on {}, after {next} attempts; try another engine or device, or leave the faces as they are",
                    here.name
                );
                return Err(Error::new(error.kind(), message).at(Location::Model(id.to_owned())));
            };
            if there.id != here.id {
                run.leave(&here.id);
            }
            run.note(format!(
                "a face, by {id}: {what}, on {}; tried again in full precision on {}",
                here.name, there.name
            ));
        }
        Err(Error::new(ErrorKind::Internal, "there was no attempt to restore a face; please report this"))
    }
}
