//! Faces that other networks enlarge: where they count and where not, parts, borders, overlaps, strength, grain, memory, cancel.

use std::sync::Arc;

use enlarger::{
    Cancel, Channels, ErrorKind, Face, Format, Job, Mask, Method, Rect, Sample, Size, Target, Upscaler, View,
};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{Picture, Toy, enlarge, enlarge_as, enlarge_until, job, toy_model, upscaler};

const GRAY8: Format = Format { channels: Channels::Gray, ..RGB8 };

/// A face whose box has this middle and height.
fn face(x: f32, y: f32, height: f32) -> Face {
    let place = |dx: f32, dy: f32| [x + dx * height, y + dy * height];
    Face {
        left: x - height / 2.0,
        top: y - height / 2.0,
        width: height,
        height,
        points: [
            place(-0.2, -0.2),
            place(0.2, -0.2),
            place(0.0, 0.05),
            place(0.0, 0.25),
            place(-0.4, -0.1),
            place(0.4, -0.1),
        ],
        score: 0.9,
    }
}

fn scene(width: u32, height: u32, format: Format) -> Picture {
    Picture::from_fn(width, height, format, |x, y, c| {
        let edge = if (x / 7 + y / 9).is_multiple_of(2) { 0.3 } else { 0.65 };
        let texture = ((x * 7 + y * 13 + c as u32 * 5) % 11) as f32 / 11.0 - 0.5;
        let value: f32 = edge + 0.2 * texture;
        if c + 1 == format.channels.count() && format.has_alpha() { (value * 2.0 - 0.3).clamp(0.0, 1.0) } else { value }
    })
}

/// A toy that blurs over this radius.
fn toy(scale: u32, radius: usize, streams: bool) -> Upscaler {
    upscaler(&toy_model(scale, radius as u32), Arc::new(Toy { radius, streams, ..Toy::default() }))
}

/// Blurs little, and much inside faces.
fn with_faces() -> Upscaler {
    toy(2, 1, false).with_faces(toy(2, 4, false)).unwrap()
}

fn with(factor: f64, faces: &[Face], change: impl FnOnce(&mut Job)) -> Job {
    job(Target::Factor(factor), |job| {
        job.faces = faces.to_vec();
        change(job);
    })
}

#[test]
fn a_face_has_its_own_network_and_the_rest_the_other() {
    for format in [RGB32F, RGBA8, GRAY8] {
        let picture = scene(160, 120, format);
        for factor in [1.0, 2.0, 2.7, 4.0] {
            let (rest, inside) = (toy(2, 1, false), Upscaler::chain(&[toy(2, 4, false)]).unwrap());
            let plain = Job::new(Target::Factor(factor));
            let (rest, inside) = (enlarge(&rest, &picture, &plain), enlarge(&inside, &picture, &plain));
            let both = enlarge(&with_faces(), &picture, &with(factor, &[face(80.0, 64.0, 30.0)], |_| {}));
            let side = |v: f64| (v * factor) as u32;
            let part = |x: f64, y: f64, width: f64, height: f64| Rect {
                x: side(x),
                y: side(y),
                width: side(width),
                height: side(height),
            };
            let tolerance = if format.sample == Sample::F32 { 0.01 } else { 1.0 };
            if factor <= 2.0 {
                // Two passes of a repeated network are another chain.
                let middle = part(70.0, 52.0, 20.0, 24.0);
                assert!(both.crop(middle).distance(&inside.crop(middle)) <= tolerance, "{format:?} ×{factor}");
                assert!(both.crop(middle).distance(&rest.crop(middle)) > 3.0 * tolerance, "{format:?} ×{factor}");
            }
            for corner in [part(0.0, 0.0, 160.0, 25.0), part(0.0, 0.0, 50.0, 120.0), part(110.0, 0.0, 50.0, 120.0)] {
                assert_eq!(both.crop(corner).distance(&rest.crop(corner)), 0.0, "{format:?} ×{factor}: {corner:?}");
            }
        }
    }
}

#[test]
fn without_faces_or_with_faces_elsewhere_nothing_changes() {
    let picture = scene(90, 70, RGB32F);
    let plain = enlarge(&toy(2, 1, false), &picture, &Job::new(Target::Factor(2.0)));
    for faces in [&[][..], &[face(-300.0, 20.0, 30.0)], &[face(9e9, 20.0, 30.0)]] {
        assert_eq!(enlarge(&with_faces(), &picture, &with(2.0, faces, |_| {})), plain);
        let plan = with_faces().plan(picture.size, &with(2.0, faces, |_| {})).unwrap();
        assert_eq!(plan, toy(2, 1, false).plan(picture.size, &Job::new(Target::Factor(2.0))).unwrap());
    }
    // Faces count only where there are networks for them.
    assert_eq!(enlarge(&toy(2, 1, false), &picture, &with(2.0, &[face(45.0, 35.0, 30.0)], |_| {})), plain);
}

