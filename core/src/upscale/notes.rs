//! What a run tells the caller about its models.

use std::collections::BTreeSet;

use crate::layout::Layout;
use crate::models::model::Model;
use crate::upscale::upscaler::Upscaler;

impl Upscaler {
    /// Which models are exempt from the colour lock, if any that runs is.
    pub(crate) fn colours_note(&self, layout: &Layout) -> Option<String> {
        let of = |upscaler: &'_ Upscaler, layout: &Layout| -> Vec<Model> {
            layout.passes().iter().map(|pass| upscaler.links[pass.network].model.clone()).collect()
        };
        let mut models = of(self, layout);
        if let (Some(upscaler), Some(patch)) = (&self.for_faces, layout.faces().first()) {
            models.extend(of(upscaler, &patch.layout));
        }
        let exempt = models.iter().filter(|model| model.manifest().verify.changes_colours).map(Model::id);
        let exempt: BTreeSet<&str> = exempt.collect();
        let names = exempt.iter().copied().collect::<Vec<_>>().join(" and ");
        (!exempt.is_empty()).then(|| {
            format!(
                "{names} changes colours on purpose, so its colours are neither verified nor locked; compare them with the source, or choose another model"
            )
        })
    }

    /// That texture was added on purpose.
    pub(crate) fn texture_note(&self, creativity: f32) -> String {
        format!(
            "creativity {:.0} added fine detail that is not in the source, on purpose; the result is labelled as such. Set creativity to 0 for none",
            creativity * 100.0
        )
    }

    /// That a network which needs the whole picture got parts of it.
    pub(crate) fn parts_note(&self) -> String {
        let models = self.models().map(Model::id).collect::<Vec<_>>().join(" and ");
        format!(
            "the model {models} needs the whole picture at once, for which there is not enough memory; it got parts of it, and their colours may differ a little. Allow more memory, or choose another model"
        )
    }
}
