//! A frame: how the pixels of an image that the network sees lie in the image that was read. It turns, scales and moves, and
//! must never bend.

use crate::faces::face::Face;

/// A similarity: `place = origin + x * across + y * down`, where `down` is `across` turned by 90° clockwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    origin: [f32; 2],
    /// The step there for a step to the right.
    across: [f32; 2],
}

impl Frame {
    /// The frame of an image of `size` around `centre`. `across` is the step for each of its pixels to the right.
    pub(super) fn around(centre: [f32; 2], across: [f32; 2], size: [f32; 2]) -> Self {
        let ([x, y], [right, down]) = (across, size.map(|side| side / 2.0));
        Frame { origin: [centre[0] - right * x + down * y, centre[1] - right * y - down * x], across }
    }

    /// Where a pixel lies.
    pub(super) fn place(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [ax, ay] = self.across;
        [self.origin[0] + x * ax - y * ay, self.origin[1] + x * ay + y * ax]
    }

    /// The length of a step.
    pub(super) fn step(&self) -> f32 {
        self.across[0].hypot(self.across[1])
    }

    /// A face that was found in the frame's image. The box keeps its centre and size, and is upright.
    pub(super) fn face(&self, face: &Face) -> Face {
        let centre = self.place([face.left + face.width / 2.0, face.top + face.height / 2.0]);
        let (width, height) = (face.width * self.step(), face.height * self.step());
        Face {
            left: centre[0] - width / 2.0,
            top: centre[1] - height / 2.0,
            width,
            height,
            points: face.points.map(|point| self.place(point)),
            score: face.score,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_around_a_place_has_it_in_its_middle() {
        for across in [[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0], [1.2, -1.6]] {
            let frame = Frame::around([50.0, 70.0], across, [128.0, 64.0]);
            let [x, y] = frame.place([64.0, 32.0]);
            assert!((x - 50.0).abs() < 1e-4 && (y - 70.0).abs() < 1e-4, "{across:?}");
            assert!((frame.step() - 2.0).abs() < 1e-6);
        }
        assert_eq!(Frame::around([3.0, 4.0], [2.0, 0.0], [3.0, 4.0]).place([0.0; 2]), [0.0, 0.0]);
        // Turned by 90° clockwise, what is to the right in the image lies below.
        assert_eq!(Frame::around([0.0, 0.0], [0.0, 1.0], [2.0, 2.0]).place([2.0, 1.0]), [0.0, 1.0]);
    }
}
