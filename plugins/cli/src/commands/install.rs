//! `enlarge install` and `enlarge uninstall`: the plug-in in GIMP and Krita.

use enlarger::{Error, ErrorKind, Result};
use serde_json::json;

use crate::exit_status::{DONE, FAILED};
use crate::hosts::{self, Host, Installation};
use crate::terminal::Terminal;

/// Installs the shim wherever the program looks for plug-ins.
pub fn install(host: Host, terminal: Terminal) -> u8 {
    for_each_installation(host, terminal, |installation| {
        let shim = hosts::shipped_shim(host, installation.shim)?;
        hosts::copy_shim(host, &shim, installation)?;
        Ok(format!("installed in {}; {}", installation.folder.display(), host.next_step()))
    })
}

/// Removes the shim again.
pub fn uninstall(host: Host, terminal: Terminal) -> u8 {
    for_each_installation(host, terminal, |installation| {
        Ok(match hosts::remove_shim(host, installation)? {
            true => format!("removed from {}", installation.folder.display()),
            false => format!("not installed in {}", installation.folder.display()),
        })
    })
}

/// Does `work` in each installation of the program and shows the sentence that it returns.
fn for_each_installation(host: Host, terminal: Terminal, work: impl Fn(&Installation) -> Result<String>) -> u8 {
    let installations = match find(host) {
        Ok(installations) => installations,
        Err(error) => {
            terminal.error(error);
            return FAILED;
        }
    };
    let mut status = DONE;
    for installation in installations {
        let done = work(&installation);
        let object = json!({
            "host": installation.name,
            "folder": installation.folder.to_string_lossy(),
            "ok": done.is_ok(),
            "error": done.as_ref().err().map(ToString::to_string),
        });
        match done {
            Ok(sentence) => terminal.info(format_args!("{}: {sentence}", installation.name)),
            Err(error) => {
                terminal.error(format_args!("{}: {error}", installation.name));
                status = FAILED;
            }
        }
        terminal.json(&object);
    }
    status
}

/// The installations of the program.
fn find(host: Host) -> Result<Vec<Installation>> {
    let installations = hosts::installations(host)?;
    if installations.is_empty() {
        return Err(Error::new(
            ErrorKind::Io,
            format!(
                "no {} was found on this machine; start it once, so that it creates its folders, and run this command again",
                host.name()
            ),
        ));
    }
    Ok(installations)
}
