//! The job: what the caller wants from one picture.
//!
//! It holds wishes only; nothing in it may depend on a model or a machine.

use crate::colour::tones::Tones;
use crate::error::{Error, ErrorKind, Result};
use crate::faces::face::Face;
use crate::geometry::{Rect, Size};
use crate::models::noise::NoiseLevel;
use crate::pixels::mask::{Mask, MaskWhite};
use crate::plan::damage::{Damage, Fading};

/// The size of the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// A multiple of the source: 0.1 to 16.
    Factor(f64),
    /// A width in pixels; the height follows.
    Width(u32),
    /// A height in pixels; the width follows.
    Height(u32),
    /// An exact size.
    Size(Size),
    /// About so many pixels in all, in the source's proportions.
    Pixels(u64),
    /// A length of the longer side in pixels; the other side follows.
    LongEdge(u32),
    /// The largest size in the source's proportions that fits on paper of this size, which is turned if the picture becomes
    /// larger so.
    Paper(Size),
}

/// The smallest and the largest factor.
pub const FACTORS: (f64, f64) = (0.1, 16.0);

impl Target {
    /// The size that a picture of this size gets.
    ///
    /// # Errors
    /// As [`Target::factor`].
    pub fn size(&self, source: Size) -> Result<Size> {
        Ok(target_size(source, *self)?.0)
    }

    /// The factor by which a picture of this size grows, along the side that grows more.
    ///
    /// # Errors
    /// `Argument` for a factor out of range, `Limit` for a result that is too large.
    pub fn factor(&self, source: Size) -> Result<f64> {
        Ok(target_size(source, *self)?.1)
    }
}

/// What to do with one picture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Job {
    /// The size of the whole result.
    pub target: Target,
    /// The part of the source to enlarge; `None` for all of it. The run then gives that part of the whole result: the
    /// edges of the rectangle times the factor, rounded.
    pub rect: Option<Rect>,
    /// The percentage of its size to which the source is reduced before all else, 1 to 100: for pictures that were enlarged
    /// before and have more pixels than detail. The target, the rectangle and the mask still refer to the source itself.
    pub reduce_first: f64,
    /// The side of a tile without its halo, in pixels; `None` lets the session choose, which may use a row stream.
    pub tile: Option<u32>,
    /// Whether the colour lock is on: low frequencies, gray and flat colours are then taken from the source.
    pub colour_lock: bool,
    /// How much noise the first pass removes, if its model has an input for that.
    pub noise_level: NoiseLevel,
    /// The share of the network's work in the result, 0 to 1; the rest is a plain enlargement of the source. At 0 no
    /// network runs.
    pub strength: f32,
    /// The share of the strength that each pixel of the source gets: a picture of the source's size, also for a rectangle.
    /// Where it is 0, the result is the plain enlargement.
    pub mask: Option<Mask>,
    /// What white in the mask stands for.
    pub mask_white: MaskWhite,
    /// How much of the overshoot beside edges is taken away, 0 to 1: of what lies beyond everything that the source has nearby
    /// and is not detail finer than a pixel.
    pub edge_care: f32,
    /// How much of what has faded is brought back. Unless it is nothing, [`Job::damage`] is needed.
    pub fading: Fading,
    /// How readily thin marks count as scratches, hairs or dust and are repaired, 0 to 1. At 0 none is. Above 0, [`Job::damage`] is
    /// needed, or a [`Job::scratch_mask`].
    pub scratches: f32,
    /// The places to repair, instead of those that were found: a picture of the source's size, white where there is damage. In gray
    /// places the repair is mixed with the picture.
    pub scratch_mask: Option<Mask>,
    /// What [`Damage::find`] found in the whole source. Without it a run repairs nothing but the places of the mask, and says so.
    pub damage: Option<Damage>,
    /// How much texture is added that is not in the source, 0 to 1: local contrast and grain-like noise that follow the detail of the
    /// networks' result. It needs the colour lock. The strength and a mask apply to it. Faces with networks of their own get none.
    pub creativity: f32,
    /// How much grain is added, 0 to 1. At 1 it is as strong as the noise of the source, but never weaker than the
    /// grain of a fine film.
    /// A mask applies to it, the strength does not.
    pub grain: f32,
    /// Chooses the pattern of grain and texture. The same seed gives the same pattern.
    pub seed: u32,
    /// The faces of the source that are enlarged by the networks for faces, if the upscaler has some
    /// ([`Upscaler::with_faces`](crate::Upscaler::with_faces)).
    pub faces: Vec<Face>,
    /// The share of these networks' work in faces, 0 to 1; the rest is a plain enlargement. It is multiplied by the strength and
    /// the mask.
    pub face_strength: f32,
    /// How much noise the first of these networks removes, if its model has an input for that.
    pub face_noise_level: NoiseLevel,
    /// How much grain faces get in addition to [`Job::grain`], 0 to 1.
    pub face_grain: f32,
    /// Whether the picture is a tile that repeats in both directions: beyond each border lies the opposite side. The whole
    /// picture is then held in memory.
    pub wrap: bool,
    /// The share of the source's own face in a face that a restorer paints anew, 0 to 1. At 1 no face is restored. An upscaler
    /// without a restorer ignores it.
    pub face_fidelity: f32,
    /// The most bytes that the run may use; `None` for half of the available memory.
    pub memory: Option<u64>,
}

