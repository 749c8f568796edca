//! Restored faces: everything around the restorer adds nothing of its own, and what it changes lands where the face is.
//!
//! The restorers here are functions. Weights of a real one are in no package registry, so none was run; that a network runs at all
//! is tested with random weights.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use enlarger::{
    Cancel, Channels, Device, Engine, ErrorKind, Face, Format, Installed, Job, Mask, Model, OptionKey, OptionValue,
    Presets, Rect, Registry, Restorer, Result, Session, SessionOptions, Settings, Size, Target, Tensor, TensorMut,
    Upscaler, View,
};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::toy::{device, toy_manifest};
use enlarger_tests::{Picture, Toy, assert_prompt, enlarge, enlarge_as, enlarge_until, job, toy_model, upscaler};

const GRAY8: Format = Format { channels: Channels::Gray, ..RGB8 };

/// The side of the crops, in pixels.
const SIDE: u32 = 128;

/// The places of both eyes, nose and mouth in a crop of 512 pixels, from its corner.
const PLACES: [[f32; 2]; 4] = [[193.48, 240.45], [319.4, 240.69], [257.13, 314.52], [257.68, 371.78]];

/// A face whose crop is a square of `side` pixels, turned by `angle` (radians).
fn face(centre: [f32; 2], side: f32, angle: f32) -> Face {
    let place = |[x, y]: [f32; 2]| {
        let (x, y) = (side * (x / 512.0 - 0.5), side * (y / 512.0 - 0.5));
        let (sine, cosine) = angle.sin_cos();
        [centre[0] + cosine * x - sine * y, centre[1] + sine * x + cosine * y]
    };
    let ears = [[140.0, 260.0], [372.0, 260.0]];
    let points = [PLACES[0], PLACES[1], PLACES[2], PLACES[3], ears[0], ears[1]].map(place);
    let middle = place([256.0, 290.0]);
    let half = 0.27 * side;
    Face { left: middle[0] - half, top: middle[1] - half, width: 2.0 * half, height: 2.0 * half, points, score: 0.9 }
}

/// What a restorer does: it gets three planes of [`SIDE`]² samples and changes them.
type Paint = fn(&mut [f32], &Cancel);

/// An engine whose only network is a function.
#[derive(Clone)]
struct Painter {
    paint: Paint,
    runs: Arc<AtomicUsize>,
}

impl Engine for Painter {
    fn id(&self) -> &str {
        "painter"
    }

    fn version(&self) -> String {
        "1".into()
    }

    fn devices(&self) -> Vec<Device> {
        vec![device("cpu")]
    }

    fn open(&self, _: &Model, _: &SessionOptions) -> Result<Arc<dyn Session>> {
        Ok(Arc::new(PainterSession { painter: self.clone(), device: device("cpu") }))
    }
}

struct PainterSession {
    painter: Painter,
    device: Device,
}

impl Session for PainterSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        true
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        assert_eq!(inputs[0].shape, [1, 3, SIDE as usize, SIDE as usize]);
        self.painter.runs.fetch_add(1, Ordering::SeqCst);
        output.data.copy_from_slice(inputs[0].data);
        (self.painter.paint)(output.data, cancel);
        Ok(())
    }
}

fn face_manifest() -> String {
    toy_manifest(1, 0)
        .replace("task = \"upscale\"", "task = \"face\"")
        .replace("mode = \"faithful\"", "mode = \"creative\"")
        .replace("minimum = 1\nmultiple = 1\n", &format!("size = [{SIDE}, {SIDE}]\n"))
        .replace("support = \"exact\"", "support = \"whole\"")
}

fn face_model() -> Model {
    Model::from_bytes(&face_manifest(), b"toy".as_slice()).expect("a manifest")
}

fn restorer(paint: Paint) -> (Restorer, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let engine = Arc::new(Painter { paint, runs: runs.clone() });
    (Restorer::open(&face_model(), engine, &SessionOptions::default()).unwrap(), runs)
}

