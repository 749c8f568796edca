//! Golden pictures: results that were looked at and found right.
//!
//! `ENLARGER_MAKE_GOLDEN=1 scripts/test --test product golden::` makes them again; then look at them. Where a result differs
//! by more than the table allows, the test leaves a strip of expected, difference (eight times) and actual in target/tmp.

use std::fs;
use std::path::Path;

use enlarger::{Rect, Target};
use enlarger_tests::picture::{RGBA8, data_folder};
use enlarger_tests::{Arithmetic, Picture, arithmetics, enlarge, job};

/// Name, factor, tolerance out of 255: engines and CPUs add up in different orders.
const TABLE: [(&str, f64, f32); 4] =
    [("cat", 4.0, 1.5), ("writing", 4.0, 1.5), ("coffee", 2.5, 1.5), ("soft", 4.0, 1.5)];

fn source(name: &str) -> Picture {
    let part = |photo: &str, x, y| Picture::photo(photo).crop(Rect { x, y, width: 61, height: 47 });
    match name {
        "cat" => part("cat.png", 90, 60),
        "writing" => part("writing.png", 50, 30),
        "coffee" => part("coffee.png", 80, 60),
        // A photo in a disc with a soft edge.
        "soft" => {
            let photo = part("astronaut.png", 60, 60);
            Picture::from_fn(61, 47, RGBA8, |x, y, c| {
                let alpha = ((22.0 - (x as f32 - 30.0).hypot(y as f32 - 23.0)) / 8.0).clamp(0.0, 1.0);
                if c == 3 {
                    alpha
                } else if alpha > 0.0 {
                    photo.at(x, y, c)
                } else {
                    0.0
                }
            })
        }
        _ => panic!("{name}"),
    }
}

#[test]
fn golden_pictures() {
    let folder = data_folder().join("golden");
    let make = std::env::var_os("ENLARGER_MAKE_GOLDEN").is_some();
    let mut failures = Vec::new();
    for Arithmetic { name: engine, upscaler: up, exact } in arithmetics() {
        for (name, factor, tolerance) in TABLE {
            let path = folder.join(format!("{name}.png"));
            let result = enlarge(&up, &source(name), &job(Target::Factor(factor), |j| j.tile = Some(30)));
            if make && engine == "ort" {
                fs::create_dir_all(&folder).unwrap();
                result.write_png(&path);
            }
            let golden = Picture::read_png(&path);
            let distance = if golden.size == result.size { golden.distance(&result) } else { f32::INFINITY };
            // Fast arithmetic is within 65 dB of exact arithmetic, and so within 4/255.
            if distance > if exact { tolerance } else { tolerance + 2.5 } {
                let strip = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{engine}.png"));
                write_strip(&golden, &result, &strip);
                failures.push(format!("{name} on {engine}: {distance} of 255, see {}", strip.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

fn write_strip(expected: &Picture, actual: &Picture, path: &Path) {
    if expected.size != actual.size {
        return actual.write_png(path);
    }
    let width = expected.size.width;
    let strip = Picture::from_fn(3 * width, expected.size.height, expected.format, |x, y, c| {
        let (a, b) = (expected.at(x % width, y, c), actual.at(x % width, y, c));
        match x / width {
            0 => a,
            1 if c == 3 => 1.0,
            1 => ((a - b).abs() * 8.0).min(1.0),
            _ => b,
        }
    });
    strip.write_png(path);
}
