//! Presets: named recipes that a person picks, such as "natural" or "crisp".
//!
//! Presets are data. This file resolves a preset for a factor and for the installed models. It must never choose
//! silently: if a better model is not installed, the recipe says so, as advice, or as a note if the result suffers.

use std::path::PathBuf;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Location, Result};
use crate::models::model::Model;
use crate::models::noise::NoiseLevel;
use crate::models::registry::Registry;
use crate::plan::job::FACTORS;
use crate::plan::networks::MAX_STRETCH;
use crate::presets::content::Content;

/// The schema of preset files that this version reads.
const SCHEMA: u32 = 1;

/// The id of the preset to use if none is named.
pub const DEFAULT_PRESET: &str = "natural";

/// The noise level, in percent, for a picture that was not measured.
const UNMEASURED_LEVEL: u8 = 12;

/// The most passes that are ever needed: 2 to the power of 4 is 16, the largest factor.
const MOST_PASSES: usize = 4;

/// The presets of this library.
const BUILT_IN: &str = include_str!("../../presets/presets.toml");

/// The name of the user's own file of presets.
const FILE: &str = "presets.toml";

/// A named recipe that a person picks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Preset {
    /// The id.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// What the preset is for, as a sentence.
    pub purpose: String,
    /// What the preset does badly, as a sentence.
    pub weakness: String,
    /// The factor if the caller gives none.
    pub factor: f64,
    /// The noise level in percent if the caller gives none. `None` means that the [`Wear`] of the picture decides.
    ///
    /// [`Wear`]: crate::Wear
    #[serde(default)]
    pub denoise: Option<u8>,
    /// Whether fading is corrected, as much as the picture seems to need, if the caller says nothing about it.
    #[serde(default)]
    pub fading: bool,
    /// How readily thin marks count as scratches and are repaired, in percent, if the caller says nothing about it.
    #[serde(default)]
    pub scratches: u8,
    /// The highest noise level, in percent, that the preset uses. For more noise it uses this one, and the recipe says so.
    #[serde(default)]
    pub most_denoise: Option<u8>,
    /// Edge care in percent if the caller gives none. `None` means that the other settings decide.
    #[serde(default)]
    pub edge_care: Option<u8>,
    /// How much detail to invent, in percent, if the caller gives nothing. `None` for a preset that adds no texture. Where there is a value,
    /// the preset follows the dial down to the faithful enlargement at 0.
    #[serde(default)]
    pub creativity: Option<u8>,
    /// The models, in tiers, the best tier first.
    pub networks: Vec<Tier>,
    /// The models for faces, in tiers, if the preset treats faces apart from the rest. A measured noise level of the picture
    /// chooses among them.
    #[serde(default)]
    pub face_networks: Vec<Tier>,
}

/// Models of equal rank in a preset, for different factors.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Tier {
    /// The ids of the models.
    pub models: Vec<String>,
    /// The lowest and the highest noise level, in percent, for which they may be the first pass.
    #[serde(default = "any_level")]
    pub denoise: [u8; 2],
    /// The kinds of pictures that they are for; empty for all.
    #[serde(default)]
    pub content: Vec<Content>,
    /// Whether they may be the first pass.
    #[serde(default = "yes")]
    pub first: bool,
    /// Whether they only stand in for better ones, and do not serve the preset's purpose.
    #[serde(default)]
    pub substitute: bool,
}

fn any_level() -> [u8; 2] {
    [0, NoiseLevel::MAX_PERCENT]
}

fn yes() -> bool {
    true
}

/// A preset resolved for a factor, a noise level and the installed models.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recipe {
    /// The models in the order in which they run, each once.
    pub models: Vec<Model>,
    /// The noise level for the first model.
    pub noise_level: NoiseLevel,
    /// What the result lacks with these models, a sentence each, for every run.
    pub notes: Vec<String>,
    /// What other models would do better, although these serve the purpose: for those who ask.
    pub advice: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PresetFile {
    schema: u32,
    preset: Vec<Preset>,
}

/// All presets.
#[derive(Debug)]
pub struct Presets {
    presets: Vec<Preset>,
    broken: Vec<Error>,
}

