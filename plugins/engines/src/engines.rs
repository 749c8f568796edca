//! The engines of this machine.
//!
//! Those that are not here stay in the list with the reason, so that a person can be told what to do about it.
//! Looking must never fail and must cost nothing worth mentioning where nothing is installed. It must never open an engine
//! library that is not needed: a library runs code of somebody else's.

use std::iter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enlarger::{Engine, Model, Result, SessionOptions, Upscaler};
use enlarger_engine_ort::Ort;
use enlarger_engine_rten::Rten;
use enlarger_engine_winograd::Winograd;
use once_cell::sync::OnceCell;

use crate::{choice, libraries};

/// An engine, or why it is not here.
pub struct Candidate {
    /// The engine's id.
    pub id: String,
    /// The engine; `Err` says why it is not here and what to do.
    pub engine: Result<Arc<dyn Engine>>,
}

/// The engines of this machine.
pub struct Engines {
    /// Those of this program.
    own: Vec<Candidate>,
    /// Where engine libraries are looked for.
    folder: Option<PathBuf>,
    /// Those in that folder, from when they were first needed. (The thread sanitizer cannot see into the standard library's
    /// `OnceLock`, which comes built.)
    libraries: OnceCell<Vec<Candidate>>,
}

/// A model on the engine that was chosen.
#[derive(Clone)]
pub struct Opened {
    /// The model, ready to enlarge pictures.
    pub upscaler: Upscaler,
    /// The engine that it runs on.
    pub engine: Arc<dyn Engine>,
    /// What was taken and why, as a sentence for people.
    pub reason: String,
}

impl Engines {
    /// The engines of this program, and those in the user's folder for engine libraries.
    pub fn discover() -> Self {
        Engines::discover_in(libraries::libraries_folder())
    }

    /// The engines of this program, and those in a folder with engine libraries, which need not exist.
    pub fn discover_in(folder: Option<PathBuf>) -> Self {
        let own = vec![
            Candidate { id: "winograd".to_owned(), engine: Ok(Arc::new(Winograd::new())) },
            Candidate {
                id: "ort".to_owned(),
                engine: Ort::discover().map(|engine| Arc::new(engine) as Arc<dyn Engine>),
            },
            Candidate { id: "rten".to_owned(), engine: Ok(Arc::new(Rten::new())) },
        ];
        Engines { own, folder, libraries: OnceCell::new() }
    }

    /// Puts an engine of the program's own before those that were found. It is then what `auto` tries first.
    pub fn put_first(&mut self, engine: Arc<dyn Engine>) {
        self.own.insert(0, Candidate { id: engine.id().to_owned(), engine: Ok(engine) });
    }

    /// The engines, fastest first: those of this program, then those in engine libraries, which are opened when somebody
    /// gets that far for the first time.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate> + Clone {
        let libraries = || self.libraries.get_or_init(|| libraries::installed(self.folder.as_deref(), &self.own));
        self.own.iter().chain(iter::once_with(libraries).flatten())
    }

    /// Opens a model on the engine of this name, or on that of the engine library with this absolute path; `None` or
    /// `auto` for the fastest one that can run it on the device that the options name.
    ///
    /// # Errors
    /// `EngineNotFound` for an engine that is not known or not here, `EngineVersion` for one that cannot be used; else
    /// as [`Engine::open`]. With `auto`, an engine that fails is passed over only for another one that succeeds.
    pub fn open(&self, name: Option<&str>, model: &Model, options: &SessionOptions) -> Result<Opened> {
        let open = |engine: &Arc<dyn Engine>| Upscaler::new(model, engine.clone(), options);
        let (upscaler, engine, reason) = match name {
            None | Some("auto") => choice::fastest(self.candidates(), open)?,
            Some(path) if Path::new(path).is_absolute() => {
                let engine = enlarger_engine_api::open(Path::new(path))?;
                let named = [Candidate { id: path.to_owned(), engine: Ok(engine) }];
                choice::named(named.iter(), path, open)?
            }
            Some(name) => choice::named(self.candidates(), name, open)?,
        };
        Ok(Opened { upscaler, engine, reason })
    }
}
