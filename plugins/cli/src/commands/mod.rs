//! The commands: enlarging pictures, and everything around it.
//!
//! Each takes its arguments, shows what it does on the terminal and returns an exit status.

pub mod advice;
pub mod doctor;
mod engines;
pub mod enlarge;
mod faces;
pub mod info;
pub mod install;
pub mod models;
pub mod presets;
pub mod preview;
mod provenance;
pub mod scratches;
