//! Pictures through pipes, and names as they come: standard input and output, process substitution, no ending, a dash.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::Write;
#[cfg(unix)]
use std::path::Path;
use std::process::{Output, Stdio};

use tempfile::TempDir;

#[cfg(unix)]
use crate::common::objects;
use crate::common::{command, good, messages, names, read_png, run, write_gradient};

/// Runs the command with `input` as its standard input.
fn pipe(folder: &TempDir, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = command(folder.path());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The command may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn picture(folder: &TempDir) -> Vec<u8> {
    write_gradient(folder, "source.png", 8, 6);
    let bytes = fs::read(folder.path().join("source.png")).unwrap();
    fs::remove_file(folder.path().join("source.png")).unwrap();
    bytes
}

#[test]
fn a_picture_goes_through_pipes() {
    let folder = TempDir::new().unwrap();
    let input = picture(&folder);
    for (arguments, mark) in [
        (&["-", "-o", "-", "-s", "2"][..], b"\x89PNG".as_slice()),
        (&["-", "-o", "-", "-s", "2", "--format", "jpeg"], b"\xFF\xD8\xFF"),
        (&["-", "-o", "-", "-s", "2", "--format", "tiff"], b"II"),
        (&["-", "-o", "-", "-s", "2", "--format", "webp"], b"RIFF"),
        (&["-", "-o", "-", "-s", "2", "--format", "exr"], b"\x76\x2F\x31\x01"),
        (&["-", "-o", "-", "-q", "-p", "clean"], b"\x89PNG"),
    ] {
        let output = pipe(&folder, arguments, &input);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", messages(&output));
        assert!(output.stdout.starts_with(mark), "{arguments:?}");
        assert_eq!(names(folder.path()), [""; 0], "{arguments:?}");
    }
    let output = pipe(&folder, &["-", "-o", "-", "-s", "2"], &input);
    fs::write(folder.path().join("x.png"), output.stdout).unwrap();
    let (info, _) = read_png(&folder.path().join("x.png"));
    assert_eq!((info.width, info.height), (16, 12));
}

#[test]
fn standard_input_becomes_a_named_result() {
    let folder = TempDir::new().unwrap();
    let input = picture(&folder);
    assert!(pipe(&folder, &["-", "-o", "a.jpg"], &input).status.success());
    assert!(pipe(&folder, &["-", "-s", "2", "-o", "out/"], &input).status.success());
    assert_eq!(names(folder.path()), ["a.jpg", "out"]);
    assert_eq!(names(&folder.path().join("out")), ["stdin.2x.png"]);
}

#[cfg(unix)]
#[test]
fn devices_and_fifos_are_pipes() {
    let folder = TempDir::new().unwrap();
    let input = picture(&folder);
    let output = pipe(&folder, &["/dev/stdin", "-o", "/dev/stdout", "-s", "2"], &input);
    assert!(output.status.success() && output.stdout.starts_with(b"\x89PNG"), "{}", messages(&output));
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let write = |input: Vec<u8>| {
        let fifo = fifo.clone();
        std::thread::spawn(move || File::create(fifo).unwrap().write_all(&input).unwrap())
    };
    let writer = write(input.clone());
    good(&folder, &["fifo", "-s", "2", "-o", "a.png"]);
    writer.join().unwrap();
    assert_eq!(read_png(&folder.path().join("a.png")).0.width, 16);
    // In a folder, a pipe is named and not read.
    write_gradient(&folder, "b.png", 2, 2);
    let (files, _) = objects(&good(&folder, &[".", "-o", "out", "-s", "2", "--json"]));
    let fifo = files.iter().find(|file| file["input"].as_str().unwrap().ends_with("fifo")).unwrap();
    assert_eq!((&fifo["status"], &fifo["skipped"]), (&"skipped".into(), &"this is no regular file".into()));
    // The result of a run may go through a named pipe too.
    let mut reader = std::process::Command::new("cat");
    let reader = reader.arg(folder.path().join("fifo")).stdout(Stdio::piped()).spawn().unwrap();
    good(&folder, &["b.png", "-s", "2", "-o", "fifo", "--format", "png"]);
    assert!(reader.wait_with_output().unwrap().stdout.starts_with(b"\x89PNG"));
}

#[test]
fn nothing_partial_reaches_a_pipe() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 64, 64);
    let mut input = fs::read(folder.path().join("a.png")).unwrap();
    let at = input.windows(4).position(|w| w == b"IDAT").unwrap() + 40;
    input[at] ^= 0xFF;
    let output = pipe(&folder, &["-", "-o", "-"], &input);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{}", messages(&output));
    for (input, says) in [(&b""[..], "nothing came"), (b"hello, this is text", "a text"), (b"GIF89a......", "GIF")] {
        let output = pipe(&folder, &["-", "-o", "-"], input);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
        assert!(messages(&output).contains(says), "{}", messages(&output));
    }
    let output = pipe(&folder, &["-", "-o", "-", "--max-memory", "100"], &vec![9; 100_000]);
    assert!(messages(&output).contains("--max-memory"), "{}", messages(&output));
    assert_eq!(names(folder.path()), ["a.png"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_wait_for_a_pipe() {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path());
    command.args(["-", "-o", "a.png"]).stdin(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    // It stays open, so that the command waits for more.
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(b"\x89PNG").unwrap();
    // The handler for Ctrl-C must be in place first.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let started = std::time::Instant::now();
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < std::time::Duration::from_secs(60));
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn what_cannot_go_through_pipes_ends_with_status_2() {
    let folder = TempDir::new().unwrap();
    let input = picture(&folder);
    write_gradient(&folder, "a.png", 2, 2);
    write_gradient(&folder, "b.png", 2, 2);
    for (arguments, says) in [
        (&["-"][..], "-o FILE"),
        (&["-", "-", "-o", "out"], "twice"),
        (&["a.png", "b.png", "-o", "-"], "only one picture"),
        (&["a.png", "-o", "-", "--json"], "--json"),
    ] {
        let output = pipe(&folder, arguments, &input);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", messages(&output));
        assert!(messages(&output).contains(says), "{}", messages(&output));
    }
    assert_eq!(names(folder.path()), ["a.png", "b.png"]);
}

#[test]
fn the_content_and_not_the_name_says_what_a_file_is() {
    let folder = TempDir::new().unwrap();
    for name in ["plain", "wrong.jpg", "-dash.png", "many.points.in.it", "UPPER.PNG", "text.pdf"] {
        write_gradient(&folder, name, 4, 4);
    }
    good(&folder, &["-s", "2", "plain"]);
    let files = ["wrong.jpg", "-dash.png", "many.points.in.it", "UPPER.PNG", "text.pdf"];
    good(&folder, &[&["-s", "2", "-o", "out", "--"], &files[..]].concat());
    let made = names(&folder.path().join("out"));
    assert_eq!(made, ["-dash.2x.png", "UPPER.2x.PNG", "many.points.in.it.2x.png", "text.pdf.2x.png", "wrong.2x.png"]);
    assert!(folder.path().join("plain.2x.png").exists());
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_are_kept() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 4, 4);
    let name = OsStr::from_bytes(b"\xE9t\xE9.png");
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::rename(folder.path().join("a.png"), folder.path().join("in").join(name)).unwrap();
    let output = good(&folder, &["in", "-s", "2", "-o", "out", "--json"]);
    let result = Path::new("out").join(OsStr::from_bytes(b"\xE9t\xE9.2x.png"));
    assert!(folder.path().join(result).exists());
    let (files, _) = objects(&output);
    assert_eq!(files[0]["input_bytes"], "696e2fe974e92e706e67");
    // A second run over the folder with the results beside the sources leaves them alone.
    good(&folder, &["in", "-s", "2"]);
    let output = good(&folder, &["in", "-s", "2", "--skip-existing", "--json"]);
    let (_, totals) = objects(&output);
    assert_eq!((&totals["skipped"], &totals["done"]), (&2.into(), &0.into()));
}

#[test]
fn the_format_can_be_chosen_apart_from_the_name() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 4, 4);
    write_gradient(&folder, "b.png", 4, 4);
    good(&folder, &["a.png", "-s", "2", "-o", "x.tmp", "--format", "webp"]);
    assert!(fs::read(folder.path().join("x.tmp")).unwrap().starts_with(b"RIFF"));
    good(&folder, &["a.png", "b.png", "-s", "2", "--format", "jpg", "-o", "out"]);
    assert_eq!(names(&folder.path().join("out")), ["a.2x.jpg", "b.2x.jpg"]);
    let output = run(&folder, &["a.png", "-o", "c.png", "--format", "jpeg"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(messages(&output).contains("make them agree"), "{}", messages(&output));
}