impl Job {
    /// Creates a job with the default settings.
    pub fn new(target: Target) -> Self {
        Job {
            target,
            rect: None,
            reduce_first: 100.0,
            tile: None,
            colour_lock: true,
            noise_level: NoiseLevel::ModelDefault,
            strength: 1.0,
            mask: None,
            mask_white: MaskWhite::Apply,
            edge_care: 0.0,
            fading: Fading::NONE,
            scratches: 0.0,
            scratch_mask: None,
            damage: None,
            creativity: 0.0,
            grain: 0.0,
            seed: 1,
            faces: Vec::new(),
            face_strength: 1.0,
            face_noise_level: NoiseLevel::ModelDefault,
            face_grain: 0.0,
            wrap: false,
            face_fidelity: 0.5,
            memory: None,
        }
    }

    /// The job inside faces: what the networks for faces do, and the rest as everywhere.
    pub(crate) fn in_faces(&self) -> Job {
        Job {
            faces: Vec::new(),
            strength: self.strength * self.face_strength,
            noise_level: self.face_noise_level,
            grain: (self.grain + self.face_grain).min(1.0),
            // Nothing is invented in a face that has networks of its own.
            creativity: 0.0,
            ..self.clone()
        }
    }

    /// Whether a restorer has anything to do with faces.
    pub(crate) fn restores(&self) -> bool {
        self.strength > 0.0 && self.face_fidelity < 1.0
    }

