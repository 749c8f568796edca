//! The retry ladder: the sessions on which a tile is tried, one attempt after another.
//!
//! Attempt 0 is the session of the run, attempt 1 the same device in full precision, attempt 2 the CPU in full
//! precision. A session is opened only when a tile needs it. The device of an attempt must never be kept from the user.

use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::engine::{Device, Engine, Precision, Session, SessionOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::models::model::Model;

/// The id of the device that every machine has.
const CPU: &str = "cpu";

/// Opens the sessions of one model. May be used from several threads.
pub(crate) struct Ladder {
    engine: Arc<dyn Engine>,
    model: Model,
    options: SessionOptions,
    first: Arc<dyn Session>,
    /// The sessions opened so far for attempts after the first, each with its attempt.
    opened: Mutex<Vec<(usize, Arc<dyn Session>)>>,
}

impl Ladder {
    /// Opens the session of attempt 0.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub(crate) fn new(model: &Model, engine: Arc<dyn Engine>, options: &SessionOptions) -> Result<Self> {
        let first = engine.open(model, options)?;
        Ok(Ladder { engine, model: model.clone(), options: options.clone(), first, opened: Mutex::new(Vec::new()) })
    }

    /// The session of attempt 0.
    pub(crate) fn first(&self) -> &Arc<dyn Session> {
        &self.first
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// The device of an attempt, or `None` if the ladder has no such attempt.
    pub(crate) fn device(&self, attempt: usize) -> Option<Device> {
        let first = self.first.device();
        match attempt {
            0 | 1 => Some(first.clone()),
            2 if first.id != CPU => self.engine.devices().into_iter().find(|d| d.id == CPU),
            _ => None,
        }
    }

    /// The session of an attempt. Opens it if necessary, which can take long.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub(crate) fn session(&self, attempt: usize) -> Result<Arc<dyn Session>> {
        // A session that is exact already may have failed by chance, so attempt 1 uses it again.
        if attempt == 0 || attempt == 1 && self.first.is_exact() {
            return Ok(self.first.clone());
        }
        let no_attempt = || Error::new(ErrorKind::Internal, "the retry ladder has no such attempt; please report this");
        let device = self.device(attempt).ok_or_else(no_attempt)?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, session)) = opened.iter().find(|(number, _)| *number == attempt) {
            return Ok(session.clone());
        }
        let options = SessionOptions { device: Some(device.id), precision: Precision::Exact, ..self.options.clone() };
        let session = self.engine.open(&self.model, &options)?;
        opened.push((attempt, session.clone()));
        Ok(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::tiles::test_engine::{TestEngine, test_model};

    fn ladder(engine: &Arc<TestEngine>) -> Ladder {
        Ladder::new(&test_model(2, 0), engine.clone(), &SessionOptions::default()).unwrap()
    }

    #[test]
    fn a_gpu_is_followed_by_itself_in_full_precision_and_by_the_cpu() {
        let engine = Arc::new(TestEngine::new(&["gpu:0", "cpu"]));
        let ladder = ladder(&engine);
        let ids = [0, 1, 2, 3].map(|attempt| ladder.device(attempt).map(|device| device.id));
        assert_eq!(ids, [Some("gpu:0".into()), Some("gpu:0".into()), Some("cpu".into()), None]);
        for attempt in [0, 1, 2, 1, 2] {
            ladder.session(attempt).unwrap();
        }
        let opened = [("gpu:0", Precision::Auto), ("gpu:0", Precision::Exact), ("cpu", Precision::Exact)];
        assert_eq!(engine.opened(), opened.map(|(id, precision)| (id.to_owned(), precision)), "each is opened once");
        assert_eq!(ladder.session(3).err().map(|e| e.kind()), Some(ErrorKind::Internal));
    }

    #[test]
    fn the_cpu_has_two_attempts() {
        let ladder = ladder(&Arc::new(TestEngine::new(&["cpu"])));
        assert!(ladder.device(1).is_some() && ladder.device(2).is_none());
    }

    #[test]
    fn an_exact_session_is_used_twice() {
        let mut engine = TestEngine::new(&["gpu:0"]);
        engine.exact = true;
        let engine = Arc::new(engine);
        let ladder = ladder(&engine);
        assert!(Arc::ptr_eq(&ladder.session(1).unwrap(), ladder.first()));
        assert_eq!(engine.opened().len(), 1);
        assert!(ladder.device(2).is_none(), "there is no CPU to try");
    }
}
