//! Scratches, hairs and dust: the search for them in a whole picture.
//!
//! Rows come from top to bottom and only a band of them is kept, so that memory follows the width of the picture and what stands
//! out in it. What is found is a mask; nothing here repairs.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::old::judge::{Judge, SIEVES, STRONG, Spared, Suspect};
use crate::old::marks::{Candidate, Marks};
use crate::old::ridges::{ANY, Band, REACH, Ridges, SidesOfPixel};
use crate::old::scratch_bits::ScratchBits;

/// The rows that are judged at once.
const ROWS: usize = 192;

/// The search, while rows are added.
pub(super) struct Search {
    size: Size,
    strength: f32,
    /// The rows that are known: red, green, blue and their mean, one after another.
    rows: [Vec<f32>; 4],
    /// The number of the first of them.
    first: usize,
    /// The next row to look for candidates in.
    next: usize,
    /// What is brighter, and what is darker, than its sides, by sieve.
    bright: [Marks; SIEVES],
    dark: [Marks; SIEVES],
}

impl Search {
    /// `strength`: 0 to 1, how readily what stands out counts as damage.
    pub(super) fn new(size: Size, strength: f32) -> Self {
        let (bright, dark) = (Default::default(), Default::default());
        Search { size, strength, rows: [const { Vec::new() }; 4], first: 0, next: 0, bright, dark }
    }

    /// Adds the next row, as three planes.
    pub(super) fn add(&mut self, colour: [&[f32]; 3]) -> Result<()> {
        let width = self.size.width as usize;
        for (rows, plane) in self.rows.iter_mut().zip(colour) {
            memory::reserve(rows, width)?;
            rows.extend_from_slice(&plane[..width]);
        }
        memory::reserve(&mut self.rows[3], width)?;
        let [red, green, blue] = colour;
        self.rows[3].extend((0..width).map(|x| (red[x] + green[x] + blue[x]) / 3.0));
        let known = self.first + self.rows[3].len() / width;
        let last = known == self.size.height as usize;
        while known >= self.next + ROWS + REACH || last && self.next < known {
            self.look(known)?;
        }
        Ok(())
    }

    /// Looks for candidates in the next rows.
    fn look(&mut self, known: usize) -> Result<()> {
        let width = self.size.width as usize;
        let end = (self.next + ROWS).min(self.size.height as usize);
        let (top, bottom) = (self.next.saturating_sub(REACH), (end + REACH).min(known));
        let part = |plane: &Vec<f32>| -> Result<Vec<f32>> {
            let rows = &plane[(top - self.first) * width..(bottom - self.first) * width];
            memory::collect(rows.iter().copied())
        };
        let [red, green, blue, gray] = &self.rows;
        let band = Band {
            short_side: self.size.width.min(self.size.height),
            width,
            height: bottom - top,
            colour: [part(red)?, part(green)?, part(blue)?],
            gray: part(gray)?,
        };
        let ridges = band.ridges()?;
        for y in self.next..end {
            for (bright, marks) in [(true, &mut self.bright), (false, &mut self.dark)] {
                for (sieve, marks) in marks.iter_mut().enumerate() {
                    let found =
                        |x: u32| candidate(&band, &ridges, [x as usize, y - top], (bright, sieve), self.strength);
                    marks.add_row(y as u32, self.size.width, found)?;
                }
            }
        }
        self.next = end;
        let keep = end.saturating_sub(REACH).max(self.first);
        self.rows.iter_mut().for_each(|rows| drop(rows.drain(..(keep - self.first) * width)));
        self.first = keep;
        Ok(())
    }

