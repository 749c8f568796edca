//! Edge care takes away haloes and keeps detail; grain keeps the mean, black, white and gray.

use std::sync::Arc;

use enlarger::{Channels, Format, Job, Method, Sample, Target, Upscaler};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{Picture, Toy, default_model, enlarge, job, real_engine, toy_model, upscaler};

fn toy() -> Upscaler {
    upscaler(&toy_model(2, 1), Arc::new(Toy { radius: 1, ..Toy::default() }))
}

fn natural() -> Upscaler {
    upscaler(&default_model(), real_engine("winograd"))
}

fn with(factor: f64, change: impl FnOnce(&mut Job)) -> Job {
    job(Target::Factor(factor), change)
}

/// The most that lies beyond black and white lettering on gray, of 255.
fn beyond(picture: &Picture, low: f32, high: f32) -> f32 {
    picture.samples().iter().map(|v| 255.0 * (v - high).max(low - v)).fold(0.0, f32::max)
}

#[test]
fn haloes_beside_an_edge_are_taken_away() {
    let edge = Picture::from_fn(40, 32, RGB8, |x, y, _| if x + y / 3 < 24 { 0.3 } else { 0.7 });
    let up = natural();
    let before = beyond(&enlarge(&up, &edge, &with(4.0, |_| {})), 0.3, 0.7);
    let half = beyond(&enlarge(&up, &edge, &with(4.0, |job| job.edge_care = 0.5)), 0.3, 0.7);
    let after = beyond(&enlarge(&up, &edge, &with(4.0, |job| job.edge_care = 1.0)), 0.3, 0.7);
    assert!(before > 4.0 && after <= 2.0 && half < before && half > after, "{before}, {half}, {after}");
}

#[test]
fn edge_care_keeps_level_areas_and_what_lies_within_the_limits() {
    let up = natural();
    for tone in [0.0, 0.5, 1.0] {
        let flat = Picture::from_fn(20, 16, RGBA8, |_, _, c| if c == 3 { 1.0 } else { tone });
        let with_care = enlarge(&up, &flat, &with(4.0, |job| job.edge_care = 1.0));
        assert_eq!(with_care, enlarge(&up, &flat, &with(4.0, |_| {})), "{tone}");
    }
    // The toy averages, so that nothing lies beyond the source.
    let photo = Picture::photo("cat.png").crop(enlarger::Rect { x: 60, y: 40, width: 50, height: 40 });
    assert_eq!(
        enlarge(&toy(), &photo, &with(2.0, |job| (job.colour_lock, job.edge_care) = (false, 1.0))),
        enlarge(&toy(), &photo, &with(2.0, |job| job.colour_lock = false))
    );
}

#[test]
fn grain_keeps_the_mean_black_white_and_gray() {
    for format in
        [RGB8, RGBA8, RGB32F, Format { channels: Channels::Gray, ..RGB8 }, Format { sample: Sample::U16, ..RGB8 }]
    {
        let ramp =
            Picture::from_fn(
                96,
                80,
                format,
                |x, _, c| {
                    if c == 3 { 1.0 } else { ((x as f32 - 16.0) / 64.0).clamp(0.0, 1.0) }
                },
            );
        let smooth = enlarge(&toy(), &ramp, &with(3.0, |_| {}));
        let grainy = enlarge(&toy(), &ramp, &with(3.0, |job| job.grain = 1.0));
        let drift = 255.0 * (smooth.mean() - grainy.mean()).abs();
        assert!(drift <= 0.1, "{format:?}: the mean moves by {drift}");
        let (mut changed, channels) = (0, format.channels.count());
        for (before, after) in smooth.samples().chunks(channels).zip(grainy.samples().chunks(channels)) {
            for (b, a) in before.iter().zip(after) {
                assert!((*b > 0.0 && *b < 1.0) || a == b, "black, white and alpha stay");
                changed += u32::from(a != b);
            }
            if channels >= 3 {
                assert!(
                    (after[0] - after[1]).abs() < 1e-6 && (after[1] - after[2]).abs() < 1e-6,
                    "gray stays gray: {after:?}"
                );
            }
        }
        assert!(changed > 10_000, "{changed}");
    }
}

#[test]
fn grain_is_as_strong_as_the_noise_of_the_source_and_has_little_colour() {
    let deviation = |noise: f32| {
        let picture = Picture::from_fn(90, 80, RGB32F, |x, y, c| {
            // A hash, so that it is the same in every run.
            let bits = (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0xc2b2_ae35);
            let value = ((bits ^ (bits >> 15)).wrapping_mul(0x27d4_eb2f) >> 8) as f32 / 16_777_216.0 - 0.5;
            [0.6, 0.45, 0.3][c] + noise / 255.0 * 3.464 * value
        });
        let (before, after) = (
            enlarge(&toy(), &picture, &with(2.0, |_| {})),
            enlarge(&toy(), &picture, &with(2.0, |job| job.grain = 1.0)),
        );
        let pixels: Vec<Vec<f32>> = before
            .samples()
            .chunks(3)
            .zip(after.samples().chunks(3))
            .map(|(b, a)| b.iter().zip(a).map(|(b, a)| 255.0 * (a - b)).collect())
            .collect();
        let spread = |value: fn(&[f32]) -> f32| {
            (pixels.iter().map(|p| value(p).powi(2)).sum::<f32>() / pixels.len() as f32).sqrt()
        };
        (spread(|p| p[1]), spread(|p| p[0] - p[1]))
    };
    let ((film, film_colour), (noisy, _)) = (deviation(0.0), deviation(10.0));
    assert!((3.2..4.8).contains(&film), "{film}");
    assert!((7.5..12.5).contains(&noisy), "{noisy}");
    assert!(film_colour > 0.3 && film_colour < 0.5 * film, "{film_colour}");
}

#[test]
fn the_same_seed_gives_the_same_grain() {
    let photo = Picture::photo("cat.png").crop(enlarger::Rect { x: 60, y: 40, width: 40, height: 30 });
    let grain = |seed| enlarge(&toy(), &photo, &with(2.0, |job| (job.grain, job.seed) = (0.5, seed)));
    assert_eq!(grain(3), grain(3));
    assert_ne!(grain(3), grain(4));
}

#[test]
fn a_method_gets_grain_unless_it_copies_pixels() {
    let photo = Picture::photo("cat.png").crop(enlarger::Rect { x: 60, y: 40, width: 40, height: 30 });
    for (method, changes) in [(Method::Bicubic, true), (Method::Nearest, false)] {
        let up = Upscaler::classical(method);
        let grainy = enlarge(&up, &photo, &with(2.0, |job| job.grain = 0.5));
        assert_eq!(grainy != enlarge(&up, &photo, &with(2.0, |_| {})), changes, "{method:?}");
    }
}
