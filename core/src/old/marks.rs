//! Marks: candidates for damage that touch each other, as runs of pixels with their measures.
//!
//! Rows are added from top to bottom and kept as runs, so that memory follows what stands out and not the picture. Nothing here
//! decides what is damage.

use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;

/// Pixels of one row that belong to one mark: `start` to `end`, without `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunOfPixels {
    pub(super) y: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    mark: u32,
}

/// What is known of a mark. Sums are over its pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) pixels: f64,
    sum: [f64; 2],
    squares: [f64; 3],
    /// The sums of the ridges and of the gray of its pixels, and the number of those that stand out in all colours.
    ridge: f64,
    gray: f64,
    coloured: f64,
    /// The least and the most gray.
    tones: [f32; 2],
    /// The sums of the differences between both sides: with their signs, and without.
    differences: [f64; 2],
    /// The smallest and the largest column and row.
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) top: u32,
    pub(super) bottom: u32,
}

/// A mark as a bar: its middle, its direction as a unit vector, and its sides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub(super) middle: [f64; 2],
    pub(super) direction: [f64; 2],
    pub(super) length: f64,
    pub(super) width: f64,
}

/// What one pixel adds to a mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) ridge: f32,
    pub(super) gray: f32,
    pub(super) all_colours: bool,
    pub(super) difference: f32,
}

/// The marks of a picture, or of the rows that were added so far.
#[derive(Default)]
pub(super) struct Marks {
    runs: Vec<RunOfPixels>,
    /// For each mark the mark that it was joined to; itself if none.
    parents: Vec<u32>,
    marks: Vec<Mark>,
    /// The first run of the row before the last one.
    before: usize,
}

impl Mark {
    fn of(run: RunOfPixels) -> Self {
        Mark {
            pixels: 0.0,
            sum: [0.0; 2],
            squares: [0.0; 3],
            ridge: 0.0,
            gray: 0.0,
            coloured: 0.0,
            tones: [f32::MAX, f32::MIN],
            differences: [0.0; 2],
            left: run.start,
            right: run.end - 1,
            top: run.y,
            bottom: run.y,
        }
    }

    fn add(&mut self, x: u32, y: u32, candidate: Candidate) {
        let (x, y) = (f64::from(x), f64::from(y));
        self.pixels += 1.0;
        self.sum = [self.sum[0] + x, self.sum[1] + y];
        self.squares = [self.squares[0] + x * x, self.squares[1] + y * y, self.squares[2] + x * y];
        self.ridge += f64::from(candidate.ridge);
        self.gray += f64::from(candidate.gray);
        self.coloured += f64::from(u8::from(candidate.all_colours));
        self.tones = [self.tones[0].min(candidate.gray), self.tones[1].max(candidate.gray)];
        let difference = f64::from(candidate.difference);
        self.differences = [self.differences[0] + difference, self.differences[1] + difference.abs()];
    }

    /// Adds all pixels of another mark.
    pub(super) fn join(&mut self, other: &Mark) {
        self.pixels += other.pixels;
        (0..2).for_each(|i| self.sum[i] += other.sum[i]);
        (0..3).for_each(|i| self.squares[i] += other.squares[i]);
        self.ridge += other.ridge;
        self.gray += other.gray;
        self.coloured += other.coloured;
        self.tones = [self.tones[0].min(other.tones[0]), self.tones[1].max(other.tones[1])];
        (0..2).for_each(|i| self.differences[i] += other.differences[i]);
        (self.left, self.top) = (self.left.min(other.left), self.top.min(other.top));
        (self.right, self.bottom) = (self.right.max(other.right), self.bottom.max(other.bottom));
    }

    /// Whether all of it lies in `rect`.
    pub(super) fn is_inside(&self, rect: Rect) -> bool {
        self.left >= rect.x && self.right < rect.right() && self.top >= rect.y && self.bottom < rect.bottom()
    }

    /// The mean of its ridges.
    pub(super) fn ridge(&self) -> f64 {
        self.ridge / self.pixels
    }

    /// The mean gray of its pixels.
    pub(super) fn gray(&self) -> f64 {
        self.gray / self.pixels
    }

    /// The gray of its lightest pixel, or of its darkest.
    pub(super) fn peak(&self, bright: bool) -> f64 {
        f64::from(self.tones[usize::from(bright)])
    }

    /// The share of its pixels that stand out in all colours.
    pub(super) fn in_all_colours(&self) -> f64 {
        self.coloured / self.pixels
    }

    /// How much its sides differ, as a share of its ridges: with signs, so that what changes along it cancels out, and without.
    pub(super) fn differences(&self) -> [f64; 2] {
        [self.differences[0].abs() / self.ridge, self.differences[1] / self.ridge]
    }

