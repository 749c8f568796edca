//! The engines that Enlarger is built with (a stand-in with the final interface, replaced at merge).

use std::sync::Arc;

use enlarger::{Engine, Error, ErrorKind, Model, Result, SessionOptions, Upscaler};

/// An engine, or why it is not here.
pub struct Candidate {
    /// Its id.
    pub id: &'static str,
    /// The engine.
    pub engine: Result<Arc<dyn Engine>>,
}

/// The engines.
pub struct Engines(Vec<Candidate>);

/// An opened model.
pub struct Opened {
    /// Ready to enlarge.
    pub upscaler: Upscaler,
    /// What it runs on.
    pub engine: Arc<dyn Engine>,
    /// Why this one.
    pub reason: String,
}

impl Engines {
    /// Looks for engines.
    pub fn discover() -> Self {
        Engines(Vec::new())
    }

    /// What was found.
    pub fn candidates(&self) -> &[Candidate] {
        &self.0
    }

    /// Opens a model.
    ///
    /// # Errors
    /// Always, as yet.
    pub fn open(&self, _name: Option<&str>, _model: &Model, _options: &SessionOptions) -> Result<Opened> {
        Err(Error::new(ErrorKind::EngineNotFound, "no engine is built in yet; merge first"))
    }
}
