//! The judge: which marks are damage.
//!
//! A wrong repair is worse than none. So a mark counts only if it has the shape of damage (a long straight line, a hair, a speck),
//! and where many marks lie close together (lettering, texture, eyes, stars) only long lines count.

use crate::error::Result;
use crate::geometry::Size;
use crate::old::crowd::Crowd;
use crate::old::lines::{Gap, Line, is_straight, lines};
use crate::old::marks::{Bar, Mark};
use crate::old::ridges::ANY;

/// Between the picture's darkest (0) and lightest parts (1): surroundings darker than this may be a night sky, with stars.
const NIGHT: f64 = 0.3;

/// Bright damage is at least, and dark damage at most, so bright: it shows the paper, or covers it.
const TONES: [f64; 2] = [0.55, 0.25];

/// The same for the lightest and the darkest pixel of a speck, of which most is rim.
const PEAKS: [f64; 2] = [0.8, 0.3];

/// The least share of the pixels of damage that stand out in all colours.
const COLOURED: f64 = 0.7;

/// The most by which the sides of a hair differ, and the sides of a speck, as shares of its ridges.
const UNEVEN: [f64; 2] = [0.2, 0.35];

/// Areas of the picture in which nothing is damage, as left, top, right and bottom: eyes, for example.
pub(super) type Spared = [f32; 4];

/// The sieves that marks come from: upright lines, level lines, marks of any shape, and of those what stands out strongly.
pub(super) const SIEVES: usize = 4;

/// The last of them.
pub(super) const STRONG: usize = SIEVES - 1;

/// A mark that may be damage.
pub(super) struct Suspect {
    pub(super) number: u32,
    pub(super) mark: Mark,
    /// Whether it is brighter than what is around it.
    pub(super) bright: bool,
    /// The sieve that it comes from.
    pub(super) sieve: usize,
}

/// What is damage: marks, as places in the list of suspects, and the gaps in lines of them.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) marks: Vec<usize>,
    pub(super) gaps: Vec<Gap>,
}

/// What the judge knows of the picture.
pub(super) struct Judge<'a> {
    size: Size,
    /// 0 to 1: how readily marks count as damage.
    strength: f64,
    /// The gray of the picture's darkest and lightest parts.
    ends: [f64; 2],
    spared: &'a [Spared],
    /// The marks of any shape that are no lines, and those of them that stand out strongly.
    crowds: [Crowd; 2],
}

impl<'a> Judge<'a> {
    pub(super) fn new(size: Size, strength: f32, ends: [f32; 2], spared: &'a [Spared]) -> Result<Self> {
        let crowds = [Crowd::new(size)?, Crowd::new(size)?];
        Ok(Judge { size, strength: f64::from(strength), ends: ends.map(f64::from), spared, crowds })
    }

    /// Those of the marks that are damage.
    pub(super) fn damage(mut self, marks: &[Suspect]) -> Verdict {
        let bars: Vec<Bar> = marks.iter().map(|suspect| suspect.mark.bar()).collect();
        for (suspect, bar) in marks.iter().zip(&bars) {
            let is_line = is_straight(&suspect.mark, bar) && bar.length > 0.2 * self.short_side();
            if suspect.sieve >= ANY && !is_line {
                self.crowds[suspect.sieve - ANY].add(&suspect.mark);
            }
        }
        let mut verdict = Verdict::default();
        for line in lines(marks, &bars) {
            if self.is_line(&marks[line.pieces[0]], &line) {
                verdict.gaps.extend(line.gaps(marks, &bars));
                // Where lines cross, a mark of any shape holds them all. Found lines are no crowd for hairs and specks.
                let crowds = &mut self.crowds;
                line.pieces.iter().for_each(|i| crowds.iter_mut().for_each(|crowd| crowd.remove(&marks[*i].mark)));
                verdict.marks.extend(line.pieces);
            }
        }
        let small = |i: &usize| {
            let suspect = &marks[*i];
            suspect.sieve >= ANY && (self.is_hair(suspect, &bars[*i]) || self.is_speck(suspect))
        };
        verdict.marks.extend((0..marks.len()).filter(small));
        verdict
    }

    fn short_side(&self) -> f64 {
        f64::from(self.size.width.min(self.size.height))
    }

    /// Where a gray lies between the picture's darkest parts, 0, and its lightest, 1.
    fn tone(&self, gray: f64) -> f64 {
        (gray - self.ends[0]) / (self.ends[1] - self.ends[0]).max(0.05)
    }

    /// Whether a tone is as bright, or as dark, as damage must be.
    fn is_extreme(bright: bool, tone: f64, limits: [f64; 2], less: f64) -> bool {
        if bright { tone >= limits[0] - less } else { tone <= limits[1] + less }
    }

