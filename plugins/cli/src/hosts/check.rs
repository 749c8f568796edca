//! Why an entry would be missing from a program's menu, in plain words.
//!
//! Looks in the order in which things go wrong, and says the first. What must be loaded is loaded by another process.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Host, Place};

/// What is wrong with the shim in a place; `Ok` says what is there.
pub fn check(host: Host, place: &Place) -> Result<String, String> {
    let again = format!("install it again: {}", host.advice());
    let missing: Vec<_> =
        place.parts.iter().map(|part| place.folder.join(part)).filter(|path| !path.exists()).collect();
    if missing.len() == place.parts.len() {
        return Err(format!("the plug-in is not installed; {}", host.advice()));
    }
    if let Some(path) = missing.first() {
        return Err(format!("{} is missing; {again}", path.display()));
    }
    match place.shim {
        "gimp" => check_gimp(&place.folder.join("enlarge-with-ai"), place.boxed, &again),
        "gimp-2.10" => check_gimp_210(&place.folder.join("enlarge-with-ai"), &again),
        _ => check_library(&place.folder.join("pykrita/enlarge_with_ai"), place.boxed, &again),
    }
}

fn check_gimp(folder: &Path, boxed: bool, again: &str) -> Result<String, String> {
    executable(&folder.join("enlarge-with-ai.py"), again)?;
    let (gi, here) = (["-c", "import gi; gi.require_version('Gimp', '3.0')"], "this system's Python");
    if !boxed && let Err(reason) = python(&gi) {
        return Err(format!(
            "{here} cannot speak to GIMP, so GIMP runs no plug-in that is written in it ({reason}); install GIMP's Python \
             support, on Debian and Ubuntu: apt install python3-gi gir1.2-gimp-3.0"
        ));
    }
    check_library(folder, boxed, again)
}

/// Without a Python that all have in common, only whether the files are there is seen.
fn check_gimp_210(folder: &Path, again: &str) -> Result<String, String> {
    executable(&folder.join("enlarge-with-ai"), again)?;
    let is_library = |name: &str| name.starts_with("libenlarger.") || name.starts_with("enlarger-");
    let mut names = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name());
    if names.any(|name| name.to_str().is_some_and(is_library)) {
        return Ok("the plug-in is installed; it says itself if its library does not load".to_owned());
    }
    Err(format!("libenlarger is missing in {}; {again}", folder.display()))
}

/// GIMP runs only what it may run.
fn executable(file: &Path, again: &str) -> Result<(), String> {
    let metadata = fs::metadata(file).map_err(|_| format!("{} is missing; {again}", file.display()))?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 == 0 {
        return Err(format!("{0} may not be run; chmod +x '{0}', or {again}", file.display()));
    }
    let _ = metadata;
    Ok(())
}

/// Whether the library beside the shim can be loaded, by the Python that most programs use.
fn check_library(folder: &Path, boxed: bool, again: &str) -> Result<String, String> {
    if boxed {
        return Ok("the plug-in is installed; whether it loads in that box cannot be seen from outside".to_owned());
    }
    let program = "import sys; sys.path.insert(0, sys.argv[1]); import enlarger; print(enlarger.version())";
    match python(&["-c", program, &folder.to_string_lossy()]) {
        Ok(version) => Ok(format!("the plug-in is installed and loads libenlarger {}", version.trim())),
        Err(reason) => Err(format!("the library does not load: {reason}; {again}")),
    }
}

/// What Python prints, or why it did not.
fn python(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("python3")
        .args(arguments)
        .env_remove("ENLARGER_LIBRARY")
        .output()
        .map_err(|error| format!("python3 cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    // The last paragraph of a traceback is the sentence.
    let sentence = words.rsplit_once("Error: ").map_or(words.as_str(), |(_, sentence)| sentence);
    Err(if sentence.trim().is_empty() { output.status.to_string() } else { sentence.trim().replace('\n', " ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plug_in_without_its_library_is_told() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("enlarge-with-ai");
        fs::create_dir(&folder).unwrap();
        let (program, library) = (folder.join("enlarge-with-ai"), folder.join("libenlarger.so.1"));
        fs::write(&program, "").unwrap();
        fs::write(&library, "").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let place = Place {
            name: "GIMP 2.10".to_owned(),
            shim: "gimp-2.10",
            parts: &["enlarge-with-ai"],
            folder: home.path().to_owned(),
            boxed: false,
        };
        assert!(check(Host::Gimp, &place).is_ok());
        fs::remove_file(library).unwrap();
        assert!(check(Host::Gimp, &place).unwrap_err().contains("libenlarger is missing"));
    }
}
