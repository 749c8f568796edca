//! The measures of a picture.

use std::fmt;

use crate::advice::content::Content as Counts;
use crate::advice::edges::{Edges, Widths};
use crate::advice::enlargement;
use crate::advice::noise;
use crate::advice::rules::is_drawn;
use crate::advice::sample::Sample;
use crate::advice::spectrum::Spectrum;
use crate::advice::tones::Tones;
use crate::error::Result;
use crate::geometry::Size;
use crate::pixels::rows::Source;
use crate::presets::content::Content;
use crate::presets::wear::Wear;
use crate::run::cancel::Cancel;

/// What was measured in a picture. [`advise`](crate::advise) makes advice of it.
pub struct Measures {
    pub(super) size: Size,
    pub(super) wear: Wear,
    /// Standard deviations of the noise of luminance and of colour, where white is 1.
    pub(super) noise: [f32; 2],
    /// The factor of an earlier enlargement; 1 for none.
    pub(super) enlarged: f64,
    /// How far halftone dots stand out, in decibels, and its period in pixels.
    pub(super) screen: (f64, f64),
    /// The power of middle frequencies relative to that of low ones, in decibels.
    pub(super) middle: f64,
    pub(super) widths: Widths,
    /// The share of edges without a sample between their ends.
    pub(super) hard: f64,
    /// The height of haloes relative to their edges.
    pub(super) halo: f32,
    pub(super) content: Counts,
    pub(super) tones: Tones,
}

impl Measures {
    /// Measures a whole picture, reading it once from top to bottom.
    ///
    /// # Errors
    /// `Cancelled`, `Memory`, or the error that stopped the reading.
    pub fn measure(source: &mut dyn Source, cancel: &Cancel) -> Result<Self> {
        let sample = Sample::read(source, cancel)?;
        let mut edges = Edges::new(&sample);
        cancel.check()?;
        let (spectrum, widths) = (Spectrum::new(&sample), edges.widths());
        cancel.check()?;
        Ok(Measures {
            size: sample.size,
            wear: sample.wear,
            noise: noise::noise(&sample)?,
            enlarged: enlargement::factor(&sample.lines, spectrum.as_ref(), widths),
            screen: spectrum.as_ref().map_or((0.0, 0.0), |spectrum| spectrum.screen),
            middle: spectrum.as_ref().map_or(0.0, Spectrum::middle),
            widths,
            hard: edges.hard(),
            halo: edges.halo(),
            content: Counts::new(&sample),
            tones: Tones::new(&sample),
        })
    }

    /// The wear of the picture, as [`Wear::measure`] gives it.
    pub fn wear(&self) -> Wear {
        self.wear
    }

    /// What the picture is: a photo, unless it is certainly drawn. Generated pictures are not recognised.
    pub fn content(&self) -> Content {
        if is_drawn(self) { Content::Drawing } else { Content::Photo }
    }

    /// The figures that advice is made of, by name, for those who want to see them.
    pub fn figures(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("enlarged", self.enlarged),
            ("noise_luminance", f64::from(self.noise[0] * 255.0)),
            ("noise_colour", f64::from(self.noise[1] * 255.0)),
            ("blocks", f64::from(self.wear.blocks)),
            ("edge_width", f64::from(self.widths.sharpest)),
            ("edge_width_widest", f64::from(self.widths.widest)),
            ("edge_width_usual", f64::from(self.widths.usual)),
            ("hard_edges", self.hard),
            ("halo", f64::from(self.halo)),
            ("middle_frequencies", self.middle),
            ("screen", self.screen.0),
            ("screen_period", self.screen.1),
            ("equal_neighbours", self.content.equal),
            ("common_colours", self.content.common),
            ("colours", self.content.colours as f64),
            ("black", self.tones.ends[0]),
            ("white", self.tones.ends[1]),
            ("near_black", self.tones.near[0]),
            ("near_white", self.tones.near[1]),
        ]
    }
}

impl fmt::Debug for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.figures()).finish()
    }
}