fn plain() -> Upscaler {
    upscaler(&toy_model(2, 1), Arc::new(Toy { radius: 1, ..Toy::default() }))
}

fn with(paint: Paint) -> Upscaler {
    plain().with_restorer(restorer(paint).0)
}

fn restoring(target: Target, faces: &[Face], fidelity: f32) -> Job {
    job(target, |job| {
        job.faces = faces.to_vec();
        job.face_fidelity = fidelity;
    })
}

fn nothing(_: &mut [f32], _: &Cancel) {}

/// White dots on gray at both eyes, nose and mouth.
fn dots(planes: &mut [f32], _: &Cancel) {
    let side = SIDE as usize;
    for (at, v) in planes.iter_mut().enumerate() {
        let (x, y) = ((at % side) as f32 + 0.5, (at / side % side) as f32 + 0.5);
        let near = PLACES.map(|[px, py]| (x - px * side as f32 / 512.0).hypot(y - py * side as f32 / 512.0));
        if near.iter().any(|distance| *distance < 3.0) {
            *v = 1.0;
        }
    }
}

/// Everything becomes brighter and redder, with a fine pattern.
fn drift(planes: &mut [f32], _: &Cancel) {
    let side = SIDE as usize;
    for (at, v) in planes.iter_mut().enumerate() {
        let pattern = if (at % side / 3 + at / side / 3) % 2 == 0 { 0.1 } else { -0.1 };
        let tint = if at < side * side { 1.5 } else { 0.5 };
        *v = (*v + 0.1 * tint + pattern * tint).clamp(0.0, 1.0);
    }
}

fn scene(size: Size, format: Format) -> Picture {
    Picture::from_fn(size.width, size.height, format, |x, y, c| {
        let soft = 0.5 + 0.2 * (x as f32 / 9.0).sin() + 0.15 * (y as f32 / 7.0 + c as f32).cos();
        let edge = if (x / 17 + y / 13) % 2 == 0 { 0.06 } else { -0.06 };
        let alpha = c + 1 == format.channels.count() && format.has_alpha();
        if alpha { (0.2 + y as f32 / 60.0).min(1.0) } else { soft + edge }
    })
}

fn flat(size: Size) -> Picture {
    Picture::from_fn(size.width, size.height, RGB32F, |_, _, _| 0.3)
}

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
        assert!(((half - plain) - 0.5 * (all - none)).abs() < 1e-5);
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
            let found = bright(&made, &before, place, 20.0);
            let off = (found[0] - place[0]).hypot(found[1] - place[1]);
            assert!(off < 0.6, "{target:?}: {off}");
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
        assert!((half - (before + all) / 2.0).abs() < 1e-5, "{half} {before} {all}");
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

#[test]
fn a_face_is_restored_once_and_kept() {
    let picture = scene(Size { width: 150, height: 150 }, RGB8);
    for side in [60.0, 300.0] {
        let (restorer, runs) = restorer(drift);
        let up = plain().with_restorer(restorer);
        let one = [face([75.0, 75.0], side, 0.2)];
        let jobs: [&dyn Fn(&mut Job); 4] =
            [&|_| {}, &|job| job.strength = 0.5, &|job| (job.face_fidelity, job.grain) = (0.8, 0.5), &|job| {
                job.rect = Some(Rect { x: 60, y: 60, width: 30, height: 20 })
            }];
        for change in jobs {
            let mut job = restoring(Target::Factor(2.0), &one, 0.2);
            change(&mut job);
            let mut seen = Vec::new();
            enlarge_until(&up, &picture, RGB8, &job, &Cancel::new(), &mut |progress| seen.push(progress)).unwrap();
            let last = seen[seen.len() - 1];
            assert_eq!(last.tiles_done, last.tiles_total);
            assert_eq!(runs.load(Ordering::SeqCst), 1);
        }
        let other =
            Picture::from_fn(150, 150, RGB8, |x, y, _| if x == 75 && y == 75 { 1.0 } else { picture.at(x, y, 0) });
        enlarge(&up, &other, &restoring(Target::Factor(2.0), &one, 0.2));
        assert_eq!(runs.load(Ordering::SeqCst), 2, "another picture has other faces");
    }
}