impl Presets {
    /// The presets of this library and those in the user's own file. The user's win over those with the same id.
    pub fn open() -> Self {
        let mut presets = Presets { presets: Vec::new(), broken: Vec::new() };
        presets.add(parse(BUILT_IN));
        match Registry::user_text(FILE) {
            Ok(None) => {}
            Ok(Some((path, text))) => presets.add(parse(&text).map_err(|error| error.at(Location::File(path)))),
            Err(error) => presets.broken.push(error),
        }
        presets
    }

    /// The user's own file of presets. It need not exist.
    pub fn user_file() -> Option<PathBuf> {
        Registry::user_file(FILE)
    }

    /// The built-in preset that treats faces apart from the rest, for those that do not.
    ///
    /// # Errors
    /// `Argument` if the built-in file is wrong.
    pub fn for_faces() -> Result<Preset> {
        let mut built_in = parse(BUILT_IN)?.into_iter();
        let none = || Error::new(ErrorKind::Argument, "no built-in preset treats faces; choose a preset that does");
        built_in.find(Preset::treats_faces).ok_or_else(none)
    }

    fn add(&mut self, presets: Result<Vec<Preset>>) {
        match presets {
            Ok(presets) => {
                self.presets.retain(|old| presets.iter().all(|new| new.id != old.id));
                self.presets.extend(presets);
            }
            Err(error) => self.broken.push(error),
        }
    }

    /// The presets.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// The errors of files that were found but cannot be used.
    pub fn broken(&self) -> &[Error] {
        &self.broken
    }

    /// The preset with this id.
    ///
    /// # Errors
    /// `Argument`, with a message that lists the ids.
    pub fn find(&self, id: &str) -> Result<&Preset> {
        self.presets.iter().find(|preset| preset.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.presets.iter().map(|preset| preset.id.as_str()).collect();
            Error::new(ErrorKind::Argument, format!("there is no preset '{id}'; choose one of {}", known.join(", ")))
        })
    }
}

fn possible(factor: f64) -> bool {
    (FACTORS.0..=FACTORS.1).contains(&factor)
}

fn parse(text: &str) -> Result<Vec<Preset>> {
    let wrong = |sentence: String| Error::new(ErrorKind::Argument, sentence);
    let file: PresetFile = toml::from_str(text).map_err(|e| {
        wrong(format!("the file of presets is wrong: {}; correct that", e.message().replace('\n', " ")))
    })?;
    if file.schema != SCHEMA {
        return Err(wrong(format!(
            "the file of presets has the unknown schema {}; write schema = {SCHEMA}",
            file.schema
        )));
    }
    for preset in &file.preset {
        let levels = preset.networks.iter().chain(&preset.face_networks).all(|tier| {
            let [least, most] = tier.denoise;
            least <= most && most <= NoiseLevel::MAX_PERCENT
        });
        let level = |level: Option<u8>| level.is_none_or(|level| level <= NoiseLevel::MAX_PERCENT);
        let share = |share: Option<u8>| share.is_none_or(|share| share <= 100);
        let values = level(preset.denoise) && level(preset.most_denoise) && preset.scratches <= 100;
        let sound = values && share(preset.edge_care) && share(preset.creativity) && levels && possible(preset.factor);
        if preset.id.is_empty() || preset.networks.is_empty() || !sound {
            return Err(wrong(format!(
                "the preset '{}' has no id, no networks, a noise level above {}, another percentage above 100 or a factor outside {} to {}; correct it",
                preset.id,
                NoiseLevel::MAX_PERCENT,
                FACTORS.0,
                FACTORS.1
            )));
        }
    }
    Ok(file.preset)
}

impl Preset {
    /// [`Preset::resolve_for`] for a picture of which nobody has said what it is.
    ///
    /// # Errors
    /// As [`Preset::resolve_for`].
    pub fn resolve(&self, registry: &Registry, factor: f64, denoise: Option<u8>) -> Result<Recipe> {
        self.resolve_for(registry, factor, denoise, None)
    }

