//! What Enlarger asks the operating system in its own language, or must know of it, because Rust's standard library does not: free
//! memory, child processes, paths and names, and what stops a program.
//!
//! The functions are safe and mean the same on every system; calls of Windows and macOS are made nowhere else, except by engines. This
//! crate knows nothing of pictures, and must never depend on another crate of Enlarger.

mod dialogs;
mod family;
mod file_name;
mod in_use;
#[cfg(windows)]
mod job;
mod limits;
mod memory;
mod own_file;
mod own_process;
mod paths;
mod shared_memory;
#[cfg(windows)]
mod stop;
mod window;

pub use dialogs::without_dialogs;
pub use family::{Family, Members};
pub use file_name::{RefusedName, windows_file_name};
pub use in_use::{may_be_in_use, replaceable};
pub use limits::limit_memory;
pub use memory::available_memory;
pub use own_file::{is_own_program, own_file, own_program};
pub use own_process::{end_now, parent, take_standard_output};
pub use paths::{canonical, native, openable};
pub use shared_memory::SharedMemory;
#[cfg(windows)]
pub use stop::{OnStop, on_stop};
pub use window::without_window;
