//! Old photographs: what has faded, and where scratches, hairs and dust are. What is found is repaired by stages.

mod border;
mod crowd;
mod fading;
mod judge;
mod lines;
mod marks;
mod ridges;
mod scratch_bits;
mod scratches;
mod search;