    /// Resolves the preset for a factor, a noise level in percent, the content of the picture, and the installed models. Without a noise
    /// level, that of the preset is used, or a low one if the preset has none. Without content, the picture is taken for a photo.
    ///
    /// # Errors
    /// `Argument` for a factor or a level out of range, `ModelNotFound` if no suitable model is installed.
    pub fn resolve_for(
        &self,
        registry: &Registry,
        factor: f64,
        denoise: Option<u8>,
        content: Option<Content>,
    ) -> Result<Recipe> {
        let asked = denoise.or(self.denoise).unwrap_or(UNMEASURED_LEVEL);
        let content = content.unwrap_or(Content::Photo);
        let tiers: Vec<Tier> = self.networks.iter().filter(|tier| tier.suits(content)).cloned().collect();
        self.recipe(&tiers, registry, factor, (denoise, asked))
    }

    /// Resolves what the preset does inside faces, for a factor, a noise level in percent, and the installed models. Without a
    /// noise level, no noise is removed. A preset that does not treat faces apart resolves as the built-in one that does.
    ///
    /// # Errors
    /// As [`Preset::resolve`].
    pub fn resolve_faces(&self, registry: &Registry, factor: f64, denoise: Option<u8>) -> Result<Recipe> {
        let level = denoise.unwrap_or(0);
        match self.treats_faces() {
            true => self.recipe(&self.face_networks, registry, factor, (denoise, level)),
            false => Presets::for_faces()?.resolve_faces(registry, factor, denoise),
        }
    }

    /// Whether the preset treats faces apart from the rest.
    pub fn treats_faces(&self) -> bool {
        !self.face_networks.is_empty()
    }

    /// The recipe of these tiers at the level `asked`. `denoise`: the level that the caller asked for.
    fn recipe(
        &self,
        tiers: &[Tier],
        registry: &Registry,
        factor: f64,
        (denoise, asked): (Option<u8>, u8),
    ) -> Result<Recipe> {
        let level = self.limited(asked);
        if asked > NoiseLevel::MAX_PERCENT || !possible(factor) {
            return Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "the noise level {asked} or the factor {factor} is out of range; give a level of 0 to {} and a factor of {} to {}",
                    NoiseLevel::MAX_PERCENT,
                    FACTORS.0,
                    FACTORS.1
                ),
            ));
        }
        let installed = |(rank, tier): (usize, &'_ Tier)| -> Vec<(usize, Model)> {
            tier.models.iter().filter_map(|id| Some((rank, registry.find(id).ok()?.clone()))).collect()
        };
        let models: Vec<(usize, Model)> = tiers.iter().enumerate().flat_map(installed).collect();
        let candidates: Vec<Candidate<'_>> =
            models.iter().map(|(rank, model)| Candidate { rank: *rank, tier: &tiers[*rank], model }).collect();
        let names = |tiers: &[Tier]| -> Vec<String> { tiers.iter().flat_map(|tier| tier.models.clone()).collect() };
        let Some(chain) = best_chain(&candidates, factor, level) else {
            return Err(Error::new(
                ErrorKind::ModelNotFound,
                format!(
                    "no model that the preset '{}' can use at noise level {level} is installed; run `enlarge models install` with one of {}",
                    self.id,
                    names(tiers).join(", ")
                ),
            ));
        };
        let models: Vec<Model> = chain.iter().map(|candidate| candidate.model.clone()).collect();
        let (mut notes, mut advice, first) = (Vec::new(), Vec::new(), chain[0]);
        if level < asked {
            notes.push(format!(
                "{} removes noise up to level {level}, so that fine detail stays; the picture has level {asked}, and its stronger noise stays too. Use the preset clean to remove it",
                self.name
            ));
        }
        let better: Vec<Tier> = tiers[..first.rank].iter().filter(|tier| tier.serves(level, true)).cloned().collect();
        if let [missing, others @ ..] = names(&better).as_slice() {
            let missing_models = match others {
                [] => format!("{missing}, which is not installed"),
                [between @ .., last] => {
                    format!(
                        "{} or {last}, none of which is installed",
                        [std::slice::from_ref(missing), between].concat().join(", ")
                    )
                }
            };
            let (verb, list) =
                if first.tier.substitute { ("needs", &mut notes) } else { ("works best with", &mut advice) };
            list.push(format!(
                "{} {verb} {missing_models}, and uses {} instead; run `enlarge models install {missing}`",
                self.name,
                first.model.id(),
            ));
        }
        let takes_level = first.model.manifest().noise().is_some();
        let noise_level = if takes_level { NoiseLevel::Percent(level) } else { NoiseLevel::ModelDefault };
        if denoise.is_some_and(|level| level > 0) && !takes_level && first.tier.denoise == any_level() {
            notes.push(format!(
                "{} does not support noise levels with the model {}; the level was ignored",
                self.name,
                first.model.id()
            ));
        }
        Ok(Recipe { models, noise_level, notes, advice })
    }

    /// The level that it uses for a noise level in percent: the same, up to [`Preset::most_denoise`].
    pub fn limited(&self, level: u8) -> u8 {
        level.min(self.most_denoise.unwrap_or(level))
    }

    /// Whether it has networks for some kinds of pictures only.
    pub fn follows_content(&self) -> bool {
        self.networks.iter().any(|tier| !tier.content.is_empty())
    }

    /// Whether a noise level changes anything with the models that are installed.
    pub fn takes_levels(&self, registry: &Registry) -> bool {
        let noise = |id: &String| registry.find(id).is_ok_and(|model| model.manifest().noise().is_some());
        self.networks.iter().any(|tier| {
            let here = || tier.models.iter().any(|id| registry.find(id).is_ok());
            tier.models.iter().any(noise) || (tier.denoise != any_level() && here())
        })
    }
}