    /// The diagonal of the smallest upright rectangle around it.
    pub(super) fn diagonal(&self) -> f64 {
        f64::from(self.right - self.left + 1).hypot(f64::from(self.bottom - self.top + 1))
    }

    /// The bar with the same second moments.
    pub(super) fn bar(&self) -> Bar {
        let middle = self.sum.map(|sum| sum / self.pixels);
        // Each pixel is a square with a variance of 1/12.
        let xx = self.squares[0] / self.pixels - middle[0].powi(2) + 1.0 / 12.0;
        let yy = self.squares[1] / self.pixels - middle[1].powi(2) + 1.0 / 12.0;
        let xy = self.squares[2] / self.pixels - middle[0] * middle[1];
        let (mean, spread) = ((xx + yy) / 2.0, ((xx - yy) / 2.0).hypot(xy));
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
        let side = |variance: f64| (12.0 * variance.max(0.0)).sqrt();
        Bar { middle, direction: [angle.cos(), angle.sin()], length: side(mean + spread), width: side(mean - spread) }
    }
}

impl Bar {
    /// How far along its direction a place lies from its middle.
    pub(super) fn along(&self, place: [f64; 2]) -> f64 {
        (0..2).map(|axis| (place[axis] - self.middle[axis]) * self.direction[axis]).sum()
    }

    /// The middle of the side that is nearest to a place ahead of or behind it.
    pub(super) fn end_towards(&self, place: [f64; 2]) -> [f64; 2] {
        let half = self.length / 2.0 * self.along(place).signum();
        [0, 1].map(|axis| self.middle[axis] + half * self.direction[axis])
    }

    /// How far beside its axis a place lies.
    pub(super) fn aside(&self, [x, y]: [f64; 2]) -> f64 {
        ((x - self.middle[0]) * self.direction[1] - (y - self.middle[1]) * self.direction[0]).abs()
    }
}

impl Marks {
    /// Adds row `y`. `candidate` gives what stands out at a column.
    pub(super) fn add_row(
        &mut self,
        y: u32,
        width: u32,
        mut candidate: impl FnMut(u32) -> Option<Candidate>,
    ) -> Result<()> {
        let first = self.runs.len();
        let mut x = 0;
        while x < width {
            let Some(mut found) = candidate(x) else {
                x += 1;
                continue;
            };
            let start = x;
            let index = self.marks.len() as u32;
            let run = RunOfPixels { y, start, end: start + 1, mark: index };
            let mut mark = Mark::of(run);
            loop {
                mark.add(x, y, found);
                x += 1;
                match (x < width).then(|| candidate(x)).flatten() {
                    Some(next) => found = next,
                    None => break,
                }
            }
            mark.right = x - 1;
            memory::reserve(&mut self.runs, 1)?;
            memory::reserve(&mut self.marks, 1)?;
            memory::reserve(&mut self.parents, 1)?;
            self.runs.push(RunOfPixels { end: x, ..run });
            self.marks.push(mark);
            self.parents.push(index);
        }
        // Runs of the row above that touch, also at corners.
        let mut above = self.before;
        for here in first..self.runs.len() {
            let run = self.runs[here];
            while above < first && (self.runs[above].y + 1 < y || self.runs[above].end < run.start) {
                above += 1;
            }
            let mut other = above;
            while other < first && self.runs[other].start <= run.end {
                self.unite(self.runs[other].mark, run.mark);
                other += 1;
            }
        }
        self.before = first;
        Ok(())
    }

    fn root(&mut self, mark: u32) -> u32 {
        let mut at = mark;
        while self.parents[at as usize] != at {
            let next = self.parents[at as usize];
            self.parents[at as usize] = self.parents[next as usize];
            at = next;
        }
        at
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            let (keep, gone) = (a.min(b), a.max(b));
            self.parents[gone as usize] = keep;
            let other = self.marks[gone as usize];
            self.marks[keep as usize].join(&other);
        }
    }

    /// All marks, by number.
    pub(super) fn marks(&mut self) -> Result<Vec<(u32, Mark)>> {
        let mut list = Vec::new();
        for index in 0..self.marks.len() as u32 {
            if self.root(index) == index {
                memory::reserve(&mut list, 1)?;
                list.push((index, self.marks[index as usize]));
            }
        }
        Ok(list)
    }

    /// All runs, each with the number of its mark.
    pub(super) fn runs(&mut self) -> impl Iterator<Item = (RunOfPixels, u32)> + '_ {
        for index in 0..self.runs.len() {
            self.runs[index].mark = self.root(self.runs[index].mark);
        }
        self.runs.iter().map(|run| (*run, run.mark))
    }
}
