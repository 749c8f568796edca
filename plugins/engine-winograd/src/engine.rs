//! The engine: its one device, and how a network is opened.
//!
//! Everything that can be known to be wrong with a network is found here and not on the first tile.
//! It must never take another device than the one that was asked for.

use std::sync::Arc;

use enlarger::{Cache, Device, Engine, Error, ErrorKind, Location, Model, Result, Session, SessionOptions};

use crate::kernels::isa::Isa;
use crate::session::WinogradSession;

/// Winograd: networks of 3×3 convolutions on the CPU.
#[derive(Clone, Debug)]
pub struct Winograd {
    cache: Cache,
}

impl Winograd {
    /// The engine. What it finds out about a model it notes in the user's cache.
    pub fn new() -> Self {
        Winograd::with_cache(Cache::of_user())
    }

    /// The engine with this cache.
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
                format!("winograd cannot use the device '{device}'; take the device cpu, or the engine ort"),
            ));
        }
        let session = WinogradSession::open(model, options, &self.cache)
            .map_err(|e| e.at(Location::Model(model.id().to_owned())))?;
        Ok(Arc::new(session))
    }
}

pub(crate) fn cpu() -> Device {
    Device { id: "cpu".to_owned(), name: format!("CPU with {} instructions", Isa::best().name()) }
}
