//! What the tests of engines share: graphs that are built by hand, a naive reference, and small networks of every family.
//!
//! Nothing here is part of a product.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod graph_builder;
mod manifest;
mod network;
mod networks;
mod parts;
mod plain_networks;
mod random_numbers;
mod reference;

pub use graph_builder::{GraphBuilder, integers};
pub use network::Network;
pub use networks::{networks, rrdb_unshuffled, span, strong_span};
pub use plain_networks::{NOISE_LEVEL, plain_networks};
pub use random_numbers::RandomNumbers;
pub use reference::{Array, evaluate_graph};
