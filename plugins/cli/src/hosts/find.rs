//! Finding the installations of the programs.

use enlarger::{Error, ErrorKind, Result};

use super::folders::HostFolders;
use super::host::Host;
use super::installation::Installation;
use super::{gimp, krita};

/// The installations of a program; none if it is not found.
///
/// # Errors
/// `Io` if the user has no home folder.
pub fn installations(host: Host) -> Result<Vec<Installation>> {
    let folders = HostFolders::of_user()
        .ok_or_else(|| Error::new(ErrorKind::Io, "there is no home folder; set the environment variable HOME"))?;
    Ok(match host {
        Host::Gimp => gimp::installations(&folders),
        Host::Krita => krita::installations(&folders),
    })
}

/// The installations of all programs.
pub fn all_installations() -> Vec<(Host, Installation)> {
    let of = |host| installations(host).unwrap_or_default().into_iter().map(move |installation| (host, installation));
    Host::ALL.into_iter().flat_map(of).collect()
}
