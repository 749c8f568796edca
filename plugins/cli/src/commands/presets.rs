//! `enlarge presets`: the presets, and the models that each uses here.

use enlarger::{Model, Presets, Registry};
use serde_json::json;

use crate::exit_status::DONE;
use crate::terminal::{Terminal, print_line};

/// Runs `enlarge presets`.
pub fn run(terminal: Terminal) -> u8 {
    let (registry, presets) = (Registry::open(), Presets::open());
    presets.broken().iter().for_each(|error| terminal.warn(error));
    let width = presets.presets().iter().map(|preset| preset.id.len()).max().unwrap_or(0);
    for preset in presets.presets() {
        let recipe = preset.resolve(&registry, preset.factor, None);
        let models: Vec<&str> = recipe.iter().flat_map(|recipe| &recipe.models).map(Model::id).collect();
        let for_faces = preset.treats_faces().then(|| preset.resolve_faces(&registry, preset.factor, None)).transpose();
        let face_models: Vec<&str> =
            for_faces.iter().flatten().flat_map(|recipe| &recipe.models).map(Model::id).collect();
        let mut notes: Vec<String> =
            recipe.iter().flat_map(|recipe| recipe.notes.iter().chain(&recipe.advice).cloned()).collect();
        notes.extend(for_faces.iter().flatten().flat_map(|recipe| recipe.notes.iter().chain(&recipe.advice).cloned()));
        notes.extend(recipe.as_ref().err().map(ToString::to_string));
        if terminal.json {
            terminal.json(&json!({
                "id": preset.id,
                "name": preset.name,
                "purpose": preset.purpose,
                "weakness": preset.weakness,
                "factor": preset.factor,
                "denoise": preset.denoise,
                "creativity": preset.creativity,
                "models": models,
                "face_models": face_models,
                "notes": notes,
            }));
            continue;
        }
        print_line(format_args!("{:width$}  {}", preset.id, preset.purpose));
        print_line(format_args!("{:width$}  {}", "", preset.weakness));
        print_line(format_args!("{:width$}  factor {}, models: {}", "", preset.factor, models.join(", then ")));
        if !face_models.is_empty() {
            print_line(format_args!("{:width$}  in faces: {}", "", face_models.join(", then ")));
        }
        notes.iter().for_each(|note| print_line(format_args!("{:width$}  {note}", "")));
    }
    if let Some(path) = Presets::user_file() {
        terminal.info(format_args!("Add presets of your own in {}", path.display()));
    }
    DONE
}
