//! The engines that are available on this machine.
//!
//! An engine that is not available stays in the list with the reason, so that the user can be told what to do.
//! Listing must never fail, and must be cheap where nothing is installed. Nothing must be looked for before it is needed,
//! because a classical method needs no engine, and engine libraries run third-party code.

use std::iter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enlarger::{Engine, Error, ErrorKind, FaceFinder, Model, Restorer, Result, Session, SessionOptions, Upscaler};
use enlarger_engine_ort::Ort;
use enlarger_engine_rten::Rten;
use enlarger_engine_winograd::Winograd;
use once_cell::sync::OnceCell;

use crate::{engine_libraries, selection};

/// An engine, or the reason why it is not available.
pub struct Candidate {
    /// The engine's id.
    pub id: String,
    /// The engine; an error says why it is not available and what to do.
    pub engine: Result<Arc<dyn Engine>>,
}

/// The engines that are available on this machine.
pub struct Engines {
    /// Engines that were put before all others.
    first: Vec<Candidate>,
    /// The built-in engines, filled when they are first needed.
    own: OnceCell<Vec<Candidate>>,
    /// The folder for engine libraries.
    folder: Option<PathBuf>,
    /// The engines in that folder, filled when they are first needed. (This is not the standard library's `OnceLock`, because
    /// that is precompiled and the thread sanitizer does not see its synchronisation.)
    libraries: OnceCell<Vec<Candidate>>,
}

/// A model, opened on the engine that was chosen.
#[derive(Clone)]
pub struct Opened {
    /// The model, ready to enlarge pictures.
    pub upscaler: Upscaler,
    /// The engine that it runs on.
    pub engine: Arc<dyn Engine>,
    /// The engine's name and version, and why it was chosen, for display.
    pub reason: String,
}

impl Opened {
    /// The session of the model.
    ///
    /// # Errors
    /// `Internal`; a model always has one.
    pub fn session(&self) -> Result<&Arc<dyn Session>> {
        let session = self.upscaler.session();
        session.ok_or_else(|| Error::new(ErrorKind::Internal, "a model was opened without a session; please report it"))
    }
}

/// The engines that Enlarger is built with, fastest first.
fn built_in() -> Vec<Candidate> {
    vec![
        Candidate { id: "winograd".to_owned(), engine: Ok(Arc::new(Winograd::new())) },
        Candidate { id: "ort".to_owned(), engine: Ort::discover().map(|engine| Arc::new(engine) as Arc<dyn Engine>) },
        Candidate { id: "rten".to_owned(), engine: Ok(Arc::new(Rten::new())) },
    ]
}

impl Engines {
    /// The built-in engines, and those in the user's folder for engine libraries.
    pub fn discover() -> Self {
        Engines::discover_in(engine_libraries::libraries_folder())
    }

    /// The built-in engines, and the engine libraries in `folder`, which need not exist.
    pub fn discover_in(folder: Option<PathBuf>) -> Self {
        Engines { first: Vec::new(), own: OnceCell::new(), folder, libraries: OnceCell::new() }
    }

    /// Puts an engine before all others, so that `auto` tries it first.
    pub fn put_first(&mut self, engine: Arc<dyn Engine>) {
        self.first.insert(0, Candidate { id: engine.id().to_owned(), engine: Ok(engine) });
    }

    /// The engines, fastest first: the built-in ones, then the engine libraries. The libraries are loaded when an iterator
    /// first reaches them.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate> + Clone {
        let own = || self.own.get_or_init(built_in);
        let libraries = move || {
            self.libraries.get_or_init(|| {
                let known: Vec<&Candidate> = self.first.iter().chain(own()).collect();
                engine_libraries::installed(self.folder.as_deref(), &known)
            })
        };
        self.first.iter().chain(iter::once_with(own).flatten()).chain(iter::once_with(libraries).flatten())
    }

    /// Opens a model. `name` is the id of an engine, or the absolute path of an engine library; with `None` or `auto`, the
    /// fastest engine that can run the model on the requested device is used.
    ///
    /// # Errors
    /// `EngineNotFound` for an engine that is unknown or not available, `EngineVersion` for an engine library that cannot be
    /// used; otherwise as [`Engine::open`]. With `auto`, an engine's failure is reported only if no other engine succeeds.
    pub fn open(&self, name: Option<&str>, model: &Model, options: &SessionOptions) -> Result<Opened> {
        let open = |engine: &Arc<dyn Engine>| Upscaler::new(model, engine.clone(), options);
        let (upscaler, engine, reason) = self.choose(name, open)?;
        Ok(Opened { upscaler, engine, reason })
    }

    /// Opens the search for faces. Returns it with the engine's name and version and why it was chosen, for display.
    ///
    /// # Errors
    /// As [`Engines::open`].
    pub fn open_finder(&self, name: Option<&str>, options: &SessionOptions) -> Result<(FaceFinder, String)> {
        let (finder, _, reason) = self.choose(name, |engine| FaceFinder::open(&**engine, options))?;
        Ok((finder, reason))
    }

    /// Opens a model that restores faces, as [`Engines::open`] does.
    ///
    /// # Errors
    /// As [`Engines::open`] and [`Restorer::open`].
    pub fn open_restorer(&self, name: Option<&str>, model: &Model, options: &SessionOptions) -> Result<Restorer> {
        Ok(self.choose(name, |engine| Restorer::open(model, engine.clone(), options))?.0)
    }

    /// Opens something on the engine of this name, or on the fastest one.
    fn choose<T>(
        &self,
        name: Option<&str>,
        open: impl FnMut(&Arc<dyn Engine>) -> Result<T>,
    ) -> Result<selection::Selected<T>> {
        match name {
            None | Some("auto") => selection::fastest(self.candidates(), open),
            Some(path) if Path::new(path).is_absolute() => {
                let engine = enlarger_engine_api::open(Path::new(path))?;
                let named = [Candidate { id: path.to_owned(), engine: Ok(engine) }];
                selection::named(named.iter(), path, open)
            }
            Some(name) => selection::named(self.candidates(), name, open),
        }
    }
}
