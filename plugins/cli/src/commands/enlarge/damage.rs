//! What was found of a picture's damage, for people.

use enlarger::{Damage, Fading, Job, Size};

/// What was found and what is done about it, as a sentence without a full stop.
pub fn sentence(damage: &Damage, job: &Job, size: Size) -> String {
    let fading = damage.tones.map(|tones| {
        let share = match job.fading {
            Fading::Measured => tones.need(),
            Fading::Share(share) => share,
        };
        if share > 0.0 {
            format!("faded tones are corrected by {:.0} %; --fading sets another share", share * 100.0)
        } else {
            "no fading was found; --fading N corrects the picture all the same".to_owned()
        }
    });
    let scratches = (job.scratches > 0.0 && job.scratch_mask.is_none()).then(|| match damage.scratched {
        0 => "no scratches were found; higher --scratches finds fainter ones".to_owned(),
        pixels => {
            let share = pixels as f64 * 100.0 / size.pixels() as f64;
            format!("scratches and dust cover {share:.2} %; `enlarge scratches` shows where")
        }
    });
    fading.into_iter().chain(scratches).collect::<Vec<String>>().join("; ")
}
