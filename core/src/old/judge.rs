//! The judge: which marks are damage.
//!
//! A wrong repair is worse than none. So a mark counts only if it has the shape of damage (a long straight line, a hair, a speck),
//! and where many marks lie close together (lettering, texture, eyes, stars) only long lines count.

use crate::error::Result;
use crate::geometry::Size;
use crate::machine::memory;
use crate::old::marks::{Bar, Mark};
use crate::old::ridges::ANY;

/// The side of the squares in which marks are counted, in pixels.
const CELL: u32 = 16;

/// Between the picture's darkest (0) and lightest parts (1): surroundings darker than this may be a night sky, with stars.
const NIGHT: f64 = 0.3;

/// Bright damage is at least, and dark damage at most, so bright: it shows the paper, or covers it.
const TONES: [f64; 2] = [0.55, 0.25];

/// Areas of the picture in which nothing is damage, as left, top, right and bottom: eyes, for example.
pub(super) type Spared = [f32; 4];

/// A mark that may be damage.
pub(super) struct Suspect {
    pub(super) number: u32,
    pub(super) mark: Mark,
    /// Whether it is brighter than what is around it.
    pub(super) bright: bool,
    /// The directions in which it was found, as [`Ridges`](crate::old::ridges::Ridges) tells them apart.
    pub(super) kind: usize,
}

impl Suspect {
    /// Whether it is all that stands out at its place, and not only what runs upright or level.
    fn is_whole(&self) -> bool {
        self.kind == ANY
    }
}

/// What the judge knows of the picture.
pub(super) struct Judge<'a> {
    size: Size,
    /// 0 to 1: how readily marks count as damage.
    strength: f64,
    /// The luminance of the picture's darkest and lightest parts.
    ends: [f64; 2],
    spared: &'a [Spared],
    /// For each cell the pixels of marks that are no lines.
    crowd: Vec<f32>,
    cells: u32,
}

impl<'a> Judge<'a> {
    pub(super) fn new(size: Size, strength: f32, ends: [f32; 2], spared: &'a [Spared]) -> Result<Self> {
        let cells = size.width.div_ceil(CELL);
        let crowd = memory::zeros(cells as usize * size.height.div_ceil(CELL) as usize)?;
        Ok(Judge { size, strength: f64::from(strength), ends: ends.map(f64::from), spared, crowd, cells })
    }

