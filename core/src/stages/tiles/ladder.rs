//! The retry ladder: the sessions on which a tile is tried, one attempt after another.
//!
//! Attempt 0 is the session of the run. Attempt 1 is the CPU in full precision, or, where the engine has no CPU, the same device in
//! full precision. Another GPU is never an attempt: its driver would fail alike. A session is opened only when a tile needs it. The
//! device of an attempt must never be kept from the user.

use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::engine::{Device, Engine, Precision, Session, SessionOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::models::model::Model;
use crate::run::run::Run;

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
            0 => Some(first.clone()),
            1 if first.id != CPU => {
                let cpu = self.engine.devices().into_iter().find(|device| device.id == CPU);
                Some(cpu.unwrap_or_else(|| first.clone()))
            }
            1 => Some(first.clone()),
            _ => None,
        }
    }

    /// The attempt that a tile starts with: the session of the run, unless the run has left its device.
    pub(crate) fn start(&self, run: &Run<'_>) -> usize {
        usize::from(run.has_left(&self.first.device().id))
    }

    /// The session of an attempt. Opens it if necessary, which can take long.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub(crate) fn session(&self, attempt: usize) -> Result<Arc<dyn Session>> {
        if attempt == 0 {
            return Ok(self.first.clone());
        }
        let no_attempt = || Error::new(ErrorKind::Internal, "the retry ladder has no such attempt; please report this");
        let device = self.device(attempt).ok_or_else(no_attempt)?;
        // A session that is exact already may have failed by chance, so it is used again.
        if device == *self.first.device() && self.first.is_exact() {
            return Ok(self.first.clone());
        }
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
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::with_run;
    use crate::stages::tiles::test_engine::{TestEngine, test_model};

    fn ladder(engine: &Arc<TestEngine>) -> Ladder {
        Ladder::new(&test_model(2, 0), engine.clone(), &SessionOptions::default()).unwrap()
    }

    #[test]
    fn a_gpu_is_followed_by_the_cpu_in_full_precision() {
        let engine = Arc::new(TestEngine::new(&["gpu:0", "gpu:1", "cpu"]));
        let ladder = ladder(&engine);
        let ids = [0, 1, 2].map(|attempt| ladder.device(attempt).map(|device| device.id));
        assert_eq!(ids, [Some("gpu:0".into()), Some("cpu".into()), None]);
        for attempt in [0, 1, 1] {
            ladder.session(attempt).unwrap();
        }
        let opened = [("gpu:0", Precision::Auto), ("cpu", Precision::Exact)];
        assert_eq!(engine.opened(), opened.map(|(id, precision)| (id.to_owned(), precision)), "each is opened once");
        assert_eq!(ladder.session(2).err().map(|e| e.kind()), Some(ErrorKind::Internal));
    }

    #[test]
    fn a_device_alone_is_tried_twice() {
        for only in ["cpu", "gpu:0"] {
            let engine = Arc::new(TestEngine::new(&[only]));
            let ladder = ladder(&engine);
            let ids = [0, 1, 2].map(|attempt| ladder.device(attempt).map(|device| device.id));
            assert_eq!(ids, [Some(only.into()), Some(only.into()), None]);
            ladder.session(1).unwrap();
            assert_eq!(engine.opened()[1], (only.to_owned(), Precision::Exact));
        }
    }

    #[test]
    fn an_exact_session_is_used_twice() {
        let mut engine = TestEngine::new(&["cpu"]);
        engine.exact = true;
        let engine = Arc::new(engine);
        let ladder = ladder(&engine);
        assert!(Arc::ptr_eq(&ladder.session(1).unwrap(), ladder.first()));
        assert_eq!(engine.opened().len(), 1);
    }

    #[test]
    fn tiles_start_with_the_first_device_until_the_run_leaves_it() {
        let ladder = ladder(&Arc::new(TestEngine::new(&["gpu:0", "cpu"])));
        with_run(&Cancel::new(), |run| {
            assert!(ladder.start(run) == 0 && run.leave("gpu:0"));
            assert!(ladder.start(run) == 1 && !run.leave("gpu:0"), "it is left once");
        });
    }
}
