//! Compares tiles with an independent oracle: the same network, run on the whole picture by onnxruntime in Python.
//!
//! `scripts/test` first runs `tests/oracle/oracle.py`, and passes the folder of its results in an environment variable.

use std::fs;
use std::path::PathBuf;

use enlarger::{Rect, Target};
use enlarger_tests::picture::RGB32F;
use enlarger_tests::{Arithmetic, Picture, arithmetics, default_model, enlarge_as, job, real_engine, upscaler};

const PHOTOS: [&str; 5] = ["astronaut", "cat", "coffee", "galaxies", "writing"];

/// The oracle's result for a photo: planes of red, green and blue.
fn oracle(name: &str) -> (usize, usize, Vec<f32>) {
    let folder =
        std::env::var_os("ENLARGER_TEST_ORACLE").expect("a folder of the oracle's; run the tests with scripts/test");
    let path = PathBuf::from(folder).join(name);
    let read =
        |extension| fs::read(path.with_extension(extension)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let text = String::from_utf8(read("txt")).expect("a text");
    let sides: Vec<usize> = text.split_whitespace().map(|n| n.parse().expect("a number")).collect();
    let values: Vec<f32> = read("f32").chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    assert_eq!(values.len(), 3 * sides[0] * sides[1]);
    (sides[0], sides[1], values)
}

#[test]
fn tiles_equal_the_oracle() {
    for Arithmetic { name: engine, upscaler: up, exact } in arithmetics() {
        // Fast arithmetic: 4/255 at most. 65 dB are a root mean square of 0.14/255, which the mean error cannot exceed.
        let (most, most_mean) = if exact { (1.0, 0.1) } else { (4.0, 0.14) };
        // Exact arithmetic is slow.
        let photos = if exact { &PHOTOS[1..2] } else { &PHOTOS[..] };
        for name in photos {
            let photo = Picture::photo(&format!("{name}.png"));
            let (width, height, expected) = oracle(name);
            let job = job(Target::Factor(4.0), |j| {
                j.colour_lock = false;
                j.tile = Some(60);
            });
            let plan = up.plan(photo.size, &job).unwrap();
            assert!(plan.tiles >= 9 && plan.bands >= 3, "{name}: {plan:?}");
            // Gray sources give a colour result, like the oracle's.
            let (result, _) = enlarge_as(&up, &photo, RGB32F, &job).unwrap();
            assert_eq!((result.size.width as usize, result.size.height as usize), (width, height));
            let (mut worst, mut sum) = (0.0f32, 0.0f64);
            for (i, v) in result.samples().iter().enumerate() {
                let (pixel, channel) = (i / 3, i % 3);
                let difference = (v - expected[channel * width * height + pixel].clamp(0.0, 1.0)).abs() * 255.0;
                worst = worst.max(difference);
                sum += f64::from(difference);
            }
            let mean = sum / expected.len() as f64;
            println!("{engine} {name}: {worst:.5} at most, {mean:.6} in the mean, of 255");
            assert!(worst <= most && mean < most_mean, "{engine} {name}: {worst} at most, {mean} in the mean");
        }
    }
}

/// The comparison finds a picture that is shifted by one pixel.
#[test]
fn the_comparison_finds_a_shifted_picture() {
    let photo = Picture::photo("cat.png");
    let moved = photo.crop(Rect { x: 1, y: 0, width: photo.size.width - 1, height: photo.size.height });
    let up = upscaler(&default_model(), real_engine("winograd"));
    let (result, _) = enlarge_as(&up, &moved, RGB32F, &job(Target::Factor(4.0), |j| j.colour_lock = false)).unwrap();
    let (width, _, expected) = oracle("cat");
    let worst =
        (0..200u32).map(|i| (result.at(i, 100, 0) - expected[100 * width + i as usize]).abs()).fold(0.0, f32::max);
    assert!(worst > 5.0 / 255.0, "{worst}");
}
