//! What is wanted, and how a picture is divided to get it. Pure geometry; no pixel is seen here.

pub(crate) mod grid;
pub(crate) mod job;
#[expect(clippy::module_inception, reason = "the file has the name of its noun")]
pub(crate) mod plan;
pub(crate) mod steps;