#[test]
fn with_all_dials_at_zero_a_face_is_the_plain_enlargement() {
    let picture = scene(90, 70, RGB32F);
    let faces = [face(45.0, 35.0, 30.0)];
    let plain = enlarge(&toy(2, 1, false), &picture, &job(Target::Factor(3.0), |job| job.strength = 0.0));
    let none = with(3.0, &faces, |job| (job.strength, job.face_strength) = (0.0, 0.0));
    assert_eq!(enlarge(&with_faces(), &picture, &none), plain);
    assert_eq!(with_faces().plan(picture.size, &none).unwrap().tiles, 0);
    let face_only = enlarge(&with_faces(), &picture, &with(3.0, &faces, |job| job.face_strength = 0.0));
    let middle = Rect { x: 120, y: 90, width: 30, height: 30 };
    assert_eq!(face_only.crop(middle).distance(&plain.crop(middle)), 0.0);
    let half = enlarge(&with_faces(), &picture, &with(3.0, &faces, |job| job.face_strength = 0.5));
    let full = enlarge(&with_faces(), &picture, &with(3.0, &faces, |_| {}));
    let samples = |picture: &Picture| picture.crop(middle).samples();
    for ((none, half), full) in samples(&plain).iter().zip(samples(&half)).zip(samples(&full)) {
        assert!((half - 0.5 * (none + full)).abs() < 1e-5);
    }
}

#[test]
fn a_part_a_stream_tiles_and_little_memory_give_the_same() {
    let picture = scene(150, 130, RGB32F);
    let faces = [face(60.0, 60.0, 30.0), face(85.0, 70.0, 40.0), face(148.0, 128.0, 24.0), face(5.0, 4.0, 20.0)];
    let made = |change: &dyn Fn(&mut Job)| {
        with(2.5, &faces, |job| {
            (job.grain, job.face_grain) = (0.2, 0.5);
            change(job);
        })
    };
    let whole = enlarge(&with_faces(), &picture, &made(&|_| {}));
    let streamed = toy(2, 1, true).with_faces(toy(2, 4, true)).unwrap();
    assert!(enlarge(&streamed, &picture, &made(&|_| {})).distance(&whole) < 0.01);
    assert!(enlarge(&with_faces(), &picture, &made(&|job| job.tile = Some(17))).distance(&whole) < 0.01);
    let memory = with_faces().plan(picture.size, &made(&|_| {})).unwrap().memory;
    let small = made(&|job| job.memory = Some(memory * 3 / 5));
    assert!(with_faces().plan(picture.size, &small).unwrap().memory <= memory * 3 / 5);
    assert!(enlarge(&with_faces(), &picture, &small).distance(&whole) < 0.01);
    for rect in [
        Rect { x: 40, y: 30, width: 60, height: 50 },
        Rect { x: 62, y: 61, width: 1, height: 1 },
        Rect { x: 0, y: 100, width: 150, height: 30 },
    ] {
        let part = enlarge(&with_faces(), &picture, &made(&|job| job.rect = Some(rect)));
        let place = |v: u32| (f64::from(v) * 2.5).round() as u32;
        let at = Rect { x: place(rect.x), y: place(rect.y), width: part.size.width, height: part.size.height };
        assert!(part.distance(&whole.crop(at)) < 0.01, "{rect:?}: {}", part.distance(&whole.crop(at)));
    }
    // The order of the faces makes no difference.
    let mut turned = made(&|_| {});
    turned.faces.reverse();
    assert_eq!(enlarge(&with_faces(), &picture, &turned).distance(&whole), 0.0);
}

#[test]
fn a_mask_protects_faces_and_a_reduction_keeps_their_place() {
    let picture = scene(120, 100, RGB32F);
    let faces = [face(60.0, 55.0, 36.0)];
    let black = Picture::from_fn(120, 100, GRAY8, |_, _, _| 0.0);
    let mask = Mask::copy(View::new(&black.bytes, black.stride(), black.size, black.format).unwrap()).unwrap();
    let masked = with(2.0, &faces, |job| (job.mask, job.face_grain) = (Some(mask), 1.0));
    let plain = enlarge(&toy(2, 1, false), &picture, &job(Target::Factor(2.0), |job| job.strength = 0.0));
    assert_eq!(enlarge(&with_faces(), &picture, &masked).distance(&plain), 0.0);
    let reduced =
        |up: &Upscaler, faces: &[Face]| enlarge(up, &picture, &with(2.0, faces, |job| job.reduce_first = 50.0));
    let (both, rest) = (reduced(&with_faces(), &faces), reduced(&toy(2, 1, false), &[]));
    let apart = |rect: Rect| both.crop(rect).distance(&rest.crop(rect));
    assert!(apart(Rect { x: 100, y: 80, width: 40, height: 40 }) > 1.0);
    assert_eq!(apart(Rect { x: 0, y: 0, width: 240, height: 30 }), 0.0);
    assert_eq!(apart(Rect { x: 0, y: 0, width: 60, height: 200 }), 0.0);
}

