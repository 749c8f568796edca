//! Scratches, hairs and dust: the search for them in a whole picture.
//!
//! Rows come from top to bottom and only a band of them is kept, so that memory follows the width of the picture and what stands
//! out in it. What is found is a mask; nothing here repairs.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::old::judge::{Judge, Spared, Suspect};
use crate::old::marks::{Candidate, Marks};
use crate::old::ridges::{ANY, Band, KINDS, REACH, Ridges, SidesOfPixel};
use crate::old::scratch_bits::ScratchBits;

/// The rows that are judged at once.
const ROWS: usize = 192;

/// The search, while rows are added.
pub(super) struct Search {
    size: Size,
    strength: f32,
    /// The rows that are known: red, green, blue and luminance of each, one after another.
    rows: [Vec<f32>; 4],
    /// The number of the first of them.
    first: usize,
    /// The next row to look for candidates in.
    next: usize,
    /// What is brighter, and what is darker, than its sides, by direction.
    bright: [Marks; KINDS],
    dark: [Marks; KINDS],
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
        self.rows[3].extend((0..width).map(|x| 0.2126 * red[x] + 0.7152 * green[x] + 0.0722 * blue[x]));
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
        let [red, green, blue, luminance] = &self.rows;
        let band = Band {
            short_side: self.size.width.min(self.size.height),
            width,
            height: bottom - top,
            colour: [part(red)?, part(green)?, part(blue)?],
            luminance: part(luminance)?,
        };
        let ridges = band.ridges()?;
        for y in self.next..end {
            for (bright, marks) in [(true, &mut self.bright), (false, &mut self.dark)] {
                for (kind, marks) in marks.iter_mut().enumerate() {
                    let found =
                        |x: u32| candidate(&band, &ridges, [x as usize, y - top], (bright, kind), self.strength);
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

    /// What was found, after the last row. Nothing outside `inside` counts. `ends`: the luminance of the
    /// picture's darkest and lightest parts.
    pub(super) fn finish(mut self, inside: Rect, ends: [f32; 2], spared: &[Spared]) -> Result<ScratchBits> {
        let mut judge = Judge::new(self.size, self.strength, ends, spared)?;
        let mut marks = Vec::new();
        for (found, bright) in [(&mut self.bright, true), (&mut self.dark, false)] {
            for (kind, found) in found.iter_mut().enumerate() {
                let list = found.marks()?;
                memory::reserve(&mut marks, list.len())?;
                let within = list.into_iter().filter(|(_, mark)| mark.is_inside(inside));
                marks.extend(within.map(|(number, mark)| Suspect { number, mark, bright, kind }));
            }
        }
        let damage = judge.damage(&marks);
        let mut bits = ScratchBits::new(self.size)?;
        for (found, bright) in [(&mut self.bright, true), (&mut self.dark, false)] {
            for (kind, found) in found.iter_mut().enumerate() {
                let these = damage.iter().filter(|suspect| suspect.bright == bright && suspect.kind == kind);
                let mut numbers: Vec<u32> = these.map(|suspect| suspect.number).collect();
                numbers.sort_unstable();
                for (run, mark) in found.runs() {
                    if numbers.binary_search(&mark).is_ok() {
                        bits.paint(run.y, run.start, run.end);
                    }
                }
            }
        }
        Ok(bits)
    }
}

/// What stands out at a pixel, if it stands out enough.
fn candidate(
    band: &Band,
    ridges: &Ridges,
    [x, y]: [usize; 2],
    (bright, kind): (bool, usize),
    strength: f32,
) -> Option<Candidate> {
    let at = y * band.width + x;
    let ridge = if bright { ridges.bright[kind][at] } else { ridges.dark[kind][at] };
    // Upright and level lines are averaged along their length, and so stand out of less.
    let (least, times) = if kind == ANY { (0.075, 4.0) } else { (0.06, 3.2) };
    let (least, times) = (least - 0.05 * strength, times - 2.0 * strength);
    if ridge < least || ridge < times * ridges.usual[at] {
        return None;
    }
    let SidesOfPixel { all_colours, difference } = band.sides_of(x, y, bright);
    Some(Candidate { ridge, luminance: band.luminance[at], all_colours, difference })
}
