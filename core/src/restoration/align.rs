//! Alignment: the map from a picture to the crop that a face restorer was trained on, found from the points of a face.
//!
//! Restorers are trained on faces of FFHQ, aligned so that eyes, nose and mouth lie at fixed places in a square. The map is the
//! similarity (turn, scale, shift) that brings the points of a face nearest to those places, by least squares (S. Umeyama,
//! "Least-squares estimation of transformation parameters between two point patterns", 1991; in the plane and without
//! reflection it has the closed form used here). It must never mirror or shear a face.

use crate::faces::face::Face;
use crate::restoration::affine::Affine;

/// The places in a crop of 512×512 pixels, in the order of [`Face::points`]: right eye, left eye, tip of the nose, middle of the
/// mouth. From the file `face_restoration_helper.py` of facexlib 0.3 ("standard 5 landmarks for FFHQ faces with 512 x 512"),
/// with which GFPGAN aligns faces. There the mouth has two corners, [201.26117, 371.41043] and [313.08905, 371.15118]; its middle
/// here is theirs.
const PLACES: [[f64; 2]; 4] =
    [[192.981_38, 239.947_08], [318.902_77, 240.193_6], [256.634_16, 314.019_35], [257.175_11, 371.280_805]];

/// The side of the crop to which [`PLACES`] belong.
const PLACES_SIDE: f64 = 512.0;

/// The weights of the points. The middle of the mouth stands for two corners: the squared distances of both corners sum to twice
/// that of their middle, and a part that depends on the width of the mouth alone, which is unknown.
const WEIGHTS: [f64; 4] = [1.0, 1.0, 1.0, 2.0];

/// [`PLACES`] count from the centre of the upper left pixel, as OpenCV does; maps here count from its corner.
const CORNER: f64 = 0.5;

/// The side of the square that becomes the crop, in pixels of the picture: a face below has no features that could be aligned,
/// and one above is no face of a picture that fits into memory.
const SIDES: (f64, f64) = (8.0, 1e6);

/// The map from places in the picture to places in the crop of `side` × `side` pixels; `None` if the points are not those of a
/// face, because they coincide or are not finite.
pub(crate) fn to_crop(face: &Face, side: u32) -> Option<Affine> {
    let from: [[f64; 2]; 4] = [0, 1, 2, 3].map(|index| face.points[index].map(f64::from));
    let ratio = f64::from(side) / PLACES_SIDE;
    let to = PLACES.map(|place| place.map(|v| (v + CORNER) * ratio));
    let sum = WEIGHTS.iter().sum::<f64>();
    let centre = |points: &[[f64; 2]; 4]| {
        [0, 1].map(|axis| points.iter().zip(WEIGHTS).map(|(point, weight)| weight * point[axis]).sum::<f64>() / sum)
    };
    let (middle, target) = (centre(&from), centre(&to));
    let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
    for ((p, q), weight) in from.iter().zip(&to).zip(WEIGHTS) {
        let ([px, py], [qx, qy]) = ([p[0] - middle[0], p[1] - middle[1]], [q[0] - target[0], q[1] - target[1]]);
        along += weight * (px * qx + py * qy);
        across += weight * (px * qy - py * qx);
        spread += weight * (px * px + py * py);
    }
    let (cosine, sine) = (along / spread, across / spread);
    let seen = f64::from(side) / cosine.hypot(sine);
    let map = Affine { xx: cosine, xy: -sine, x0: 0.0, yx: sine, yy: cosine, y0: 0.0 };
    let [x, y] = map.map(middle);
    // A comparison with NaN is false.
    (seen >= SIDES.0 && seen <= SIDES.1).then_some(Affine { x0: target[0] - x, y0: target[1] - y, ..map })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A face whose points fit the places exactly, in a square of `side` pixels turned by `angle` (radians) about its centre.
    pub(crate) fn face_at(centre: [f32; 2], side: f32, angle: f32) -> Face {
        let place = |[x, y]: [f64; 2]| {
            let (x, y) = ((x + CORNER) as f32 / 512.0 - 0.5, (y + CORNER) as f32 / 512.0 - 0.5);
            let (sine, cosine) = angle.sin_cos();
            [centre[0] + side * (cosine * x - sine * y), centre[1] + side * (sine * x + cosine * y)]
        };
        let ears = [[140.0, 260.0], [372.0, 260.0]];
        let points = [PLACES[0], PLACES[1], PLACES[2], PLACES[3], ears[0], ears[1]].map(place);
        let (left, top) = (centre[0] - 0.25 * side, centre[1] - 0.2 * side);
        Face { left, top, width: 0.5 * side, height: 0.5 * side, points, score: 1.0 }
    }

    #[test]
    fn points_that_fit_are_mapped_exactly() {
        for (side, angle) in [(24.0, 0.0), (300.0, 0.6), (1800.0, -2.5), (100.0, std::f32::consts::PI)] {
            let face = face_at([500.0, 400.0], side, angle);
            let map = to_crop(&face, 512).unwrap();
            for (point, place) in face.points.iter().zip(PLACES) {
                let [x, y] = map.map(point.map(f64::from));
                assert!(
                    (x - CORNER - place[0]).abs() < 0.01 && (y - CORNER - place[1]).abs() < 0.01,
                    "{side} {angle}: {x} {y}"
                );
            }
            assert!((map.stretch() - 512.0 / f64::from(side)).abs() < 1e-3);
            let small = to_crop(&face, 64).unwrap().map(face.points[2].map(f64::from));
            assert!((small[0] - (PLACES[2][0] + CORNER) / 8.0).abs() < 0.01);
        }
    }

    #[test]
    fn a_point_that_is_off_moves_the_others_as_little_as_possible() {
        let mut face = face_at([500.0, 400.0], 512.0, 0.3);
        face.points[2][0] += 9.0;
        let map = to_crop(&face, 512).unwrap();
        let error = |map: Affine| {
            let off = |(index, place): (usize, &[f64; 2])| {
                let [x, y] = map.map(face.points[index].map(f64::from));
                WEIGHTS[index] * ((x - CORNER - place[0]).powi(2) + (y - CORNER - place[1]).powi(2))
            };
            PLACES.iter().enumerate().map(off).sum::<f64>()
        };
        let least = error(map);
        assert!(least > 1.0);
        let steps = [Affine::scale(1.001, 1.001), Affine { x0: 0.2, ..Affine::scale(1.0, 1.0) }];
        let turn = Affine { xx: 1.0, xy: -0.001, x0: 0.0, yx: 0.001, yy: 1.0, y0: 0.0 };
        for step in steps.into_iter().chain([turn]) {
            assert!(error(map.then(step)) > least && error(map.then(step.inverse())) > least, "{step:?}");
        }
    }

    #[test]
    fn points_that_are_no_face_have_no_map() {
        let same = Face { points: [[5.0, 5.0]; 6], ..face_at([0.0, 0.0], 100.0, 0.0) };
        let mut unknown = face_at([0.0, 0.0], 100.0, 0.0);
        unknown.points[3][1] = f32::NAN;
        let tiny = face_at([5.0, 5.0], 3.0, 0.0);
        for face in [same, unknown, tiny] {
            assert_eq!(to_crop(&face, 512), None);
        }
    }
}
