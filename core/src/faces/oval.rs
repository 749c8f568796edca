//! The oval of a face: a soft mask from its box and points, wide enough for hair line and ears.
//!
//! It is 1 over the face and falls to 0 around it without an edge, so that what is blended by it has no seam. It is computed from
//! the place alone, never from pixels: a rectangle of a result gets the values of the whole.

use crate::faces::face::Face;
use crate::geometry::Rect;

/// The half axes of the part that is 1, along the line of the eyes and across it, in heights and widths of the box. The box
/// reaches from the eyebrows to the chin. That is two of the three equal parts of a face, so the hair line lies half a box above it.
const HALF_AXES: [f64; 2] = [0.62, 0.72];

/// How far above the middle of the box the oval has its own, in heights of the box.
const RAISED: f64 = 0.17;

/// Where the oval has fallen to 0, in half axes.
const END: f64 = 1.3;

/// The oval of a face, in pixels of the source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Oval {
    centre: [f64; 2],
    /// The direction of the line from the person's right eye to the left one, of length 1.
    along: [f64; 2],
    /// The half axes of the part that is 1: along that line, and across it.
    half_axes: [f64; 2],
}

impl Oval {
    /// The oval of a face whose numbers are finite.
    pub(crate) fn of(face: &Face) -> Self {
        let [right_eye, left_eye, _, mouth, _, _] = face.points.map(|point| point.map(f64::from));
        let eyes = [left_eye[0] - right_eye[0], left_eye[1] - right_eye[1]];
        // From the middle between the eyes to the mouth. In profile the eyes lie close together, and this tells the direction.
        let down = [0, 1].map(|axis| mouth[axis] - (right_eye[axis] + left_eye[axis]) / 2.0);
        let along = unit([eyes[0] + down[1], eyes[1] - down[0]]);
        let (width, height) = (f64::from(face.width), f64::from(face.height));
        let middle = [f64::from(face.left) + width / 2.0, f64::from(face.top) + height / 2.0];
        // Up is a quarter turn from the line of the eyes.
        let centre = [middle[0] + RAISED * height * along[1], middle[1] - RAISED * height * along[0]];
        Oval { centre, along, half_axes: [HALF_AXES[0] * width, HALF_AXES[1] * height] }
    }

    /// The value at a place: 1 over the face, 0 far from it.
    fn at(&self, place: [f64; 2]) -> f32 {
        let [dx, dy] = [place[0] - self.centre[0], place[1] - self.centre[1]];
        let along = (dx * self.along[0] + dy * self.along[1]) / self.half_axes[0];
        let across = (dy * self.along[0] - dx * self.along[1]) / self.half_axes[1];
        let share = ((END - along.hypot(across)) / (END - 1.0)).clamp(0.0, 1.0);
        // Level at both ends, so that neither shows as an edge.
        (share * share * (3.0 - 2.0 * share)) as f32
    }

    /// How far the oval reaches from its centre, across and down.
    fn reach(&self) -> [f64; 2] {
        let [a, b] = self.half_axes;
        let [x, y] = self.along;
        [END * (a * x).hypot(b * y), END * (a * y).hypot(b * x)]
    }

    /// The oval in a result that is larger than the source by these factors across and down, for a source whose first pixel lies
    /// at `origin` of the picture that is enlarged.
    pub(crate) fn placed(self, origin: [f64; 2], factors: [f64; 2]) -> PlacedOval {
        PlacedOval { oval: self, origin, factors }
    }
}

/// A vector of length 1 in this direction; to the right if there is none.
fn unit([x, y]: [f64; 2]) -> [f64; 2] {
    let length = x.hypot(y);
    if length > 0.0 { [x / length, y / length] } else { [1.0, 0.0] }
}

/// An oval in a result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PlacedOval {
    oval: Oval,
    origin: [f64; 2],
    factors: [f64; 2],
}

impl PlacedOval {
    /// The value at the centre of a pixel of the result.
    pub(crate) fn at(&self, x: u32, y: u32) -> f32 {
        let place = |at: u32, axis: usize| (f64::from(at) + 0.5) / self.factors[axis] - self.origin[axis];
        self.oval.at([place(x, 0), place(y, 1)])
    }

