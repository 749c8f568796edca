//! What enlarges a picture: the model that was named, or what a preset comes to for the picture's factor and noise.
//!
//! A network is opened when it is first needed, and used again for all pictures that want the same one.
//! It must never put another model in the place of one that was named.

use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{Engine, Error, ErrorKind, Model, NoiseLevel, Preset, Registry, Result, SessionOptions, Upscaler};

use crate::engines::{Engines, Opened};

/// What was asked for.
#[derive(Clone, Debug)]
pub enum Wish {
    /// This model.
    Model(Model),
    /// What this preset comes to.
    Preset(Preset),
}

/// Told of each network that was opened.
type Told = Box<dyn Fn(&Opened) + Send + Sync>;

/// Opens what pictures want.
pub struct Opener {
    wish: Wish,
    engine: Option<String>,
    options: SessionOptions,
    told: Told,
    opened: Mutex<Vec<Opened>>,
}

/// What enlarges a picture.
#[derive(Clone)]
pub struct Chosen {
    /// The networks, opened.
    pub upscaler: Upscaler,
    /// What the first of them runs on.
    pub engine: Arc<dyn Engine>,
    /// Which engine was taken for the first of them and why, as a sentence for people.
    pub reason: String,
    /// The noise level for the first of them.
    pub noise_level: NoiseLevel,
    /// What is not as good as it could be, a sentence each.
    pub notes: Vec<String>,
}

impl Chosen {
    /// The models' ids, in the order that they run in.
    pub fn models(&self) -> Vec<&str> {
        self.upscaler.models().map(Model::id).collect()
    }
}

impl Wish {
    /// The factor when nobody says otherwise.
    pub fn factor(&self) -> f64 {
        match self {
            Wish::Model(model) => f64::from(model.manifest().scale),
            Wish::Preset(preset) => preset.factor,
        }
    }

    /// Whether a picture is to be looked at for its noise level: nobody has said one, neither has the preset, and a network
    /// runs, which it does not below a factor of 1 or at no strength.
    pub fn looks_at_wear(&self, factor: f64, strength: f32, denoise: Option<u8>) -> bool {
        let runs = factor >= 1.0 && strength > 0.0;
        runs && denoise.is_none() && matches!(self, Wish::Preset(preset) if preset.denoise.is_none())
    }
}

impl Opener {
    /// Opens nothing yet. `engine`: as [`Engines::open`] takes it; `told` is told of each network that is opened.
    pub fn new(
        wish: Wish,
        engine: Option<&str>,
        options: SessionOptions,
        told: impl Fn(&Opened) + Send + Sync + 'static,
    ) -> Self {
        let engine = engine.map(str::to_owned);
        Opener { wish, engine, options, told: Box::new(told), opened: Mutex::default() }
    }

    /// What was asked for.
    pub fn wish(&self) -> &Wish {
        &self.wish
    }

    /// What enlarges by this factor. `denoise`: the noise level, in percent; `None` for the preset's or the
    /// model's own.
    ///
    /// # Errors
    /// As [`Preset::resolve`] and [`Engines::open`]; `Argument` for a noise level where the model takes none.
    pub fn open(&self, engines: &Engines, registry: &Registry, factor: f64, denoise: Option<u8>) -> Result<Chosen> {
        match &self.wish {
            Wish::Model(model) => {
                let noise_level = noise_level(model, denoise)?;
                let Opened { upscaler, engine, reason } = self.network(engines, model)?;
                Ok(Chosen { upscaler, engine, reason, noise_level, notes: Vec::new() })
            }
            Wish::Preset(preset) => {
                let recipe = preset.resolve(registry, factor, denoise)?;
                let opened: Vec<Opened> =
                    recipe.models.iter().map(|model| self.network(engines, model)).collect::<Result<_>>()?;
                let links: Vec<Upscaler> = opened.iter().map(|opened| opened.upscaler.clone()).collect();
                let Opened { engine, reason, .. } = opened[0].clone();
                let upscaler = Upscaler::chain(&links)?;
                Ok(Chosen { upscaler, engine, reason, noise_level: recipe.noise_level, notes: recipe.notes })
            }
        }
    }

    fn network(&self, engines: &Engines, model: &Model) -> Result<Opened> {
        let mut all = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = all.iter().find(|opened| opened.upscaler.model().id() == model.id()) {
            return Ok(opened.clone());
        }
        let opened = engines.open(self.engine.as_deref(), model, &self.options)?;
        all.push(opened.clone());
        drop(all);
        // Not under the lock: who is told may want a network himself.
        (self.told)(&opened);
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
                format!("the model {} takes no noise level; leave out denoise, or take the preset clean", model.id());
            Err(Error::new(ErrorKind::Argument, sentence))
        }
    }
}
