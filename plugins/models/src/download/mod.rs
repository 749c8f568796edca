//! Fetching packages and files with the user's own programs: pip, npm and curl.
//!
//! Enlarger itself connects to no server. Nothing that is fetched is run: wheels are not installed, and scripts are off.

mod client;
mod curl;
pub(crate) mod document;
pub mod package;
pub mod url;
