//! What must happen within a time: how soon a cancel is answered, inside the program and in engine libraries.
//!
//! A program apart from `product.rs`, so that the tests there do not take the CPUs from these.

mod cancel;
mod engine_libraries;
mod sessions;
