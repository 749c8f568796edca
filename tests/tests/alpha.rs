//! Rule 4: alpha is enlarged apart from colour, and leaves no dark rims.

use std::sync::Arc;

use enlarger::{Alpha, Channels, Colour, Format, Job, Sample, Target};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{
    Picture, Toy, default_model, enlarge, enlarge_as, job, real_engine, real_engines, toy_model, upscaler,
};

const RGBA32F: Format = Format { channels: Channels::Rgba, ..RGB32F };

fn four_times() -> Job {
    Job::new(Target::Factor(4.0))
}

/// A disc of one colour with a soft edge, on transparent black.
fn disc(format: Format) -> Picture {
    Picture::from_fn(61, 53, format, |x, y, c| {
        let distance = (x as f32 - 30.0).hypot(y as f32 - 26.0);
        let alpha = ((18.0 - distance) / 6.0).clamp(0.0, 1.0);
        let colour = if alpha > 0.0 { [1.0, 0.9, 0.8][c.min(2)] } else { 0.0 };
        if c == 3 {
            alpha
        } else if format.alpha == Alpha::Premultiplied {
            colour * alpha
        } else {
            colour
        }
    })
}

#[test]
fn constant_alpha_is_copied() {
    let up = upscaler(&toy_model(4, 0), Arc::new(Toy::default()));
    for alpha in [0u8, 1, 77, 255] {
        let picture =
            Picture::from_fn(23, 17, RGBA8, |x, _, c| if c == 3 { f32::from(alpha) / 255.0 } else { x as f32 / 23.0 });
        for factor in [4.0, 2.7, 0.6] {
            let result = enlarge(&up, &picture, &Job::new(Target::Factor(factor)));
            assert!(result.bytes.chunks_exact(4).all(|p| p[3] == alpha), "alpha {alpha} at {factor}");
        }
    }
}

#[test]
fn an_opaque_picture_equals_one_without_alpha() {
    let rgb = Picture::photo("coffee.png");
    let mut rgba = Picture::new(rgb.size, RGBA8, rgb.colour.clone());
    for (to, from) in rgba.bytes.chunks_exact_mut(4).zip(rgb.bytes.chunks_exact(3)) {
        to[..3].copy_from_slice(from);
        to[3] = 255;
    }
    let up = upscaler(&toy_model(4, 0), Arc::new(Toy::default()));
    let (a, b) = (enlarge(&up, &rgb, &four_times()), enlarge(&up, &rgba, &four_times()));
    assert!(b.bytes.chunks_exact(4).zip(a.bytes.chunks_exact(3)).all(|(b, a)| b[..3] == *a && b[3] == 255));
}

/// With a real network, straight and premultiplied: the disc has its colour wherever it is visible.
#[test]
fn no_dark_fringe() {
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine);
        for format in [RGBA32F, Format { alpha: Alpha::Premultiplied, ..RGBA32F }] {
            let result = enlarge(&up, &disc(format), &four_times());
            for pixel in result.samples().chunks_exact(4) {
                let alpha = pixel[3];
                assert!((0.0..=1.0).contains(&alpha));
                if alpha < 0.02 {
                    continue;
                }
                for (v, expected) in pixel.iter().zip([1.0, 0.9, 0.8]) {
                    let v = if format.alpha == Alpha::Premultiplied { v / alpha } else { *v };
                    assert!((v - expected).abs() < 3.0 / 255.0, "{pixel:?} at alpha {alpha}");
                }
            }
        }
    }
}

/// The colour of pixels with alpha 0 does not affect visible pixels: green and magenta give the same result.
#[test]
fn hidden_colour_stays_hidden() {
    let up = upscaler(&default_model(), real_engine("ort"));
    let with = |hidden: [f32; 3]| {
        let mut picture = disc(RGBA8);
        for pixel in picture.bytes.chunks_exact_mut(4).filter(|p| p[3] == 0) {
            pixel[..3].copy_from_slice(&hidden.map(|v| (v * 255.0) as u8));
        }
        enlarge(&up, &picture, &four_times())
    };
    let (green, magenta) = (with([0.0, 1.0, 0.0]), with([1.0, 0.0, 1.0]));
    for (a, b) in green.bytes.chunks_exact(4).zip(magenta.bytes.chunks_exact(4)) {
        assert_eq!(a[3], b[3]);
        if a[3] > 5 {
            assert!(a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 2), "{a:?} and {b:?}");
        }
    }
}

/// Neither does light beyond white, which only floats can hold, under alpha 0 or almost 0.
#[test]
fn hidden_light_stays_hidden() {
    let up = upscaler(&toy_model(4, 0), Arc::new(Toy::default()));
    let with = |format: Format, hidden: f32, hidden_alpha: f32| {
        let mut picture = Picture::from_fn(40, 9, format, |x, _, c| match (c, x >= 20) {
            (3, true) => 1.0,
            (_, true) => [0.5, 4.0, 0.2][c],
            (3, false) => hidden_alpha,
            (_, false) => hidden,
        });
        picture.colour = Colour::LinearSrgb;
        enlarge(&up, &picture, &job(Target::Factor(4.0), |j| j.colour_lock = false))
    };
    let premultiplied = Format { alpha: Alpha::Premultiplied, ..RGBA32F };
    let mut results: Vec<Picture> =
        [0.5, 7.0, -3.0, f32::INFINITY].map(|hidden| with(RGBA32F, hidden, 0.0)).into_iter().collect();
    results.extend([1e-9, 1e-39].map(|alpha| with(premultiplied, 1e-4, alpha)));
    for result in results {
        for pixel in result.samples().chunks_exact(4).filter(|p| p[3] > 0.1) {
            let straight = |v: f32| if result.format == premultiplied { v / pixel[3] } else { v };
            for (v, expected) in pixel.iter().zip([0.5, 4.0, 0.2]) {
                assert!((straight(*v) - expected).abs() < 0.01, "{pixel:?}");
            }
        }
    }
}

/// Alpha has the same geometry as colour: an edge in both stays in the same place.
#[test]
fn alpha_and_colour_stay_together() {
    let picture =
        Picture::from_fn(
            40,
            9,
            RGBA8,
            |x, _, c| if c < 3 { f32::from(x >= 20) } else { f32::from(x >= 20).max(0.004) },
        );
    let up = upscaler(&toy_model(4, 0), Arc::new(Toy::default()));
    for factor in [4.0, 3.0, 2.5, 1.3] {
        let result = enlarge(&up, &picture, &Job::new(Target::Factor(factor)));
        let edge = |channel: usize| (0..result.size.width).find(|x| result.at(*x, 4, channel) > 0.5).unwrap();
        assert!(edge(0).abs_diff(edge(3)) <= 1, "at {factor}: colour at {}, alpha at {}", edge(0), edge(3));
        let expected = 20.0 * factor;
        assert!((f64::from(edge(3)) - expected).abs() <= 1.0, "at {factor}: {} for {expected}", edge(3));
    }
}

#[test]
fn alpha_can_be_added_to_an_opaque_picture() {
    let up = upscaler(&toy_model(4, 0), Arc::new(Toy::default()));
    let picture = Picture::from_fn(5, 5, RGB8, |_, _, _| 0.4);
    let format = Format { sample: Sample::U8, ..RGBA8 };
    let (result, _) = enlarge_as(&up, &picture, format, &four_times()).unwrap();
    assert!(result.bytes.chunks_exact(4).all(|p| p == [102, 102, 102, 255]));
}
