//! PSD and PSB: the flattened picture that Photoshop stores beside the layers is read. Results are never written in it.

mod colours;
mod header;
pub mod read;
