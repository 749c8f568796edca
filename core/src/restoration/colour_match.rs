//! Colours of a restored face: what the restorer changed, without what changes the colours of the picture.
//!
//! A restorer paints a face anew and drifts in colour and brightness. As with the colour lock, the low frequencies stay those of
//! the picture, and what is gray there stays gray. What is left is the change: it is added to the picture, so where the restorer
//! changed nothing, nothing changes. It must never carry a colour over a large area.

use crate::error::Result;
use crate::machine::memory;
use crate::restoration::warp::Planes;
use crate::stages::colour_lock::{GRAY, fall};

/// The radius of one of the three means that make the low frequencies, as a part of the side of the crop: 16 pixels of 512, about a
/// quarter of the distance between the eyes for the three together. A smaller one would take away what the restorer does to eyes
/// and mouth; a larger one lets the cheeks drift.
const RADIUS: f64 = 1.0 / 32.0;

/// What a restorer changed from `crop` to `restored`, with the colours of `crop`.
pub(crate) fn change(crop: &Planes, restored: &Planes) -> Result<Planes> {
    let Planes { width, height, ref data } = *crop;
    let mut change = Planes { width, height, data: memory::collect(restored.data.iter().copied())? };
    change.data.iter_mut().zip(data).for_each(|(to, from)| *to -= from);
    let radius = ((width as f64 * RADIUS).round() as usize).max(1);
    let size = width * height;
    for plane in change.data.chunks_exact_mut(size) {
        let mut low = memory::collect(plane.iter().copied())?;
        let (mut turned, mut line) = (memory::zeros(size)?, memory::zeros(width.max(height))?);
        for _ in 0..3 {
            mean_along(&mut low, width, radius, &mut line);
            transpose(&low, width, &mut turned);
            mean_along(&mut turned, height, radius, &mut line);
            transpose(&turned, height, &mut low);
        }
        plane.iter_mut().zip(&low).for_each(|(v, low)| *v -= low);
    }
    keep_gray(&mut change, crop);
    Ok(change)
}

/// The mean over `radius` pixels to each side along rows of `width` pixels; over fewer at the ends. `line` is working memory.
fn mean_along(rows: &mut [f32], width: usize, radius: usize, line: &mut [f32]) {
    for row in rows.chunks_exact_mut(width) {
        // Sums in f64: what is added and taken away again must leave nothing.
        let mut sum = row[..radius.min(width)].iter().map(|v| f64::from(*v)).sum::<f64>();
        for (x, out) in line[..width].iter_mut().enumerate() {
            if x + radius < width {
                sum += f64::from(row[x + radius]);
            }
            if x > radius {
                sum -= f64::from(row[x - radius - 1]);
            }
            let count = (x + radius + 1).min(width) - x.saturating_sub(radius);
            *out = (sum / count as f64) as f32;
        }
        row.copy_from_slice(&line[..width]);
    }
}

fn transpose(from: &[f32], width: usize, to: &mut [f32]) {
    let height = from.len() / width;
    for (y, row) in from.chunks_exact(width).enumerate() {
        row.iter().enumerate().for_each(|(x, v)| to[x * height + y] = *v);
    }
}

/// Where the crop is gray, all channels change by the same.
fn keep_gray(change: &mut Planes, crop: &Planes) {
    let size = crop.width * crop.height;
    for at in 0..size {
        let [r, g, b] = [0, 1, 2].map(|plane| crop.data[plane * size + at]);
        let gray = fall(r.max(g).max(b) - r.min(g).min(b), GRAY);
        let mean = [0, 1, 2].map(|plane| change.data[plane * size + at]).iter().sum::<f32>() / 3.0;
        for plane in 0..3 {
            let v = &mut change.data[plane * size + at];
            // Where all is gray, the channels must be equal to the last bit.
            *v = if gray == 1.0 { mean } else { *v + (mean - *v) * gray };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(side: usize, paint: impl Fn(usize, usize, usize) -> f32) -> Planes {
        let mut planes = Planes::new(side, side).unwrap();
        let data = (0..3 * side * side).map(|at| paint(at / side / side, at % side, at / side % side));
        planes.data = data.collect();
        planes
    }

    fn face(plane: usize, x: usize, y: usize) -> f32 {
        0.4 + 0.1 * plane as f32 + 0.002 * x as f32 + 0.1 * ((y / 5) % 2) as f32
    }

    #[test]
    fn a_restorer_that_changes_nothing_changes_nothing() {
        let crop = painted(64, face);
        assert!(change(&crop, &crop).unwrap().data.iter().all(|v| *v == 0.0));
    }

    #[test]
    fn a_drift_of_colour_is_taken_away_and_detail_is_kept() {
        let crop = painted(128, face);
        let drift = |plane: usize, x: usize| [0.08, -0.05, 0.03][plane] + 0.0004 * x as f32;
        let detail = |x: usize, y: usize| if (x / 2 + y / 2).is_multiple_of(2) { 0.06 } else { -0.06 };
        let drifted = painted(128, |plane, x, y| face(plane, x, y) + drift(plane, x));
        let worst = change(&crop, &drifted).unwrap().data.iter().fold(0.0f32, |worst, v| worst.max(v.abs()));
        assert!(worst < 0.005, "{worst}");
        let detailed = painted(128, |plane, x, y| face(plane, x, y) + drift(plane, x) + detail(x, y));
        let made = change(&crop, &detailed).unwrap();
        for (at, v) in made.data.iter().enumerate() {
            let (x, y) = (at % 128, at / 128 % 128);
            assert!((v - detail(x, y)).abs() < 0.015, "{v} at {x} {y}");
        }
    }

    #[test]
    fn a_gray_face_stays_gray_and_a_coloured_one_may_change_its_colour() {
        let tint = |plane: usize, x: usize, y: usize| if (x + y).is_multiple_of(2) { 0.1 * plane as f32 } else { 0.0 };
        let gray = painted(32, |_, x, y| face(0, x, y));
        let size = 32 * 32;
        let made = change(&gray, &painted(32, |plane, x, y| face(0, x, y) + tint(plane, x, y))).unwrap();
        assert!((0..size).all(|at| made.data[at] == made.data[size + at] && made.data[at] == made.data[2 * size + at]));
        assert!(made.data.iter().any(|v| v.abs() > 0.02));
        let made =
            change(&painted(32, face), &painted(32, |plane, x, y| face(plane, x, y) + tint(plane, x, y))).unwrap();
        assert!((0..size).any(|at| (made.data[at] - made.data[2 * size + at]).abs() > 0.05));
    }
}
