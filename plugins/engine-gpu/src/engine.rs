//! The engine: its devices, and how a model is opened on one.
//!
//! A device is touched only when devices are listed or a session is opened. The engine must never use another device than
//! the one that the caller asked for, and never a software device that was not named.

use std::sync::Arc;

use enlarger::{Device, Engine, Error, ErrorKind, Location, Model, Result, Session, SessionOptions};

use crate::device::{Adapter, adapters};
use crate::session::GpuSession;

/// The GPU engine: runs networks on GPUs, by Vulkan or Metal.
#[derive(Clone, Copy, Debug, Default)]
pub struct GpuEngine;

impl GpuEngine {
    /// Creates the engine. No device is touched.
    pub fn new() -> Self {
        GpuEngine
    }
}

impl Engine for GpuEngine {
    fn id(&self) -> &str {
        "gpu"
    }

    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn devices(&self) -> Vec<Device> {
        adapters().into_iter().map(|adapter| adapter.device).collect()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let adapter = chosen(adapters(), options.device.as_deref())?;
        let session = GpuSession::open(model, options, &adapter)
            .map_err(|error| error.at(Location::Model(model.id().to_owned())))?;
        Ok(Arc::new(session))
    }
}

/// The device that is meant: an id (`gpu:0`), a part of a name (`gpu:radeon`), or the best device (`gpu`, or none).
fn chosen(adapters: Vec<Adapter>, wanted: Option<&str>) -> Result<Adapter> {
    let shown = |list: &[Adapter]| {
        let devices = list.iter().map(|adapter| format!("{} ({})", adapter.device.id, adapter.device.name));
        devices.collect::<Vec<_>>().join(", ")
    };
    let refused = |why: String| Err(Error::new(ErrorKind::Device, why));
    let all = if adapters.is_empty() {
        "no GPU was found; install a driver with Vulkan, or choose the device cpu".to_owned()
    } else {
        format!("the devices of the gpu engine are {}", shown(&adapters))
    };
    let Some(name) = wanted.filter(|wanted| *wanted != "gpu") else {
        let best = adapters.into_iter().find(|adapter| !adapter.is_software);
        return best.map_or_else(|| refused(format!("{all}; a software device is used only if it is named")), Ok);
    };
    if let Some(found) = adapters.iter().find(|adapter| adapter.device.id == name) {
        return Ok(found.clone());
    }
    let part = name.strip_prefix("gpu:").unwrap_or(name).to_lowercase();
    let number = part.chars().all(|c| c.is_ascii_digit());
    let mut named: Vec<Adapter> =
        adapters.into_iter().filter(|adapter| !number && adapter.name.to_lowercase().contains(&part)).collect();
    match named.len() {
        0 => refused(format!("there is no device '{name}'; {all}")),
        1 => Ok(named.remove(0)),
        _ => refused(format!("the device '{name}' may be one of several; choose one of {}", shown(&named))),
    }
}
