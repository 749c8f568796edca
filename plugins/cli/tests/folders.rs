//! Folders: every entry is enlarged or named with a reason; a batch that was stopped goes on where it was.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{command, good, messages, names, objects, read_png, run, write_gradient};

const JOURNAL: &str = ".enlarge-journal.jsonl";

/// A folder `in` with pictures and other things.
fn trip() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("in/day 2/deep")).unwrap();
    for name in
        ["in/b.png", "in/a.png", "in/cells.40x.png", "in/without-ending", "in/day 2/c.png", "in/day 2/deep/d.png"]
    {
        write_gradient(&folder, name, 4, 4);
    }
    for (name, content) in [
        ("in/notes.txt", b"not a picture".as_slice()),
        ("in/paper.pdf", b"%PDF-1.7\n"),
        ("in/empty.jpg", b""),
        ("in/film.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0isommp42"),
        ("in/phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta"),
        ("in/cut.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\0"),
        ("in/camera.rw2", b"IIU\0\x18\0\0\0"),
        ("in/.hidden.png", b"x"),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn by_input<'a>(files: &'a [Value], end: &str) -> &'a Value {
    let end = end.replace('/', std::path::MAIN_SEPARATOR_STR);
    files.iter().find(|file| file["input"].as_str().unwrap().ends_with(&end)).unwrap_or_else(|| panic!("{end}"))
}

#[test]
fn everything_in_a_folder_is_enlarged_or_named() {
    let folder = trip();
    let output = good(&folder, &["in", "-o", "out", "-s", "1.5", "--json", "-q", "--develop", "off"]);
    let (files, totals) = objects(&output);
    let said = messages(&output);
    assert_eq!(
        names(&folder.path().join("out")),
        ["a.1.5x.png", "b.1.5x.png", "cells.40x.1.5x.png", "without-ending.1.5x.png"]
    );
    assert_eq!(read_png(&folder.path().join("out/a.1.5x.png")).0.width, 6);
    for (end, reason) in [
        ("notes.txt", "a text"),
        ("paper.pdf", "a PDF document"),
        ("empty.jpg", "an empty file"),
        ("film.mp4", "a video"),
        ("phone.heic", "a HEIC picture"),
        ("cut.heic", "without its picture"),
        ("camera.rw2", "a raw photograph (RW2)"),
        (".hidden.png", "a hidden file"),
        ("day 2", "--recursive"),
    ] {
        let file = by_input(&files, end);
        assert!(file["skipped"].as_str().unwrap().contains(reason), "{file}");
        assert_eq!((&file["status"], &file["error"], &file["output"]), (&"skipped".into(), &Value::Null, &Value::Null));
        assert!(
            said.lines().any(|line| line.starts_with("warning: ") && line.contains(end) && line.contains(reason)),
            "{said}"
        );
    }
    let count = |key: &str| totals[key].as_u64().unwrap();
    assert_eq!(["files", "done", "skipped", "failed", "exists", "pixels"].map(count), [13, 4, 9, 0, 0, 4 * 36]);
    assert!(totals["seconds"].is_number());
}

#[test]
fn a_folder_without_pictures_is_an_error() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(run(&folder, &["empty"]).status.code(), Some(1));
    fs::write(folder.path().join("empty/a.txt"), "text").unwrap();
    let output = run(&folder, &["empty"]);
    assert!(messages(&output).contains("a text") && messages(&output).contains("no picture"), "{}", messages(&output));
}

#[cfg(unix)]
#[test]
fn trees_are_kept_and_loops_are_not_followed() {
    let folder = trip();
    std::os::unix::fs::symlink("..", folder.path().join("in/day 2/up")).unwrap();
    let output = good(&folder, &["in", "-r", "-s", "2", "-o", "in/large", "--json", "--develop", "off"]);
    let (files, _) = objects(&output);
    assert!(by_input(&files, "up")["skipped"].as_str().unwrap().contains("a link to a folder"));
    assert!(by_input(&files, "large")["skipped"].as_str().unwrap().contains("the folder of the results"));
    assert_eq!(names(&folder.path().join("in/large/day 2")), ["c.2x.png", "deep"]);
    assert_eq!(names(&folder.path().join("in/large/day 2/deep")), ["d.2x.png"]);
    // Beside the files, and a second time: the results are known as such.
    good(&folder, &["in/day 2", "-r", "-s", "2"]);
    let output = good(&folder, &["in/day 2", "-r", "-s", "2", "--skip-existing", "--json"]);
    let (files, totals) = objects(&output);
    assert_eq!(names(&folder.path().join("in/day 2")), ["c.2x.png", "c.png", "deep", "up"]);
    assert!(by_input(&files, "c.2x.png")["skipped"].as_str().unwrap().contains("this is a result"));
    assert!(by_input(&files, "/c.png")["skipped"].as_str().unwrap().contains("already exists"));
    assert_eq!((&totals["done"], &totals["failed"]), (&0.into(), &0.into()));
}

