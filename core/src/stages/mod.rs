//! The stages of the pipeline. Each stage makes its next row from rows that it pulls from the stage before it.

pub(crate) mod alpha_bleed;
pub(crate) mod clip;
pub(crate) mod colour_lock;
pub(crate) mod damaged_rows;
pub(crate) mod decode;
pub(crate) mod edge_care;
pub(crate) mod encode;
pub(crate) mod face_blend;
pub(crate) mod fill;
pub(crate) mod grain;
pub(crate) mod grain_noise;
pub(crate) mod join;
pub(crate) mod mask;
pub(crate) mod mirror;
pub(crate) mod repeat;
pub(crate) mod resample;
pub(crate) mod row_buffer;
pub(crate) mod source_noise;
pub(crate) mod stage;
pub(crate) mod strength;
pub(crate) mod tee;
pub(crate) mod texture;
pub(crate) mod tiles;
pub(crate) mod tone;
pub(crate) mod window;

#[cfg(test)]
pub(crate) mod test_rows;
