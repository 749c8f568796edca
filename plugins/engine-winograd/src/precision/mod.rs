//! Which arithmetic is accurate enough for a network.
//!
//! Integers and 16-bit floats are faster than 32-bit floats, but round more. A probe (`probe`) measures on sample pictures
//! how much of that reaches the output, and the answer is kept (`arithmetic_choice`). The choice must never depend on
//! anything but such a measurement.

pub(crate) mod arithmetic_choice;
pub(crate) mod probe;
