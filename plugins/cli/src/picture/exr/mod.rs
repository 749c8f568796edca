//! EXR: floating-point samples in linear light, colour premultiplied by alpha.

pub mod read;
pub mod write;
