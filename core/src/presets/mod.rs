//! Presets: which models serve what a person wants, and how worn a picture is.

mod camera_noise;
pub(crate) mod choice;
pub(crate) mod content;
pub(crate) mod preset;
pub(crate) mod roughness;
pub(crate) mod wear;