#[test]
fn the_result_says_that_faces_are_invented() {
    let picture = scene(Size { width: 100, height: 100 }, RGB8);
    let job = restoring(Target::Factor(2.0), &[face([50.0, 50.0], 60.0, 0.0), face([20.0, 80.0], 20.0, 0.0)], 0.3);
    let (_, report) = enlarge_as(&with(nothing), &picture, RGB8, &job).unwrap();
    let note = "2 faces were restored by the model toy; restored faces are partly invented, so the result must not serve as a document or to recognise a person";
    assert_eq!(report.notes, [note]);
    let made = with(nothing).provenance(picture.size, &job, None).unwrap();
    assert_eq!(made.restorer.as_ref().map(|used| used.id.as_str()), Some("toy"));
    assert!(made.invents() && made.digital_source_type().contains("composite"));
    assert!(made.software().contains("faces restored by toy"), "{}", made.software());
    let none = plain().provenance(picture.size, &job, None).unwrap();
    assert!(none.restorer.is_none() && !none.invents());
}

#[test]
fn what_was_asked_for_and_not_done_is_said() {
    let picture = scene(Size { width: 100, height: 100 }, RGB8);
    let notes = |job: &Job| enlarge_as(&with(nothing), &picture, RGB8, job).unwrap().1.notes;
    let mut odd = face([50.0, 50.0], 60.0, 0.0);
    odd.points = [[50.0, 50.0]; 6];
    let unfit = notes(&restoring(Target::Factor(2.0), &[odd], 0.3));
    assert!(unfit[0].contains("1 face was not restored"), "{unfit:?}");
    let mut wrapped = restoring(Target::Factor(2.0), &[face([50.0, 50.0], 60.0, 0.0)], 0.3);
    wrapped.wrap = true;
    assert!(notes(&wrapped)[0].contains("repeats"));
    assert_eq!(notes(&restoring(Target::Factor(2.0), &[face([50.0, 50.0], 60.0, 0.0)], 1.0)), [""; 0]);
}

#[test]
fn a_restorer_that_fails_ends_the_run_with_a_sentence() {
    let picture = scene(Size { width: 100, height: 100 }, RGB8);
    let job = restoring(Target::Factor(2.0), &[face([50.0, 50.0], 60.0, 0.0)], 0.3);
    let failing = with(|planes, _| planes[7] = f32::NAN);
    let error = enlarge_as(&failing, &picture, RGB8, &job).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Output);
    assert!(
        error.message().contains("a face could not be restored") && error.message().contains("2 attempts"),
        "{error}"
    );
}

#[test]
fn a_cancel_is_answered_while_a_face_is_restored() {
    let picture = scene(Size { width: 100, height: 100 }, RGB8);
    let job = restoring(Target::Factor(2.0), &[face([50.0, 50.0], 60.0, 0.0)], 0.3);
    let up = with(|_, _| thread::sleep(Duration::from_secs(3)));
    assert_prompt(Duration::from_millis(500), || {
        let cancel = Cancel::new();
        let other = cancel.clone();
        let canceller = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            let start = std::time::Instant::now();
            other.cancel();
            start
        });
        let error = enlarge_until(&up, &picture, RGB8, &job, &cancel, &mut |_| {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        canceller.join().unwrap().elapsed()
    });
}

