//! Old photographs: what has faded, and where scratches, hairs and dust are. What is found is repaired by stages.

mod border;
mod fading;
mod judge;
mod marks;
mod ridges;
mod scratch_bits;
mod scratches;
mod search;
