//! The engine: the library that was found, its devices, and how a network is opened.
//!
//! Making one finds and starts ONNX Runtime, so that whether it works is known before it is promised.
//! It must never take another device than the one that was asked for.

use std::sync::Arc;

use enlarger::{Device, Engine, Location, Model, Result, Session, SessionOptions};

use crate::environment::{self, Runtime};
use crate::provider;
use crate::session::OrtSession;

/// ONNX Runtime.
pub struct Ort(&'static Runtime);

impl Ort {
    /// Finds and starts ONNX Runtime, once per process.
    ///
    /// # Errors
    /// `EngineNotFound` if there is none, `EngineVersion` if the one found, or named, cannot be used. May be tried
    /// again.
    pub fn discover() -> Result<Self> {
        environment::runtime().map(Ort)
    }
}

impl Engine for Ort {
    fn id(&self) -> &str {
        "ort"
    }

    fn version(&self) -> String {
        self.0.library.version.clone()
    }

    fn devices(&self) -> Vec<Device> {
        provider::devices()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let choice = provider::choose(options.device.as_deref(), options.precision)?;
        let session = OrtSession::open(&self.0.environment, model, choice, options.threads)
            .map_err(|e| e.at(Location::Model(model.id().to_owned())))?;
        Ok(Arc::new(session))
    }
}