#[test]
fn memory_is_planned() {
    let size = Size { width: 2000, height: 2000 };
    let job = |memory| {
        let mut job = restoring(Target::Factor(2.0), &[face([1000.0, 1000.0], 700.0, 0.0)], 0.3);
        job.memory = memory;
        job
    };
    let (with, without) = (with(nothing).plan(size, &job(None)).unwrap(), plain().plan(size, &job(None)).unwrap());
    // Rows of 28 bytes a pixel wait while the face is read.
    assert!(with.memory > without.memory + 28 * 700 * 2000, "{} {}", with.memory, without.memory);
    let error = self::with(nothing).plan(size, &job(Some(20 << 20))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
}

#[test]
fn only_a_model_of_faces_restores_faces() {
    let engine = || Arc::new(Painter { paint: nothing, runs: Arc::default() });
    let open = |model: &Model| Restorer::open(model, engine(), &SessionOptions::default()).unwrap_err();
    let error = open(&toy_model(1, 0));
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(error.message().contains("task 'face'"), "{error}");
    let oblong = face_manifest().replace(&format!("[{SIDE}, {SIDE}]"), &format!("[{SIDE}, 64]"));
    assert_eq!(open(&Model::from_bytes(&oblong, b"toy".as_slice()).unwrap()).kind(), ErrorKind::ModelContract);
    let embedded = Registry::search(&[]);
    let none = Restorer::find_model(&embedded).unwrap_err();
    assert!(none.message().contains("enlarge models import GFPGANv1.4.pth"), "{none}");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("face-models");
    fs::create_dir_all(folder.join("toy")).unwrap();
    fs::write(folder.join("toy/manifest.toml"), face_manifest()).unwrap();
    fs::write(folder.join("toy/model.onnx"), "toy").unwrap();
    let (models, presets) = (Registry::search(&[folder]), Presets::open());
    assert_eq!(Restorer::find_model(&models).unwrap().id(), "toy");
    let installed = Installed { models: &models, presets: &presets };
    let mut settings = Settings::default();
    let refused = settings.set(installed, OptionKey::Model, OptionValue::Text("toy".into())).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(refused.message().contains("restores faces and cannot enlarge pictures"), "{refused}");
}

/// The network of a checkpoint in `tests/checkpoints`, converted, with the manifest that the importer writes.
fn golden(file: &str) -> Model {
    let given = enlarger_import::load_network(&enlarger_tests::data_folder_file("../checkpoints").join(file)).unwrap();
    let known = given.known.clone().unwrap();
    let facts = enlarger_networks::onnx::Network::read(&given.network).unwrap().judge().unwrap();
    let draft = enlarger_import::ManifestDraft::of(&given.network);
    let draft = enlarger_import::ManifestDraft {
        description: enlarger_import::Description { id: "golden".into(), ..draft.description.clone() },
        input: facts.input,
        output: facts.output,
        size: facts.size,
        faces: known.faces,
        // Random weights show no face.
        changes_colours: true,
        ..draft
    };
    Model::from_bytes(&draft.text(), given.network).unwrap()
}

/// GFPGAN's architecture with random weights, as `enlarge models import` would install it.
#[test]
fn a_network_of_gfpgans_architecture_restores_alike_on_every_engine() {
    let model = golden("gfpgan-32.pth");
    assert_eq!((model.manifest().task.id(), model.manifest().input.size), ("face", Some([32, 32])));
    let picture = scene(Size { width: 120, height: 100 }, RGB8);
    let job = restoring(Target::Factor(2.0), &[face([60.0, 50.0], 70.0, 0.5)], 0.0);
    let made = ["ort", "rten"].map(|id| {
        let engine = enlarger_tests::real_engine(id);
        let restorer = Restorer::open(&model, engine, &SessionOptions::default()).unwrap();
        enlarge(&plain().with_restorer(restorer), &picture, &job)
    });
    assert!(made[0].distance(&made[1]) <= 1.0, "{}", made[0].distance(&made[1]));
    let before = enlarge(&plain(), &picture, &Job::new(job.target));
    assert!(made[0].distance(&before) > 10.0, "it changes the face: {}", made[0].distance(&before));
}
