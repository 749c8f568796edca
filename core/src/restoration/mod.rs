//! The restoration of faces by a network made for that: each face is aligned, restored, coloured like the picture and put
//! back. What the network makes of a face is invented.

pub(crate) mod affine;
pub(crate) mod align;
pub(crate) mod colour_match;
pub(crate) mod crop;
pub(crate) mod kept_faces;
pub(crate) mod paste;
pub(crate) mod restorer;
pub(crate) mod warp;