    /// Whether its tone, its colour and its sides allow that a mark is damage. `less`: by how much its tone may be less extreme.
    fn may_be_damage(&self, bright: bool, mark: &Mark, less: f64) -> bool {
        Self::is_extreme(bright, self.tone(mark.gray()), TONES, less)
            && mark.in_all_colours() >= COLOURED
            && mark.differences()[0] <= 0.25
            && !self.is_spared(mark)
    }

    /// The thickest that lines and hairs are, in pixels.
    fn thickest(&self) -> f64 {
        1.7 + self.short_side() / 200.0
    }

    /// How crowded the surroundings of damage may be, against the preset's strength.
    fn crowding(&self) -> f64 {
        0.7 + self.strength
    }

    fn is_line(&self, suspect: &Suspect, line: &Line) -> bool {
        let Line { mark, bar, seen, .. } = line;
        let upright = bar.direction[0].abs().min(bar.direction[1].abs()) < if suspect.bright { 0.12 } else { 0.04 };
        let share = match (suspect.bright, upright) {
            (true, true) => 0.18 - 0.10 * self.strength,
            (true, false) => 0.22 - 0.17 * self.strength,
            // Cables, masts and twigs are dark, too.
            (false, true) => 0.31 - 0.20 * self.strength,
            (false, false) => 0.60 - 0.50 * self.strength,
        };
        if !suspect.bright && suspect.sieve >= ANY && self.strength < 0.5 {
            return false;
        }
        // How many times as long it is as it must be. The longer a line is and the more its sides are alike, the less else it must show.
        let times = seen / (share * self.short_side()).max(24.0);
        let uneven = mark.differences()[1];
        let even = ((0.4 - uneven) / 0.2).clamp(0.0, 1.0);
        let sure = ((times - 1.0) / 4.0 + 0.4 * even).clamp(0.0, 1.0);
        times >= 1.0
            && self.may_be_damage(suspect.bright, mark, 0.2 * sure)
            && mark.pixels / seen <= self.thickest()
            && uneven < 0.32 + 0.18 * sure
            && self.crowds[0].beside(bar) < (0.07 + 0.08 * sure) * self.crowding()
    }

    fn is_hair(&self, suspect: &Suspect, bar: &Bar) -> bool {
        let mark = &suspect.mark;
        let diagonal = mark.diagonal();
        let least = (0.075 - 0.05 * self.strength) * self.short_side();
        let thick = mark.pixels / diagonal;
        self.may_be_damage(suspect.bright, mark, 0.1)
            && diagonal >= least.max(20.0)
            && thick <= self.thickest().min(diagonal / 10.0)
            && bar.length <= 0.6 * self.short_side()
            && mark.ridge() >= 0.18 - 0.10 * self.strength
            && mark.differences()[1] < UNEVEN[0]
            && self.is_alone(suspect, 24, [0.06, 0.02])
    }

    fn is_speck(&self, suspect: &Suspect) -> bool {
        let mark = &suspect.mark;
        let diagonal = mark.diagonal();
        let least = if self.strength > 0.6 { 2.0 } else { 4.0 };
        let is_night = suspect.bright && self.tone(mark.gray() - mark.ridge()) < NIGHT;
        Self::is_extreme(suspect.bright, self.tone(mark.peak(suspect.bright)), PEAKS, 0.0)
            && mark.in_all_colours() >= COLOURED
            && mark.differences()[1] < UNEVEN[1]
            && diagonal <= (0.03 * self.short_side()).max(8.0)
            && mark.pixels >= least
            && mark.pixels >= 0.3 * diagonal * diagonal / 2.0
            && mark.ridge() >= 0.245 - 0.15 * self.strength
            && !is_night
            && !self.is_spared(mark)
            && self.is_alone(suspect, (2.0 * diagonal) as u32 + 12, [0.04, 0.012])
    }

    fn is_spared(&self, mark: &Mark) -> bool {
        let (left, right) = (mark.left as f32, mark.right as f32);
        let (top, bottom) = (mark.top as f32, mark.bottom as f32);
        self.spared.iter().any(|[l, t, r, b]| left <= *r && right >= *l && top <= *b && bottom >= *t)
    }

    /// Whether other marks cover at most these shares, of all marks and of those from its sieve, within `margin` pixels of its rectangle.
    fn is_alone(&self, suspect: &Suspect, margin: u32, most: [f64; 2]) -> bool {
        let crowds = [&self.crowds[0], &self.crowds[suspect.sieve - ANY]];
        crowds.iter().zip(most).all(|(crowd, most)| crowd.around(&suspect.mark, margin) < most * self.crowding())
    }
}
