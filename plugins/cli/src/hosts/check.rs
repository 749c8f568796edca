//! Checking a shim: why its entry would be missing from the program's menu.
//!
//! Causes are checked in a fixed order, and the first one found is reported. Libraries are loaded by another process only.

use std::fs;
use std::path::Path;
use std::process::Command;

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
        "gimp" => check_gimp(&installation.folder.join("enlarge-with-ai"), installation.sandboxed, &remedy),
        "gimp-2.10" => check_gimp_210(&installation.folder.join("enlarge-with-ai"), &remedy),
        _ => check_library(&installation.folder.join("pykrita/enlarge_with_ai"), installation.sandboxed, &remedy),
    }
}

fn check_gimp(folder: &Path, sandboxed: bool, remedy: &str) -> Result<String, String> {
    executable(&folder.join("enlarge-with-ai.py"), remedy)?;
    let program = "import gi; gi.require_version('Gimp', '3.0')";
    if !sandboxed && let Err(reason) = python(&["-c", program]) {
        return Err(format!(
            "this system's Python lacks GIMP's modules, so GIMP cannot run Python plug-ins ({reason}); install GIMP's Python \
             support, on Debian and Ubuntu with: apt install python3-gi gir1.2-gimp-3.0"
        ));
    }
    check_library(folder, sandboxed, remedy)
}

/// The shim for GIMP 2.10 is not a Python program, so only its files are checked.
fn check_gimp_210(folder: &Path, remedy: &str) -> Result<String, String> {
    executable(&folder.join("enlarge-with-ai"), remedy)?;
    let is_library =
        |name: &str| name.starts_with("libenlarger.") || name.starts_with("enlarger-") && name.ends_with(".dll");
    let mut names = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name());
    worker(folder, remedy)?;
    if names.any(|name| name.to_str().is_some_and(is_library)) {
        return Ok("the plug-in is installed; it shows an error itself if its library does not load".to_owned());
    }
    Err(format!("libenlarger is missing in {}; {remedy}", folder.display()))
}

/// Checks for the program beside the library in which new models are tested. The library makes it executable if it has to.
fn worker(folder: &Path, remedy: &str) -> Result<(), String> {
    let program = folder.join(format!("enlarger-worker{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() { Ok(()) } else { Err(format!("{} is missing; {remedy}", program.display())) }
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

/// Checks whether this system's Python can load the library beside the shim.
fn check_library(folder: &Path, sandboxed: bool, remedy: &str) -> Result<String, String> {
    if sandboxed {
        return Ok(
            "the plug-in is installed; whether its library loads cannot be checked from outside the sandbox".to_owned()
        );
    }
    let program = "import sys; sys.path.insert(0, sys.argv[1]); import enlarger; print(enlarger.version())";
    worker(&folder.join("enlarger"), remedy)?;
    match python(&["-c", program, &folder.to_string_lossy()]) {
        Ok(version) => Ok(format!("the plug-in is installed and loads libenlarger {}", version.trim())),
        Err(reason) => Err(format!("its library does not load ({reason}); {remedy}")),
    }
}

/// Runs Python. Returns what it prints, or why it fails.
fn python(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("python3")
        .args(arguments)
        .env_remove("ENLARGER_LIBRARY")
        .output()
        .map_err(|error| format!("python3 cannot be started: {error}"))?;
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
        let worker = folder.join("enlarger-worker");
        fs::write(&worker, "").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let installation = Installation {
            name: "GIMP 2.10".to_owned(),
            shim: "gimp-2.10",
            parts: &["enlarge-with-ai"],
            folder: home.path().to_owned(),
            sandboxed: false,
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