    /// Those of the marks that are damage.
    pub(super) fn damage<'m>(&mut self, marks: &'m [Suspect]) -> Vec<&'m Suspect> {
        let bars: Vec<Bar> = marks.iter().map(|suspect| suspect.mark.bar()).collect();
        for (suspect, bar) in marks.iter().zip(&bars) {
            if suspect.is_whole() && !(self.is_straight(&suspect.mark, bar) && bar.length > 0.2 * self.short_side()) {
                self.count(&suspect.mark);
            }
        }
        let lengths = self.joined_lengths(marks, &bars);
        let mut found = Vec::new();
        for (suspect, (bar, length)) in marks.iter().zip(bars.iter().zip(lengths)) {
            let mark = &suspect.mark;
            let tone = self.tone(mark.luminance());
            let is_extreme = if suspect.bright { tone >= TONES[0] } else { tone <= TONES[1] };
            if !is_extreme || mark.in_all_colours() < 0.7 || mark.differences()[0] > 0.25 || self.is_spared(mark) {
                continue;
            }
            let small = || suspect.is_whole() && (self.is_hair(suspect, bar) || self.is_speck(mark, suspect.bright));
            if self.is_line(suspect, bar, length) || small() {
                found.push(suspect);
            }
        }
        // So much of a picture is hardly ever scratched: it is a pattern, such as a wall of bricks.
        let pixels: f64 = found.iter().map(|suspect| suspect.mark.pixels).sum();
        let most = (0.02 + 0.08 * self.strength.powi(2)) * self.size.pixels() as f64;
        if pixels > most { Vec::new() } else { found }
    }

    fn short_side(&self) -> f64 {
        f64::from(self.size.width.min(self.size.height))
    }

    /// Where a luminance lies between the picture's darkest parts, 0, and its lightest, 1.
    fn tone(&self, luminance: f64) -> f64 {
        (luminance - self.ends[0]) / (self.ends[1] - self.ends[0]).max(0.05)
    }

    /// The thickest that lines and hairs are, in pixels.
    fn thickest(&self) -> f64 {
        1.7 + self.short_side() / 200.0
    }

    fn is_straight(&self, mark: &Mark, bar: &Bar) -> bool {
        bar.length >= 16.0 && bar.length >= 7.0 * bar.width && mark.pixels >= 0.5 * bar.length
    }

    /// For each straight mark, the length of all pieces that continue each other in one line, its own included; 0 for others.
    fn joined_lengths(&self, marks: &[Suspect], bars: &[Bar]) -> Vec<f64> {
        const MOST: usize = 3000;
        let mut straight: Vec<usize> =
            (0..marks.len()).filter(|i| self.is_straight(&marks[*i].mark, &bars[*i])).collect();
        straight.sort_by(|a, b| bars[*b].length.total_cmp(&bars[*a].length));
        straight.truncate(MOST);
        let mut lengths = vec![0.0; marks.len()];
        for a in &straight {
            lengths[*a] = bars[*a].length;
            let Bar { middle, direction, .. } = bars[*a];
            for b in &straight {
                let to = [bars[*b].middle[0] - middle[0], bars[*b].middle[1] - middle[1]];
                let along = to[0] * direction[0] + to[1] * direction[1];
                let aside = (to[0] * direction[1] - to[1] * direction[0]).abs();
                let turned = (direction[0] * bars[*b].direction[1] - direction[1] * bars[*b].direction[0]).abs();
                let near = aside <= 2.5 + 0.01 * along.abs();
                let alike = marks[*a].bright == marks[*b].bright && marks[*a].kind == marks[*b].kind;
                if a != b && alike && near && turned < 0.06 && along.abs() < 0.6 * self.short_side() {
                    lengths[*a] += bars[*b].length;
                }
            }
        }
        lengths
    }

    fn is_line(&self, suspect: &Suspect, bar: &Bar, joined: f64) -> bool {
        let mark = &suspect.mark;
        let upright = bar.direction[0].abs().min(bar.direction[1].abs()) < if suspect.bright { 0.12 } else { 0.04 };
        let share = match (suspect.bright, upright) {
            (true, true) => 0.13 - 0.10 * self.strength,
            (true, false) => 0.22 - 0.17 * self.strength,
            // Cables, masts and twigs are dark, too.
            (false, true) => 0.30 - 0.25 * self.strength,
            (false, false) => 0.60 - 0.50 * self.strength,
        };
        if !suspect.bright && suspect.is_whole() && self.strength < 0.5 {
            return false;
        }
        let thick = mark.pixels / bar.length.max(1.0);
        joined >= (share * self.short_side()).max(24.0)
            && thick <= self.thickest()
            && bar.length >= 7.0 * bar.width
            && mark.differences()[1] < 0.4
            && self.crowd_along(bar) < 0.12
    }

    fn is_hair(&self, suspect: &Suspect, bar: &Bar) -> bool {
        let mark = &suspect.mark;
        // Writing, twigs and lashes are dark, too.
        if !suspect.bright && self.strength < 0.5 {
            return false;
        }
        let diagonal = mark.diagonal();
        let least = (0.07 - 0.04 * self.strength) * self.short_side();
        let thick = mark.pixels / diagonal;
        diagonal >= least.max(20.0)
            && thick <= self.thickest()
            && bar.length <= 0.6 * self.short_side()
            && mark.ridge() >= 0.16 - 0.08 * self.strength
            && mark.differences()[1] < 0.35
            && self.is_alone(mark, 24, 0.25)
    }

    fn is_speck(&self, mark: &Mark, bright: bool) -> bool {
        let diagonal = mark.diagonal();
        let least = if self.strength > 0.6 { 2.0 } else { 4.0 };
        let below = bright && self.tone(mark.luminance() - mark.ridge()) < NIGHT;
        diagonal <= (0.03 * self.short_side()).max(8.0)
            && mark.pixels >= least
            && mark.pixels >= 0.3 * diagonal * diagonal / 2.0
            && mark.ridge() >= 0.24 - 0.14 * self.strength
            && !below
            && self.is_alone(mark, (3.0 * diagonal) as u32 + 12, 0.3)
    }

    fn is_spared(&self, mark: &Mark) -> bool {
        let (left, right) = (mark.left as f32, mark.right as f32);
        let (top, bottom) = (mark.top as f32, mark.bottom as f32);
        self.spared.iter().any(|[l, t, r, b]| left <= *r && right >= *l && top <= *b && bottom >= *t)
    }

    fn count(&mut self, mark: &Mark) {
        // Its pixels are taken to lie evenly in its rectangle.
        let across = mark.right / CELL - mark.left / CELL + 1;
        let down = mark.bottom / CELL - mark.top / CELL + 1;
        let each = mark.pixels as f32 / (across * down) as f32;
        for y in mark.top / CELL..=mark.bottom / CELL {
            for x in mark.left / CELL..=mark.right / CELL {
                self.crowd[(y * self.cells + x) as usize] += each;
            }
        }
    }

    /// Whether the other marks within `margin` pixels of its rectangle have at most this share of its own pixels.
    fn is_alone(&self, mark: &Mark, margin: u32, share: f64) -> bool {
        let right = ((mark.right + margin) / CELL).min(self.cells - 1);
        let bottom = ((mark.bottom + margin) / CELL).min(self.size.height.div_ceil(CELL) - 1);
        let mut sum = 0.0;
        for y in mark.top.saturating_sub(margin) / CELL..=bottom {
            for x in mark.left.saturating_sub(margin) / CELL..=right {
                sum += f64::from(self.crowd[(y * self.cells + x) as usize]);
            }
        }
        sum <= (1.0 + share) * mark.pixels
    }

    /// The share of pixels in marks that are no lines, along the line.
    fn crowd_along(&self, bar: &Bar) -> f64 {
        let steps = (bar.length / f64::from(CELL)).ceil().max(1.0);
        let mut sum = 0.0;
        for step in 0..=steps as u32 {
            let t = (f64::from(step) / steps - 0.5) * bar.length;
            let place = |i: usize, side: u32| {
                (bar.middle[i] + t * bar.direction[i]).clamp(0.0, f64::from(side - 1)) as u32 / CELL
            };
            let (x, y) = (place(0, self.size.width), place(1, self.size.height));
            sum += f64::from(self.crowd[(y * self.cells + x) as usize]) / f64::from(CELL * CELL);
        }
        sum / (steps + 1.0)
    }
}
