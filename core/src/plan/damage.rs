//! Damage of an old photograph: what was found of it, and how much of it a job repairs.
//!
//! It is found in the whole source, once, and then belongs to the job, so that a rectangle gets the same repair as the whole.
//! Nothing here reads a pixel.

use crate::colour::tones::Tones;
use crate::error::Result;
use crate::geometry::Size;
use crate::pixels::mask::Mask;

/// How much of what has faded is brought back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fading {
    /// As much as the picture seems to need; none for a picture that has not faded.
    Measured,
    /// This share of the full correction, 0 to 1, also for a picture that has not faded.
    Share(f32),
}

impl Fading {
    /// Nothing is changed.
    pub const NONE: Fading = Fading::Share(0.0);
}

/// What was found of a picture's damage.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Damage {
    /// What corrects fading; `None` if nobody asked.
    pub tones: Option<Tones>,
    /// The places of scratches, hairs and dust, white in a mask of the source's size; `None` if there are none, or nobody asked.
    pub scratches: Option<Mask>,
    /// The pixels of that mask that are white.
    pub scratched: u64,
    /// How readily marks counted as scratches, 0 to 1, where they were searched for; `None` if nobody asked. Only a job with the same
    /// value uses the mask.
    pub searched: Option<f32>,
}

impl Damage {
    /// Checks that it was found in a source of this size.
    pub(crate) fn check(&self, source: Size) -> Result<()> {
        if let Some(mask) = &self.scratches {
            mask.check(source)?;
        }
        self.tones.map_or(Ok(()), |tones| tones.inside.check_inside(source))
    }
}
