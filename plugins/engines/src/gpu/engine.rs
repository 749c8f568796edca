//! The engine `gpu`: the devices of the engine library, and the CPU as the last one, by our own engines.
//!
//! The CPU is there for what a GPU fails at during a run. It must never be taken in place of a GPU here: [`Gpus`](super::Gpus) says
//! what is taken, and why.

use std::sync::Arc;

use enlarger::{Device, Engine, Error, ErrorKind, Model, Precision, Result, Session, SessionOptions};

use super::device::GPU;

/// The id of the last device.
const CPU: &str = "cpu";

/// The engine.
pub(super) struct GpuEngine {
    /// The engine of the library.
    pub(super) library: Arc<dyn Engine>,
    /// The devices of the library as they were listed: a lost GPU may not answer.
    pub(super) devices: Vec<Device>,
    /// Our own engines for the CPU, fastest first.
    pub(super) cpu: Vec<Arc<dyn Engine>>,
}

impl Engine for GpuEngine {
    fn id(&self) -> &str {
        GPU
    }

    fn version(&self) -> String {
        self.library.version()
    }

    fn devices(&self) -> Vec<Device> {
        let cpu = self.cpu.iter().flat_map(|engine| engine.devices()).find(|device| device.id == CPU);
        self.devices.iter().cloned().chain(cpu).collect()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        if options.device.as_deref() == Some(CPU) {
            return open_on_cpu(&self.cpu, model, options);
        }
        let session = self.library.open(model, options)?;
        if options.precision == Precision::Exact && !session.is_exact() {
            let message = "it computes in 16-bit floats, so the precision exact is not possible; leave it out";
            return Err(Error::new(ErrorKind::Argument, message));
        }
        Ok(session)
    }
}

/// Opens a model on the first of these engines that can run it.
///
/// # Errors
/// Those of the last engine.
pub(super) fn open_on_cpu(
    engines: &[Arc<dyn Engine>],
    model: &Model,
    options: &SessionOptions,
) -> Result<Arc<dyn Session>> {
    let none = Err(Error::new(ErrorKind::EngineNotFound, "there is no engine for the CPU; please report this"));
    engines.iter().fold(none, |opened, engine| opened.or_else(|_| engine.open(model, options)))
}
