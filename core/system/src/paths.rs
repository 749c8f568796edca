//! Paths as Windows wants them to be opened, and as people want to read them. On other systems a path stays what it is.
//!
//! From Microsoft's page "Maximum Path Length Limitation": without more, the calls of Windows accept 260 UTF-16 units, the zero at the end
//! included, and `\\?\` in front of an absolute path without `.`, `..` and `/` lifts that. A manifest that lifts it as well needs a
//! setting that only an administrator can make, so Enlarger relies on `\\?\`, and never shows it to anybody.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

/// The length from which a path gets its prefix, which leaves room for a longer name in the same folder.
const LONG: usize = 200;

/// The path of an existing file without links, as people write it: on Windows without `\\?\`, wherever the path means the same without.
///
/// # Errors
/// Those of [`std::fs::canonicalize`].
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    dunce::canonicalize(path)
}

/// The path with one kind of separator, as the system writes it: `a/b\c` is `a\b\c` on Windows.
pub fn native(path: &Path) -> PathBuf {
    match path.to_str() {
        Some(text) if cfg!(windows) => PathBuf::from(with_one_separator(text)),
        _ => path.to_owned(),
    }
}

/// After `\\?\` a slash is part of a name, so such a path stays as it is.
fn with_one_separator(path: &str) -> String {
    if path.starts_with(r"\\?\") { path.to_owned() } else { path.replace('/', r"\") }
}

/// The path for calls that do not see to its length themselves, as the standard library does.
pub fn openable(path: &Path) -> Cow<'_, Path> {
    if cfg!(windows)
        && let Ok(whole) = std::path::absolute(path)
        && let Some(prefixed) = whole.to_str().and_then(prefixed)
    {
        return Cow::Owned(prefixed.into());
    }
    Cow::Borrowed(path)
}

/// An absolute path with the prefix, if it is so long that it needs one.
fn prefixed(whole: &str) -> Option<String> {
    if whole.encode_utf16().count() < LONG || whole.starts_with(r"\\?\") || whole.starts_with(r"\\.\") {
        return None;
    }
    Some(match whole.strip_prefix(r"\\") {
        Some(share) => format!(r"\\?\UNC\{share}"),
        None => format!(r"\\?\{whole}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_become_one_kind() {
        assert_eq!(with_one_separator(r"a/b\c.png"), r"a\b\c.png");
        assert_eq!(with_one_separator("C:/photos/"), r"C:\photos\");
        assert_eq!(with_one_separator("//server/share/x"), r"\\server\share\x");
        assert_eq!(with_one_separator(r"\\?\C:\a/b"), r"\\?\C:\a/b");
        let path = Path::new("a/b");
        assert_eq!(native(path), path.components().collect::<PathBuf>());
    }

    #[test]
    fn only_long_paths_get_the_prefix() {
        let long = "x".repeat(250);
        assert_eq!(prefixed(r"C:\photos\a.png"), None);
        assert_eq!(prefixed(&format!(r"C:\{long}")), Some(format!(r"\\?\C:\{long}")));
        assert_eq!(prefixed(&format!(r"\\server\share\{long}")), Some(format!(r"\\?\UNC\server\share\{long}")));
        assert_eq!(prefixed(&format!(r"\\?\C:\{long}")), None);
        assert_eq!(prefixed(&format!(r"\\.\{long}")), None);
        // Units of UTF-16 count, not bytes: 猫 is one of three bytes.
        assert_eq!(prefixed(&format!(r"C:\{}", "猫".repeat(150))), None);
        assert_eq!(openable(Path::new("a.png")), Path::new("a.png"));
    }

    #[test]
    fn a_canonical_path_is_for_people() {
        let folder = std::env::temp_dir();
        let path = canonical(&folder).unwrap();
        assert!(path.is_absolute() && !path.to_string_lossy().starts_with(r"\\?\"), "{}", path.display());
        assert!(canonical(&folder.join("enlarger no such file")).is_err());
    }
}
