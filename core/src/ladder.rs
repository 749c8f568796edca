//! Where a tile is tried again: in full precision, then on the CPU.
//!
//! Rungs are opened only when one is needed. Which rung a tile took is never kept from the user.

use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Engine, Precision, Session, SessionOptions};
use crate::error::Result;
use crate::model::Model;

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

    /// The session for try number `rung` (0 is the first), or `None` when there is nothing left to try.
    pub(crate) fn rung(&self, rung: usize) -> Result<Option<Arc<dyn Session>>> {
        let device = &self.first.device().id;
        let device = match rung {
            0 => return Ok(Some(self.first.clone())),
            // A session that is exact already may have failed by chance: the same one again.
            1 if self.first.is_exact() => return Ok(Some(self.first.clone())),
            1 => device.clone(),
            2 if device != CPU && self.engine.devices().iter().any(|d| d.id == CPU) => CPU.to_owned(),
            _ => return Ok(None),
        };
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, session)) = opened.iter().find(|(r, _)| *r == rung) {
            return Ok(Some(session.clone()));
        }
        let options = SessionOptions { device: Some(device), precision: Precision::Exact, ..self.options.clone() };
        let session = self.engine.open(&self.model, &options)?;
        opened.push((rung, session.clone()));
        Ok(Some(session))
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }
}
