//! Old photographs on the command line: the mask of scratches, its use, the dials, and errors that say what to do.

use tempfile::TempDir;

use crate::common::{good, messages, read_png, run, write_png};

const WIDTH: u32 = 240;
const HEIGHT: u32 = 200;

fn is_scratch(x: u32) -> bool {
    (100..102).contains(&x)
}

/// A picture with all tones and one bright scratch (`a.png`), the same without the scratch (`sound.png`), and faded (`faded.png`).
fn scene() -> TempDir {
    let folder = TempDir::new().unwrap();
    let sound = |x: u32, y: u32| 20 + (215 * ((2 * x + y) % 440) / 440) as u8;
    let write = |name: &str, value: &dyn Fn(u32, u32) -> u8| {
        let data: Vec<u8> = (0..WIDTH * HEIGHT).map(|i| value(i % WIDTH, i / WIDTH)).collect();
        write_png(&folder.path().join(name), WIDTH, HEIGHT, png::ColorType::Grayscale, &data);
    };
    write("a.png", &|x, y| if is_scratch(x) { 250 } else { sound(x, y) });
    write("sound.png", &sound);
    write("faded.png", &|x, y| 90 + sound(x, y) / 3);
    folder
}

fn pixels(folder: &TempDir, name: &str) -> Vec<u8> {
    read_png(&folder.path().join(name)).1
}

/// What the preset makes of a picture with its network and its dials at 0, except those in `dials`.
fn repaired(folder: &TempDir, name: &str, dials: &[&str]) -> Vec<u8> {
    let zero = [name, "-p", "old-photo", "-o", "out.png", "--overwrite", "--denoise", "0", "--strength", "0"];
    good(folder, &[&zero, dials].concat());
    pixels(folder, "out.png")
}

fn distance(a: &[u8], b: &[u8]) -> u8 {
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn a_mask_is_written_edited_and_used() {
    let folder = scene();
    let output = good(&folder, &["scratches", "a.png", "-o", "mask.png"]);
    assert!(messages(&output).contains("--scratch-mask"), "{}", messages(&output));
    let (info, mask) = read_png(&folder.path().join("mask.png"));
    assert_eq!((info.width, info.height, info.color_type), (WIDTH, HEIGHT, png::ColorType::Grayscale));
    for (i, value) in mask.iter().enumerate() {
        let x = i as u32 % WIDTH;
        // It is white at the scratch and near it.
        let expected = if is_scratch(x) { Some(255) } else { (x.abs_diff(100) > 8).then_some(0) };
        assert!(expected.is_none_or(|expected| expected == *value), "{value} at column {x}");
    }
    let sound = pixels(&folder, "sound.png");
    let by_mask = repaired(&folder, "a.png", &["--fading", "0", "--scratch-mask", "mask.png"]);
    assert!(distance(&by_mask, &sound) < 4, "{}", distance(&by_mask, &sound));
    assert_eq!(by_mask, repaired(&folder, "a.png", &["--fading", "0", "--scratches", "30"]));
    // The lower half of the mask is painted black: there the scratch stays.
    let half: Vec<u8> =
        mask.iter().enumerate().map(|(i, v)| if i as u32 / WIDTH < HEIGHT / 2 { *v } else { 0 }).collect();
    write_png(&folder.path().join("half.png"), WIDTH, HEIGHT, png::ColorType::Grayscale, &half);
    let by_half = repaired(&folder, "a.png", &["--fading", "0", "--scratch-mask", "half.png"]);
    // Just above, the scratch that stays is what the rest is filled from.
    let row = |y: u32| (y * WIDTH) as usize;
    let upper = ..row(HEIGHT / 2 - 20);
    assert!(distance(&by_half[upper], &sound[upper]) < 4);
    let lower = row(HEIGHT / 2)..;
    assert_eq!(by_half[lower.clone()], pixels(&folder, "a.png")[lower]);
}

#[test]
fn with_all_dials_at_zero_nothing_changes() {
    let folder = scene();
    let made = repaired(&folder, "a.png", &["--fading", "0", "--scratches", "0"]);
    assert_eq!(made, pixels(&folder, "a.png"));
}

#[test]
fn fading_is_measured_or_a_number() {
    let folder = scene();
    let range = |dials: &[&str]| {
        let made = repaired(&folder, "faded.png", &[&["--scratches", "0"], dials].concat());
        made.iter().max().unwrap() - made.iter().min().unwrap()
    };
    let (none, half, full) = (range(&["--fading", "0"]), range(&["--fading", "50"]), range(&["--fading", "100"]));
    assert!(none + 20 < half && half + 20 < full, "{none} {half} {full}");
    assert!(range(&[]) > half, "the preset measures it");
}

#[test]
fn scratches_are_counted_in_json() {
    let folder = scene();
    let output = good(&folder, &["scratches", "a.png", "-o", "mask.png", "--json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let object: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let white = pixels(&folder, "mask.png").iter().filter(|v| **v == 255).count();
    assert_eq!(object["scratched"], white);
    assert!(white as u32 >= 2 * HEIGHT);
    let output = good(&folder, &["scratches", "sound.png", "-o", "none.png", "--json"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"scratched\":0"));
    assert!(pixels(&folder, "none.png").iter().all(|v| *v == 0));
}

#[test]
fn errors_say_what_to_do() {
    let folder = scene();
    let fails = |arguments: &[&str], words: &[&str]| {
        let output = run(&folder, arguments);
        let messages = messages(&output);
        assert_ne!(output.status.code(), Some(0), "{arguments:?}");
        words.iter().for_each(|word| assert!(messages.contains(word), "{word} is not in: {messages}"));
    };
    fails(&["scratches", "a.png", "-o", "mask.jpg"], &["mask.jpg", ".png"]);
    good(&folder, &["scratches", "a.png", "-o", "mask.png"]);
    fails(&["scratches", "a.png", "-o", "mask.png"], &["mask.png", "--overwrite"]);
    fails(&["scratches", "missing.png", "-o", "b.png"], &["missing.png"]);
    fails(&["scratches", "a.png", "-o", "b.png", "--scratches", "101"], &["101"]);
    fails(&["a.png", "--fading", "101"], &["101"]);
    write_png(&folder.path().join("small.png"), 10, 10, png::ColorType::Grayscale, &[0; 100]);
    fails(&["a.png", "-o", "b.png", "--scratch-mask", "small.png"], &["10", "240"]);
}
