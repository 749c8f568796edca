//! Masks: strength by pixel, enlarged with the picture; and what they share with edge care and grain: a part is that part of the whole.

use std::sync::Arc;

use enlarger::{Channels, ErrorKind, Format, Job, Mask, MaskWhite, Method, Rect, Sample, Size, Target, Upscaler, View};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{Picture, Toy, enlarge, job, toy_model, upscaler};
use proptest::prelude::*;

const GRAY8: Format = Format { channels: Channels::Gray, ..RGB8 };

/// A picture with edges, texture and, if the format has it, alpha.
fn scene(width: u32, height: u32, format: Format) -> Picture {
    Picture::from_fn(width, height, format, |x, y, c| {
        let edge = if (x / 7 + y / 9).is_multiple_of(2) { 0.25 } else { 0.7 };
        let texture = ((x * 7 + y * 13 + c as u32 * 5) % 11) as f32 / 11.0 - 0.5;
        let value: f32 = edge + 0.2 * texture;
        if c + 1 == format.channels.count() && format.has_alpha() { (value * 2.0 - 0.3).clamp(0.0, 1.0) } else { value }
    })
}

fn mask_of(picture: &Picture) -> Mask {
    Mask::copy(View::new(&picture.bytes, picture.stride(), picture.size, picture.format).unwrap()).unwrap()
}

/// A mask of one share.
fn level(size: Size, share: f32) -> Mask {
    let format = Format { sample: Sample::F32, ..GRAY8 };
    mask_of(&Picture::from_fn(size.width, size.height, format, |_, _, _| share))
}

fn toy(scale: u32) -> Upscaler {
    upscaler(&toy_model(scale, 1), Arc::new(Toy { radius: 1, ..Toy::default() }))
}

fn masked(factor: f64, mask: Mask, change: impl FnOnce(&mut Job)) -> Job {
    job(Target::Factor(factor), |job| {
        job.mask = Some(mask);
        change(job);
    })
}

#[test]
fn a_mask_of_one_level_is_that_strength() {
    for format in [RGB32F, RGBA8, GRAY8, Format { sample: Sample::U16, ..RGB8 }] {
        let picture = scene(31, 26, format);
        for strength in [1.0, 0.6] {
            for (share, white) in
                [(0.0, MaskWhite::Apply), (0.5, MaskWhite::Apply), (1.0, MaskWhite::Apply), (0.25, MaskWhite::Protect)]
            {
                let product = strength * if white == MaskWhite::Protect { 1.0 - share } else { share };
                let by_mask =
                    masked(3.0, level(picture.size, share), |job| (job.strength, job.mask_white) = (strength, white));
                let plain = job(Target::Factor(3.0), |job| job.strength = product);
                let distance = enlarge(&toy(2), &picture, &by_mask).distance(&enlarge(&toy(2), &picture, &plain));
                assert!(
                    distance <= if format.sample == Sample::F32 { 1e-3 } else { 1.0 },
                    "{format:?}, {share} of {strength}: {distance}"
                );
                if product == 0.0 {
                    assert_eq!(distance, 0.0, "where the mask is 0, the result is the plain enlargement");
                }
            }
        }
    }
}

#[test]
fn a_half_masked_picture_has_both_and_no_seam() {
    let picture = scene(60, 40, RGB32F);
    let half = mask_of(&Picture::from_fn(60, 40, GRAY8, |x, _, _| if x < 30 { 0.0 } else { 1.0 }));
    let result = enlarge(&toy(2), &picture, &masked(2.0, half, |_| {}));
    let network = enlarge(&toy(2), &picture, &Job::new(Target::Factor(2.0)));
    let plain = enlarge(&toy(2), &picture, &job(Target::Factor(2.0), |job| job.strength = 0.0));
    let (mut differ, mut shares) = (0, Vec::new());
    for x in 0..120 {
        let column = |picture: &Picture| picture.crop(Rect { x, y: 0, width: 1, height: 80 }).samples();
        let (result, network, plain) = (column(&result), column(&network), column(&plain));
        for ((v, n), p) in result.iter().zip(&network).zip(&plain) {
            let (low, high) = (n.min(*p) - 1e-5, n.max(*p) + 1e-5);
            assert!((low..=high).contains(v), "column {x}: {v} is not between {n} and {p}");
            differ += u32::from((n - p).abs() > 0.05);
        }
        // The share of the network, by least squares.
        let pairs = || result.iter().zip(&network).zip(&plain).map(|((v, n), p)| (v - p, n - p));
        shares.push(pairs().map(|(a, b)| a * b).sum::<f32>() / pairs().map(|(_, b)| b * b).sum::<f32>());
    }
    assert!(differ > 1000, "the network changes only {differ} samples");
    assert!(shares[..56].iter().all(|share| share.abs() < 1e-3), "{shares:?}");
    assert!(shares[64..].iter().all(|share| (share - 1.0).abs() < 1e-3), "{shares:?}");
    assert!(
        shares[56..64].windows(2).all(|pair| pair[1] >= pair[0] - 1e-3 && pair[1] - pair[0] < 0.7),
        "{:?}",
        &shares[56..64]
    );
}

