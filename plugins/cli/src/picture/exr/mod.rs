//! EXR: floating-point samples in linear light, colour premultiplied by alpha.

mod channels;
pub mod read;
pub mod write;