impl Tier {
    /// Whether the tier is for such pictures.
    fn suits(&self, content: Content) -> bool {
        self.content.is_empty() || self.content.contains(&content)
    }

    /// Whether the tier may be used for this noise level, as the first pass or as a later one.
    fn serves(&self, level: u8, first: bool) -> bool {
        let [least, most] = self.denoise;
        (least..=most).contains(&level) && (self.first || !first)
    }
}

#[derive(Clone, Copy)]
struct Candidate<'a> {
    rank: usize,
    tier: &'a Tier,
    model: &'a Model,
}

impl Candidate<'_> {
    fn scale(&self) -> u32 {
        self.model.manifest().scale
    }
}

/// The chain of passes whose total scale is nearest to the factor from above. Among equals the shortest chain wins,
/// then the one with the best models.
fn best_chain<'a>(candidates: &[Candidate<'a>], factor: f64, level: u8) -> Option<Vec<Candidate<'a>>> {
    // For each scale only the best model is needed.
    let best = |level: u8, first: bool| {
        let mut chosen: Vec<Candidate<'a>> = Vec::new();
        for candidate in candidates.iter().filter(|candidate| candidate.tier.serves(level, first)) {
            if chosen.iter().all(|other| other.scale() != candidate.scale()) {
                chosen.push(*candidate);
            }
        }
        chosen
    };
    let (mut firsts, rest) = (best(level, true), best(0, false));
    // A worse tier must not come first only because its scale fits better.
    let least = firsts.iter().map(|candidate| candidate.rank).min()?;
    firsts.retain(|candidate| candidate.rank == least);
    let enough = |product: u32| f64::from(product) * MAX_STRETCH >= factor;
    let mut chains: Vec<(u32, Vec<Candidate<'a>>)> = firsts.iter().map(|first| (first.scale(), vec![*first])).collect();
    let mut complete: Vec<(u32, Vec<Candidate<'a>>)> = Vec::new();
    for _ in 0..MOST_PASSES {
        let (done, open): (Vec<_>, Vec<_>) = chains.into_iter().partition(|(product, _)| enough(*product));
        complete.extend(done);
        chains = open
            .iter()
            .flat_map(|(product, chain)| {
                let longer = rest.iter().filter(|next| next.scale() > 1);
                longer.map(move |next| (product * next.scale(), [chain.as_slice(), &[*next]].concat()))
            })
            .collect();
    }
    let rank = |chain: &[Candidate<'_>]| chain.iter().map(|candidate| candidate.rank).sum::<usize>();
    complete.into_iter().min_by_key(|(product, chain)| (*product, chain.len(), rank(chain))).map(|(_, chain)| chain)
}