#[test]
fn a_face_at_the_border_of_a_tile_that_repeats_has_its_other_half_on_the_other_side() {
    let picture = scene(60, 50, RGB32F);
    let wrapped =
        |x: f32, y: f32| enlarge(&with_faces(), &picture, &with(2.0, &[face(x, y, 20.0)], |job| job.wrap = true));
    let rest = enlarge(&toy(2, 1, false), &picture, &job(Target::Factor(2.0), |job| job.wrap = true));
    let at_border = wrapped(0.0, 25.0);
    assert!(at_border.distance(&wrapped(60.0, 25.0)) < 0.01, "one period to the right is the same place");
    let other_side = Rect { x: 110, y: 40, width: 10, height: 10 };
    assert!(at_border.crop(other_side).distance(&rest.crop(other_side)) > 1.0);
}

#[test]
fn grain_in_faces_comes_on_top() {
    let picture = Picture::from_fn(120, 100, RGB32F, |_, _, _| 0.5);
    let grained = |grain: f32, face_grain: f32| {
        let job = with(2.0, &[face(60.0, 55.0, 40.0)], |job| (job.grain, job.face_grain) = (grain, face_grain));
        enlarge(&with_faces(), &picture, &job)
    };
    let deviation = |picture: &Picture, rect: Rect| {
        let samples = picture.crop(rect).samples();
        (samples.iter().map(|v| (v - 0.5).powi(2)).sum::<f32>() / samples.len() as f32).sqrt()
    };
    let (inside, outside) =
        (Rect { x: 100, y: 90, width: 40, height: 40 }, Rect { x: 0, y: 0, width: 200, height: 24 });
    let (none, faces, both) = (grained(0.0, 0.0), grained(0.0, 0.5), grained(0.5, 0.5));
    assert!(deviation(&none, inside) < 1e-4 && deviation(&faces, outside) < 1e-4);
    let (half, whole) = (deviation(&faces, inside), deviation(&both, inside));
    assert!(half > 1.5 / 255.0 && (whole - 2.0 * half).abs() < 0.1 * whole, "{half} and {whole}");
    assert!(deviation(&both, outside) > 1.5 / 255.0);
}

#[test]
fn faces_are_counted_cancelled_and_refused() {
    let picture = scene(160, 120, RGB8);
    let job = with(2.0, &[face(80.0, 60.0, 40.0)], |job| job.tile = Some(16));
    let up = with_faces();
    let plan = up.plan(picture.size, &job).unwrap();
    let mut last = (0, 0);
    let mut note = |progress: enlarger::Progress| last = (progress.tiles_done, progress.tiles_total);
    let (_, report) = enlarge_until(&up, &picture, RGB8, &job, &Cancel::new(), &mut note).unwrap();
    assert_eq!((report.tiles, last), (plan.tiles, (plan.tiles, plan.tiles)));
    let rest = toy(2, 1, false).plan(picture.size, &job).unwrap();
    assert!(plan.tiles > rest.tiles && plan.network_pixels > rest.network_pixels && plan.memory > rest.memory);

    let cancel = Cancel::new();
    let mut stop = |progress: enlarger::Progress| {
        if progress.tiles_done > rest.tiles {
            cancel.cancel()
        }
    };
    let stopped = enlarge_until(&up, &picture, RGB8, &job, &cancel, &mut stop);
    assert_eq!(stopped.err().map(|error| error.kind()), Some(ErrorKind::Cancelled));

    let wrong = |change: fn(&mut Job)| with(2.0, &[face(80.0, 60.0, 40.0)], change);
    for job in [
        wrong(|job| job.faces[0].width = 0.0),
        wrong(|job| job.faces[0].points[3][1] = f32::NAN),
        wrong(|job| job.face_strength = 1.5),
        wrong(|job| job.face_grain = -1.0),
    ] {
        assert_eq!(up.plan(Size { width: 20, height: 20 }, &job).unwrap_err().kind(), ErrorKind::Argument);
    }
    assert!(Upscaler::classical(Method::Lanczos).with_faces(toy(2, 1, false)).is_err());
    assert!(toy(2, 1, false).with_faces(Upscaler::classical(Method::Lanczos)).is_err());
}

#[test]
fn a_face_that_fails_is_tried_again_and_noted() {
    let picture = scene(80, 60, RGB8);
    let broken = Toy { radius: 4, fault: enlarger_tests::toy::Fault::Error, faults: 1, ..Toy::default() };
    let up = toy(2, 1, false).with_faces(upscaler(&toy_model(2, 4), Arc::new(broken))).unwrap();
    let job = with(2.0, &[face(40.0, 30.0, 20.0)], |_| {});
    let (result, report) = enlarge_as(&up, &picture, RGB8, &job).unwrap();
    assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
    assert_eq!(result, enlarge(&with_faces(), &picture, &job));
}
