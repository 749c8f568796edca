//! A panel of the comparison: one way to enlarge the part.

use enlarger::{ModelChoice, Size};
use serde_json::{Value, json};

/// The part, enlarged in one way.
pub struct Panel {
    /// The preset, the model or the method.
    pub label: String,
    pub size: Size,
    /// sRGB, 8 bits, in rows without padding.
    pub pixels: Vec<u8>,
    /// The ids of the models that ran.
    pub models: Vec<String>,
    /// How long it took, without opening the models.
    pub seconds: f64,
    pub notes: Vec<String>,
}

/// The id of the preset, the model or the method.
pub fn label(choice: &ModelChoice) -> String {
    match choice {
        ModelChoice::Preset(preset) => preset.id.clone(),
        ModelChoice::Model(model) => model.id().to_owned(),
        ModelChoice::Method(method) => method.id().to_owned(),
    }
}

impl Panel {
    /// What it is, for people.
    pub fn sentence(&self) -> String {
        let by = if self.models.is_empty() { String::new() } else { format!(" ({})", self.models.join(", then ")) };
        let notes: String = self.notes.iter().map(|note| format!("\n  {note}")).collect();
        format!("{}{by}: {}x{} pixels, {:.2} s{notes}", self.label, self.size.width, self.size.height, self.seconds)
    }

    /// What it is, for programs.
    pub fn json(&self) -> Value {
        json!({
            "label": self.label,
            "models": self.models,
            "size": [self.size.width, self.size.height],
            "seconds": self.seconds,
            "notes": self.notes,
        })
    }
}
