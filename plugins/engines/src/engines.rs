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

use crate::gpu::{self, GpuProcess, GpuReport, Gpus, ThisProcess};
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
    /// The GPUs, which are looked for when somebody names one.
    gpus: Gpus,
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
    /// What was asked for and is not used, and why, one sentence each.
    pub notes: Vec<String>,
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
        Engines {
            first: Vec::new(),
            own: OnceCell::new(),
            folder,
            libraries: OnceCell::new(),
            gpus: Gpus::new(Box::new(ThisProcess)),
        }
    }

    /// Lists and tries GPUs in a process of its own, so that a driver that crashes or hangs does no harm to this one.
    #[must_use]
    pub fn with_gpu_process(self, process: impl GpuProcess + 'static) -> Self {
        Engines { gpus: Gpus::new(Box::new(process)), ..self }
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

    /// The GPUs of this machine and what is known of these models on them. Loads the engine library for GPUs.
    ///
    /// # Errors
    /// `EngineNotFound` or `EngineVersion` if there is no engine library for GPUs; `Limit` if the drivers crash or do not answer.
    pub fn gpus(&self, models: &[Model]) -> Result<GpuReport> {
        self.gpus.report(models)
    }

    /// Opens a model. `name` is the id of an engine, or the absolute path of an engine library; with `None` or `auto`, the
    /// fastest engine that can run the model on the requested device is used.
    ///
    /// A device that begins with `gpu` chooses the engine `gpu`: `gpu` is the first GPU that works, `gpu:N` the one with this number,
    /// `gpu:NAME` the first with this text in its name. A network is tried there once; if it fails, the CPU is used, and the notes
    /// say so. Nothing else takes a GPU.
    ///
    /// # Errors
    /// `EngineNotFound` for an engine that is unknown or not available, `EngineVersion` for an engine library that cannot be
    /// used, `Device` for a GPU that is absent; otherwise as [`Engine::open`]. With `auto`, an engine's failure is reported only if
    /// no other engine succeeds.
    pub fn open(&self, name: Option<&str>, model: &Model, options: &SessionOptions) -> Result<Opened> {
        let open = |engine: &Arc<dyn Engine>, options: &SessionOptions| Upscaler::new(model, engine.clone(), options);
        let ((upscaler, engine, reason), notes) = self.choose(name, model, options, open)?;
        Ok(Opened { upscaler, engine, reason, notes })
    }

    /// Opens the search for faces, on the CPU if a GPU is named. Returns it with the engine's name and version and why it was chosen, for display.
    ///
    /// # Errors
    /// As [`Engines::open`].
    pub fn open_finder(&self, name: Option<&str>, options: &SessionOptions) -> Result<(FaceFinder, String)> {
        let (mut name, mut options) = (name, options.clone());
        if gpu::is_wanted(name, &options) {
            (name, options.device) = (None, None);
        }
        let (finder, _, reason) = self.select(name, |engine| FaceFinder::open(&**engine, &options))?;
        Ok((finder, reason))
    }

    /// Opens a model that restores faces, as [`Engines::open`] does. Returns it with what was asked for and is not used.
    ///
    /// # Errors
    /// As [`Engines::open`] and [`Restorer::open`].
    pub fn open_restorer(
        &self,
        name: Option<&str>,
        model: &Model,
        options: &SessionOptions,
    ) -> Result<(Restorer, Vec<String>)> {
        let open = |engine: &Arc<dyn Engine>, options: &SessionOptions| Restorer::open(model, engine.clone(), options);
        let ((restorer, ..), notes) = self.choose(name, model, options, open)?;
        Ok((restorer, notes))
    }

    /// Opens something of a model on the GPU that is named, or else as [`Engines::select`] does. Returns it with notes.
    fn choose<T>(
        &self,
        name: Option<&str>,
        model: &Model,
        options: &SessionOptions,
        mut open: impl FnMut(&Arc<dyn Engine>, &SessionOptions) -> Result<T>,
    ) -> Result<(selection::Selected<T>, Vec<String>)> {
        if gpu::is_wanted(name, options) {
            return self.gpus.open(model, options, &self.on_cpu(), &mut open);
        }
        Ok((self.select(name, |engine| open(engine, options))?, Vec::new()))
    }

    /// Our own engines for the CPU, fastest first.
    fn on_cpu(&self) -> Vec<Arc<dyn Engine>> {
        let own = self.own.get_or_init(built_in).iter();
        let ours = own.filter(|candidate| ["winograd", "rten"].contains(&candidate.id.as_str()));
        ours.filter_map(|candidate| candidate.engine.as_ref().ok().cloned()).collect()
    }

    /// Opens something on the engine of this name, or on the fastest one.
    fn select<T>(
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
