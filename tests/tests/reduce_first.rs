//! Reducing first: the result is exactly that of an enlargement of the picture that the same resampling made smaller.

use std::sync::Arc;

use enlarger::{Channels, ErrorKind, Format, Job, Mask, Method, Rect, Sample, Size, Target, Upscaler, View};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{Picture, Toy, enlarge, enlarge_as, job, toy_model, upscaler};

/// A picture with edges, texture and, if the format has it, alpha with transparent parts.
fn scene(format: Format) -> Picture {
    Picture::from_fn(62, 47, format, |x, y, c| {
        let edge = if (x / 9 + y / 8) % 2 == 0 { 0.2 } else { 0.75 };
        let value: f32 = edge + ((x * 7 + y * 13 + c as u32 * 5) % 11) as f32 / 55.0;
        if c + 1 == format.channels.count() && format.has_alpha() { (value * 2.0 - 0.6).clamp(0.0, 1.0) } else { value }
    })
}

fn toy() -> Upscaler {
    upscaler(&toy_model(2, 1), Arc::new(Toy { radius: 1, ..Toy::default() }))
}

fn with(target: Target, percent: f64, change: impl FnOnce(&mut Job)) -> Job {
    job(target, |job| {
        job.reduce_first = percent;
        change(job);
    })
}

/// The same in floating point, so that nothing is rounded between two runs.
fn in_float(format: Format) -> Format {
    Format { sample: Sample::F32, ..format }
}

#[test]
fn it_is_an_enlargement_of_the_reduced_picture() {
    let gray = Format { channels: Channels::GrayAlpha, ..RGB8 };
    for format in [RGB8, RGBA8, gray, RGB32F, Format { sample: Sample::U16, ..RGBA8 }, in_float(RGBA8)] {
        let picture = scene(format);
        for (up, method) in [
            (toy(), Method::Bicubic),
            (Upscaler::classical(Method::Lanczos), Method::Lanczos),
            (Upscaler::classical(Method::Nearest), Method::Nearest),
        ] {
            for (factor, percent, tile) in
                [(2.0, 50.0, None), (3.0, 33.3, Some(16)), (1.0, 75.0, None), (0.5, 60.0, None)]
            {
                let once = with(Target::Factor(factor), percent, |job| job.tile = tile);
                let reduced = once.reduced(picture.size).unwrap();
                let first = Upscaler::classical(method);
                let (small, _) =
                    enlarge_as(&first, &picture, in_float(format), &Job::new(Target::Size(reduced))).unwrap();
                let whole = Target::Factor(factor).size(picture.size).unwrap();
                let twice = job(Target::Size(whole), |job| job.tile = tile);
                let (expected, _) = enlarge_as(&up, &small, format, &twice).unwrap();
                let result = enlarge(&up, &picture, &once);
                let what = format!("{format:?}, {method:?}, {factor} of {percent} %");
                if format.is_gray() || format.sample.is_float() {
                    // Between the two runs, gray becomes the mean of three equal planes, and floats leave their range and return.
                    assert!(result.distance(&expected) <= if format.sample.is_float() { 1e-3 } else { 1.0 }, "{what}");
                } else {
                    assert_eq!(result, expected, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_part_is_that_part_of_the_whole() {
    let (picture, up) = (scene(RGBA8), toy());
    let share = Picture::from_fn(62, 47, RGB8, |x, _, _| if x < 30 { 1.0 } else { 0.25 });
    let mask = Mask::copy(View::new(&share.bytes, share.stride(), share.size, share.format).unwrap()).unwrap();
    let settings = |job: &mut Job| {
        (job.strength, job.edge_care, job.grain, job.mask) = (0.8, 1.0, 0.3, Some(mask.clone()));
    };
    let whole = enlarge(&up, &picture, &with(Target::Factor(3.0), 50.0, settings));
    assert_eq!(whole.size, Size { width: 186, height: 141 });
    for rect in [(0, 0, 20, 15), (21, 13, 17, 30), (40, 30, 22, 17)] {
        let rect = Rect { x: rect.0, y: rect.1, width: rect.2, height: rect.3 };
        let part =
            enlarge(&up, &picture, &with(Target::Factor(3.0), 50.0, |job| (settings(job), job.rect = Some(rect)).0));
        let there = Rect { x: rect.x * 3, y: rect.y * 3, width: rect.width * 3, height: rect.height * 3 };
        assert!(part.distance(&whole.crop(there)) <= 1.0, "{rect:?}");
    }
}

#[test]
fn a_picture_that_repeats_still_joins_with_itself() {
    let (picture, up) = (scene(RGB8), toy());
    let wraps = |job: &mut Job| job.wrap = true;
    let whole = enlarge(&up, &picture, &with(Target::Factor(2.0), 50.0, wraps));
    let rolled = Picture::from_fn(62, 47, RGB8, |x, y, c| picture.at((x + 20) % 62, y, c));
    let other = enlarge(&up, &rolled, &with(Target::Factor(2.0), 50.0, wraps));
    for (x, y) in (0..124).flat_map(|x| (0..94).map(move |y| (x, y))) {
        assert!((other.at(x, y, 0) - whole.at((x + 40) % 124, y, 0)).abs() < 1.1 / 255.0, "{x}, {y}");
    }
}

#[test]
fn results_state_it_and_impossible_sizes_are_refused() {
    let size = Size { width: 62, height: 47 };
    let halved = with(Target::Factor(2.0), 50.0, |_| {});
    assert_eq!(toy().plan(size, &halved).unwrap().output, Size { width: 124, height: 94 });
    assert_eq!(halved.factor(size).unwrap(), 4.0);
    assert_eq!(toy().plan(size, &halved).unwrap().passes, 2);
    let made = toy().provenance(size, &halved, None).unwrap();
    assert_eq!((made.factor, made.reduce_first), (2.0, Some(50.0)));
    assert!(made.xmp_packet().contains("<enlarger:ReduceFirst>50<"));
    assert_eq!(toy().provenance(size, &Job::new(Target::Factor(2.0)), None).unwrap().reduce_first, None);
    for percent in [0.0, -1.0, 100.1, f64::NAN] {
        let error = toy().plan(size, &with(Target::Factor(2.0), percent, |_| {})).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{percent}: {error}");
    }
    let tiny = Picture::from_fn(1, 3, RGB8, |_, _, _| 0.5);
    assert_eq!(enlarge(&toy(), &tiny, &with(Target::Factor(4.0), 1.0, |_| {})).size, Size { width: 4, height: 12 });
}
