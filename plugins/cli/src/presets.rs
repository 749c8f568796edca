//! `enlarge presets`: what can be picked, and what it comes to here.

use enlarger::{Model, Presets, Registry};
use serde_json::json;

use crate::batch::DONE;
use crate::voice::{Voice, list};

/// Runs `enlarge presets`.
pub fn run(voice: Voice) -> u8 {
    let (registry, presets) = (Registry::open(), Presets::open());
    presets.broken().iter().for_each(|error| voice.warn(error));
    let width = presets.presets().iter().map(|preset| preset.id.len()).max().unwrap_or(0);
    for preset in presets.presets() {
        let recipe = preset.resolve(&registry, preset.factor, None);
        let models: Vec<&str> = recipe.iter().flat_map(|recipe| &recipe.models).map(Model::id).collect();
        let mut notes: Vec<String> = recipe.iter().flat_map(|recipe| recipe.notes.clone()).collect();
        notes.extend(recipe.as_ref().err().map(ToString::to_string));
        if voice.json {
            voice.json(&json!({
                "id": preset.id,
                "name": preset.name,
                "purpose": preset.purpose,
                "weakness": preset.weakness,
                "factor": preset.factor,
                "denoise": preset.denoise,
                "models": models,
                "notes": notes,
            }));
            continue;
        }
        list(format_args!("{:width$}  {}", preset.id, preset.purpose));
        list(format_args!("{:width$}  {}", "", preset.weakness));
        list(format_args!("{:width$}  ×{} by {}", "", preset.factor, models.join(", then ")));
        notes.iter().for_each(|note| list(format_args!("{:width$}  {note}", "")));
    }
    if let Some(path) = Presets::user_file() {
        voice.say(format_args!("Your own presets go into {}", path.display()));
    }
    DONE
}
