//! A face in a picture: where it is, and how sure the search is. It must never say whose it is.

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
