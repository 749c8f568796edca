//! Masks on the command line: any format, any kind of file, and errors that say what to do.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::common::{good, messages, objects, read_png, run, write_png};

const SIDE: u32 = 24;

/// A picture with edges, and a mask that is white on its right.
fn scene() -> TempDir {
    let folder = TempDir::new().unwrap();
    let pixels = |value: fn(u32, u32) -> u8| (0..SIDE * SIDE).map(|i| value(i % SIDE, i / SIDE)).collect::<Vec<u8>>();
    let gray = png::ColorType::Grayscale;
    let write = |name: &str, data: &[u8]| write_png(&folder.path().join(name), SIDE, SIDE, gray, data);
    write("a.png", &pixels(|x, y| if (x / 5 + y / 4) % 2 == 0 { 60 } else { 190 }));
    write("right.png", &pixels(|x, _| if x < SIDE / 2 { 0 } else { 255 }));
    write("white.png", &pixels(|_, _| 255));
    folder
}

fn pixels(folder: &TempDir, name: &str) -> Vec<u8> {
    read_png(&folder.path().join(name)).1
}

/// The left quarter, and the right quarter, of every row.
fn quarters(data: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let side = 2 * SIDE as usize;
    let part = |from: usize| data.chunks(side).flat_map(|row| row[from..from + side / 4].to_vec()).collect();
    (part(0), part(side - side / 4))
}

#[test]
fn white_is_where_the_network_works_or_what_is_protected() {
    let folder = scene();
    let made = |more: &[&str]| {
        good(&folder, &[&["a.png", "-s", "2", "-o", "out.png", "--overwrite"], more].concat());
        pixels(&folder, "out.png")
    };
    let (plain, full) = (quarters(&made(&["--strength", "0"])), quarters(&made(&["--edge-care", "100"])));
    assert_ne!(plain, full);
    assert_eq!(quarters(&made(&["--mask", "right.png"])), (plain.0.clone(), full.1.clone()));
    assert_eq!(quarters(&made(&["--mask", "right.png", "--mask-white", "protect"])), (full.0.clone(), plain.1.clone()));
    assert_eq!(quarters(&made(&["--mask", "white.png"])), full);

    // In another format, in colour, and through a pipe.
    let rgb: Vec<u8> = pixels(&folder, "right.png").iter().flat_map(|v| [*v; 3]).collect();
    fs::write(folder.path().join("right.ppm"), [format!("P6 {SIDE} {SIDE} 255\n").as_bytes(), &rgb].concat()).unwrap();
    assert_eq!(quarters(&made(&["--mask", "right.ppm"])), (plain.0.clone(), full.1.clone()));
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let ppm = folder.path().join("right.ppm");
        let feeder = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::copy(ppm, pipe).unwrap()
        });
        assert_eq!(quarters(&made(&["--mask", "pipe"])), (plain.0, full.1));
        feeder.join().unwrap();
    }
}

#[test]
fn what_cannot_be_a_mask_is_refused() {
    let folder = scene();
    let gray = png::ColorType::Grayscale;
    write_png(&folder.path().join("small.png"), 3, 2, gray, &[0; 6]);
    fs::write(folder.path().join("text.txt"), "no picture").unwrap();
    for (mask, more, status, expected) in [
        ("small.png", &[][..], 1, "the mask has 3x2 pixels and the picture 24x24; give a mask of the picture's size"),
        ("text.txt", &[], 1, "text.txt"),
        ("missing.png", &[], 1, "missing.png"),
        ("-", &[], 2, "a mask cannot come through standard input; name its file"),
    ] {
        let output = run(&folder, &[&["a.png", "--mask", mask], more].concat());
        assert_eq!(output.status.code(), Some(status), "{mask}: {}", messages(&output));
        assert!(messages(&output).contains(expected), "{mask}: {}", messages(&output));
    }
    let output = run(&folder, &["a.png", "--mask-white", "protect"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(messages(&output).contains("there is no mask; give one with --mask FILE"), "{}", messages(&output));
    assert!(!folder.path().join("a.4x.png").exists());
}

#[test]
fn what_is_not_used_is_said() {
    let folder = scene();
    let alpha: Vec<u8> = pixels(&folder, "white.png").iter().flat_map(|v| [*v, 7]).collect();
    write_png(&folder.path().join("alpha.png"), SIDE, SIDE, png::ColorType::GrayscaleAlpha, &alpha);
    let output = good(&folder, &["a.png", "-s", "2", "--mask", "alpha.png"]);
    assert!(messages(&output).contains("alpha.png: the transparency of a mask is not used"), "{}", messages(&output));
    let output =
        good(&folder, &["a.png", "--method", "nearest", "--mask", "white.png", "--grain", "20", "-o", "n.png"]);
    assert!(
        messages(&output).contains("the method nearest runs no network and ignores mask, grain;"),
        "{}",
        messages(&output)
    );
}

#[test]
fn info_tells_what_was_used() {
    let folder = scene();
    good(&folder, &["a.png", "-s", "2", "--mask", "right.png", "--grain", "12.5", "--seed", "9"]);
    let output = good(&folder, &["info", "a.2x.png", "--json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for expected in [r#""mask":"apply""#, r#""edge_care":"100""#, r#""grain":"12.5""#, r#""seed":"9""#] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn another_mask_makes_another_result_when_a_batch_is_resumed() {
    let folder = scene();
    let inputs = folder.path().join("in");
    fs::create_dir(&inputs).unwrap();
    fs::rename(folder.path().join("a.png"), inputs.join("a.png")).unwrap();
    let resume = || {
        let output = good(&folder, &["in", "-o", "out", "-s", "2", "--mask", "right.png", "--resume", "--json"]);
        objects(&output).0[0]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!((resume(), resume()), ("done".to_owned(), "skipped".to_owned()));
    fs::copy(folder.path().join("white.png"), folder.path().join("right.png")).unwrap();
    assert_eq!(resume(), "done");
    assert!(Path::exists(&folder.path().join("out/a.2x.png")));
}
