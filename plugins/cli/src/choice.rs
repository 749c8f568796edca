//! What enlarges a picture: the model that was named, or what a preset comes to for this picture's factor.
//!
//! Networks are opened once and used again for all pictures that want the same ones.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use enlarger::{
    Engine, Error, ErrorKind, ExtraKind, Model, Preset, Registry, Result, SessionOptions, Size, Target, Upscaler, Wear,
};
use enlarger_engines::Engines;

use crate::voice::Voice;

/// What was asked for.
pub enum Wish<'a> {
    /// This model.
    Model(&'a Model),
    /// What this preset comes to.
    Preset(&'a Preset),
}

/// A network, and what it runs on.
type Opened = (Upscaler, Arc<dyn Engine>);

/// Opens what pictures want.
pub struct Choice<'a> {
    wish: Wish<'a>,
    /// The noise level, of 100, that was asked for.
    denoise: Option<u8>,
    registry: &'a Registry,
    engines: Engines,
    engine: Option<String>,
    options: SessionOptions,
    opened: RefCell<HashMap<String, Opened>>,
    voice: Voice,
}

/// What enlarges a picture.
pub struct Chosen {
    /// The networks, opened.
    pub upscaler: Upscaler,
    /// What the first of them runs on.
    pub engine: Arc<dyn Engine>,
    /// The noise level for the first of them.
    pub noise_level: Option<f32>,
    /// What deserves a warning.
    pub notes: Vec<String>,
}

impl Chosen {
    /// The models' ids, in the order that they run in.
    pub fn models(&self) -> Vec<&str> {
        self.upscaler.models().map(Model::id).collect()
    }
}

impl<'a> Choice<'a> {
    pub fn new(
        wish: Wish<'a>,
        denoise: Option<u8>,
        registry: &'a Registry,
        engine: Option<&str>,
        options: SessionOptions,
        voice: Voice,
    ) -> Self {
        Choice {
            wish,
            denoise,
            registry,
            engines: Engines::discover(),
            engine: engine.map(str::to_owned),
            options,
            opened: RefCell::default(),
            voice,
        }
    }

    /// The factor when nobody says otherwise.
    pub fn factor(&self) -> f64 {
        match self.wish {
            Wish::Model(model) => f64::from(model.manifest().scale),
            Wish::Preset(preset) => preset.factor,
        }
    }

    /// The preset's name, where one was asked for.
    pub fn preset(&self) -> Option<&str> {
        if let Wish::Preset(preset) = self.wish { Some(&preset.id) } else { None }
    }

    /// Whether the picture itself decides on the noise level.
    pub fn looks_at_wear(&self) -> bool {
        matches!(self.wish, Wish::Preset(preset) if preset.denoise.is_none() && self.denoise.is_none())
    }

    /// What enlarges a picture of this size to this target. `wear`: what was found, where it was looked for.
    ///
    /// # Errors
    /// As the preset and the engines.
    pub fn for_picture(&self, target: Target, size: Size, wear: Option<Wear>) -> Result<Rc<Chosen>> {
        self.for_factor(target.factor(size)?, wear)
    }

    /// What enlarges by this factor.
    ///
    /// # Errors
    /// As the preset and the engines.
    pub fn for_factor(&self, factor: f64, wear: Option<Wear>) -> Result<Rc<Chosen>> {
        match self.wish {
            Wish::Model(model) => {
                let (upscaler, engine) = self.open(model)?;
                Ok(Rc::new(Chosen { upscaler, engine, noise_level: self.noise_level(model)?, notes: Vec::new() }))
            }
            Wish::Preset(preset) => {
                let recipe = preset.resolve(self.registry, factor, self.denoise.or(wear.map(|wear| wear.level())))?;
                let opened = recipe.models.iter().map(|model| self.open(model)).collect::<Result<Vec<_>>>()?;
                let engine = opened[0].1.clone();
                let links: Vec<Upscaler> = opened.into_iter().map(|(upscaler, _)| upscaler).collect();
                let upscaler = Upscaler::chain(&links)?;
                Ok(Rc::new(Chosen { upscaler, engine, noise_level: recipe.noise_level, notes: recipe.notes }))
            }
        }
    }

    /// The level that was asked for, as a model that was named wants it.
    fn noise_level(&self, model: &Model) -> Result<Option<f32>> {
        let Some(level) = self.denoise else { return Ok(None) };
        let extra = model.manifest().extra.iter().find(|extra| extra.kind == ExtraKind::NoiseLevel);
        let Some(extra) = extra else {
            return Err(Error::new(
                ErrorKind::Argument,
                format!("the model {} takes no noise level; leave out --denoise, or take the preset clean", model.id()),
            ));
        };
        Ok(Some(extra.minimum + (extra.maximum - extra.minimum) * f32::from(level) / 100.0))
    }

    fn open(&self, model: &Model) -> Result<Opened> {
        if let Some((upscaler, engine)) = self.opened.borrow().get(model.id()) {
            return Ok((upscaler.clone(), engine.clone()));
        }
        for warning in model.warnings() {
            self.voice.warn(warning);
        }
        let opened = self.engines.open(self.engine.as_deref(), model, &self.options)?;
        self.voice.detail(format_args!("engine {} for {}: {}", opened.engine.id(), model.id(), opened.reason));
        let pair = (opened.upscaler, opened.engine);
        self.opened.borrow_mut().insert(model.id().to_owned(), pair.clone());
        Ok(pair)
    }
}
