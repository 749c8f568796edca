//! Advice: what is wrong with a picture for an enlargement, measured in its pixels, and what to do about it.
//!
//! Each measure has a file. `sample` reads the picture once; `rules` turns measures into sentences.

#[expect(clippy::module_inception, reason = "the file is named after the type in it")]
pub(crate) mod advice;
mod content;
mod edges;
mod enlargement;
mod fourier;
mod lines;
pub(crate) mod measures;
mod noise;
pub(crate) mod question;
pub(crate) mod rules;
mod sample;
mod spectrum;
mod tones;
