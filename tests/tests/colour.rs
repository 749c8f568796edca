//! Rule 3: profiles, wide gamuts and light beyond white; and the colour lock, with the real network.

use std::sync::Arc;

use enlarger::{Channels, Colour, Format, Job, Model, Rect, Sample, Target};
use enlarger_tests::picture::{RGB8, RGB32F};
use enlarger_tests::toy::{Fault, toy_manifest};
use enlarger_tests::{
    Picture, SRGB, Toy, default_model, enlarge, enlarge_as, job, real_engine, real_engines, toy_model, upscaler,
};
use moxcms::ColorProfile;

const RGB16: Format = Format { sample: Sample::U16, ..RGB8 };

fn four_times() -> Job {
    Job::new(Target::Factor(4.0))
}

fn icc(profile: &ColorProfile) -> Colour {
    Colour::Icc(profile.encode().expect("a profile").into())
}

/// The mean over blocks of `side` pixels.
fn blocks(picture: &Picture, side: u32) -> Vec<f64> {
    let mut means = Vec::new();
    for y in 0..picture.size.height / side {
        for x in 0..picture.size.width / side {
            for c in 0..3 {
                let block = picture.crop(Rect { x: x * side, y: y * side, width: side, height: side });
                let samples = block.samples();
                means.push(
                    samples.iter().skip(c).step_by(3).map(|v| f64::from(*v)).sum::<f64>() / f64::from(side * side),
                );
            }
        }
    }
    means
}

#[test]
fn flat_colours_stay_exact() {
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine);
        for colour in [[255, 255, 255], [0, 0, 0], [128, 128, 128], [255, 0, 0], [3, 200, 90], [1, 1, 254]] {
            let picture = Picture::from_fn(31, 23, RGB8, |_, _, c| f32::from(colour[c] as u8) / 255.0);
            let result = enlarge(&up, &picture, &four_times());
            assert!(
                result.bytes.chunks_exact(3).all(|p| p.iter().zip(&colour).all(|(a, b)| i32::from(*a) == *b)),
                "{colour:?}"
            );
        }
    }
}

/// Without the lock the same network drifts, so the tests of the lock can fail.
#[test]
fn the_network_alone_does_drift() {
    let up = upscaler(&default_model(), real_engine("ort"));
    let unlocked = job(Target::Factor(4.0), |j| j.colour_lock = false);
    let flat = Picture::from_fn(31, 23, RGB8, |_, _, _| 128.0 / 255.0);
    assert!(enlarge(&up, &flat, &unlocked).bytes.iter().any(|v| v.abs_diff(128) > 1));
    let gray = enlarge_as(&up, &Picture::photo("writing.png"), RGB8, &unlocked).unwrap().0;
    assert!(gray.bytes.chunks_exact(3).any(|p| p[0].abs_diff(p[2]) > 3));
}

#[test]
fn gray_stays_gray() {
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine);
        let photo = Picture::photo("coffee.png");
        let gray = Picture::from_fn(photo.size.width, photo.size.height, RGB8, |x, y, _| photo.at(x, y, 1));
        let result = enlarge(&up, &gray, &four_times());
        assert!(result.bytes.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]));
    }
}

/// White paper with black writing stays white away from the writing.
#[test]
fn paper_stays_white() {
    let up = upscaler(&default_model(), real_engine("winograd"));
    let picture = Picture::from_fn(60, 40, RGB8, |x, y, _| f32::from(!(20..26).contains(&x) || y % 8 < 2));
    let result = enlarge(&up, &picture, &four_times());
    for x in (0..4 * 16).chain(4 * 30..4 * 60) {
        assert!((0..160).all(|y| result.at(x, y, 0) == 1.0), "column {x}");
    }
}

#[test]
fn low_frequencies_and_the_mean_come_from_the_source() {
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine.clone());
        // The lock is the same for all engines, and the others are slow.
        let photos = ["cat.png", "coffee.png", "galaxies.png", "astronaut.png"];
        for name in if engine.id() == "winograd" { &photos[..] } else { &photos[..1] } {
            let picture = Picture::photo(name);
            let result = enlarge(&up, &picture, &four_times());
            let drift = (result.mean() - picture.mean()).abs() * 255.0;
            assert!(drift < 0.15, "{} {name}: the mean moved by {drift}", engine.id());
            let (a, b) = (blocks(&picture, 32), blocks(&result, 128));
            let worst = a.iter().zip(&b).map(|(a, b)| (a - b).abs() * 255.0).fold(0.0, f64::max);
            assert!(worst < 1.0, "{} {name}: a block of 32 pixels moved by {worst}", engine.id());
        }
    }
}

/// At every factor and strength the mean is that of the source. On print the lock leaves some of the network's drift, so
/// there the mean is compared with that at the network's own factor.
#[test]
fn no_factor_and_no_strength_moves_the_mean() {
    let up = upscaler(&default_model(), real_engine("winograd"));
    // Ink and paper are not quite black and white, so that clipping does not move the mean.
    let ink = |x: u32, y: u32| x % 9 < 2 && y % 11 < 7 || y % 11 == 3 && x % 9 < 6;
    let print = Picture::from_fn(90, 70, RGB8, |x, y, _| if ink(x, y) { 0.15 } else { 0.85 });
    let writing = Picture::photo("writing.png").crop(Rect { x: 40, y: 20, width: 110, height: 90 });
    for (name, picture) in [("writing", writing), ("print", print)] {
        let native = enlarge(&up, &picture, &four_times()).mean();
        for factor in [1.0, 1.3, 2.0, 3.0, 5.0] {
            for strength in [0.0, 0.5, 1.0] {
                let result = enlarge(&up, &picture, &job(Target::Factor(factor), |job| job.strength = strength));
                let expected = picture.mean() + (native - picture.mean()) * f64::from(strength);
                let moved = (result.mean() - expected) * 255.0;
                let drift = (result.mean() - picture.mean()) * 255.0;
                assert!(moved.abs() < 0.5, "{name} x{factor} at strength {strength}: the mean moved by {moved}");
                assert!(name == "print" || drift.abs() < 0.5, "{name} x{factor} at strength {strength}: {drift}");
            }
        }
    }
}

