//! Pixels of restored faces: everything around the restorer adds nothing of its own, and what it changes lands where the face is.
//!
//! The restorers here are functions. Weights of a real one are in no package registry, so none was run.

use std::sync::Arc;

use enlarger::{Channels, Face, Format, Job, Mask, Rect, Size, Target, Upscaler, View};
use enlarger_tests::painter::SIDE;
use enlarger_tests::painter::{dots, drift, face, flat, nothing, plain, restorer, restoring, scene, with};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{Picture, Toy, enlarge, enlarge_as, job, toy_model, upscaler};

const GRAY8: Format = Format { channels: Channels::Gray, ..RGB8 };

#[test]
fn a_restorer_that_changes_nothing_changes_nothing() {
    let small = Size { width: 150, height: 120 };
    let faces: [&[Face]; 5] = [
        &[face([70.0, 60.0], 80.0, 0.0)],
        &[face([70.0, 60.0], 24.0, 0.7), face([80.0, 70.0], 60.0, -2.0)],
        // At the corner, and a large one of which only a part is in the picture.
        &[face([5.0, 4.0], 60.0, 0.3), face([149.0, 119.0], 40.0, 3.0)],
        &[face([75.0, 60.0], 400.0, 1.0)],
        &[face([75.0, 60.0], 130.0, 0.2)],
    ];
    for format in [RGB8, GRAY8, RGBA8, RGB32F] {
        let picture = scene(small, format);
        for faces in faces {
            for target in [Target::Factor(2.0), Target::Factor(3.3), Target::Factor(0.7), Target::Width(200)] {
                let job = restoring(target, faces, 0.0);
                let (result, report) = enlarge_as(&with(nothing), &picture, format, &job).unwrap();
                assert!(report.notes[0].contains("restored by the model toy"), "{:?}", report.notes);
                let off = result.distance(&enlarge(&plain(), &picture, &Job::new(target)));
                assert!(off <= if format == RGB32F { 1e-3 } else { 0.0 }, "{format:?} {target:?} {faces:?}: {off}");
            }
        }
    }
    let picture = scene(Size { width: 1000, height: 1000 }, RGB8);
    let job = restoring(Target::Factor(2.0), &[face([500.0, 500.0], 900.0, 0.4)], 0.0);
    let result = enlarge(&with(nothing), &picture, &job);
    assert_eq!(result.distance(&enlarge(&plain(), &picture, &Job::new(Target::Factor(2.0)))), 0.0);
}

/// With networks of their own for faces, the restorer gets what these make.
#[test]
fn faces_with_networks_of_their_own_are_restored_too() {
    let picture = scene(Size { width: 150, height: 120 }, RGB8);
    let nearest = || upscaler(&toy_model(2, 0), Arc::new(Toy::default()));
    let both = || plain().with_faces(nearest()).unwrap();
    for side in [50.0, 200.0] {
        let job = restoring(Target::Factor(3.0), &[face([70.0, 60.0], side, 0.5)], 0.0);
        let before = enlarge(&both(), &picture, &job);
        assert!(before.distance(&enlarge(&plain(), &picture, &job)) > 3.0);
        let same = enlarge(&both().with_restorer(restorer(nothing).0), &picture, &job);
        assert_eq!(same.distance(&before), 0.0);
        let changed = enlarge(&both().with_restorer(restorer(drift).0), &picture, &job);
        assert!(changed.distance(&before) > 8.0, "{}", changed.distance(&before));
    }
}

