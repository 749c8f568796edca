//! Advice: what is wrong with a picture for an enlargement, measured in its pixels, and what to do about it.
//!
//! Each measure has a file. `sample` reads the picture once; `advice` turns measures into sentences.

pub(crate) mod advice;
mod content;
mod edges;
mod enlargement;
mod fourier;
mod lines;
pub(crate) mod measures;
mod noise;
pub(crate) mod question;
mod sample;
mod spectrum;
mod tones;
