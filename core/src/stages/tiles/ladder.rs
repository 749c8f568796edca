//! Where a tile is tried again: in full precision, then on the CPU.
//!
//! Rungs are opened only when one is needed. Which rung a tile took is never kept from the user.

use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::engine::{Device, Engine, Precision, Session, SessionOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::models::model::Model;

pub(crate) struct Ladder {
    engine: Arc<dyn Engine>,
    model: Model,
    options: SessionOptions,
    first: Arc<dyn Session>,
    /// Sessions of the rungs after the first that were opened so far.
    opened: Mutex<Vec<(usize, Arc<dyn Session>)>>,
}

/// The device that every machine has.
const CPU: &str = "cpu";

impl Ladder {
    pub(crate) fn new(model: &Model, engine: Arc<dyn Engine>, options: &SessionOptions) -> Result<Self> {
        let first = engine.open(model, options)?;
        Ok(Ladder { engine, model: model.clone(), options: options.clone(), first, opened: Mutex::new(Vec::new()) })
    }

    pub(crate) fn first(&self) -> &Arc<dyn Session> {
        &self.first
    }

    /// The device of try number `rung` (0 is the first), or `None` when there is nothing left to try.
    pub(crate) fn device(&self, rung: usize) -> Option<Device> {
        let first = self.first.device();
        match rung {
            0 | 1 => Some(first.clone()),
            2 if first.id != CPU => self.engine.devices().into_iter().find(|d| d.id == CPU),
            _ => None,
        }
    }

    /// The session of try number `rung`, opened if need be, which can take long.
    pub(crate) fn session(&self, rung: usize) -> Result<Arc<dyn Session>> {
        // A session that is exact already may have failed by chance: the same one again.
        if rung == 0 || rung == 1 && self.first.is_exact() {
            return Ok(self.first.clone());
        }
        let device = self.device(rung).ok_or_else(|| Error::new(ErrorKind::Internal, "no such rung"))?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, session)) = opened.iter().find(|(r, _)| *r == rung) {
            return Ok(session.clone());
        }
        let options = SessionOptions { device: Some(device.id), precision: Precision::Exact, ..self.options.clone() };
        let session = self.engine.open(&self.model, &options)?;
        opened.push((rung, session.clone()));
        Ok(session)
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }
}