#[test]
fn strength_and_mask_apply_to_restored_faces() {
    let picture = scene(Size { width: 120, height: 120 }, RGB32F);
    let one = [face([60.0, 60.0], 70.0, 0.5)];
    let at = |up: &Upscaler, change: &dyn Fn(&mut Job)| {
        let mut job = restoring(Target::Factor(2.0), &one, 0.0);
        change(&mut job);
        enlarge(up, &picture, &job)
    };
    let (all, none) = (at(&with(drift), &|_| {}), at(&plain(), &|_| {}));
    let half = |job: &mut Job| job.strength = 0.5;
    let (half, half_plain) = (at(&with(drift), &half).samples(), at(&plain(), &half).samples());
    for (((all, none), half), plain) in all.samples().iter().zip(none.samples()).zip(half).zip(half_plain) {
        let clipped = *all == 0.0 || *all == 1.0;
        assert!(clipped || ((half - plain) - 0.5 * (all - none)).abs() < 1e-5, "{half} {plain} {all} {none}");
    }
    let side = |share: f32| {
        let mask = Picture::from_fn(120, 120, GRAY8, |x, _, _| if x < 60 { 1.0 - share } else { share });
        Mask::copy(View::new(&mask.bytes, mask.stride(), mask.size, mask.format).unwrap()).unwrap()
    };
    let masked = |job: &mut Job| job.mask = Some(side(0.0));
    let (made, before) = (at(&with(drift), &masked), at(&plain(), &masked));
    let right = Rect { x: 126, y: 0, width: 100, height: 240 };
    let left = Rect { x: 20, y: 0, width: 94, height: 240 };
    assert_eq!(made.crop(right), before.crop(right), "where the mask is 0, nothing is restored");
    assert_eq!(made.crop(left).distance(&all.crop(left)), 0.0);
    assert!(made.crop(left).distance(&before.crop(left)) > 8.0);
}

/// The centre of what is brighter than the picture was, within `reach` pixels of a place.
fn bright(made: &Picture, before: &Picture, [x, y]: [f32; 2], reach: f32) -> [f32; 2] {
    let (mut sum, mut place) = (0.0, [0.0; 2]);
    let start = |v: f32| (v - reach).max(0.0) as u32;
    for py in start(y)..((y + reach) as u32).min(made.size.height) {
        for px in start(x)..((x + reach) as u32).min(made.size.width) {
            let more = (made.at(px, py, 1) - before.at(px, py, 1)).max(0.0);
            let more = if more > 0.1 { more } else { 0.0 };
            sum += more;
            place = [place[0] + more * (px as f32 + 0.5), place[1] + more * (py as f32 + 0.5)];
        }
    }
    assert!(sum > 0.3, "nothing changed near {x} {y}");
    place.map(|v| v / sum)
}

#[test]
fn what_a_restorer_draws_lands_on_the_points_of_the_face() {
    for (size, factor, face) in [
        (140, 4.0, face([70.0, 70.0], 100.0, 0.0)),
        (140, 4.0, face([60.0, 75.0], 24.0, 0.9)),
        (140, 3.3, face([70.0, 70.0], 90.0, -2.4)),
        (140, 1.0, face([70.0, 70.0], 110.0, 0.3)),
        (1000, 1.0, face([510.0, 480.0], 900.0, 0.5)),
        (1000, 0.4, face([510.0, 480.0], 700.0, 2.0)),
    ] {
        let picture = flat(Size { width: size, height: size });
        let target = Target::Factor(factor);
        let made = enlarge(&with(dots), &picture, &restoring(target, &[face], 0.0));
        let before = enlarge(&plain(), &picture, &Job::new(target));
        for point in &face.points[..4] {
            let place = point.map(|v| v * factor as f32);
            let eyes = (face.points[0][0] - face.points[1][0]).hypot(face.points[0][1] - face.points[1][1]);
            let found = bright(&made, &before, place, 0.2 * eyes * factor as f32);
            let off = (found[0] - place[0]).hypot(found[1] - place[1]);
            // A pixel of the crop is the finest that a restorer can draw.
            let pixel = (eyes * factor as f32 * 512.0 / 126.0 / SIDE as f32).max(1.0);
            assert!(off < 0.25 * pixel, "{factor} {face:?}: {off} of {pixel} at {place:?}, {found:?}");
        }
    }
}

#[test]
fn a_picture_that_is_stretched_or_reduced_first_keeps_the_places() {
    let picture = flat(Size { width: 200, height: 200 });
    let face = face([100.0, 100.0], 150.0, 0.5);
    for (target, reduce_first) in [(Target::Size(Size { width: 600, height: 300 }), 100.0), (Target::Factor(2.0), 50.0)]
    {
        let change = |job: &mut Job| job.reduce_first = reduce_first;
        let mut with_faces = restoring(target, &[face], 0.0);
        change(&mut with_faces);
        let made = enlarge(&with(dots), &picture, &with_faces);
        let before = enlarge(&plain(), &picture, &job(target, change));
        let factors = [made.size.width, made.size.height].map(|side| side as f32 / 200.0);
        for point in &face.points[..4] {
            let place = [point[0] * factors[0], point[1] * factors[1]];
            let found = bright(&made, &before, place, 13.0);
            let off = (found[0] - place[0]).hypot(found[1] - place[1]);
            // A quarter of a pixel of the crop, which is 3.5 pixels wide in the stretched result.
            assert!(off < 0.85, "{target:?}: {off}");
        }
    }
}

