//! Names with `*` and `?` on the command line, where the shell leaves them to the program, as those of Windows do.
//!
//! `*` stands for any characters and `?` for one, in any part of a path. No file on Windows can have them in its name, so nothing that
//! exists is taken for a pattern. Square brackets are ordinary characters: Windows numbers copies with brackets of all kinds.

use std::fs;
use std::path::{Component, Path, PathBuf};

use enlarger::{Error, ErrorKind, Result};

/// The files and folders that the names stand for, if this is a system on which the shell does not look for them. A name without `*`
/// and `?` stands for itself, whether it exists or not.
///
/// # Errors
/// `Argument` for a pattern that nothing matches.
pub fn expanded(names: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    if cfg!(windows) { expand_all(names) } else { Ok(names) }
}

fn expand_all(names: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for name in names {
        if !name.components().any(|part| is_pattern(part)) {
            all.push(name);
            continue;
        }
        let found = matches(&name);
        if found.is_empty() {
            let sentence = format!("no file is called {}; check the folder and the pattern", name.display());
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
        all.extend(found);
    }
    Ok(all)
}

/// Whether a part of a path is a pattern. The `?` in the prefix `\\?\` of Windows is none.
fn is_pattern(part: Component<'_>) -> bool {
    matches!(part, Component::Normal(name) if name.to_string_lossy().contains(['*', '?']))
}

/// The existing paths that a pattern stands for, sorted by name.
fn matches(pattern: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    for part in pattern.components() {
        paths = paths.into_iter().flat_map(|path| step(&path, part)).collect();
    }
    paths.retain(|path| path.symlink_metadata().is_ok());
    paths
}

/// The paths that a part of a pattern adds to a path.
fn step(path: &Path, part: Component<'_>) -> Vec<PathBuf> {
    if !is_pattern(part) {
        return vec![path.join(part)];
    }
    let pattern: Vec<char> = folded(&part.as_os_str().to_string_lossy());
    let folder = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut names: Vec<_> = names.filter(|name| fits(&pattern, &folded(&name.to_string_lossy()))).collect();
    names.sort();
    names.into_iter().map(|name| path.join(name)).collect()
}

/// Names are compared without regard to case, as Windows does.
fn folded(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Whether a name fits a pattern. A hidden name, which begins with a point, fits only a pattern that does too.
fn fits(pattern: &[char], name: &[char]) -> bool {
    if name.first() == Some(&'.') && pattern.first() != Some(&'.') {
        return false;
    }
    // Where the last `*` stands in the pattern, and what it stands for so far.
    let (mut at, mut in_pattern, mut star) = (0, 0, None);
    while at < name.len() {
        match pattern.get(in_pattern) {
            Some('*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(&c) if c == '?' || c == name[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => {
                let Some((place, from)) = star else { return false };
                star = Some((place, from + 1));
                (at, in_pattern) = (from + 1, place + 1);
            }
        }
    }
    pattern[in_pattern..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_names() {
        let fits = |pattern: &str, name: &str| fits(&folded(pattern), &folded(name));
        for (pattern, name) in [
            ("*", "a.png"),
            ("*.jpg", "IMG.JPG"),
            ("?.png", "猫.png"),
            ("a*b*c", "a-b-bc"),
            ("*(1)[2].png", "x (1)[2].png"),
            (".*", ".hidden"),
            ("**a", "a"),
            ("GRÖSSE*", "grösse.png"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("*.jpg", "a.jpeg"), ("?", "ab"), ("?", ""), ("*", ".hidden"), ("a*b", "a-b-c"), ("[ab].png", "a.png")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn names_become_what_exists() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["day1/b.JPG", "day1/a.jpg", "day1/note.txt", "day2/c.jpg", "other/d.jpg", "day1/.e.jpg"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let expand = |names: &[&str]| expand_all(names.iter().map(|name| folder.path().join(name)).collect());
        let below = |paths: Vec<PathBuf>| -> Vec<String> {
            paths
                .iter()
                .map(|path| path.strip_prefix(folder.path()).unwrap().to_string_lossy().replace('\\', "/"))
                .collect()
        };
        assert_eq!(below(expand(&["day1/*.jpg"]).unwrap()), ["day1/a.jpg", "day1/b.JPG"]);
        assert_eq!(
            below(expand(&["day?/?.jpg", "no such.png"]).unwrap()),
            ["day1/a.jpg", "day1/b.JPG", "day2/c.jpg", "no such.png"]
        );
        let error = expand(&["day1/*.png"]).unwrap_err();
        assert!(error.message().contains("*.png") && error.kind() == ErrorKind::Argument, "{error}");
        assert!(expand(&["day3/*/x.jpg"]).is_err());
        assert_eq!(expanded(vec!["*.none".into()]).is_err(), cfg!(windows));
    }
}
