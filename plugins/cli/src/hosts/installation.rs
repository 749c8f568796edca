//! One installation of a program: where it looks for plug-ins, and which of our files go there.

use std::path::PathBuf;

/// An installation of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The name to show, such as "GIMP 3.0 (Flatpak)".
    pub name: String,
    /// The folder of our archive that contains the shim.
    pub shim: &'static str,
    /// The files and folders of the shim, relative to both folders. The one that makes the program load the shim is first.
    pub parts: &'static [&'static str],
    /// The folder that the parts go to.
    pub folder: PathBuf,
    /// Whether the program runs in a sandbox (Flatpak, Snap or the Microsoft Store), where it does not use this system's Python.
    pub sandboxed: bool,
    /// The Python that runs the shim, or one that loads what that one loads; `None` if none is known.
    pub python: Option<PathBuf>,
}
