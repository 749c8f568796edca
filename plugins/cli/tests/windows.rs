//! What only Windows can show: its names, long paths, files in use, and shells that leave patterns to the program.

use std::fs;
use std::os::windows::fs::OpenOptionsExt;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{good, messages, names, objects, run, write_gradient};

/// Doubles a picture without a network, which takes no time.
const QUICK: [&str; 4] = ["-s", "2", "--method", "nearest"];

fn quick<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &QUICK].concat()
}

/// Expects that nothing was written and that the message contains these words.
fn refused(folder: &TempDir, output: &Output, words: &[&str]) {
    let said = messages(output);
    assert_ne!(output.status.code(), Some(0), "{said}");
    for word in words {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    assert!(!said.contains(r"\\?\"), "{said}");
    assert!(names(folder.path()).iter().all(|name| !name.contains("part")), "{:?}", names(folder.path()));
}

#[test]
fn names_of_devices_and_forbidden_names_are_refused_before_the_work() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 8, 8);
    for (name, better) in [
        ("con.png", "_con.png"),
        ("NUL", "_NUL"),
        ("a?.png", "a_.png"),
        ("x.png.", "x.png"),
        ("a.png:b.png", "a.png_b.png"),
    ] {
        let output = run(&folder, &["a.png", "-o", name]);
        refused(&folder, &output, &["cannot be called", better]);
        assert_eq!(output.status.code(), Some(2), "{}", messages(&output));
        assert!(!messages(&output).contains("tiles"), "{}", messages(&output));
    }
    refused(&folder, &run(&folder, &["a.png", "-o", r"aux\b.png"]), &["aux is the name of a device"]);
    assert_eq!(names(folder.path()), ["a.png"]);
}

#[test]
fn paths_may_be_longer_than_260_characters() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 8, 8);
    let deep = [r"a folder with a name of some length"; 9].join(r"\");
    fs::create_dir_all(folder.path().join(&deep)).unwrap();
    let result = format!(r"{deep}\a.png");
    let output = good(&folder, &quick(&["--json", "a.png", "-o", &result]));
    let (files, _) = objects(&output);
    assert_eq!(files[0]["output"], Value::from(result.as_str()));
    // Beside a picture with a long path, by its absolute path.
    let absolute = folder.path().join(&result);
    assert!(absolute.as_os_str().len() > 300);
    good(&folder, &quick(&[absolute.to_str().unwrap()]));
    good(&folder, &quick(&[absolute.to_str().unwrap(), "--overwrite"]));
    assert!(folder.path().join(&deep).join("a.2x.png").is_file());
}

#[test]
fn paths_are_shown_with_one_separator_and_without_a_prefix() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join(r"in\deep")).unwrap();
    write_gradient(&folder, r"in\deep\a.png", 8, 8);
    let output = good(&folder, &quick(&["--json", "in/deep/a.png"]));
    let (files, _) = objects(&output);
    assert_eq!(files[0]["output"], Value::from(r"in\deep\a.2x.png"));
    let output = good(&folder, &quick(&["--json", "in/", "-o", "out/new", "--recursive"]));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned() + &messages(&output);
    assert!(!shown.contains('/') && !shown.contains(r"\\?\"), "{shown}");
}

#[test]
fn patterns_are_expanded_and_one_that_matches_nothing_is_an_error() {
    let folder = TempDir::new().unwrap();
    for name in ["b.png", "A.PNG", "c (1)[2].png"] {
        write_gradient(&folder, name, 8, 8);
    }
    good(&folder, &quick(&["*.png", "-o", "out"]));
    assert_eq!(names(&folder.path().join("out")), ["A.2x.PNG", "b.2x.png", "c (1)[2].2x.png"]);
    refused(&folder, &run(&folder, &["*.tif"]), &["no file is called *.tif"]);
    assert_eq!(run(&folder, &["info", "?.png"]).status.code(), Some(0));
}

#[test]
fn a_result_never_replaces_its_picture_or_another_result_because_of_case() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 8, 8);
    let before = fs::read(folder.path().join("a.png")).unwrap();
    refused(&folder, &run(&folder, &quick(&["a.png", "-o", "A.png", "--overwrite"])), &["the picture itself"]);
    assert_eq!(fs::read(folder.path().join("a.png")).unwrap(), before);
    fs::create_dir(folder.path().join("other")).unwrap();
    write_gradient(&folder, r"other\A.png", 8, 8);
    let output = run(&folder, &quick(&["a.png", r"other\A.png", "-o", "out", "--overwrite"]));
    refused(&folder, &output, &["has the same result"]);
    // As it was named with purpose, it is replaced.
    good(&folder, &quick(&["a.png", "-o", "a.png", "--overwrite"]));
}

#[test]
fn a_result_that_is_open_or_read_only_is_refused_before_the_work() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 8, 8);
    let result = folder.path().join("a.2x.png");
    fs::write(&result, "old").unwrap();
    // As programs open what they show: others may read it.
    let open = fs::OpenOptions::new().read(true).share_mode(1).open(&result).unwrap();
    refused(&folder, &run(&folder, &quick(&["a.png", "--overwrite"])), &["cannot be replaced", "close the program"]);
    drop(open);
    let mut permissions = fs::metadata(&result).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&result, permissions.clone()).unwrap();
    refused(&folder, &run(&folder, &quick(&["a.png", "--overwrite"])), &["read-only"]);
    assert_eq!(fs::read(&result).unwrap(), b"old");
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "on Windows this is an attribute of the file and nothing else"
    )]
    permissions.set_readonly(false);
    fs::set_permissions(&result, permissions).unwrap();
    good(&folder, &quick(&["a.png", "--overwrite"]));
}
