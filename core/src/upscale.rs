//! The one function that everything is about.

use std::sync::Arc;

use crate::cancel::Cancel;
use crate::engine::{Engine, Session, SessionOptions};
use crate::error::Result;
use crate::model::Model;
use crate::pixels::{Rect, Size};
use crate::progress::Progress;
use crate::rows::{Sink, Source};

/// How large the result is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// Times the source: 0.1 to 16.
    Factor(f64),
    /// This many pixels wide; the height follows.
    Width(u32),
    /// This many pixels high; the width follows.
    Height(u32),
    /// Exactly this size.
    Size(Size),
}

/// What is to be done with one picture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Job {
    /// How large the whole picture would become.
    pub target: Target,
    /// The part of the source that is wanted; `None` for all of it.
    pub rect: Option<Rect>,
    /// The side of a tile without its halo, in pixels; `None` for the session's choice.
    pub tile: Option<u32>,
    /// Whether low frequencies, grey and flat colours come from the source.
    pub colour_lock: bool,
    /// The noise level for models that take one; `None` for the model's default.
    pub noise_level: Option<f32>,
    /// Bytes that the run may use; `None` for half of what is available.
    pub memory: Option<u64>,
}

impl Job {
    /// The usual job for a target.
    pub fn new(target: Target) -> Self {
        Job { target, rect: None, tile: None, colour_lock: true, noise_level: None, memory: None }
    }
}

/// What a run will do, known before it starts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The size of the result (of the rectangle, where one is wanted).
    pub output: Size,
    /// Network passes after one another; 0 where resampling alone is enough.
    pub passes: u32,
    /// Tiles, all passes together.
    pub tiles: u64,
    /// Pixels that the network sees, halos included.
    pub network_pixels: u64,
    /// Bytes of memory that the run is expected to take at most.
    pub memory: u64,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Tiles done.
    pub tiles: u64,
    /// What went otherwise than planned, a sentence each: tiles that needed a second try.
    pub notes: Vec<String>,
}

/// A model on an engine, ready to enlarge pictures.
pub struct Upscaler;

impl Upscaler {
    /// Opens a session of `model` on `engine`.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn new(_model: &Model, _engine: Arc<dyn Engine>, _options: &SessionOptions) -> Result<Self> {
        Ok(Self)
    }

    /// The session that tiles run on first.
    pub fn session(&self) -> &Arc<dyn Session> {
        panic!()
    }

    /// What a run would do with a picture of this size.
    ///
    /// # Errors
    /// `Argument` for a target or rectangle that cannot be, `Memory` if the run cannot be made to fit.
    pub fn plan(&self, _source: Size, _job: &Job) -> Result<Plan> {
        panic!()
    }

    /// Enlarges.
    ///
    /// # Errors
    /// Whatever stopped it. The sink then holds only some of its rows.
    pub fn run(
        &self,
        _source: &mut dyn Source,
        _sink: &mut dyn Sink,
        _job: &Job,
        _cancel: &Cancel,
        _progress: &mut dyn FnMut(Progress),
    ) -> Result<Report> {
        panic!()
    }
}