    /// The size that a picture has after [`Job::reduce_first`].
    ///
    /// # Errors
    /// `Argument` for a percentage out of range.
    pub fn reduced(&self, source: Size) -> Result<Size> {
        if !(1.0..=100.0).contains(&self.reduce_first) {
            let message = format!("a picture cannot be reduced to {} % first; give 1 to 100", self.reduce_first);
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let side = |side: u32| (f64::from(side) * self.reduce_first / 100.0).round().max(1.0) as u32;
        Ok(Size { width: side(source.width), height: side(source.height) })
    }

    /// Whether the whole source must be examined for damage before a run, because nobody has looked for what this job repairs.
    pub fn needs_damage(&self) -> bool {
        let knows_tones = self.damage.as_ref().is_some_and(|damage| damage.tones.is_some());
        self.fading != Fading::NONE && !knows_tones || self.searches() && self.found_scratches().is_none()
    }

    /// What was found, if scratches were searched for in it as this job searches.
    fn found_scratches(&self) -> Option<&Damage> {
        self.damage.as_ref().filter(|damage| damage.searched == Some(self.scratches))
    }

    /// Whether scratches are to be searched for.
    pub(crate) fn searches(&self) -> bool {
        self.scratches > 0.0 && self.scratch_mask.is_none()
    }

    /// The places to repair, if any.
    pub(crate) fn places_to_repair(&self) -> Option<&Mask> {
        let found = || self.found_scratches().filter(|_| self.searches())?.scratches.as_ref();
        self.scratch_mask.as_ref().or_else(found)
    }

    /// The correction of fading and its share, if there is one.
    pub(crate) fn tones(&self) -> Option<(Tones, f32)> {
        let tones = self.damage.as_ref()?.tones?;
        let share = match self.fading {
            Fading::Measured => tones.need(),
            Fading::Share(share) => share,
        };
        (share > 0.0).then_some((tones, share))
    }

    /// The factor that is left to networks and resampling: from the picture after [`Job::reduce_first`] to the result, along
    /// the side that grows more. Presets choose their models by it.
    ///
    /// # Errors
    /// As [`Target::factor`] and [`Job::reduced`].
    pub fn factor(&self, source: Size) -> Result<f64> {
        let ((whole, factor), reduced) = (target_size(source, self.target)?, self.reduced(source)?);
        let side = |from: u32, to: u32| f64::from(to) / f64::from(from);
        Ok(match reduced == source {
            true => factor,
            false => side(reduced.width, whole.width).max(side(reduced.height, whole.height)),
        })
    }
}

/// The size of the whole result, and the larger of the two factors.
pub(crate) fn target_size(source: Size, target: Target) -> Result<(Size, f64)> {
    let follow = |side: u32, by: f64| (f64::from(side) * by).round().max(1.0);
    let (width, height) = (f64::from(source.width), f64::from(source.height));
    let scaled = |by: f64| (follow(source.width, by), follow(source.height, by), [by; 2]);
    let (out_width, out_height, factors) = match target {
        Target::Factor(f) => scaled(f),
        Target::Width(w) => (f64::from(w), follow(source.height, f64::from(w) / width), [f64::from(w) / width; 2]),
        Target::Height(h) => (follow(source.width, f64::from(h) / height), f64::from(h), [f64::from(h) / height; 2]),
        Target::Size(s) => {
            let (w, h) = (f64::from(s.width), f64::from(s.height));
            (w, h, [w / width, h / height])
        }
        Target::Pixels(pixels) => scaled((pixels as f64 / (width * height)).sqrt()),
        Target::LongEdge(side) => scaled(f64::from(side) / width.max(height)),
        Target::Paper(paper) => {
            let fits = |s: Size| (f64::from(s.width) / width).min(f64::from(s.height) / height);
            let turned = Size { width: paper.height, height: paper.width };
            let s = if fits(turned) > fits(paper) { turned } else { paper };
            let by = fits(s);
            // Rounding must not push a side over the edge.
            let fit = |side: u32, most: u32| follow(side, by).min(f64::from(most));
            (fit(source.width, s.width), fit(source.height, s.height), [by; 2])
        }
    };
    for factor in factors {
        if !(FACTORS.0..=FACTORS.1).contains(&factor) {
            return Err(Error::new(
                ErrorKind::Argument,
                format!(
                    "a factor of {} is outside {} to {}; choose a factor or a size in that range",
                    (factor * 1e4).round() / 1e4,
                    FACTORS.0,
                    FACTORS.1
                ),
            ));
        }
    }
    let size = Size::new(out_width.min(4e9) as u32, out_height.min(4e9) as u32)?;
    Ok((size, factors[0].max(factors[1])))
}

/// The rectangle of the result for a rectangle of the source; at least one pixel.
pub(crate) fn target_rect(source: Size, whole: Size, rect: Rect) -> Rect {
    let scaled = |start: u32, end: u32, from: u32, to: u32| {
        let place = |v: u32| (f64::from(v) * f64::from(to) / f64::from(from)).round() as u32;
        let a = place(start).min(to - 1);
        (a, place(end).max(a + 1))
    };
    let (x, right) = scaled(rect.x, rect.right(), source.width, whole.width);
    let (y, bottom) = scaled(rect.y, rect.bottom(), source.height, whole.height);
    Rect { x, y, width: right - x, height: bottom - y }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_target() {
        let source = Size { width: 300, height: 225 };
        let size = |target| target_size(source, target).map(|(size, _)| (size.width, size.height));
        assert_eq!(size(Target::Factor(4.0)).unwrap(), (1200, 900));
        assert_eq!(size(Target::Factor(1.5)).unwrap(), (450, 338));
        assert_eq!(size(Target::Width(1000)).unwrap(), (1000, 750));
        assert_eq!(size(Target::Height(1000)).unwrap(), (1333, 1000));
        assert_eq!(size(Target::Factor(0.1)).unwrap(), (30, 23));
        assert_eq!(size(Target::Pixels(1_000_000)).unwrap(), (1155, 866));
        assert_eq!(size(Target::LongEdge(1000)).unwrap(), (1000, 750));
        assert_eq!(size(Target::Paper(Size { width: 1000, height: 1000 })).unwrap(), (1000, 750));
        assert_eq!(size(Target::Paper(Size { width: 4000, height: 600 })).unwrap(), (800, 600));
        for box_side in 100..400 {
            let box_size = Size { width: box_side, height: box_side + 7 };
            let (width, height) = size(Target::Paper(box_size)).unwrap();
            assert!(width <= box_size.height && height <= box_size.width, "{box_size}: {width}x{height}");
        }
        for wrong in [Target::Pixels(0), Target::LongEdge(0), Target::Pixels(u64::MAX)] {
            assert_eq!(size(wrong).unwrap_err().kind(), ErrorKind::Argument, "{wrong:?}");
        }
        for wrong in [Target::Factor(f64::NAN), Target::Factor(-4.0), Target::Factor(17.0), Target::Width(0)] {
            assert_eq!(size(wrong).unwrap_err().kind(), ErrorKind::Argument, "{wrong:?}");
        }
        let long = Size { width: 100_000, height: 3 };
        assert_eq!(target_size(long, Target::Factor(16.0)).unwrap_err().kind(), ErrorKind::Limit);
        let high = Size { width: 3, height: 400 };
        let paper = Target::Paper(Size { width: 1000, height: 800 });
        assert_eq!(target_size(Size { width: 200, height: 250 }, paper).unwrap().0, Size { width: 800, height: 1000 });
        assert_eq!(target_size(high, Target::LongEdge(800)).unwrap().0, Size { width: 6, height: 800 });
    }

    #[test]
    fn neighbouring_rectangles_leave_no_gap() {
        let source = Size { width: 101, height: 7 };
        let whole = Size { width: 333, height: 3 };
        let mut x = 0;
        for start in (0..100).step_by(10) {
            let rect = Rect { x: start, y: 0, width: if start == 90 { 11 } else { 10 }, height: 7 };
            let part = target_rect(source, whole, rect);
            assert_eq!((part.x, part.height), (x, 3));
            x = part.right();
        }
        assert_eq!(x, 333);
    }
}
