//! Faces: where they are. The search for them needs stages, so it is a room of its own above those.

pub(crate) mod face;
pub(crate) mod oval;
