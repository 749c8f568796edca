//! The job and its plan: what the caller wants, and how the picture is divided. Geometry only; no pixels.

pub(crate) mod damage;
pub(crate) mod grid;
pub(crate) mod job;
pub(crate) mod method;
pub(crate) mod networks;
pub(crate) mod pass;
#[expect(clippy::module_inception, reason = "the file is named after the type in it")]
pub(crate) mod plan;
