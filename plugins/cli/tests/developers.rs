//! Raw photographs and HEIC with the real programs, on files that the tests make: DNG with a mosaic and linear, HEIC.
//!
//! `scripts/setup` installs the programs. A program that is missing is named on standard error and not tried.

use std::fs;
#[cfg(unix)]
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{command, good, messages, names, objects, read_png, run, write_png};

// RawTherapee refuses smaller mosaics.
const WIDTH: usize = 640;
const HEIGHT: usize = 480;

/// Four patches in linear light: red, green, blue, gray.
fn patch(x: usize, y: usize) -> [f64; 3] {
    match (x < WIDTH / 2, y < HEIGHT / 2) {
        (true, true) => [0.5, 0.06, 0.06],
        (false, true) => [0.06, 0.5, 0.06],
        (true, false) => [0.06, 0.06, 0.5],
        (false, false) => [0.3, 0.3, 0.3],
    }
}

/// A field of a directory: tag, type, and the values as bytes.
struct Field(u16, u16, u32, Vec<u8>);

fn shorts(tag: u16, values: &[u16]) -> Field {
    Field(tag, 3, values.len() as u32, values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

fn long(tag: u16, value: u32) -> Field {
    Field(tag, 4, 1, value.to_le_bytes().to_vec())
}

fn bytes(tag: u16, values: &[u8]) -> Field {
    Field(tag, 1, values.len() as u32, values.to_vec())
}

fn text(tag: u16, value: &str) -> Field {
    Field(tag, 2, value.len() as u32 + 1, [value.as_bytes(), &[0]].concat())
}

fn ratios(tag: u16, kind: u16, values: &[i32]) -> Field {
    let parts = values.iter().flat_map(|v| [v.to_le_bytes(), 10_000i32.to_le_bytes()].concat());
    Field(tag, kind, values.len() as u32, parts.collect())
}

/// A DNG whose camera sees the primaries of sRGB.
fn dng(mosaic: bool) -> Vec<u8> {
    let mut samples = Vec::new();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let value = |c: usize| ((patch(x, y)[c] * 60_000.0) as u16).to_le_bytes();
            if mosaic {
                samples.extend(value([[0, 1], [1, 2]][y % 2][x % 2]));
            } else {
                (0..3).for_each(|c| samples.extend(value(c)));
            }
        }
    }
    let channels = if mosaic { 1 } else { 3 };
    let mut fields = vec![
        long(254, 0),
        long(256, WIDTH as u32),
        long(257, HEIGHT as u32),
        shorts(258, &vec![16; channels]),
        shorts(259, &[1]),
        shorts(262, &[if mosaic { 32803 } else { 34892 }]),
        text(271, "Enlarger"),
        text(272, "Test camera"),
        long(273, 0),
        shorts(274, &[1]),
        shorts(277, &[channels as u16]),
        long(278, HEIGHT as u32),
        long(279, samples.len() as u32),
        shorts(284, &[1]),
        bytes(50706, &[1, 4, 0, 0]),
        bytes(50707, &[1, 1, 0, 0]),
        text(50708, "Enlarger Test camera"),
        long(50714, 0),
        long(50717, 65535),
        // From XYZ to the camera: the inverse of the matrix of sRGB.
        ratios(50721, 10, &[32405, -15371, -4985, -9693, 18760, 416, 556, -2040, 10572]),
        ratios(50728, 5, &[10_000, 10_000, 10_000]),
        shorts(50778, &[21]),
    ];
    if mosaic {
        fields.extend([shorts(33421, &[2, 2]), bytes(33422, &[0, 1, 1, 2])]);
    }
    fields.sort_by_key(|field| field.0);
    let after = 8 + 2 + 12 * fields.len() as u32 + 4;
    let (mut directory, mut values) = ((fields.len() as u16).to_le_bytes().to_vec(), Vec::new());
    let size: u32 = fields.iter().map(|field| if field.3.len() > 4 { field.3.len() as u32 } else { 0 }).sum();
    for Field(tag, kind, count, mut value) in fields {
        if tag == 273 {
            value = (after + size).to_le_bytes().to_vec();
        }
        directory.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        directory.extend(count.to_le_bytes());
        if value.len() > 4 {
            directory.extend((after + values.len() as u32).to_le_bytes());
            values.extend(value);
        } else {
            value.resize(4, 0);
            directory.extend(value);
        }
    }
    [b"II\x2a\0\x08\0\0\0".as_slice(), &directory, &[0; 4], &values, &samples].concat()
}