    /// What was found, after the last row. Nothing outside `inside` counts. `ends`: the gray of the picture's
    /// darkest and lightest parts.
    pub(super) fn finish(mut self, inside: Rect, ends: [f32; 2], spared: &[Spared]) -> Result<ScratchBits> {
        let mut marks = Vec::new();
        for (found, bright) in [(&mut self.bright, true), (&mut self.dark, false)] {
            for (sieve, found) in found.iter_mut().enumerate() {
                let list = found.marks()?;
                memory::reserve(&mut marks, list.len())?;
                let within = list.into_iter().filter(|(_, mark)| mark.is_inside(inside));
                marks.extend(within.map(|(number, mark)| Suspect { number, mark, bright, sieve }));
            }
        }
        let damage = Judge::new(self.size, self.strength, ends, spared)?.damage(&marks);
        let mut bits = ScratchBits::new(self.size)?;
        for (found, bright) in [(&mut self.bright, true), (&mut self.dark, false)] {
            for (sieve, found) in found.iter_mut().enumerate() {
                let these = damage.marks.iter().map(|index| &marks[*index]);
                let these = these.filter(|suspect| suspect.bright == bright && suspect.sieve == sieve);
                let mut numbers: Vec<u32> = these.map(|suspect| suspect.number).collect();
                numbers.sort_unstable();
                for (run, mark) in found.runs() {
                    if numbers.binary_search(&mark).is_ok() {
                        bits.paint(run.y, run.start, run.end);
                    }
                }
            }
        }
        damage.gaps.iter().for_each(|gap| bits.paint_gap(gap));
        // So much of a picture is hardly ever scratched: it is a pattern, such as a wall of bricks.
        let most = (0.06 + 0.3 * f64::from(self.strength).powi(2)) * self.size.pixels() as f64;
        if bits.white() as f64 > most { ScratchBits::new(self.size) } else { Ok(bits) }
    }
}

