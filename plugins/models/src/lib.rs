//! Importing, installing and removing models, for the command and the C interface alike.
//!
//! [`import`] takes any network file, [`Installer`] a model of the catalogue. Both run what they do not trust in a process of
//! its own ([`Worker`]), within limits of time and memory, and keep nothing of a model that fails. Both report to a [`Watch`]
//! and stop at once when it is cancelled.
//!
//! This crate must never write to a terminal, and never connect to a server itself: pip, npm and curl do that.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod candidate;
pub mod download;
mod import;
mod install;
mod probing;
mod public;
pub mod trial;
mod watch;
mod worker;

pub use import::{Existing, Import, Imported, Tested, import};
pub use install::{Installed, Installer, check_licence};
pub use public::{Freshness, install_public, installable, open_public_database};
pub use watch::{Report, Watch};
pub use worker::{SECONDS, Worker, serve};