#[test]
fn the_luminance_of_a_colour_mask_counts_in_every_depth() {
    let picture = scene(24, 20, RGB32F);
    let shares = |x: u32, y: u32| ((x * 5 + y * 3) % 16) as f32 / 15.0;
    let gray = mask_of(&Picture::from_fn(24, 20, GRAY8, |x, y, _| shares(x, y)));
    let expected = enlarge(&toy(2), &picture, &masked(2.0, gray, |_| {}));
    for format in [RGB8, RGBA8, RGB32F, Format { sample: Sample::U16, ..GRAY8 }] {
        let mask = mask_of(&Picture::from_fn(24, 20, format, |x, y, c| if c == 3 { 0.5 } else { shares(x, y) }));
        let distance = enlarge(&toy(2), &picture, &masked(2.0, mask, |_| {})).distance(&expected);
        assert!(distance < 0.01, "{format:?}: {distance}");
    }
}

#[test]
fn a_mask_of_another_size_is_refused() {
    let up = toy(2);
    let job = masked(2.0, level(Size { width: 10, height: 20 }, 1.0), |_| {});
    let error = up.plan(Size { width: 20, height: 10 }, &job).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(error.message().contains("the mask has 10x20 pixels and the picture 20x10"), "{error}");
    for (grain, care) in [(1.1, 0.0), (f32::NAN, 0.0), (0.0, -0.1)] {
        let wrong = enlarger_tests::job(Target::Factor(2.0), |job| (job.grain, job.edge_care) = (grain, care));
        assert_eq!(up.plan(Size { width: 20, height: 10 }, &wrong).unwrap_err().kind(), ErrorKind::Argument);
    }
}

#[test]
fn provenance_names_only_what_was_used() {
    let size = Size { width: 20, height: 10 };
    let job = masked(2.0, level(size, 1.0), |job| {
        (job.mask_white, job.edge_care, job.grain) = (MaskWhite::Protect, 0.5, 0.2)
    });
    let made = toy(2).provenance(size, &job, None).unwrap();
    assert_eq!((made.mask, made.edge_care, made.grain), (Some(MaskWhite::Protect), 50, Some(20.0)));
    let made = Upscaler::classical(Method::Nearest).provenance(size, &job, None).unwrap();
    assert_eq!((made.mask, made.edge_care, made.grain), (None, 0, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// With masks, edge care and grain: tiles, row streams and rectangles give what the whole gives.
    #[test]
    fn parts_are_parts_of_the_whole(
        (x, y, width, height) in (0u32..30, 0u32..24, 1u32..20, 1u32..18), factor in 0.6f64..7.0, scale in 1u32..4,
        format in prop::sample::select(vec![RGBA8, GRAY8, RGB32F]), wrap in any::<bool>(), tile in prop::sample::select(vec![None, Some(16), Some(33)]),
        streams in any::<bool>(), strength in prop::sample::select(vec![1.0f32, 0.5]), has_mask in any::<bool>(),
        care in prop::sample::select(vec![0.0f32, 1.0]), grain in prop::sample::select(vec![0.0f32, 0.8]), seed in any::<u32>(),
    ) {
        let picture = scene(50, 42, format);
        let mask = mask_of(&Picture::from_fn(50, 42, GRAY8, |x, y, _| ((x * 3 + y * 5) % 9) as f32 / 8.0));
        let whole = job(Target::Factor(factor), |job| {
            (job.wrap, job.strength, job.edge_care, job.grain, job.seed) = (wrap, strength, care, grain, seed);
            job.mask = has_mask.then_some(mask);
        });
        let up = |streams| upscaler(&toy_model(scale, 1), Arc::new(Toy { radius: 1, streams, ..Toy::default() }));
        let expected = enlarge(&up(false), &picture, &whole);
        let mut part = whole.clone();
        (part.tile, part.rect) = (tile, Some(Rect { x, y, width, height }));
        let found = enlarge(&up(streams), &picture, &part);
        let place = |v: u32, from: u32, to: u32| ((f64::from(v) * f64::from(to) / f64::from(from)).round() as u32).min(to - 1);
        let (left, top) = (place(x, 50, expected.size.width), place(y, 42, expected.size.height));
        let cut = expected.crop(Rect { x: left, y: top, width: found.size.width, height: found.size.height });
        let most = if format.sample == Sample::F32 { 0.01 } else { 1.0 };
        prop_assert!(found.distance(&cut) <= most, "{}", found.distance(&cut));
    }
}
