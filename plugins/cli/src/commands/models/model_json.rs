//! A model as JSON, the same in every command.

use enlarger::Model;
use serde_json::{Value, json};

/// The JSON object of a model.
pub fn model_json(model: &Model) -> Value {
    let manifest = model.manifest();
    json!({
        "id": manifest.id,
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task.id(),
        "mode": manifest.mode.id(),
        "content": manifest.content,
        "architecture": manifest.architecture,
        "scale": manifest.scale,
        "file": { "name": manifest.file.name, "size": manifest.file.size, "sha256": manifest.file.sha256 },
        "licence": {
            "weights": manifest.licence.weights,
            "commercial": manifest.licence.commercial,
            "attribution": manifest.licence.attribution,
        },
        "author": manifest.card.author,
        "source": manifest.card.source,
        "training_data": manifest.card.training_data,
        "changes_colours": manifest.verify.changes_colours,
        "known_limits": manifest.card.known_limits,
        "found_in": model.origin().to_string(),
    })
}
