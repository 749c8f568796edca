//! The interface of engines, which run networks.
//!
//! An engine lists devices and opens sessions; a session is a loaded network on a device. Engines are crates of their
//! own. A session must never see a picture, only tensors: planar f32, named as in the manifest of the model.

use std::sync::Arc;

use crate::error::Result;
use crate::models::model::Model;
use crate::run::cancel::Cancel;

/// A tensor to read: channel after channel, and row after row within a channel.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// The name of the network's input.
    pub name: &'a str,
    /// Batch, channels, height, width.
    pub shape: [usize; 4],
    /// The values, as many as the shape says.
    pub data: &'a [f32],
}

/// A tensor to fill.
#[derive(Debug)]
pub struct TensorMut<'a> {
    /// The name of the network's output.
    pub name: &'a str,
    /// The shape that the manifest promises. If the network gives another one, the session must write nothing and
    /// return [`ErrorKind::ModelContract`](crate::ErrorKind::ModelContract).
    pub shape: [usize; 4],
    /// The values, as many as the shape says.
    pub data: &'a mut [f32],
}

/// A device that an engine can run on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// A stable id, as used in options: `cpu`, `cuda:0`.
    pub id: String,
    /// The name that people see.
    pub name: String,
}

/// The precision of the arithmetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// The choice of the engine for this model.
    #[default]
    Auto,
    /// 32-bit floating point throughout. Tiles that failed are tried again with this.
    Exact,
    /// The fastest arithmetic that the engine has for this model. It must be nearly exact (at least 65 dB, and no
    /// sample off by more than 4/255); otherwise opening fails. An engine without faster arithmetic uses its own
    /// choice.
    Fast,
}

/// How to open a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionOptions {
    /// The id of the device; `None` for the best one of the engine.
    pub device: Option<String>,
    /// The precision.
    pub precision: Precision,
    /// The number of threads for one tile; `None` for all cores.
    pub threads: Option<usize>,
}

/// How a session is best used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// The best side of a tile with its halo, in pixels.
    pub tile: u32,
    /// The most pixels that a tile with its halo may have. An engine that cannot be interrupted sets this so that a
    /// tile takes at most two seconds on this machine.
    pub max_tile_pixels: Option<u64>,
    /// How many tiles are best computed at the same time.
    pub parallel: usize,
    /// Whether a cancel stops a tile that is being computed.
    pub interruptible: bool,
}

impl Default for Usage {
    fn default() -> Self {
        Usage { tile: 512, max_tile_pixels: None, parallel: 1, interruptible: false }
    }
}

/// An engine: a way to run networks.
pub trait Engine: Send + Sync {
    /// A short, stable id: `winograd`, `ort`, `rten`.
    fn id(&self) -> &str;

    /// The version of the software that runs the networks.
    fn version(&self) -> String;

    /// The devices that the engine can use on this machine, best first.
    fn devices(&self) -> Vec<Device>;

    /// Loads a network.
    ///
    /// # Errors
    /// `ModelInvalid` for a network that this engine cannot load; `Device` for a device that is missing or failed. There is no
    /// silent fall-back to another device.
    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>>;
}

/// A loaded network on a device.
pub trait Session: Send + Sync {
    /// The device on which the session actually runs.
    fn device(&self) -> &Device;

    /// Whether the session computes in 32-bit floating point throughout.
    fn is_exact(&self) -> bool;

    /// How the session is best used.
    fn usage(&self) -> Usage {
        Usage::default()
    }

    /// Runs the network once.
    ///
    /// May be called from several threads at once; a session that cannot run in parallel must wait its turn. After an
    /// error the content of the output is undefined.
    ///
    /// # Errors
    /// `Inference`, `Device`, `Memory`, `ModelContract`, or `Cancelled`. A panic becomes `Panic`.
    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()>;

    /// The most bytes that a row stream over a picture of `width` columns needs, whatever the height. `None` if the
    /// session has no row streams.
    fn stream_memory(&self, width: usize) -> Option<u64> {
        let _ = width;
        None
    }

    /// Opens a row stream over a picture of `width` columns. An engine offers this if it keeps its own line buffers, so
    /// that no halo is computed twice from band to band. It is called only if [`Session::stream_memory`] gave a size,
    /// that much memory is available, and the model has no input besides the pixels. `None` if the session has no row
    /// streams.
    ///
    /// # Errors
    /// As [`Session::run`].
    fn stream(&self, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        let _ = width;
        Ok(None)
    }
}

/// A network that takes rows one by one. The caller adds the rows outside the picture.
///
/// R pushed rows give `scale * R` rows in all. As at the edges of a tile, the rows within the halo of the first and of
/// the last pushed row are meaningless. The caller pushes rows only when none can be pulled, so that few rows are
/// buffered.
pub trait RowStream: Send {
    /// Takes the next row: channel after channel, `width` samples each.
    ///
    /// # Errors
    /// As [`Session::run`].
    fn push(&mut self, row: &[f32], cancel: &Cancel) -> Result<()>;

    /// Ends the input, so that the last output rows can be computed.
    ///
    /// # Errors
    /// As [`Session::run`].
    fn finish(&mut self, cancel: &Cancel) -> Result<()>;

    /// Writes the next output row into `row`: channel after channel, `scale * width` samples each. Returns `false` if
    /// more input is needed first, or if no row is left. This call may do the computation.
    ///
    /// # Errors
    /// As [`Session::run`].
    fn pull(&mut self, row: &mut [f32], cancel: &Cancel) -> Result<bool>;
}
