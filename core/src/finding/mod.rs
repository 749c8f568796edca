//! Finding faces: the search of a picture, from its rows to a list of faces.

mod detector;
pub(crate) mod finder;
mod frame;
mod image;
mod overlap;
