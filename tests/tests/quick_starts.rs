//! Follows the page docs/c.md word for word, in a shell and a folder like a reader's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use enlarger_tests::installed::{Installed, root};

/// The page's code blocks, each with its language and the last file name that the text mentions before it.
fn blocks(page: &str) -> Vec<(String, String, String)> {
    let (mut blocks, mut name) = (Vec::new(), String::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let code: String =
                lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            blocks.push((language.to_owned(), name.clone(), code));
        } else if let Some((_, after)) = line.rsplit_once("as `") {
            name = after.split('`').next().expect("a name").to_owned();
        }
    }
    blocks
}

/// What a reader would type: files are saved by `cat`.
fn script(blocks: &[(String, String, String)]) -> String {
    let mut script = String::new();
    for (i, (language, name, code)) in blocks.iter().enumerate() {
        if language == "sh" {
            script.push_str(code);
        } else {
            script.push_str(&format!("cat >'{name}' <<'END OF {name}'\n{code}END OF {name}\n"));
        }
        if i == 0 {
            script.push_str("cd \"$READER\"\n");
        }
    }
    script
}

/// Follows the page; returns the reader's own folder.
fn follow() -> PathBuf {
    let here = Installed::nowhere(env!("CARGO_TARGET_TMPDIR"), "quick start");
    let page = fs::read_to_string(root().join("docs/c.md")).unwrap();
    let blocks = blocks(&page);
    let languages: Vec<_> = blocks.iter().map(|(language, ..)| language.as_str()).collect();
    assert_eq!(languages, ["sh", "c", "sh", "cpp", "cmake", "sh", "sh"]);

    // The reader: a home without anything, the repository as the current folder, a folder of their own. Where cargo
    // lives is part of the machine. No spaces: one line of shell with pkg-config cannot take them.
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quick-start");
    let reader = home.join("own");
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&reader).unwrap();
    fs::copy(root().join("tests/examples/c/enlarge-png.c"), reader.join("enlarge-png.c")).unwrap();
    let was = std::env::home_dir().unwrap();
    let place = |variable: &str, folder: &str| std::env::var_os(variable).unwrap_or_else(|| was.join(folder).into());
    let output = here
        .bash(&script(&blocks))
        .current_dir(root())
        .env("CARGO_HOME", place("CARGO_HOME", ".cargo"))
        .env("RUSTUP_HOME", place("RUSTUP_HOME", ".rustup"))
        .env("HOME", home)
        .env("READER", &reader)
        .env_remove("PKG_CONFIG_PATH")
        .env_remove("CMAKE_PREFIX_PATH")
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("ENLARGER_LIBRARY")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", enlarger_tests::installed::words(&output));
    reader
}

#[test]
fn c_and_cpp() {
    let reader = follow();
    assert_eq!(ppm(&reader.join("large.ppm")), (256, 256));
    assert_eq!(ppm(&reader.join("large-cpp.ppm")), (160, 160));
    let mut example = Command::new(reader.join("enlarge-png"));
    example.arg(root().join("tests/data/cat.png")).arg(reader.join("cat.png")).env_remove("LD_LIBRARY_PATH");
    assert!(example.status().unwrap().success());
    assert!(fs::read(reader.join("cat.png")).unwrap().starts_with(b"\x89PNG"));
}

/// The size of a picture that is whole and not black.
fn ppm(path: &Path) -> (usize, usize) {
    let file = fs::read(path).unwrap();
    let end = file.iter().position(|byte| *byte == b'\n').expect("a header");
    let header = std::str::from_utf8(&file[..end]).unwrap();
    let numbers: Vec<usize> = header.split(' ').skip(1).map(|number| number.parse().unwrap()).collect();
    let pixels = &file[end + 1..];
    assert_eq!(pixels.len(), numbers[0] * numbers[1] * 3, "{header}");
    assert!(pixels.iter().any(|sample| *sample > 150), "it is black");
    (numbers[0], numbers[1])
}
