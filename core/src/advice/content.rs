//! What a picture consists of: even areas, few colours, or neither. Transparent pixels do not count.

use std::collections::{HashMap, HashSet};

use crate::advice::sample::Sample;

/// Colours that are counted one by one; more count as "many".
const MOST_COLOURS: usize = 4096;

pub(super) struct Content {
    /// The share of neighbours that are exactly equal.
    pub(super) equal: f64,
    /// The number of colours.
    pub(super) colours: usize,
    /// The share of the pixels that have one of the 16 most frequent colours, among those that are neither black nor white.
    /// Of a photo, large parts may be either.
    pub(super) common: f64,
}

impl Content {
    pub(super) fn new(sample: &Sample) -> Self {
        let (mut pairs, mut equal, mut pixels) = (0u64, 0u64, 0u64);
        let mut colours: HashMap<[u8; 3], u64> = HashMap::new();
        let mut ends: HashSet<[u8; 3]> = HashSet::new();
        for piece in &sample.pieces {
            let [y, b, r] = [0, 1, 2].map(|plane| piece.plane(plane));
            for row in 0..piece.height {
                for at in (row * piece.width..(row + 1) * piece.width).filter(|at| piece.is_visible(*at)) {
                    let colour = [y[at], b[at], r[at]].map(|v| (v * 255.0).round() as u8);
                    let is_end = !(2..254).contains(&colour[0]);
                    pixels += u64::from(!is_end);
                    if is_end {
                        ends.insert(colour);
                    } else if let Some(count) = colours.get_mut(&colour) {
                        *count += 1;
                    } else if colours.len() < MOST_COLOURS {
                        colours.insert(colour, 1);
                    }
                    if at > row * piece.width && piece.is_visible(at - 1) {
                        let difference = [y, b, r].iter().map(|p| (p[at] - p[at - 1]).abs()).fold(0.0, f32::max);
                        pairs += 1;
                        equal += u64::from(difference == 0.0);
                    }
                }
            }
        }
        let mut counts: Vec<u64> = colours.into_values().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let share = |part: u64, of: u64| if of > 0 { part as f64 / of as f64 } else { 0.0 };
        Content {
            equal: share(equal, pairs),
            colours: counts.len() + ends.len(),
            common: share(counts.iter().take(16).sum(), pixels),
        }
    }
}
