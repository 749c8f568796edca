//! Running a network on a device: what is kept there, and how much work is submitted at a time.

mod network;
mod pace;
mod workspace;

pub(crate) use network::Network;
