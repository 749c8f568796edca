//! `enlarge preview`: each panel is the same part of what a run would give.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{good, messages, names, read_png, run, write_gradient, write_png};

/// Where panels lie on a comparison: see `commands/preview/comparison.rs`.
const GAP: u32 = 8;
const LINE: u32 = 24;

/// A rectangle of a PNG in colour.
fn cut(path: &Path, x: u32, y: u32, width: u32, height: u32) -> Vec<u8> {
    let (info, pixels) = read_png(path);
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let row = |y: u32| (3 * (y * info.width + x)) as usize;
    (y..y + height).flat_map(|y| &pixels[row(y)..row(y) + 3 * width as usize]).copied().collect()
}

/// What the command says about the comparison.
fn said(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn photo(folder: &TempDir) {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/cat.png");
    fs::copy(data, folder.path().join("cat.png")).unwrap();
}

#[test]
fn panels_are_parts_of_whole_results() {
    let folder = TempDir::new().unwrap();
    photo(&folder);
    for (factor, arguments) in [("2", &["-p", "natural"][..]), ("1.7", &["-p", "crisp", "--strength", "60"])] {
        let common = [&["cat.png", "--overwrite", "-s", factor], arguments].concat();
        good(&folder, &[&common[..], &["-o", "whole.png"]].concat());
        good(&folder, &["cat.png", "--overwrite", "-s", factor, "--method", "bicubic", "-o", "bicubic.png"]);
        let preview =
            [&["preview"], &common[..], &["--at", "60,150", "--size", "96", "-o", "comparison.png", "--json"]];
        let said = said(&good(&folder, &preview.concat()));
        let (source, _) = read_png(&folder.path().join("cat.png"));
        let (result, _) = read_png(&folder.path().join("whole.png"));
        let edges = |at: &str, side: &str, source: u32, result: u32| {
            let number = |key: &str| said["part"][key].as_f64().unwrap();
            let enlarged = |at: f64| (at * f64::from(result) / f64::from(source)).round() as u32;
            (enlarged(number(at)), enlarged(number(at) + number(side)))
        };
        let (left, right) = edges("x", "width", source.width, result.width);
        let (top, bottom) = edges("y", "height", source.height, result.height);
        let (width, height) = (right - left, bottom - top);
        assert!(width.abs_diff(96) <= 1 && height.abs_diff(96) <= 1, "{width}x{height}");
        assert_eq!(said["panels"][1]["size"], json!([width, height]));
        for (index, whole) in [(0, "bicubic.png"), (1, "whole.png")] {
            let panel =
                cut(&folder.path().join("comparison.png"), GAP + index * (width + GAP), GAP + LINE, width, height);
            let whole = cut(&folder.path().join(whole), left, top, width, height);
            let worst = panel.iter().zip(&whole).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst <= 1, "×{factor}, panel {index} differs by {worst}");
        }
    }
}

#[test]
fn presets_are_compared() {
    let folder = TempDir::new().unwrap();
    photo(&folder);
    let output = good(&folder, &["preview", "cat.png", "--presets", "all", "-s", "2", "--size", "64", "--json"]);
    let said = said(&output);
    assert_eq!(said["output"], "cat-preview.png");
    let labels: Vec<&str> =
        said["panels"].as_array().unwrap().iter().map(|panel| panel["label"].as_str().unwrap()).collect();
    assert_eq!(
        labels,
        [
            "bicubic",
            "natural",
            "portrait",
            "detail",
            "crisp",
            "clean",
            "illustration",
            "restore",
            "old-photo",
            "precise",
            "creative"
        ]
    );
    let (info, _) = read_png(&folder.path().join("cat-preview.png"));
    // Columns are as wide as the longest label, "illustration", whose letters have 9 pixels.
    assert_eq!((info.width, info.height), (4 * (12 * 9 + GAP) + GAP, 3 * (64 + LINE + GAP) + GAP));
    // An existing comparison stays.
    let again = ["preview", "cat.png", "--presets", "crisp,realesr-general-x4v3", "-s", "2", "--size", "64"];
    let output = run(&folder, &again);
    assert_ne!(output.status.code(), Some(0));
    assert!(messages(&output).contains("cat-preview.png"), "{}", messages(&output));
    let output = good(&folder, &[&again[..], &["--overwrite"]].concat());
    assert!(messages(&output).contains("realesr-general-x4v3 (realesr-general-x4v3): 64x64 pixels"), "{output:?}");
}

#[test]
fn sizes_are_those_of_runs_and_bicubic_is_plain() {
    let folder = TempDir::new().unwrap();
    photo(&folder);
    let first = |arguments: &[&str]| {
        let common = ["preview", "cat.png", "--size", "64", "--overwrite", "-p", "crisp", "-o", "comparison.png"];
        good(&folder, &[&common[..], arguments].concat());
        let path = folder.path().join("comparison.png");
        (cut(&path, GAP, GAP + LINE, 64, 64), cut(&path, 64 + 2 * GAP, GAP + LINE, 64, 64))
    };
    let (bicubic, crisp) = first(&["-s", "2"]);
    let (plain, grained) = first(&["-s", "2", "--grain", "100", "--reduce-first", "50"]);
    assert!(bicubic == plain && crisp != grained, "only the second panel has grain");
    let (source, _) = read_png(&folder.path().join("cat.png"));
    let side = (2 * source.width.max(source.height)).to_string();
    assert_eq!(first(&["--long-edge", &side]), (bicubic, crisp));
    good(&folder, &["preview", "cat.png", "--print", "5x5cm", "--dpi", "200", "-o", "print.png", "--size", "64"]);
}

#[test]
fn transparency_and_gray_become_visible() {
    let folder = TempDir::new().unwrap();
    write_png(&folder.path().join("soft.png"), 40, 40, png::ColorType::Rgba, &[10, 20, 30, 0].repeat(1600));
    write_gradient(&folder, "gray.png", 40, 40);
    for name in ["soft", "gray"] {
        good(&folder, &["preview", &format!("{name}.png"), "-s", "2", "--size", "64"]);
    }
    let soft = cut(&folder.path().join("soft-preview.png"), GAP, GAP + LINE, 64, 64);
    assert!(soft.contains(&0x99) && soft.contains(&0x66) && !soft.contains(&10), "squares lie behind it");
    let gray = cut(&folder.path().join("gray-preview.png"), GAP, GAP + LINE, 64, 64);
    assert!(gray.chunks(3).all(|p| p[0] == p[1] && p[1] == p[2]));
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 30, 20);
    for (arguments, status, sentence) in [
        (&["--at", "30,5"][..], 2, "30,5 lies outside the picture, which has 30x20 pixels"),
        (&["--at", "3"], 2, "give two whole numbers"),
        (&["--at", "-3,5"], 2, "give two whole numbers"),
        (&["--mask", "none.png"], 1, "error: none.png: there is no such file"),
        (&["--dpi", "300"], 2, "give its size with --print"),
        (&["-o", "comparison.exr"], 2, "a name that ends in .png, .jpg, .webp or .tif"),
        (&["-o", "no/comparison.png"], 1, "this folder does not exist"),
        (&["--presets", "crisp,none"], 2, "neither a preset nor a model 'none'"),
        (&["--presets", "all", "-p", "crisp"], 2, "cannot be used with"),
    ] {
        let output = run(&folder, &[&["preview", "a.png", "-s", "2"], arguments].concat());
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", messages(&output));
        assert!(messages(&output).contains(sentence), "{arguments:?}: {}", messages(&output));
        assert_eq!(names(folder.path()), ["a.png"], "{arguments:?}");
    }
}
