//! Developers are stand-ins here: shell scripts. The real programs are tried by the tests of the command.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::program::Program;
use super::*;

fn script(folder: &Path, text: &str) -> FoundProgram {
    static TIFF_PROGRAM: Program = Program {
        name: "stand-in",
        family: Family::Raw,
        package: "",
        arguments: |input| vec![input.into()],
        results: |input| vec![format!("{input}.tiff")],
        doubt: Some("no white balance"),
    };
    let path = folder.join("stand-in");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    FoundProgram { program: &TIFF_PROGRAM, path }
}

fn raw() -> Foreign {
    crate::picture::recognise(&mut io::Cursor::new(b"IIU\0".as_slice())).unwrap()
}

fn develop(text: &str) -> Result<Developed> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("-rf $(touch evil) ; photo.rw2");
    fs::write(&file, b"IIU\0").unwrap();
    let developers = Developers { programs: vec![script(folder.path(), text)], off: false };
    let developed = developers.develop(&file, &raw(), &Cancel::new());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is written beside the photograph");
    developed
}

#[test]
fn a_program_sees_a_harmless_name_in_an_empty_folder() {
    let developed = develop("ls > seen; echo \"$1\" >> seen; cat \"$1\" seen > \"$1.tiff\"").unwrap();
    assert_eq!(fs::read_to_string(developed.path()).unwrap(), "IIU\0messages.txt\npicture.rw2\nseen\npicture.rw2\n");
    assert_eq!((developed.program(), developed.notes()), ("stand-in", &[][..]));
    let folder = developed.path().parent().unwrap().to_owned();
    drop(developed);
    assert!(!folder.exists());
}

#[test]
fn failures_are_told_in_a_sentence() {
    for (text, says) in
        [("echo cannot read; exit 3", "cannot read"), ("exit 0", "it wrote no file"), ("kill -9 $$", "it failed with")]
    {
        let error = develop(text).unwrap_err();
        assert!(error.message().contains("a raw photograph (RW2)") && error.message().contains(says), "{error}");
    }
    let notes = develop("echo no white balance; touch \"$1.tiff\"").unwrap();
    assert!(notes.notes()[0].contains("white balance"));
}

#[test]
fn a_program_is_stopped_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let found = script(folder.path(), "sleep 77 & echo $! > child; wait");
    let started = Instant::now();
    let error = run::run_within(&found, folder.path(), "x", &Cancel::new(), Duration::from_millis(500)).unwrap_err();
    assert!(error.message().contains("stopped after"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(30));
    let child = fs::read_to_string(folder.path().join("child")).unwrap();
    let alive = || fs::read_to_string(format!("/proc/{}/cmdline", child.trim())).is_ok_and(|text| text.contains("77"));
    while alive() {
        assert!(started.elapsed() < Duration::from_secs(30), "the child still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_a_program_the_sentence_names_them() {
    let found = Developers::default().refusal(&raw()).unwrap();
    assert!(found.contains("darktable-cli, rawtherapee-cli, dcraw_emu or dcraw"), "{found}");
    assert!(Developers::find("off").unwrap().refusal(&raw()).unwrap().contains("--develop is off"));
    assert!(Developers::find("sh").is_err());
}