/// What stands out at a pixel, if it stands out enough.
fn candidate(
    band: &Band,
    ridges: &Ridges,
    [x, y]: [usize; 2],
    (bright, sieve): (bool, usize),
    strength: f32,
) -> Option<Candidate> {
    let at = y * band.width + x;
    let kind = sieve.min(ANY);
    let ridge = if bright { ridges.bright[kind][at] } else { ridges.dark[kind][at] };
    let (least, times) = match sieve {
        STRONG => (0.16 - 0.08 * strength, 7.0 - 3.0 * strength),
        ANY => (0.075 - 0.05 * strength, 4.3 - 2.0 * strength),
        // Upright and level lines are averaged along their length, and so stand out of less.
        _ => (0.031 - 0.02 * strength, 4.0 - 2.0 * strength),
    };
    if ridge < least || ridge < times * ridges.usual[kind][at] {
        return None;
    }
    let SidesOfPixel { all_colours, difference } = band.sides_of(x, y, bright);
    Some(Candidate { ridge, gray: band.gray[at], all_colours, difference })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 320, height: 420 };

    /// What the preset uses.
    const STRENGTH: f32 = 0.3;

    /// What was found in a picture with this gray at each pixel.
    fn found(strength: f32, spared: &[Spared], gray: impl Fn(u32, u32) -> f32) -> Vec<bool> {
        let mut search = Search::new(SIZE, strength);
        for y in 0..SIZE.height {
            let row: Vec<f32> = (0..SIZE.width).map(|x| gray(x, y)).collect();
            search.add([&row, &row, &row]).unwrap();
        }
        let (mask, white) = search.finish(SIZE.rect(), [0.2, 0.8], spared).unwrap().into_mask();
        let mut pixels = vec![0; SIZE.pixels() as usize];
        if let Some(mask) = mask {
            let mut rows = mask.open().unwrap();
            for (y, row) in pixels.chunks_exact_mut(SIZE.width as usize).enumerate() {
                rows.read(0, y as u32, row).unwrap();
            }
        }
        assert_eq!(pixels.iter().filter(|v| **v == 255).count() as u64, white);
        pixels.into_iter().map(|v| v == 255).collect()
    }

    /// A slope with grain.
    fn paper(x: u32, y: u32) -> f32 {
        let hash = (x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663)).wrapping_mul(2_654_435_761) >> 8;
        0.35 + 0.0007 * x as f32 + 0.02 * (hash as f32 / (1 << 24) as f32 - 0.5)
    }

    /// The shares of the damaged and of the sound pixels that were found. Pixels close to damage are neither.
    fn shares(found: &[bool], is_damaged: impl Fn(u32, u32) -> bool) -> [f64; 2] {
        let (mut counts, mut hits) = ([0.0; 2], [0.0; 2]);
        for (i, found) in found.iter().enumerate() {
            let (x, y) = (i as u32 % SIZE.width, i as u32 / SIZE.width);
            let near = (0..49).any(|i| is_damaged((x + i % 7).saturating_sub(3), (y + i / 7).saturating_sub(3)));
            let kind = if is_damaged(x, y) {
                0
            } else if near {
                continue;
            } else {
                1
            };
            counts[kind] += 1.0;
            hits[kind] += f64::from(u8::from(*found));
        }
        [hits[0] / counts[0], hits[1] / counts[1]]
    }

    fn assert_found(what: &str, value: f32, is_damaged: impl Fn(u32, u32) -> bool) {
        let found = found(STRENGTH, &[], |x, y| if is_damaged(x, y) { value } else { paper(x, y) });
        let [damaged, sound] = shares(&found, is_damaged);
        assert!(damaged > 0.9 && sound < 0.001, "{what}: {damaged} of the damage, {sound} of the rest");
    }

    #[test]
    fn scratches_hairs_and_specks_are_found_and_nothing_else() {
        assert_found("an upright scratch", 0.9, |x, y| (90 + y / 60..92 + y / 60).contains(&x));
        assert_found("a dark level scratch", 0.05, |x, y| (150..152).contains(&y) && x > 40);
        assert_found("a bright hair", 0.95, |x, y| (38.5..40.2).contains(&distance(x, y, [150.0, 200.0])) && x > 150);
        assert_found("a dark hair", 0.05, |x, y| (28.5..30.2).contains(&distance(x, y, [90.0, 250.0])) && y > 250);
        assert_found("a speck", 0.05, |x, y| distance(x, y, [200.0, 300.0]) < 1.6);
    }

    fn distance(x: u32, y: u32, to: [f32; 2]) -> f32 {
        (x as f32 - to[0]).hypot(y as f32 - to[1])
    }

    #[test]
    fn a_scratch_that_is_hidden_in_places_is_found_whole() {
        // White on white in between.
        let white = |y: u32| (180..240).contains(&y);
        let is_scratch = |x: u32, _| (100..102).contains(&x);
        let found = found(STRENGTH, &[], |x, y| if is_scratch(x, y) || white(y) { 0.8 } else { paper(x, y) });
        let [damaged, sound] = shares(&found, is_scratch);
        assert!(damaged > 0.95 && sound == 0.0, "{damaged} {sound}");
    }

    #[test]
    fn lettering_stars_texture_and_sound_paper_are_no_damage() {
        assert!(!found(STRENGTH, &[], paper).contains(&true));
        // Letters of five by seven dots, each dot two pixels wide.
        let letter = |x: u32, y: u32| {
            let (column, row) = (x / 2 % 7, y / 2 % 10);
            let shape = (x / 14 * 31 + y / 20 * 17).wrapping_mul(40_503);
            column < 5
                && row < 7
                && (x / 14 + 3 * (y / 20)) % 9 > 1
                && (shape >> ((column * 3 + row * 5) % 16)) & 1 == 1
        };
        assert!(!found(STRENGTH, &[], |x, y| if letter(x, y) { 0.1 } else { 0.8 }).contains(&true));
        let star = |x: u32, y: u32| (x / 20 * 7 + y / 20 * 13).is_multiple_of(5) && x % 20 / 2 == 4 && y % 20 / 2 == 6;
        assert!(!found(STRENGTH, &[], |x, y| if star(x, y) { 0.9 } else { 0.2 + paper(x, y) / 20.0 }).contains(&true));
        let texture = |x: u32, y: u32| 0.5 + 0.3 * (x as f32 * 0.8 + (y as f32 * 0.3).sin() * 3.0).sin();
        assert!(!found(STRENGTH, &[], texture).contains(&true));
    }

    #[test]
    fn eyes_are_spared_and_more_is_found_at_higher_strength() {
        let speck = |x: u32, y: u32| if distance(x, y, [200.0, 300.0]) < 1.6 { 0.05 } else { paper(x, y) };
        assert!(found(STRENGTH, &[], speck).contains(&true));
        assert!(!found(STRENGTH, &[[190.0, 290.0, 210.0, 310.0]], speck).contains(&true));
        let is_faint = |x: u32, y: u32| (100..102).contains(&x) && (150..190).contains(&y);
        let faint = |x: u32, y: u32| paper(x, y) + 0.12 * f32::from(u8::from(is_faint(x, y)));
        assert!(!found(0.05, &[], faint).contains(&true));
        assert!(found(1.0, &[], faint).contains(&true));
    }
}
