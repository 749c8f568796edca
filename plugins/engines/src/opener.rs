//! Opens the networks that a picture needs: those of the chosen model, or of a preset for the picture's factor and
//! noise. A classical method needs none.
//!
//! A network is opened when it is first needed and kept for all later pictures.
//! A model that was named is never replaced by another one, and for a method no engine is ever looked for.

use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{
    Cancel, Content, Device, Engine, Error, ErrorKind, Face, FaceFinder, FaceMode, Job, Model, ModelChoice, NoiseLevel,
    Registry, Restorer, Result, SessionOptions, Source, Upscaler,
};

use crate::engines::{Engines, Opened};

/// Called for each network that is opened.
type OnOpen = Box<dyn Fn(&Opened) + Send + Sync>;

/// Opens networks on demand.
pub struct Opener {
    choice: ModelChoice,
    engine: Option<String>,
    options: SessionOptions,
    on_open: OnOpen,
    opened: Mutex<Vec<Opened>>,
    /// The search for faces, once it was needed.
    finder: Mutex<Option<Arc<FaceFinder>>>,
    /// What restores faces, once it was needed.
    restorer: Mutex<Option<(Restorer, Vec<String>)>>,
}

/// The note of a picture in which a preset or an option treats faces, and has none.
pub const NO_FACE: &str = "no face was found, so the whole picture is enlarged alike";

/// The networks for a picture, opened; or the method, which has none.
#[derive(Clone)]
pub struct Chosen {
    /// The networks, or the method.
    pub upscaler: Upscaler,
    /// The engine that runs the first network; `None` for a method.
    pub engine: Option<Arc<dyn Engine>>,
    /// Which engine runs the first network, and why, or that a method needs none; for users.
    pub reason: String,
    /// The noise level for the first network.
    pub noise_level: NoiseLevel,
    /// The noise level for the first network for faces, if there are some.
    pub face_noise_level: NoiseLevel,
    /// What the result lacks with these models, one sentence each, for every run.
    pub notes: Vec<String>,
    /// What other models would do better, one sentence each, for those who ask.
    pub advice: Vec<String>,
}

impl Chosen {
    /// The models' ids, in the order in which they run.
    pub fn models(&self) -> Vec<&str> {
        self.upscaler.models().map(Model::id).collect()
    }

    /// The device of the first network; `None` for a method.
    pub fn device(&self) -> Option<&Device> {
        self.upscaler.session().map(|session| session.device())
    }
}

impl Opener {
    /// An opener that has not opened anything yet. `engine`: as [`Engines::open`] takes it; `on_open` is called for
    /// each network that is opened.
    pub fn new(
        choice: ModelChoice,
        engine: Option<&str>,
        options: SessionOptions,
        on_open: impl Fn(&Opened) + Send + Sync + 'static,
    ) -> Self {
        let engine = engine.map(str::to_owned);
        Opener {
            choice,
            engine,
            options,
            on_open: Box::new(on_open),
            opened: Mutex::default(),
            finder: Mutex::default(),
            restorer: Mutex::default(),
        }
    }

    /// The chosen model or preset.
    pub fn choice(&self) -> &ModelChoice {
        &self.choice
    }

    /// The networks for this factor. `denoise`: the noise level in percent; `None` for the default of the
    /// preset or model; `content`: what the picture is, if that is known.
    ///
    /// # Errors
    /// As [`Preset::resolve`](enlarger::Preset::resolve) and [`Engines::open`]; `Argument` for a noise level if the
    /// chosen model takes none.
    pub fn open(
        &self,
        engines: &Engines,
        registry: &Registry,
        factor: f64,
        denoise: Option<u8>,
        content: Option<Content>,
    ) -> Result<Chosen> {
        match &self.choice {
            ModelChoice::Model(model) => {
                let noise_level = noise_level(model, denoise)?;
                let Opened { upscaler, engine, reason, notes } = self.network(engines, model)?;
                Ok(Chosen {
                    upscaler,
                    engine: Some(engine),
                    reason,
                    noise_level,
                    face_noise_level: NoiseLevel::ModelDefault,
                    notes,
                    advice: Vec::new(),
                })
            }
            ModelChoice::Preset(preset) => {
                let recipe = preset.resolve_for(registry, factor, denoise, content)?;
                let (upscaler, unused) = self.chain(engines, &recipe.models)?;
                let Opened { engine, reason, .. } = self.network(engines, &recipe.models[0])?;
                let (noise_level, advice) = (recipe.noise_level, recipe.advice);
                let notes = recipe.notes.into_iter().chain(unused).collect();
                let face_noise_level = NoiseLevel::ModelDefault;
                Ok(Chosen { upscaler, engine: Some(engine), reason, noise_level, face_noise_level, notes, advice })
            }
            ModelChoice::Method(method) => Ok(Chosen {
                upscaler: Upscaler::classical(*method),
                engine: None,
                reason: format!("the method {} needs no model and no engine", method.id()),
                noise_level: NoiseLevel::ModelDefault,
                face_noise_level: NoiseLevel::ModelDefault,
                notes: Vec::new(),
                advice: Vec::new(),
            }),
        }
    }