#[test]
fn a_part_is_that_part_of_the_whole() {
    let picture = scene(Size { width: 160, height: 130 }, RGB8);
    let faces = [face([60.0, 60.0], 70.0, 0.4), face([85.0, 65.0], 50.0, -0.4), face([150.0, 120.0], 40.0, 0.0)];
    let whole = enlarge(&with(drift), &picture, &restoring(Target::Factor(2.5), &faces, 0.0));
    for rect in [
        Rect { x: 50, y: 48, width: 20, height: 14 },
        Rect { x: 0, y: 0, width: 160, height: 61 },
        Rect { x: 66, y: 64, width: 94, height: 66 },
    ] {
        let mut part = restoring(Target::Factor(2.5), &faces, 0.0);
        part.rect = Some(rect);
        let made = enlarge(&with(drift), &picture, &part);
        let (x, y) = ((f64::from(rect.x) * 2.5).round() as u32, (f64::from(rect.y) * 2.5).round() as u32);
        let expected = whole.crop(Rect { x, y, width: made.size.width, height: made.size.height });
        assert!(made.distance(&expected) <= 1.0, "{rect:?}: {}", made.distance(&expected));
    }
    let elsewhere = job(Target::Factor(2.5), |job| {
        job.rect = Some(Rect { x: 120, y: 0, width: 40, height: 40 });
        job.faces = faces[..2].to_vec();
    });
    let plan = with(drift).plan(picture.size, &elsewhere).unwrap();
    let without = plain().plan(picture.size, &elsewhere).unwrap();
    assert_eq!((plan.memory, plan.read), (without.memory, without.read), "a face that is not seen costs nothing");
}

#[test]
fn fidelity_blends_back_and_nothing_changes_outside_the_oval() {
    let picture = scene(Size { width: 150, height: 150 }, RGB32F);
    let one = [face([75.0, 75.0], 60.0, 0.2)];
    let at = |fidelity: f32| enlarge(&with(drift), &picture, &restoring(Target::Factor(2.0), &one, fidelity)).samples();
    let before = enlarge(&plain(), &picture, &Job::new(Target::Factor(2.0))).samples();
    let (none, half, all) = (at(1.0), at(0.5), at(0.0));
    assert_eq!(none, before);
    let mut changed = 0;
    for (index, ((before, half), all)) in before.iter().zip(&half).zip(&all).enumerate() {
        let (x, y) = ((index / 3 % 300) as f32 / 2.0, (index / 900) as f32 / 2.0);
        if (x - 75.0).hypot(y - 75.0) > 40.0 {
            assert_eq!(before, all, "{x} {y}");
        }
        changed += usize::from((before - all).abs() > 0.05);
        // A value that is clipped at the end is not half of anything.
        let clipped = *all == 0.0 || *all == 1.0;
        assert!(clipped || (half - (before + all) / 2.0).abs() < 1e-5, "{half} {before} {all}");
    }
    assert!(changed > 1000, "{changed}");
}

#[test]
fn colours_stay_those_of_the_picture() {
    let size = Size { width: 150, height: 150 };
    let one = [face([75.0, 75.0], 90.0, 0.2)];
    let picture = flat(size);
    let made = enlarge(&with(drift), &picture, &restoring(Target::Factor(2.0), &one, 0.0));
    let middle = made.crop(Rect { x: 110, y: 110, width: 80, height: 80 }).samples();
    for channel in 0..3 {
        let mean = middle.iter().skip(channel).step_by(3).sum::<f32>() / 6400.0;
        assert!((mean - 0.3).abs() < 0.01, "{channel}: {mean}");
    }
    let spread = middle.iter().fold(0f32, |most, v| most.max((v - 0.3).abs()));
    assert!(spread > 0.03, "the pattern is kept: {spread}");
    // The picture is gray in its colours, and stays so to the last bit.
    assert!(made.samples().chunks_exact(3).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
    let gray = scene(size, GRAY8);
    let job = restoring(Target::Factor(2.0), &one, 0.0);
    assert!(enlarge(&with(drift), &gray, &job).distance(&enlarge(&plain(), &gray, &Job::new(job.target))) > 5.0);
}
