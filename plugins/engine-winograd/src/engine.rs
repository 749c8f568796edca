//! The engine: its only device, and how a model is opened.
//!
//! Everything that can be found wrong with a network is found when it is opened, not when the first tile runs. The engine
//! must never use another device than the one that the caller asked for.

use std::sync::Arc;

use enlarger::{Cache, Device, Engine, Error, ErrorKind, Location, Model, Result, Session, SessionOptions};

use crate::session::{WinogradSession, cpu};

/// The winograd engine: runs networks of 3×3 convolutions on the CPU.
#[derive(Clone, Debug)]
pub struct Winograd {
    cache: Cache,
}

impl Winograd {
    /// Creates the engine. It keeps what it measures about a model in the user's cache.
    pub fn new() -> Self {
        Winograd::with_cache(Cache::of_user())
    }

    /// Creates the engine with another cache.
    pub fn with_cache(cache: Cache) -> Self {
        Winograd { cache }
    }
}

impl Default for Winograd {
    fn default() -> Self {
        Winograd::new()
    }
}

impl Engine for Winograd {
    fn id(&self) -> &str {
        "winograd"
    }

    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn devices(&self) -> Vec<Device> {
        vec![cpu()]
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        if let Some(device) = options.device.as_deref().filter(|id| *id != "cpu") {
            return Err(Error::new(
                ErrorKind::Device,
                format!(
                    "the winograd engine cannot use the device '{device}'; choose the device cpu or the engine ort"
                ),
            ));
        }
        let session = WinogradSession::open(model, options, &self.cache)
            .map_err(|e| e.at(Location::Model(model.id().to_owned())))?;
        Ok(Arc::new(session))
    }
}