/// The programs that `enlarge doctor` finds for a kind of file.
fn found(folder: &TempDir, develops: &str) -> Vec<String> {
    let doctor: Value = serde_json::from_slice(&good(folder, &["doctor", "--json"]).stdout).unwrap();
    let all = doctor["developers"].as_array().unwrap().iter().filter(|program| program["develops"] == develops);
    let (here, missing): (Vec<&Value>, Vec<&Value>) = all.partition(|program| program["path"].is_string());
    for program in missing {
        eprintln!("NOT TRIED, because it is not installed: {} (run scripts/setup)", program["program"]);
    }
    here.iter().map(|program| program["program"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn real_programs_develop_raw_photographs() {
    let folder = TempDir::new().unwrap();
    let programs = found(&folder, "raw photographs");
    for (name, mosaic) in [("mosaic", true), ("linear", false)] {
        // An ending that says nothing, and a name that looks like an option.
        let file = format!("-{name}.raw photo");
        fs::write(folder.path().join(&file), dng(mosaic)).unwrap();
        for program in &programs {
            let result = format!("{name}-{program}.png");
            let arguments = ["-s", "1", "--strength", "0", "--develop", program, "--json", "-o", &result, "--", &file];
            let output = good(&folder, &arguments);
            let (files, _) = objects(&output);
            assert_eq!(files[0]["developed_by"], program.as_str());
            let (info, data) = read_png(&folder.path().join(&result));
            assert_eq!(info.bit_depth, png::BitDepth::Sixteen, "{program}");
            // darktable leaves a border out.
            assert!(info.width.abs_diff(WIDTH as u32) <= 24 && info.height.abs_diff(HEIGHT as u32) <= 24, "{info:?}");
            let pixel = |x: f64, y: f64| {
                let (x, y) = ((f64::from(info.width) * x) as usize, (f64::from(info.height) * y) as usize);
                [0, 2, 4].map(|c| i32::from(data[y * info.line_size + x * 6 + c]))
            };
            let [red, green, blue, gray] =
                [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)].map(|(x, y)| pixel(x, y));
            for (index, patch) in [red, green, blue].iter().enumerate() {
                let others = (0..3).filter(|c| *c != index).map(|c| patch[c]).max().unwrap();
                assert!(patch[index] > others + 30, "{program} {name}: {red:?} {green:?} {blue:?}");
            }
            assert!(gray.iter().max().unwrap() - gray.iter().min().unwrap() <= 12, "{program} {name}: {gray:?}");
        }
    }
    let sources = names(folder.path()).into_iter().filter(|name| !name.ends_with(".png")).collect::<Vec<_>>();
    assert_eq!(sources, ["-linear.raw photo", "-mosaic.raw photo"], "nothing is left beside the photographs");
}

#[test]
fn real_programs_develop_heic() {
    let folder = TempDir::new().unwrap();
    let data: Vec<u8> = (0..64 * 48).flat_map(|i| if i % 64 < 32 { [200, 60, 40] } else { [40, 60, 200] }).collect();
    write_png(&folder.path().join("a.png"), 64, 48, png::ColorType::Rgb, &data);
    let made = Command::new("heif-enc").args(["-q", "95", "a.png", "-o", "a.heic"]).current_dir(folder.path()).output();
    if !made.is_ok_and(|output| output.status.success()) {
        return eprintln!("NOT TRIED, because heif-enc cannot write HEIC here (run scripts/setup)");
    }
    for program in found(&folder, "HEIC and AVIF") {
        let result = format!("{program}.png");
        good(&folder, &["a.heic", "-s", "2", "--develop", &program, "-o", &result]);
        let (info, data) = read_png(&folder.path().join(&result));
        assert_eq!((info.width, info.height), (128, 96));
        let pixel = |x: usize| &data[50 * info.line_size + x * 3..][..3];
        for (found, right) in [(pixel(20), [200, 60, 40]), (pixel(110), [40, 60, 200])] {
            assert!(found.iter().zip(right).all(|(a, b)| a.abs_diff(b) < 12), "{program}: {found:?} {right:?}");
        }
    }
    // In a folder it is developed too.
    if !found(&folder, "HEIC and AVIF").is_empty() {
        fs::create_dir(folder.path().join("in")).unwrap();
        fs::copy(folder.path().join("a.heic"), folder.path().join("in/IMG_1.HEIC")).unwrap();
        good(&folder, &["in", "-s", "2", "-o", "out"]);
        assert_eq!(names(&folder.path().join("out")), ["IMG_1.2x.png"]);
    }
}

#[test]
fn without_a_program_the_file_and_the_programs_are_named() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.dng"), dng(true)).unwrap();
    fs::write(folder.path().join("b.nef"), b"IIU\0\x18\0\0\0").unwrap();
    fs::write(folder.path().join("c.jpg"), b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta").unwrap();
    for (file, kind, programs) in [
        ("a.dng", "a raw photograph (DNG, Enlarger Test camera)", "darktable-cli, rawtherapee-cli, dcraw_emu or dcraw"),
        ("b.nef", "a raw photograph (RW2)", "darktable-cli"),
        ("c.jpg", "a HEIC picture", "heif-dec or heif-convert"),
    ] {
        // No program is on this path.
        let output = command(folder.path()).arg(file).env("PATH", folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = messages(&output);
        assert!(said.contains(kind) && said.contains(programs), "{said}");
        assert!(run(&folder, &[file, "--develop", "off"]).status.code() == Some(1));
    }
    let output = run(&folder, &["a.dng", "--develop", "sh"]);
    assert_eq!(output.status.code(), Some(2), "{}", messages(&output));
    assert_eq!(names(folder.path()), ["a.dng", "b.nef", "c.jpg"]);
    let text = command(folder.path()).arg("doctor").env("PATH", folder.path()).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    let missing = "darktable-cli: not found";
    let missing = if cfg!(windows) { missing.to_owned() } else { format!("{missing} (in Debian's package darktable)") };
    assert!(text.lines().any(|line| line.trim() == missing), "{text}");
}

/// Phones write the orientation twice: as HEIF does, and in EXIF. Only the first one counts.
#[test]
fn heic_is_turned_once() {
    let folder = TempDir::new().unwrap();
    let programs = found(&folder, "HEIC and AVIF");
    let Some(program) = programs.first() else { return };
    let mut encoder = jpeg_encoder::Encoder::new_file(folder.path().join("a.jpg"), 95).unwrap();
    let exif = [b"Exif\0\0II\x2a\0\x08\0\0\0\x01\0".as_slice(), &[0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0], &[0; 4]];
    encoder.add_app_segment(1, exif.concat()).unwrap();
    encoder.encode(&[90; 64 * 48 * 3], 64, 48, jpeg_encoder::ColorType::Rgb).unwrap();
    let run_in = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(folder.path()).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !run_in("heif-enc", &["a.jpg", "-o", "a.heic"]) {
        return eprintln!("NOT TRIED, because heif-enc cannot write HEIC here (run scripts/setup)");
    }
    // Some versions of heif-enc turn the picture, others do not. The pixels that come out are upright in any case.
    assert!(run_in(program, &["a.heic", "right.png"]));
    let right = read_png(&folder.path().join("right.png")).0;
    good(&folder, &["a.heic", "-s", "2", "-o", "result.png"]);
    let result = read_png(&folder.path().join("result.png")).0;
    assert_eq!((result.width, result.height), (2 * right.width, 2 * right.height));
}

/// A stand-in for a program, in a folder that is put on the path.
#[cfg(unix)]
fn stand_in(folder: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_program_that_develops() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("bin")).unwrap();
    fs::create_dir_all(folder.path().join("tmp")).unwrap();
    stand_in(&folder.path().join("bin"), "dcraw", "echo $$ > \"$BEGUN\"; sleep 60");
    fs::write(folder.path().join("a.dng"), dng(true)).unwrap();
    let begun = folder.path().join("begun");
    let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
    let mut command = command(folder.path());
    command.args(["a.dng", "-s", "2", "--develop", "dcraw"]).env("PATH", path).env("BEGUN", &begun);
    let mut child = command.env("TMPDIR", folder.path().join("tmp")).spawn().unwrap();
    let started = std::time::Instant::now();
    while fs::read_to_string(&begun).map_or(true, |text| text.is_empty()) {
        assert!(started.elapsed() < std::time::Duration::from_secs(60));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < std::time::Duration::from_secs(30));
    assert_eq!(names(&folder.path().join("tmp")), [""; 0], "the folder for the program is gone");
    assert_eq!(names(folder.path()), ["a.dng", "begun", "bin", "tmp"]);
}