    /// The part of `within` outside which the oval is 0; `None` if it is 0 everywhere in it.
    pub(crate) fn rect(&self, within: Rect) -> Option<Rect> {
        let reach = self.oval.reach();
        let side = |axis: usize, start: u32, end: u32| {
            let edge = |sign: f64| {
                let place = self.oval.centre[axis] + sign * reach[axis] + self.origin[axis];
                // Beyond the picture, `as` gives the nearest number.
                place * self.factors[axis]
            };
            let first = (edge(-1.0).floor() as u32).max(start);
            let last = (edge(1.0).ceil().max(0.0) as u32).min(end);
            (first < last).then(|| (first, last - first))
        };
        let (x, width) = side(0, within.x, within.right())?;
        let (y, height) = side(1, within.y, within.bottom())?;
        Some(Rect { x, y, width, height })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A face of this height whose eyes lie on a line that is turned by `degrees`, clockwise.
    pub(crate) fn turned(centre: [f32; 2], height: f32, degrees: f32) -> Face {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let place = |x: f32, y: f32| {
            let (x, y) = (x * height, y * height);
            [centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos]
        };
        let points = [(-0.2, -0.2), (0.2, -0.2), (0.0, 0.05), (0.0, 0.25), (-0.4, -0.1), (0.4, -0.1)];
        Face {
            left: centre[0] - height / 2.0,
            top: centre[1] - height / 2.0,
            width: height,
            height,
            points: points.map(|(x, y)| place(x, y)),
            score: 0.9,
        }
    }

    #[test]
    fn it_covers_the_face_up_to_hair_line_and_ears_and_turns_with_the_eyes() {
        for degrees in [-170, -90, -30, 0, 20, 90, 180] {
            let degrees = degrees as f32;
            let face = turned([300.0, 200.0], 100.0, degrees);
            let oval = Oval::of(&face);
            for point in face.points {
                assert_eq!(oval.at(point.map(f64::from)), 1.0, "{degrees}: {point:?}");
            }
            let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
            let value = |x: f64, y: f64| oval.at([300.0 + x * cos - y * sin, 200.0 + x * sin + y * cos]);
            for (x, y, least) in [(0.0, -88.0, 1.0), (0.0, 50.0, 0.99), (-60.0, -10.0, 1.0), (60.0, -10.0, 1.0)] {
                assert!(value(x, y) >= least, "{degrees}: {x}, {y} has {}", value(x, y));
            }
            for (x, y) in [(0.0, -112.0), (0.0, 78.0), (82.0, -17.0), (-82.0, -17.0), (1e4, 0.0)] {
                assert_eq!(value(x, y), 0.0, "{degrees}: {x}, {y}");
            }
        }
    }

    #[test]
    fn a_profile_and_points_at_one_place_have_an_oval() {
        let mut face = turned([50.0, 50.0], 40.0, 30.0);
        let middle = [0, 1].map(|axis| (face.points[0][axis] + face.points[1][axis]) / 2.0);
        (face.points[0], face.points[1]) = (middle, middle);
        let [x, y] = Oval::of(&face).along;
        assert!((y.atan2(x).to_degrees() - 30.0).abs() < 1e-3);
        face.points = [[50.0, 50.0]; 6];
        assert_eq!(Oval::of(&face).along, [1.0, 0.0]);
    }

    #[test]
    fn its_rectangle_holds_all_of_it_and_little_else() {
        let whole = Rect { x: 0, y: 0, width: 500, height: 400 };
        for (degrees, origin) in [(0.0, [0.0, 0.0]), (35.0, [10.0, -20.0]), (80.0, [0.0, 0.0])] {
            let oval = Oval::of(&turned([80.0, 90.0], 50.0, degrees)).placed(origin, [2.5, 2.0]);
            let rect = oval.rect(whole).unwrap();
            let mut found: Option<[u32; 4]> = None;
            for (x, y) in (0..whole.height).flat_map(|y| (0..whole.width).map(move |x| (x, y))) {
                if oval.at(x, y) > 0.0 {
                    let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
                    found = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
                }
            }
            let [left, top, right, bottom] = found.unwrap();
            assert!(rect.x <= left && rect.y <= top && rect.right() > right && rect.bottom() > bottom, "{rect:?}");
            assert!(left - rect.x < 4 && top - rect.y < 4 && rect.right() - right < 5 && rect.bottom() - bottom < 5);
        }
        let oval = Oval::of(&turned([80.0, 90.0], 50.0, 0.0)).placed([0.0, 0.0], [1.0, 1.0]);
        assert_eq!(oval.rect(Rect { x: 300, ..whole }), None);
        let beyond = Oval::of(&turned([-500.0, 90.0], 50.0, 0.0)).placed([0.0, 0.0], [1.0, 1.0]);
        assert_eq!(beyond.rect(whole), None);
    }
}
