//! The programs that have a shim: where they look for plug-ins, putting a shim there, and what is wrong with one.
//!
//! Folders are those that the programs use by convention. Nothing is changed but our own files in them.

mod check;
mod command;
mod files;
mod gimp;
mod krita;

use std::path::PathBuf;

use clap::ValueEnum;
use enlarger::Folders;

pub use command::{install, list_all, objects, uninstall};

/// A program that has a shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Host {
    Gimp,
    Krita,
}

/// A place where a program looks for plug-ins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// For people: "GIMP 3.0 (Flatpak)".
    pub name: String,
    /// The folder of the archive that has the shim for it.
    pub shim: &'static str,
    /// What of that folder goes there: files and folders, the one that makes the program see the shim first.
    pub parts: &'static [&'static str],
    /// Where they go.
    pub folder: PathBuf,
    /// Whether the program runs in a box of its own, where this system's Python is not the one it uses.
    pub boxed: bool,
}

/// The user's folders.
#[derive(Clone, Debug)]
pub struct Home {
    pub home: PathBuf,
    pub config: PathBuf,
    pub data: PathBuf,
}

impl Home {
    pub fn of_user() -> Option<Self> {
        let Folders { home, data, config, .. } = Folders::of_user();
        let (home, config) = (home?, config?);
        // On Windows, GIMP and Krita keep their data where programs keep their configuration.
        let data = if cfg!(windows) { config.clone() } else { data? };
        Some(Home { home, config, data })
    }
}

impl Host {
    /// Where the program looks for plug-ins here; none if it is not here.
    pub fn places(self, home: &Home) -> Vec<Place> {
        match self {
            Host::Gimp => gimp::places(home),
            Host::Krita => krita::places(home),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Host::Gimp => "GIMP",
            Host::Krita => "Krita",
        }
    }

    /// What is left to do when the shim is there.
    pub fn then(self) -> &'static str {
        match self {
            Host::Gimp => "start GIMP again to see it",
            Host::Krita => {
                "start Krita again, enable it under Settings > Configure Krita > Python Plugin Manager, and start Krita once \
                 more"
            }
        }
    }

    /// How its shim gets there.
    pub fn advice(self) -> &'static str {
        match self {
            Host::Gimp => "`enlarge install gimp`, with the `enlarge` that is in the plug-in's archive, does it",
            Host::Krita => "in Krita, Tools > Scripts > Import Python Plugin from File takes the plug-in's zip",
        }
    }
}
