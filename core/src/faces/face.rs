//! A face in a picture: where it is, and how sure the search is. It must never say whose it is.

use crate::error::{Error, ErrorKind, Result};

/// A face, in pixels of the source. The origin is the upper left corner of the upper left pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// The left edge of the box around the face, from the eyebrows to the chin. The box may reach over the picture's border.
    pub left: f32,
    /// Its upper edge.
    pub top: f32,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// Where, as `[x, y]`: the person's right eye and left eye, the tip of the nose, the middle of the mouth, the right ear and the
    /// left ear.
    pub points: [[f32; 2]; 6],
    /// How sure the search is, 0 to 1.
    pub score: f32,
}

/// The numbers of a face in [`Face::read_all`].
const NUMBERS: usize = 4 + 2 * 6 + 1;

impl Face {
    /// Reads faces from 17 numbers each, as 32-bit floating point of this machine: left, top, width, height, the points in their
    /// order (x and y), score.
    ///
    /// # Errors
    /// `Argument` for another number of bytes, and as [`Face::check`].
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        let numbers: Vec<f32> = numbers.iter().map(|number| f32::from_ne_bytes(*number)).collect();
        let (faces, more) = numbers.as_chunks::<NUMBERS>();
        if !rest.is_empty() || !more.is_empty() {
            let message = format!(
                "{} bytes cannot be faces; give {NUMBERS} numbers of 32-bit floating point, which are {} bytes, for each",
                bytes.len(),
                4 * NUMBERS
            );
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let face = |numbers: &[f32; NUMBERS]| {
            let [left, top, width, height, points @ .., score] = *numbers;
            let point = |index: usize| [points[2 * index], points[2 * index + 1]];
            let face = Face { left, top, width, height, points: [0, 1, 2, 3, 4, 5].map(point), score };
            face.check().map(|()| face)
        };
        faces.iter().map(face).collect()
    }

    /// Checks that the numbers describe a face.
    ///
    /// # Errors
    /// `Argument` if a number is not finite, or the box has no width or height.
    pub fn check(&self) -> Result<()> {
        let numbers = [self.left, self.top, self.width, self.height, self.score];
        let finite = numbers.iter().chain(self.points.as_flattened()).all(|number| number.is_finite());
        if finite && self.width > 0.0 && self.height > 0.0 {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Argument,
            "a face has a box without width or height, or a number that is not finite; give faces as the search for faces gives them",
        ))
    }
}
