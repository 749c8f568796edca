//! Models: what each says about itself, its files, and where models are found.

pub(crate) mod manifest;
pub(crate) mod model;
pub(crate) mod noise;
pub(crate) mod registry;
