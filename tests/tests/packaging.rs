//! What users build, install and run: headers, `scripts/install`, `scripts/package`, example programs, quick starts.
//!
//! These tests run cargo, compilers and programs. A single file: `scripts/test --test packaging header::`.

mod header;
mod installed;
mod layout;
mod package;
mod programs;
mod quick_starts;
mod user_models;
