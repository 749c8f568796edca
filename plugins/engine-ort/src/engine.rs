//! The engine: the ONNX Runtime library that was found, its devices, and the opening of networks.
//!
//! An engine exists only if ONNX Runtime has been found and started.
//! It must never use a device other than the requested one.

use std::sync::Arc;

use enlarger::{Device, Engine, Location, Model, Result, Session, SessionOptions};

use crate::devices;
use crate::environment::{self, Runtime};
use crate::session::OrtSession;

/// ONNX Runtime.
pub struct Ort(&'static Runtime);

impl Ort {
    /// Finds and starts ONNX Runtime, once per process.
    ///
    /// # Errors
    /// `EngineNotFound` if there is none, `EngineVersion` if the one that was found or named cannot be used. A failed call can
    /// be repeated.
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
        devices::list()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let choice = devices::choose(options.device.as_deref(), options.precision)?;
        let session = OrtSession::open(&self.0.environment, model, choice, options.threads)
            .map_err(|e| e.at(Location::Model(model.id().to_owned())))?;
        Ok(Arc::new(session))
    }
}
