//! What runs a network.
//!
//! An engine lists devices and opens sessions; a session is one loaded network on one device. Engines live outside
//! this crate. A session never sees a picture, only tensors: planar f32, named as the model's manifest names them.

use std::sync::Arc;

use crate::error::Result;
use crate::models::model::Model;
use crate::run::cancel::Cancel;

/// A tensor to read: channels after one another, rows inside them.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// The name of the network's input.
    pub name: &'a str,
    /// Batch, channels, height, width.
    pub shape: [usize; 4],
    /// The values; as many as the shape says.
    pub data: &'a [f32],
}

/// A tensor to fill.
#[derive(Debug)]
pub struct TensorMut<'a> {
    /// The name of the network's output.
    pub name: &'a str,
    /// The shape that the model's contract promises. A session whose network gives another one must refuse with
    /// [`ErrorKind::ModelContract`](crate::ErrorKind::ModelContract) and write nothing.
    pub shape: [usize; 4],
    /// The values; as many as the shape says.
    pub data: &'a mut [f32],
}

/// What an engine can run on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// A stable id, as options name it: `cpu`, `cuda:0`.
    pub id: String,
    /// A name for people.
    pub name: String,
}

/// How exact the arithmetic should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// The engine's choice for this model.
    #[default]
    Auto,
    /// 32-bit floating point throughout. The retry ladder asks for this.
    Exact,
    /// The fastest arithmetic that the engine has for this model, if that is nearly exact (65 dB, and no sample further
    /// than 4/255); an error if the engine has one and that is not. An engine that has none takes its choice.
    Fast,
}

/// How to open a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionOptions {
    /// The device's id; `None` for the engine's best.
    pub device: Option<String>,
    /// The precision.
    pub precision: Precision,
    /// Threads for one tile; `None` for all cores.
    pub threads: Option<usize>,
}

/// How a session likes to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// The side, in pixels, of a tile with its halo that the session works best on.
    pub tile: u32,
    /// The most pixels (halo included) that one tile may have. An engine that cannot be interrupted sets it so that
    /// a tile takes at most two seconds on this machine.
    pub max_tile_pixels: Option<u64>,
    /// Tiles worth running at the same time.
    pub parallel: usize,
    /// Whether a running tile stops when it is cancelled.
    pub interruptible: bool,
}

impl Default for Usage {
    fn default() -> Self {
        Usage { tile: 512, max_tile_pixels: None, parallel: 1, interruptible: false }
    }
}

/// Something that can run networks.
pub trait Engine: Send + Sync {
    /// A short, stable id: `winograd`, `ort`, `rten`.
    fn id(&self) -> &str;

    /// The version of what really runs.
    fn version(&self) -> String;

    /// The devices it can use here, best first.
    fn devices(&self) -> Vec<Device>;

    /// Loads a network.
    ///
    /// # Errors
    /// `ModelInvalid` for a network that this engine cannot load, `Device` for a device that it has not or that
    /// failed (there is no silent fall-back to another one).
    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>>;
}

/// A loaded network on a device.
pub trait Session: Send + Sync {
    /// The device it really runs on.
    fn device(&self) -> &Device;

    /// Whether it computes in 32-bit floating point throughout.
    fn is_exact(&self) -> bool;

    /// How it likes to be used.
    fn usage(&self) -> Usage {
        Usage::default()
    }

    /// Runs the network once.
    ///
    /// May be called from several threads at once; a session that cannot do so waits its turn. On an error the
    /// output's content is of no meaning.
    ///
    /// # Errors
    /// `Inference`, `Device`, `Memory`, `ModelContract`, or `Cancelled`. A panic becomes `Panic`.
    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()>;

    /// Bytes that a row stream over a picture of `width` columns takes at most, however high the picture is. `None` where
    /// tiles are the only way.
    fn stream_memory(&self, width: usize) -> Option<u64> {
        let _ = width;
        None
    }

    /// A row stream over a picture of `width` columns, for an engine that keeps its own line buffers, so that no halo
    /// is computed twice from band to band. Asked for where [`Session::stream_memory`] says what it takes, there is that
    /// much memory, and the model has no inputs besides the pixels. `None` where tiles are the only way.
    ///
    /// # Errors
    /// As [`Session::run`].
    fn stream(&self, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        let _ = width;
        Ok(None)
    }
}

/// A network fed row by row. Rows outside the picture do not exist for it: the caller pads.
///
/// With R rows pushed, `scale * R` rows come out in all; those near the first and the last pushed row are of no
/// meaning within the halo, as at the edges of a tile. Rows are pushed when none can be pulled, so that few of them wait.
pub trait RowStream: Send {
    /// Takes the next row: the channels of `width` samples after one another.
    ///
    /// # Errors
    /// As [`Session::run`].
    fn push(&mut self, row: &[f32], cancel: &Cancel) -> Result<()>;

    /// Says that no row follows, so that the last output rows can be made.
    ///
    /// # Errors
    /// As [`Session::run`].
    fn finish(&mut self, cancel: &Cancel) -> Result<()>;

    /// Moves the next output row (channels of `scale * width` samples after one another) into `row`, or says `false`
    /// if more input is needed first, or none is left. This may be where the work is done.
    ///
    /// # Errors
    /// As [`Session::run`].
    fn pull(&mut self, row: &mut [f32], cancel: &Cancel) -> Result<bool>;
}
