//! Pixels as the caller has them: formats, views, sources and sinks, and the conversion to planar f32.

pub(crate) mod convert;
pub(crate) mod format;
pub(crate) mod mask;
pub(crate) mod rows;
pub(crate) mod sheet;
pub(crate) mod view;
