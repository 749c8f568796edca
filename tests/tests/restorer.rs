//! What a run says and does about its restorer: notes, provenance, failures, cancellation, memory, what is kept, which models can be one.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{
    Cancel, ErrorKind, Installed, Job, Model, OptionKey, OptionValue, Presets, Rect, Registry, Restorer,
    SessionOptions, Settings, Size, Target,
};
use enlarger_tests::painter::{
    Painter, SIDE, drift, face, face_manifest, nothing, plain, restorer, restoring, scene, with,
};
use enlarger_tests::picture::RGB8;
use enlarger_tests::{Picture, assert_prompt, enlarge, enlarge_as, enlarge_until, toy_model};

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
            let start = Instant::now();
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