    /// Finds the faces of a picture, which is read once. The search runs on the fastest engine that can run its network, whichever
    /// engine runs the models.
    ///
    /// # Errors
    /// As [`Engines::open_finder`] and [`FaceFinder::find`].
    pub fn find_faces(&self, engines: &Engines, source: &mut dyn Source, cancel: &Cancel) -> Result<Vec<Face>> {
        let mut kept = self.finder.lock().unwrap_or_else(PoisonError::into_inner);
        let finder = match &*kept {
            Some(finder) => finder.clone(),
            None => {
                let mut options = SessionOptions::default();
                options.threads = self.options.threads;
                kept.insert(Arc::new(engines.open_finder(None, &options)?.0)).clone()
            }
        };
        drop(kept);
        finder.find(source, cancel, &mut |_| ())
    }

    /// Adds what `mode` does to the faces of `job` to `chosen`, which was opened for the same factor. `denoise`: the noise level in
    /// percent that is removed from faces; `None` removes nothing.
    ///
    /// # Errors
    /// As [`Opener::open`]; `Argument` for a method, which has no networks. `ModelNotFound` if faces are to be restored and no model
    /// for that is installed, whether there are faces or not.
    pub fn add_faces(
        &self,
        engines: &Engines,
        registry: &Registry,
        (mode, denoise): (FaceMode, Option<u8>),
        job: &Job,
        factor: f64,
        chosen: &mut Chosen,
    ) -> Result<()> {
        if !job.faces.is_empty() && mode.keeps(&self.choice) {
            self.add_networks_for_faces(engines, registry, factor, denoise, chosen)?;
        }
        if mode == FaceMode::Restore {
            let (restorer, unused) = self.restorer(engines, registry)?;
            chosen.upscaler = chosen.upscaler.clone().with_restorer(restorer);
            chosen.notes.extend(unused);
        }
        Ok(())
    }

    /// The first installed model that restores faces, opened once, and what was asked for and is not used.
    fn restorer(&self, engines: &Engines, registry: &Registry) -> Result<(Restorer, Vec<String>)> {
        let mut kept = self.restorer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(restorer) = &*kept {
            return Ok(restorer.clone());
        }
        let model = Restorer::find_model(registry)?;
        Ok(kept.insert(engines.open_restorer(self.engine.as_deref(), model, &self.options)?).clone())
    }

    fn add_networks_for_faces(
        &self,
        engines: &Engines,
        registry: &Registry,
        factor: f64,
        denoise: Option<u8>,
        chosen: &mut Chosen,
    ) -> Result<()> {
        let recipe = self.choice.resolve_faces(registry, factor, denoise)?;
        let (for_faces, unused) = self.chain(engines, &recipe.models)?;
        chosen.upscaler = chosen.upscaler.clone().with_faces(for_faces)?;
        chosen.face_noise_level = recipe.noise_level;
        // A network may be for faces and for the rest.
        let known = chosen.notes.clone();
        chosen.notes.extend(recipe.notes.into_iter().chain(unused.into_iter().filter(|note| !known.contains(note))));
        chosen.advice.extend(recipe.advice.into_iter().map(|advice| format!("For faces, {advice}")));
        Ok(())
    }

    /// An upscaler that runs these models one after another, and what was asked for and is not used.
    fn chain(&self, engines: &Engines, models: &[Model]) -> Result<(Upscaler, Vec<String>)> {
        let opened: Vec<Opened> = models.iter().map(|model| self.network(engines, model)).collect::<Result<_>>()?;
        let notes = opened.iter().flat_map(|opened| opened.notes.iter().cloned()).collect();
        let upscalers: Vec<Upscaler> = opened.into_iter().map(|opened| opened.upscaler).collect();
        Ok((Upscaler::chain(&upscalers)?, notes))
    }

    fn network(&self, engines: &Engines, model: &Model) -> Result<Opened> {
        let mut all = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = all.iter().find(|opened| opened.upscaler.models().any(|one| one.id() == model.id())) {
            return Ok(opened.clone());
        }
        let opened = engines.open(self.engine.as_deref(), model, &self.options)?;
        all.push(opened.clone());
        drop(all);
        // The lock is released first: the callback may open a network itself.
        (self.on_open)(&opened);
        Ok(opened)
    }
}

/// The noise level, in percent, for a model that the caller named.
fn noise_level(model: &Model, percent: Option<u8>) -> Result<NoiseLevel> {
    match percent {
        None => Ok(NoiseLevel::ModelDefault),
        Some(percent) if model.manifest().noise().is_some() => Ok(NoiseLevel::Percent(percent)),
        Some(_) => {
            let sentence =
                format!("the model {} takes no noise level; leave out 'denoise', or use the preset clean", model.id());
            Err(Error::new(ErrorKind::Argument, sentence))
        }
    }
}