/// The lock keeps detail, because its correction is smooth.
#[test]
fn the_lock_keeps_detail() {
    let up = upscaler(&default_model(), real_engine("winograd"));
    let picture = Picture::photo("cat.png");
    let unlocked = job(Target::Factor(4.0), |j| j.colour_lock = false);
    let (with, without) = (enlarge(&up, &picture, &four_times()), enlarge(&up, &picture, &unlocked));
    let energy = |p: &Picture| -> f64 {
        let s = p.samples();
        let row = p.size.width as usize * 3;
        s.chunks_exact(row).flat_map(|r| r.windows(4).map(|w| f64::from((w[3] - w[0]).abs()))).sum::<f64>()
    };
    let kept = energy(&with) / energy(&without);
    assert!(kept > 0.97, "only {kept} of the gradients are left");
}

/// In an ICC colour space a nearest-neighbour network must return its input exactly, including colours outside sRGB.
#[test]
fn wide_gamut_survives() {
    let up = upscaler(&toy_model(4, 0), Arc::new(Toy::default()));
    for profile in [ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb(), ColorProfile::new_bt2020()] {
        for (format, tolerance) in [(RGB8, 0.0), (RGB16, 0.25)] {
            // Tolerance at 16 bits: a power curve is infinitely steep at 0, where rounding in the seventh digit is visible.
            // Whole patches of one colour, because the remainder of a colour outside sRGB is enlarged smoothly.
            let mut picture = Picture::from_fn(64, 48, format, |x, y, c| {
                [[0.0, 1.0, 0.0], [1.0, 0.0, 0.2], [0.1, 0.3, 1.0], [0.5, 0.5, 0.5]][(x / 16) as usize][c]
                    * (y / 24 + 1) as f32
                    / 2.0
            });
            picture.colour = icc(&profile);
            let result = enlarge(&up, &picture, &four_times());
            for patch in 0..4 {
                for half in 0..2 {
                    let before = picture.crop(Rect { x: patch * 16 + 8, y: half * 24 + 12, width: 1, height: 1 });
                    let after = result.crop(Rect { x: patch * 64 + 32, y: half * 96 + 48, width: 1, height: 1 });
                    assert!(
                        before.distance(&after) <= tolerance,
                        "{:?} became {:?}",
                        before.samples(),
                        after.samples()
                    );
                }
            }
        }
    }
}

#[test]
fn bright_lights_survive_in_float() {
    let up = upscaler(&toy_model(4, 0), Arc::new(Toy::default()));
    for colour in [SRGB, Colour::LinearSrgb] {
        let mut picture = Picture::from_fn(48, 48, RGB32F, |x, y, c| {
            if (16..32).contains(&x) && (16..32).contains(&y) { [7.5, 2.0, -0.1][c] } else { 0.3 }
        });
        picture.colour = colour.clone();
        let result = enlarge(&up, &picture, &four_times());
        for (c, expected) in [7.5, 2.0, -0.1].into_iter().enumerate() {
            let v = result.at(96, 96, c);
            assert!((v - expected).abs() < 0.01 * expected.abs().max(0.1), "{colour:?} {c}: {v}");
        }
        assert!((result.at(10, 10, 0) - 0.3).abs() < 1e-3);
    }
}

#[test]
fn gray_profiles_work() {
    let up = upscaler(&toy_model(4, 0), Arc::new(Toy::default()));
    let format = Format { channels: Channels::Gray, ..RGB16 };
    let mut picture = Picture::from_fn(32, 8, format, |x, _, _| (x / 8) as f32 / 3.0);
    picture.colour = icc(&ColorProfile::new_gray_with_gamma(1.8));
    let result = enlarge(&up, &picture, &four_times());
    for patch in 0..4 {
        let (a, b) = (picture.at(patch * 8 + 4, 4, 0), result.at(patch * 32 + 16, 16, 0));
        assert!((a - b).abs() < 1e-3, "{a} became {b}");
    }
}

/// Some models change colours on purpose, and their manifests say so.
#[test]
fn a_model_that_changes_colours_is_left_alone() {
    let manifest = format!("{}[verify]\nchanges_colours = true\n", toy_manifest(2, 0));
    let model = Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
    let brighter = Toy { fault: Fault::Shifted, ..Toy::default() };
    let up = upscaler(&model, Arc::new(brighter.clone()));
    let gray = Picture::from_fn(31, 23, RGB8, |_, _, _| 100.0 / 255.0);
    let locked = Job::new(Target::Factor(2.0));
    let (result, report) = enlarge_as(&up, &gray, RGB8, &locked).unwrap();
    assert!(result.bytes.iter().all(|v| *v == 151));
    let [note] = report.notes.as_slice() else { panic!("{:?}", report.notes) };
    assert!(note.contains(&format!("{} changes colours on purpose", model.id())), "{note}");
    let mut unlocked = locked;
    unlocked.colour_lock = false;
    assert_eq!(enlarge_as(&up, &gray, RGB8, &unlocked).unwrap().1.notes, [""; 0]);
    // Others are refused where they do.
    let up = upscaler(&toy_model(2, 0), Arc::new(brighter));
    assert!(enlarge_as(&up, &gray, RGB8, &Job::new(Target::Factor(2.0))).is_err());
}