#[test]
fn a_second_run_tells_what_exists_from_what_failed() {
    let folder = trip();
    let arguments = ["in", "-o", "out", "-s", "2", "--develop", "off", "--json"];
    good(&folder, &arguments);
    let output = run(&folder, &arguments);
    assert_eq!(output.status.code(), Some(3));
    let (files, totals) = objects(&output);
    assert_eq!(by_input(&files, "a.png")["status"], "exists");
    assert_eq!((&totals["exists"], &totals["failed"]), (&4.into(), &0.into()));
    let (_, totals) = objects(&good(&folder, &[&arguments[..], &["--skip-existing"]].concat()));
    assert_eq!((&totals["done"], &totals["exists"], &totals["skipped"]), (&0.into(), &0.into(), &13.into()));
    let (_, totals) = objects(&good(&folder, &[&arguments[..], &["--overwrite"]].concat()));
    assert_eq!(totals["done"], 4);
    // A failure counts more than what exists.
    fs::write(folder.path().join("in/broken.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    assert_eq!(run(&folder, &arguments).status.code(), Some(1));
}

#[test]
fn a_complete_batch_leaves_no_journal_unless_it_is_wanted() {
    let folder = trip();
    let arguments = ["in", "-o", "out", "-s", "2", "--develop", "off", "--json"];
    let resumed = [&arguments[..], &["--resume"]].concat();
    good(&folder, &arguments);
    assert!(!folder.path().join("out").join(JOURNAL).exists());
    // Without a journal, nothing is replaced, and that is said.
    let (files, _) = objects(&good(&folder, &resumed));
    assert!(by_input(&files, "a.png")["skipped"].as_str().unwrap().contains("no journal"));
    fs::remove_dir_all(folder.path().join("out")).unwrap();
    good(&folder, &resumed);
    assert!(folder.path().join("out").join(JOURNAL).exists());
    let (_, totals) = objects(&good(&folder, &resumed));
    assert_eq!((&totals["done"], &totals["skipped"]), (&0.into(), &13.into()));

    // A changed input, other settings, a missing result: these are done again.
    write_gradient(&folder, "in/a.png", 5, 5);
    fs::remove_file(folder.path().join("out/b.2x.png")).unwrap();
    let (files, totals) = objects(&good(&folder, &resumed));
    assert_eq!(totals["done"], 2);
    assert_eq!(by_input(&files, "a.png")["output_size"], serde_json::json!([10, 10]));
    let (_, totals) = objects(&good(&folder, &[&resumed[..], &["--strength", "50"]].concat()));
    assert_eq!(totals["done"], 4);
    // A result that somebody retouched is not replaced.
    fs::write(folder.path().join("out/a.2x.png"), "retouched").unwrap();
    let output = run(&folder, &resumed);
    assert_eq!(output.status.code(), Some(3));
    assert!(messages(&output).contains("was changed after it was made"), "{}", messages(&output));
    assert_eq!(fs::read(folder.path().join("out/a.2x.png")).unwrap(), b"retouched");
}

#[cfg(unix)]
#[test]
fn a_killed_batch_goes_on_where_it_was() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    for number in 0..6 {
        write_gradient(&folder, &format!("in/{number}.png"), 150, 150);
    }
    let arguments = ["in", "-o", "out", "--json", "--resume"];
    let out = folder.path().join("out");
    let made = || names(&out).iter().filter(|name| name.ends_with(".png")).count();
    let mut child = command(folder.path()).args(arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
    let started = std::time::Instant::now();
    while !out.exists() || made() < 2 || !names(&out).iter().any(|name| name.ends_with(".part")) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        assert!(started.elapsed() < std::time::Duration::from_secs(60));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = made();
    assert!(names(&out).iter().any(|name| name.ends_with(".part")), "a half-finished file");
    let (files, totals) = objects(&good(&folder, &arguments));
    // The last result may have got its name without its line in the journal.
    let skipped = totals["skipped"].as_u64().unwrap() as usize;
    assert!(skipped == before, "{totals}");
    assert_eq!(totals["done"].as_u64().unwrap() as usize, 6 - before);
    assert!(files.iter().all(|file| file["error"].is_null()));
    assert_eq!(made(), 6);
    assert!(!names(&out).iter().any(|name| name.ends_with(".part")), "{:?}", names(&out));
    for number in 0..6 {
        assert_eq!(read_png(&out.join(format!("{number}.4x.png"))).0.width, 600);
    }
}

/// Three machines share a folder, at the same time and into the same folder. Nothing is missing, nothing is made twice.
#[test]
fn the_parts_of_a_batch_make_the_whole() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("in/day 2")).unwrap();
    for number in 0..12 {
        write_gradient(&folder, &format!("in/{}{number}.png", if number % 2 == 0 { "" } else { "day 2/" }), 4, 4);
    }
    let arguments = ["in", "-r", "--method", "bicubic", "-s", "2", "--json", "--resume"];
    good(&folder, &[&arguments[..], &["-o", "whole"]].concat());
    let parts = ["1/3", "2/3", "3/3"];
    let start = |part: &&str| {
        let mut command = command(folder.path());
        command.args(arguments).args(["-q", "-o", "out", "--shard", part]).stdout(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let running: Vec<_> = parts.iter().map(start).collect();
    let mut done = 0;
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let (files, totals) = objects(&output);
        assert!(files.iter().all(|file| file["status"] == "done"), "{files:?}");
        assert_eq!(files.len() as u64 + totals["other_parts"].as_u64().unwrap(), 12);
        done += files.len();
    }
    assert_eq!(done, 12);
    for below in ["", "day 2"] {
        let (whole, out) = (folder.path().join("whole").join(below), folder.path().join("out").join(below));
        let pictures = |place| names(place).into_iter().filter(|name| name.ends_with(".png")).collect::<Vec<_>>();
        assert_eq!(pictures(&out), pictures(&whole));
        for name in pictures(&whole) {
            assert!(fs::read(out.join(&name)).unwrap() == fs::read(whole.join(&name)).unwrap(), "{name}");
        }
    }
    // Each part goes on by its own journal.
    for part in parts {
        let output = good(&folder, &[&arguments[..], &["-o", "out", "--shard", part]].concat());
        assert!(messages(&output).contains(&format!("part {} of 3", &part[..1])), "{}", messages(&output));
        let (files, _) = objects(&output);
        assert!(files.iter().all(|file| file["skipped"].as_str().unwrap().contains("is finished")), "{files:?}");
    }
}

#[test]
fn several_pictures_at_once_give_the_same_results() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    for number in 0..5 {
        write_gradient(&folder, &format!("in/{number}.png"), 10 + number, 20);
    }
    fs::write(folder.path().join("in/bad.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    let one = run(&folder, &["in", "-o", "one", "--json"]);
    let three = run(&folder, &["in", "-o", "three", "--json", "--jobs", "3"]);
    assert_eq!((one.status.code(), three.status.code()), (Some(1), Some(1)));
    let (_, totals) = objects(&three);
    assert_eq!((&totals["files"], &totals["done"], &totals["failed"]), (&6.into(), &5.into(), &1.into()));
    let bytes = |results: &str, name: &str| fs::read(folder.path().join(results).join(name)).unwrap();
    for name in names(&folder.path().join("one")).iter().filter(|name| name.ends_with(".png")) {
        assert!(bytes("one", name) == bytes("three", name), "{name}");
    }
    // Two inputs with one result: one of them is refused, whichever comes second.
    fs::copy(folder.path().join("in/1.png"), folder.path().join("1.png")).unwrap();
    let output = run(&folder, &["in/1.png", "1.png", "-o", "two", "--jobs", "2"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(messages(&output).contains("the same result"), "{}", messages(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_all_jobs_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    for number in 0..4 {
        write_gradient(&folder, &format!("in/{number}.png"), 600, 600);
    }
    let out = folder.path().join("out");
    let mut command = command(folder.path());
    command.args(["in", "-o", "out", "--jobs", "2", "--json"]);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let parts = || names(&out).iter().filter(|name| name.ends_with(".part")).count();
    let started = std::time::Instant::now();
    while !out.exists() || parts() < 2 {
        assert!(started.elapsed() < std::time::Duration::from_secs(60));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let left: Vec<String> = names(&out).into_iter().filter(|name| name != JOURNAL).collect();
    assert_eq!(left, [""; 0]);
    let (_, totals) = objects(&output);
    assert_eq!((&totals["files"], &totals["stopped"]), (&4.into(), &4.into()));
}

#[test]
fn a_dry_run_says_what_it_comes_to_and_writes_nothing() {
    let folder = trip();
    let before = names(folder.path());
    let output = good(&folder, &["in", "-r", "-o", "out", "-s", "2", "--dry-run", "--json", "--develop", "off"]);
    assert_eq!(names(folder.path()), before);
    let (files, totals) = objects(&output);
    let file = by_input(&files, "/a.png");
    assert_eq!((&file["status"], &file["output_size"]), (&"planned".into(), &serde_json::json!([8, 8])));
    assert_eq!(Path::new(file["output"].as_str().unwrap()), Path::new("out/a.2x.png"));
    for key in ["pixels", "factor", "memory", "seconds", "bytes"] {
        assert!(file["estimate"][key].as_f64().unwrap() > 0.0, "{file}");
    }
    assert_eq!((&totals["planned"], &totals["done"]), (&6.into(), &0.into()));
    // What a run would refuse is refused.
    for (arguments, status) in [
        (&["in/a.png", "-o", "a.bmp", "--dry-run"][..], 1),
        (&["in/a.png", "-o", "none/a.png", "--dry-run"], 1),
        (&["in/a.png", "-o", "in/b.png", "--dry-run"], 3),
        (&["in/a.png", "in/a.png", "-o", "out", "--dry-run"], 1),
        (&["in/a.png", "--max-pixels", "3", "--dry-run"], 1),
        (&["in/a.png", "--max-memory", "1", "--dry-run"], 1),
        (&["in/a.png", "--long-edge", "90000", "--dry-run"], 1),
    ] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", messages(&output));
    }
    assert_eq!(names(folder.path()), before);
}
