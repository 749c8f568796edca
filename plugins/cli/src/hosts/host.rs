//! The programs that have a shim.

use clap::ValueEnum;

/// A program that has a shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Host {
    Gimp,
    Krita,
}

impl Host {
    /// All of them.
    pub const ALL: [Host; 2] = [Host::Gimp, Host::Krita];

    /// The name to show.
    pub fn name(self) -> &'static str {
        match self {
            Host::Gimp => "GIMP",
            Host::Krita => "Krita",
        }
    }

    /// What the user does after the shim is installed.
    pub fn next_step(self) -> &'static str {
        match self {
            Host::Gimp => "restart GIMP to see it",
            Host::Krita => {
                "restart Krita, enable the plug-in under Settings > Configure Krita > Python Plugin Manager, and restart Krita \
                 once more"
            }
        }
    }

    /// How the user installs the shim.
    pub fn install_advice(self) -> &'static str {
        match self {
            Host::Gimp => "run `enlarge install gimp` with the `enlarge` in the plug-in's archive",
            Host::Krita => {
                "in Krita, choose Tools > Scripts > Import Python Plugin from File and select the plug-in's zip"
            }
        }
    }
}
