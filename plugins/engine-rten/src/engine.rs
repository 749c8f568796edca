//! The engine: its only device, the CPU, and the opening of networks.
//!
//! A network that cannot run is refused when it is opened, not at its first tile.
//! It must never use a device other than the requested one.

use std::sync::Arc;

use enlarger::{Device, Engine, Error, ErrorKind, Location, Model, Result, Session, SessionOptions};

use crate::session::RtenSession;

/// The version of the `rten` crate, which does not export it. A test compares it with the lock file.
const VERSION: &str = "0.27.0";

/// RTen: ONNX networks on the CPU, in pure Rust.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rten;

impl Rten {
    /// Makes the engine. There is nothing to find or to load.
    pub fn new() -> Self {
        Rten
    }
}

impl Engine for Rten {
    fn id(&self) -> &str {
        "rten"
    }

    fn version(&self) -> String {
        VERSION.to_owned()
    }

    fn devices(&self) -> Vec<Device> {
        vec![cpu()]
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        if let Some(device) = options.device.as_deref().filter(|id| *id != "cpu") {
            return Err(Error::new(
                ErrorKind::Device,
                format!("rten cannot use the device '{device}'; use the device cpu, or the engine ort"),
            ));
        }
        let session = RtenSession::open(model, options).map_err(|e| e.at(Location::Model(model.id().to_owned())))?;
        Ok(Arc::new(session))
    }
}

pub(crate) fn cpu() -> Device {
    Device { id: "cpu".to_owned(), name: "CPU".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_in_the_lock_file() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"rten\"\nversion = \"{VERSION}\"\n")));
    }
}
