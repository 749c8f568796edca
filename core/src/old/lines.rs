//! Lines: straight marks that continue each other.
//!
//! A scratch crosses what is in the picture, and so is seen in pieces. They are judged together. Nothing here decides what is damage.

use crate::old::judge::Suspect;
use crate::old::marks::{Bar, Mark};

/// The most pieces that are compared, the longest ones: the time grows with the square of their number.
const MOST: usize = 3000;

/// The most by which the directions of two pieces differ, as a sine.
const TURNED: f64 = 0.06;

/// How far a piece may lie beside the line that it continues, in pixels, and as a share of the gap between them.
const ASIDE: f64 = 3.0;
const BENT: f64 = 0.015;

/// A line: its pieces in their order along it.
pub(super) struct Line {
    /// The places of the pieces in the list of suspects.
    pub(super) pieces: Vec<usize>,
    /// All pieces as one mark.
    pub(super) mark: Mark,
    /// From the first piece to the last.
    pub(super) bar: Bar,
    /// The sum of the lengths of the pieces.
    pub(super) seen: f64,
}

/// A gap between two pieces of a line: where it begins and ends, and how thick the pieces are.
pub(super) struct Gap {
    pub(super) ends: [[f64; 2]; 2],
    pub(super) thick: f64,
}

impl Line {
    /// The gaps that are no longer than the pieces on both sides.
    pub(super) fn gaps(&self, suspects: &[Suspect], bars: &[Bar]) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for pair in self.pieces.windows(2) {
            let [before, after] = [pair[0], pair[1]].map(|piece| &bars[piece]);
            let ends = [before.end_towards(after.middle), after.end_towards(before.middle)];
            let gap = (ends[1][0] - ends[0][0]).hypot(ends[1][1] - ends[0][1]);
            let seen = before.length + after.length;
            if gap <= seen {
                let pixels = suspects[pair[0]].mark.pixels + suspects[pair[1]].mark.pixels;
                gaps.push(Gap { ends, thick: pixels / seen });
            }
        }
        gaps
    }
}

/// Whether a mark is straight and thin.
pub(super) fn is_straight(mark: &Mark, bar: &Bar) -> bool {
    bar.length >= 16.0 && bar.length >= 7.0 * bar.width && mark.pixels >= 0.5 * bar.length
}

/// The lines among the suspects, the one with the longest piece first. Each straight mark is in one of them, but for
/// the shortest ones of more than [`MOST`].
pub(super) fn lines(suspects: &[Suspect], bars: &[Bar]) -> Vec<Line> {
    let mut straight: Vec<usize> = (0..suspects.len()).filter(|i| is_straight(&suspects[*i].mark, &bars[*i])).collect();
    straight.sort_by(|a, b| bars[*b].length.total_cmp(&bars[*a].length));
    straight.truncate(MOST);
    let mut lines = Vec::new();
    while let Some(seed) = straight.first().copied() {
        let line = line(seed, &straight, suspects, bars);
        straight.retain(|i| !line.pieces.contains(i));
        lines.push(line);
    }
    lines
}

/// The line that the longest piece belongs to. It grows from there to both ends.
fn line(seed: usize, straight: &[usize], suspects: &[Suspect], bars: &[Bar]) -> Line {
    let first = bars[seed];
    let alike = |i: &usize| {
        let turned = first.direction[0] * bars[*i].direction[1] - first.direction[1] * bars[*i].direction[0];
        let same = suspects[seed].bright == suspects[*i].bright && suspects[seed].sieve == suspects[*i].sieve;
        same && *i != seed && turned.abs() < TURNED
    };
    let mut others: Vec<usize> = straight.iter().copied().filter(alike).collect();
    let along = |i: usize| first.along(bars[i].middle);
    others.sort_by(|a, b| along(*a).abs().total_cmp(&along(*b).abs()));
    let (mut pieces, mut seen) = (vec![seed], first.length);
    let (mut mark, mut bar) = (suspects[seed].mark, first);
    let mut ends = [-first.length / 2.0, first.length / 2.0];
    for i in others {
        let (middle, half) = (along(i), bars[i].length / 2.0);
        let gap = (middle - half - ends[1]).max(ends[0] - middle - half);
        // What is hidden between two pieces is not longer than what was seen before.
        if gap > seen || bar.aside(bars[i].middle) > ASIDE + gap.max(0.0) * BENT {
            continue;
        }
        ends = [ends[0].min(middle - half), ends[1].max(middle + half)];
        seen += bars[i].length;
        pieces.push(i);
        mark.join(&suspects[i].mark);
        bar = mark.bar();
    }
    pieces.sort_by(|a, b| along(*a).total_cmp(&along(*b)));
    let halfway = (ends[0] + ends[1]) / 2.0;
    let middle = [0, 1].map(|axis| first.middle[axis] + halfway * first.direction[axis]);
    let bar = Bar { length: ends[1] - ends[0], middle, ..bar };
    Line { pieces, mark, bar, seen }
}
