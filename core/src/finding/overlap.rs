//! Overlap: which boxes stand for the same face, and the face that they give together.

use std::cmp::Ordering;

use crate::faces::face::Face;

/// The share of the area of two boxes that they have in common: 0 for none, 1 if they are equal.
pub(super) fn overlap(a: &Face, b: &Face) -> f32 {
    let common = |low: [f32; 2], side: [f32; 2]| {
        let end = (low[0] + side[0]).min(low[1] + side[1]);
        (end - low[0].max(low[1])).max(0.0)
    };
    let both = common([a.left, b.left], [a.width, b.width]) * common([a.top, b.top], [a.height, b.height]);
    both / (a.width * a.height + b.width * b.height - both)
}

/// The share of the smaller box that lies in the larger one.
fn contained(a: &Face, b: &Face) -> f32 {
    let (of_a, of_b) = (a.width * a.height, b.width * b.height);
    let share = overlap(a, b);
    share * (of_a + of_b) / (1.0 + share) / of_a.min(of_b)
}

/// The order of faces in a list: the surest first, then from top to bottom and from left to right, so that it never depends on
/// the order in which they were found.
pub(super) fn order(a: &Face, b: &Face) -> Ordering {
    b.score.total_cmp(&a.score).then(a.top.total_cmp(&b.top)).then(a.left.total_cmp(&b.left))
}

/// The surest of the faces, without those whose box overlaps with that of a surer one by at least `share`, or lies nearly
/// inside it or around it.
pub(super) fn surest(mut faces: Vec<Face>, share: f32) -> Vec<Face> {
    /// Where a box lies in another one, it is a part of the same head.
    const INSIDE: f32 = 0.8;
    faces.sort_by(order);
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept.iter().all(|surer| overlap(surer, &face) < share && contained(surer, &face) < INSIDE) {
            kept.push(face);
        }
    }
    kept
}

/// The mean of the faces that overlap with `face` by at least half and have at least half its score, weighted with their scores; its
/// score is that of `face`.
/// (BlazeFace blends overlapping predictions so, which makes boxes steadier than the best prediction alone.)
pub(super) fn blended(face: &Face, faces: &[Face]) -> Face {
    let is_same = |other: &&Face| overlap(face, other) >= 0.5 && 2.0 * other.score >= face.score;
    let same: Vec<&Face> = faces.iter().filter(is_same).collect();
    let sum: f32 = same.iter().map(|other| other.score).sum();
    let mean = |value: &dyn Fn(&Face) -> f32| same.iter().map(|other| value(other) * other.score).sum::<f32>() / sum;
    Face {
        left: mean(&|face| face.left),
        top: mean(&|face| face.top),
        width: mean(&|face| face.width),
        height: mean(&|face| face.height),
        points: std::array::from_fn(|i| [0, 1].map(|axis| mean(&|face| face.points[i][axis]))),
        score: face.score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(left: f32, width: f32, score: f32) -> Face {
        Face { left, top: 0.0, width, height: 10.0, points: [[left, 1.0]; 6], score }
    }

    #[test]
    fn overlap_is_the_common_share() {
        assert_eq!(overlap(&face(0.0, 10.0, 1.0), &face(0.0, 10.0, 1.0)), 1.0);
        assert_eq!(overlap(&face(0.0, 10.0, 1.0), &face(10.0, 10.0, 1.0)), 0.0);
        assert!((overlap(&face(0.0, 10.0, 1.0), &face(5.0, 10.0, 1.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert!((contained(&face(0.0, 10.0, 1.0), &face(8.0, 4.0, 1.0)) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn the_surest_of_those_that_overlap_is_kept() {
        let faces = [face(0.0, 10.0, 0.6), face(1.0, 10.0, 0.9), face(30.0, 10.0, 0.5), face(31.0, 2.0, 0.4)];
        let mut turned = faces;
        turned.reverse();
        for faces in [faces, turned] {
            assert_eq!(surest(faces.to_vec(), 0.3), [face(1.0, 10.0, 0.9), face(30.0, 10.0, 0.5)]);
        }
    }

    #[test]
    fn blending_weighs_with_scores() {
        let all = [face(0.0, 10.0, 0.9), face(1.0, 10.0, 0.45), face(50.0, 10.0, 0.9), face(1.0, 10.0, 0.2)];
        let blended = blended(&all[0], &all);
        assert!((blended.left - 1.0 / 3.0).abs() < 1e-6 && (blended.points[3][0] - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(blended.score, 0.9);
    }
}
