//! An affine map of the plane: what takes a place in the picture to its place in the aligned face, and back.
//!
//! Places are continuous: the origin is the upper left corner of the upper left pixel, whose centre is at 0.5. Nothing here may
//! know what is mapped.

/// Maps `[x, y]` to `[xx * x + xy * y + x0, yx * x + yy * y + y0]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Affine {
    pub(crate) xx: f64,
    pub(crate) xy: f64,
    pub(crate) x0: f64,
    pub(crate) yx: f64,
    pub(crate) yy: f64,
    pub(crate) y0: f64,
}

impl Affine {
    /// Scales each axis, about the origin.
    pub(crate) fn scale(x: f64, y: f64) -> Self {
        Affine { xx: x, xy: 0.0, x0: 0.0, yx: 0.0, yy: y, y0: 0.0 }
    }

    /// Where a place goes.
    pub(crate) fn map(self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.xx * x + self.xy * y + self.x0, self.yx * x + self.yy * y + self.y0]
    }

    /// This map, then `next`.
    pub(crate) fn then(self, next: Affine) -> Affine {
        let [x0, y0] = next.map([self.x0, self.y0]);
        Affine {
            xx: next.xx * self.xx + next.xy * self.yx,
            xy: next.xx * self.xy + next.xy * self.yy,
            x0,
            yx: next.yx * self.xx + next.yy * self.yx,
            yy: next.yx * self.xy + next.yy * self.yy,
            y0,
        }
    }

    /// The map back. The map must not be flat: its determinant must not be 0.
    pub(crate) fn inverse(self) -> Affine {
        let det = self.xx * self.yy - self.xy * self.yx;
        let (xx, xy, yx, yy) = (self.yy / det, -self.xy / det, -self.yx / det, self.xx / det);
        Affine { xx, xy, x0: -(xx * self.x0 + xy * self.y0), yx, yy, y0: -(yx * self.x0 + yy * self.y0) }
    }

    /// How far apart two neighbouring places, 1 apart along each axis, lie after the map: the larger of the two lengths.
    pub(crate) fn stretch(self) -> f64 {
        self.xx.hypot(self.yx).max(self.xy.hypot(self.yy))
    }

    /// The smallest box around the image of the box from `[left, top]` to `[right, bottom]`: left, top, right, bottom.
    pub(crate) fn bounds(self, [left, top, right, bottom]: [f64; 4]) -> [f64; 4] {
        let corners = [[left, top], [right, top], [left, bottom], [right, bottom]].map(|corner| self.map(corner));
        let least = |axis: usize| corners.iter().fold(f64::INFINITY, |least, corner| least.min(corner[axis]));
        let most = |axis: usize| corners.iter().fold(f64::NEG_INFINITY, |most, corner| most.max(corner[axis]));
        [least(0), least(1), most(0), most(1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: Affine = Affine { xx: 1.5, xy: -0.5, x0: 7.0, yx: 0.25, yy: 2.0, y0: -3.0 };

    #[test]
    fn the_inverse_takes_a_place_back() {
        for place in [[0.0, 0.0], [3.0, -8.0], [100.5, 7.25]] {
            let back = MAP.inverse().map(MAP.map(place));
            assert!((back[0] - place[0]).abs() < 1e-9 && (back[1] - place[1]).abs() < 1e-9, "{back:?}");
        }
    }

    #[test]
    fn maps_follow_each_other_in_the_order_in_which_they_are_written() {
        let next = Affine::scale(2.0, 3.0);
        assert_eq!(MAP.then(next).map([1.0, 2.0]), next.map(MAP.map([1.0, 2.0])));
        assert_ne!(next.then(MAP).map([1.0, 2.0]), next.map(MAP.map([1.0, 2.0])));
    }

    #[test]
    fn bounds_hold_all_corners() {
        let quarter_turn = Affine { xx: 0.0, xy: -2.0, x0: 0.0, yx: 2.0, yy: 0.0, y0: 0.0 };
        assert_eq!(quarter_turn.bounds([0.0, 0.0, 3.0, 1.0]), [-2.0, 0.0, 0.0, 6.0]);
        assert_eq!((quarter_turn.stretch(), MAP.stretch()), (2.0, 0.5f64.hypot(2.0)));
    }
}
