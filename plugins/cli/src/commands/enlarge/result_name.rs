//! Whether the system gives a result its name. It is asked before the work, not after hours of it.
//!
//! Only Windows refuses names of its own. A name is never changed in silence: the sentence says which one would do.

use std::path::{Component, Path};

use enlarger::{Error, ErrorKind, Result};
use enlarger_system::windows_file_name;

/// Checks the name of a result, and those of the folders in which it lies.
///
/// # Errors
/// `Argument` on Windows for a name that it does not give to files.
pub fn check(path: &Path) -> Result<()> {
    if cfg!(windows) { check_for_windows(path) } else { Ok(()) }
}

fn check_for_windows(path: &Path) -> Result<()> {
    for component in path.components() {
        let Component::Normal(name) = component else { continue };
        let name = name.to_string_lossy();
        if let Err(refused) = windows_file_name(&name) {
            let sentence = format!(
                "the result cannot be called {}: {name} {}; give another name with -o, such as {}",
                path.display(),
                refused.reason,
                refused.better
            );
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_a_name_that_would_do() {
        for (path, name, better) in [
            ("out/con.png", "con.png is", "_con.png"),
            ("aux/a.png", "aux is", "_aux"),
            ("a?.png", "a?.png contains", "a_.png"),
        ] {
            let error = check_for_windows(Path::new(path)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Argument);
            assert!(error.message().contains(&format!("called {path}: {name}")), "{error}");
            assert!(error.message().ends_with(&format!("such as {better}")), "{error}");
        }
        check_for_windows(Path::new("../out/./console.4x.png")).unwrap();
        check_for_windows(Path::new("/tmp/x")).unwrap();
        assert_eq!(check(Path::new("con.png")).is_err(), cfg!(windows));
    }
}
