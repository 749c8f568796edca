//! Checking a shim: why its entry would be missing from the program's menu.
//!
//! Causes are checked in a fixed order, and the first one found is reported. Libraries are loaded by another process only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use enlarger_system::without_window;

use super::host::Host;
use super::installation::Installation;

/// Checks the shim of an installation. Returns a sentence about its state, or about what is wrong with it.
pub fn check(host: Host, installation: &Installation) -> Result<String, String> {
    let remedy = format!("install it again: {}", host.install_advice());
    let missing: Vec<_> =
        installation.parts.iter().map(|part| installation.folder.join(part)).filter(|path| !path.exists()).collect();
    if missing.len() == installation.parts.len() {
        return Err(format!("the plug-in is not installed; {}", host.install_advice()));
    }
    if let Some(path) = missing.first() {
        return Err(format!("{} is missing; {remedy}", path.display()));
    }
    match installation.shim {
        "gimp" => check_gimp(&installation.folder.join("enlarge-with-ai"), installation, &remedy),
        "gimp-2.10" => check_gimp_210(&installation.folder.join("enlarge-with-ai"), &remedy),
        _ => check_library(&installation.folder.join("pykrita").join("enlarge_with_ai"), installation, &remedy),
    }
}

fn check_gimp(folder: &Path, installation: &Installation, remedy: &str) -> Result<String, String> {
    executable(&folder.join("enlarge-with-ai.py"), remedy)?;
    let program = "import gi; gi.require_version('Gimp', '3.0')";
    if !installation.sandboxed
        && let Some(interpreter) = &installation.python
        && let Err(reason) = python(interpreter, &["-c", program])
    {
        let advice = if cfg!(windows) {
            "install GIMP again, with its Python support"
        } else {
            "install GIMP's Python support, on Debian and Ubuntu with: apt install python3-gi gir1.2-gimp-3.0"
        };
        return Err(format!(
            "{} lacks GIMP's modules, so GIMP cannot run Python plug-ins ({reason}); {advice}",
            if cfg!(windows) { "GIMP's Python" } else { "this system's Python" }
        ));
    }
    check_library(folder, installation, remedy)
}

/// The shim for GIMP 2.10 is not a Python program, so only its files are checked.
fn check_gimp_210(folder: &Path, remedy: &str) -> Result<String, String> {
    executable(&folder.join("enlarge-with-ai"), remedy)?;
    worker(folder, remedy)?;
    library(folder, remedy)?;
    Ok("the plug-in is installed; it shows an error itself if its library does not load".to_owned())
}

/// The library in a folder.
fn library(folder: &Path, remedy: &str) -> Result<PathBuf, String> {
    let is_library =
        |name: &str| name.starts_with("libenlarger.") || name.starts_with("enlarger-") && name.ends_with(".dll");
    let mut entries = folder.read_dir().into_iter().flatten().flatten();
    let found = entries.find(|entry| entry.file_name().to_str().is_some_and(is_library));
    found.map(|entry| entry.path()).ok_or_else(|| format!("libenlarger is missing in {}; {remedy}", folder.display()))
}

/// Checks for the program beside the library in which new models are tested. The library makes it executable if it has to.
fn worker(folder: &Path, remedy: &str) -> Result<PathBuf, String> {
    let program = folder.join(format!("enlarger-worker{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() { Ok(program) } else { Err(format!("{} is missing; {remedy}", program.display())) }
}

/// Checks whether GIMP may execute the file.
fn executable(file: &Path, remedy: &str) -> Result<(), String> {
    let metadata = fs::metadata(file).map_err(|_| format!("{} is missing; {remedy}", file.display()))?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 == 0 {
        return Err(format!("{0} is not executable; run chmod +x '{0}', or {remedy}", file.display()));
    }
    let _ = metadata;
    Ok(())
}

/// Checks whether the library beside the shim can be loaded: by Python, or where none can be asked by the worker, a program of ours.
fn check_library(folder: &Path, installation: &Installation, remedy: &str) -> Result<String, String> {
    if installation.sandboxed {
        return Ok(
            "the plug-in is installed; whether its library loads cannot be checked from outside the sandbox".to_owned()
        );
    }
    let program = "import sys; sys.path.insert(0, sys.argv[1]); import enlarger; print(enlarger.version())";
    let package = folder.join("enlarger");
    let worker = worker(&package, remedy)?;
    let Some(interpreter) = &installation.python else {
        return loads(&worker, &library(&package, remedy)?)
            .map_err(|reason| format!("its library does not load ({reason}); {remedy}"));
    };
    match python(interpreter, &["-c", program, &folder.to_string_lossy()]) {
        Ok(version) => Ok(format!("the plug-in is installed and loads libenlarger {}", version.trim())),
        Err(reason) => Err(format!("its library does not load ({reason}); {remedy}")),
    }
}

/// Has the worker load the library. It answers even if nobody asks it anything, and says so if the library does not load.
fn loads(worker: &Path, library: &Path) -> Result<String, String> {
    let output = without_window(&mut Command::new(worker))
        .arg(library)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", worker.display()))?;
    if output.status.success() {
        return Ok(
            "the plug-in is installed and its library loads; inside the program itself that was not tried".to_owned()
        );
    }
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(messages.lines().last().map_or_else(|| output.status.to_string(), |line| line.trim().to_owned()))
}

/// Runs Python. Returns what it prints, or why it fails.
fn python(interpreter: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = without_window(&mut Command::new(interpreter))
        .args(arguments)
        .env_remove("ENLARGER_LIBRARY")
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", interpreter.display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    // A traceback ends with the error's message.
    let last = messages.rsplit_once("Error: ").map_or(messages.as_str(), |(_, message)| message);
    Err(if last.trim().is_empty() { output.status.to_string() } else { last.trim().replace('\n', " ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_is_reported() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("enlarge-with-ai");
        fs::create_dir(&folder).unwrap();
        let (program, library) = (folder.join("enlarge-with-ai"), folder.join("libenlarger.so.1"));
        fs::write(&program, "").unwrap();
        fs::write(&library, "").unwrap();
        let worker = folder.join(format!("enlarger-worker{}", std::env::consts::EXE_SUFFIX));
        fs::write(&worker, "").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let installation = Installation {
            name: "GIMP 2.10".to_owned(),
            shim: "gimp-2.10",
            parts: &["enlarge-with-ai"],
            folder: home.path().to_owned(),
            sandboxed: false,
            python: None,
        };
        if cfg!(unix) {
            assert!(check(Host::Gimp, &installation).is_ok());
            fs::rename(&worker, home.path().join("aside")).unwrap();
            assert!(check(Host::Gimp, &installation).unwrap_err().contains("enlarger-worker is missing"));
            fs::rename(home.path().join("aside"), &worker).unwrap();
        }
        fs::remove_file(library).unwrap();
        assert!(check(Host::Gimp, &installation).unwrap_err().contains("libenlarger is missing"));
    }
}
