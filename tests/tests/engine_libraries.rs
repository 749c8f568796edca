//! Engine libraries: ours give the same results as inside the program, one in C works, and broken ones are refused with a
//! message.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use enlarger::{
    Cancel, Engine, Error, ErrorKind, Job, Precision, Result, Session, SessionOptions, Target, Tensor, TensorMut, Usage,
};
use enlarger_engine_api::open;
use enlarger_engines::Engines;
use enlarger_tests::engine_library::engine_library;
use enlarger_tests::installed::root;
use enlarger_tests::{Picture, assert_prompt, default_model, enlarge, enlarge_as, job, real_engine, upscaler};

/// An engine library in Rust, one of the examples of `plugins/engine-api`.
fn example(name: &str) -> PathBuf {
    engine_library(env!("CARGO_TARGET_TMPDIR"), name)
}

/// Builds the engine library in C with one of its macros.
fn in_c(macro_name: &str) -> PathBuf {
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nearest-{macro_name}.so"));
    let mut compile = Command::new("cc");
    compile.args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-Iinclude"]);
    compile.arg(format!("-D{macro_name}")).arg("tests/engine/nearest.c").arg("-o").arg(&library);
    assert!(compile.current_dir(root()).status().unwrap().success(), "{macro_name} does not compile");
    library
}

fn options(precision: Precision, threads: usize) -> SessionOptions {
    let mut options = SessionOptions::default();
    (options.precision, options.threads) = (precision, Some(threads));
    options
}

fn refused(path: &Path) -> Error {
    open(path).err().unwrap_or_else(|| panic!("{} was opened", path.display()))
}

fn run(session: &dyn Session, data: &[f32], height: usize, width: usize, cancel: &Cancel) -> Result<Vec<f32>> {
    let mut made = vec![f32::NAN; data.len() * 16];
    let inputs = [Tensor { name: "input", shape: [1, 3, height, width], data }];
    let output = TensorMut { name: "output", shape: [1, 3, height * 4, width * 4], data: &mut made };
    session.run(&inputs, output, cancel).map(|()| made)
}

fn noise(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i * 7919 % 997) as f32 / 997.0).collect()
}

/// All rows of a stream, if the session has one.
fn streamed(session: &dyn Session, data: &[f32], height: usize, width: usize) -> Option<Vec<f32>> {
    let mut stream = session.stream(width).unwrap()?;
    let (cancel, mut made, mut row) = (Cancel::new(), Vec::new(), vec![0.0; 3 * width * 4]);
    for y in 0..height {
        let channels = (0..3).flat_map(|c| &data[(c * height + y) * width..][..width]);
        stream.push(&channels.copied().collect::<Vec<f32>>(), &cancel).unwrap();
        while stream.pull(&mut row, &cancel).unwrap() {
            made.extend(&row);
        }
    }
    stream.finish(&cancel).unwrap();
    while stream.pull(&mut row, &cancel).unwrap() {
        made.extend(&row);
    }
    Some(made)
}

#[test]
fn our_engines_are_the_same_from_a_library() {
    let data = noise(3 * 37 * 29);
    for id in ["winograd", "rten"] {
        let (loaded, inside) = (open(&example(id)).unwrap(), real_engine(id));
        assert_eq!(
            (loaded.id(), loaded.version(), loaded.devices()),
            (inside.id(), inside.version(), inside.devices())
        );
        for precision in [Precision::Exact, Precision::Auto] {
            let opened = |engine: &Arc<dyn Engine>| engine.open(&default_model(), &options(precision, 2)).unwrap();
            let (a, b) = (opened(&loaded), opened(&inside));
            assert_eq!((a.device(), a.is_exact()), (b.device(), b.is_exact()), "{id}");
            assert_eq!(a.usage().interruptible, b.usage().interruptible, "{id}");
            let cancel = Cancel::new();
            let made = run(&*a, &data, 37, 29, &cancel).unwrap();
            assert!(made == run(&*b, &data, 37, 29, &cancel).unwrap(), "{id}, {precision:?}: the pixels differ");
            assert_eq!(a.stream_memory(640), b.stream_memory(640), "{id}");
            assert!(
                streamed(&*a, &data, 37, 29) == streamed(&*b, &data, 37, 29),
                "{id}, {precision:?}: the rows differ"
            );
        }
        let error = loaded.open(&default_model(), &{
            let mut options = SessionOptions::default();
            options.device = Some("quantum:0".to_owned());
            options
        });
        let error = error.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Device);
        assert!(error.message().contains("quantum:0"), "{error}");
    }
}

#[test]
fn a_cancel_reaches_the_library() {
    let session = open(&example("winograd")).unwrap().open(&default_model(), &SessionOptions::default()).unwrap();
    let data = noise(3 * 1000 * 1000);
    assert_prompt(Duration::from_secs(1), || {
        let cancel = Cancel::new();
        thread::scope(|scope| {
            let running = scope.spawn(|| run(&*session, &data, 1000, 1000, &cancel));
            thread::sleep(Duration::from_millis(100));
            assert!(!running.is_finished(), "the tile is too small for this test");
            let start = Instant::now();
            cancel.cancel();
            assert_eq!(running.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
            start.elapsed()
        })
    });
    // A cancel that was requested before the run works too, and without one the session still runs.
    let cancel = Cancel::new();
    cancel.cancel();
    assert_eq!(run(&*session, &data[..48], 4, 4, &cancel).unwrap_err().kind(), ErrorKind::Cancelled);
    run(&*session, &data[..48], 4, 4, &Cancel::new()).unwrap();
}

#[test]
fn an_engine_in_c_enlarges_a_picture() {
    let library = in_c("WHOLE");
    let opened = Engines::discover().open(library.to_str(), &default_model(), &SessionOptions::default()).unwrap();
    assert_eq!(opened.engine.id(), "nearest-in-c");
    assert_eq!(opened.reason, "nearest-in-c 7, as requested");
    let photo = Picture::photo("astronaut.png");
    let large = enlarge(&opened.upscaler, &photo, &job(Target::Factor(4.0), |job| job.colour_lock = false));
    for (x, y) in [(0, 0), (17, 5), (photo.size.width * 4 - 1, photo.size.height * 4 - 1)] {
        assert!((large.at(x, y, 1) - photo.at(x / 4, y / 4, 1)).abs() < 1.0 / 255.0, "at {x},{y}");
    }
    let error = opened.engine.open(&default_model(), &options(Precision::Auto, 13)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(error.message(), "thirteen threads are too many; take fewer");
    // An engine that was cancelled has no message, and gets none.
    let session = opened.session().unwrap();
    assert_eq!((session.usage().tile, session.usage().interruptible), (64, true));
    let cancel = Cancel::new();
    cancel.cancel();
    let error = run(&**session, &noise(48), 4, 4, &cancel).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Cancelled, Error::cancelled().message()));
}

#[test]
fn an_engine_without_usage_gets_the_defaults() {
    let session = open(&in_c("NO_USAGE")).unwrap().open(&default_model(), &SessionOptions::default()).unwrap();
    assert_eq!(session.usage(), Usage::default());
}

#[test]
fn a_file_is_opened_once() {
    let (whole, path) = (in_c("ONCE"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("later.so"));
    fs::write(&path, "not yet").unwrap();
    assert!(refused(&path).message().contains("not a shared library"));
    fs::remove_file(&path).unwrap();
    fs::copy(&whole, &path).unwrap();
    let first = open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(Arc::ptr_eq(&first, &open(&path).unwrap()));
    assert!(!Arc::ptr_eq(&first, &open(&whole).unwrap()));
}

#[test]
fn engines_in_the_folder_come_after_ours() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engines");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let library = in_c("IN_A_FOLDER");
    for name in ["a.so", "b.so"] {
        fs::copy(&library, folder.join(name)).unwrap();
    }
    let engines = Engines::discover_in(Some(folder));
    let opened = engines.open(Some("nearest-in-c"), &default_model(), &SessionOptions::default()).unwrap();
    assert_eq!(opened.reason, "nearest-in-c 7, as requested");
    // No device is asked for, so any device will do.
    let mut anywhere = SessionOptions::default();
    anywhere.device = Some("quantum:0".to_owned());
    let opened = engines.open(None, &default_model(), &anywhere).unwrap();
    assert!(opened.reason.starts_with("nearest-in-c 7, because winograd cannot run it ("), "{}", opened.reason);
    let found: Vec<(&str, bool)> = engines.candidates().map(|c| (c.id.as_str(), c.engine.is_ok())).collect();
    assert_eq!(found[3..], [("nearest-in-c", true), ("nearest-in-c", false)]);
    let error = engines.candidates().last().unwrap().engine.as_ref().err().unwrap();
    assert!(error.message().contains("another engine is also named nearest-in-c"), "{error}");
}

#[test]
fn broken_libraries_are_refused_with_a_message() {
    let whole = in_c("AGAIN");
    let cut = whole.with_file_name("cut.so");
    let bytes = fs::read(&whole).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let cases = [
        (in_c("OTHER_VERSION"), "version 2 of the interface, but this version of Enlarger needs version 1"),
        (in_c("OTHER_MAGIC"), "returned something other than a table"),
        (in_c("SHORT_TABLE"), "bytes instead of"),
        (in_c("NO_TABLE"), "returned no table"),
        (in_c("NO_ENTRY"), "does not export the function enlarger_engine"),
        (example("other_layout"), "another layout"),
        (cut, "truncated"),
        (root().join("README.md"), "not a shared library"),
        (PathBuf::from("/nowhere/engine.so"), "No such file"),
    ];
    for (path, sentence) in cases {
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::EngineVersion, "{error}");
        let text = error.to_string();
        assert!(text.contains(sentence) && text.contains(path.to_str().unwrap()), "{text}");
    }
    assert_eq!(refused(Path::new("engine.so")).kind(), ErrorKind::Argument);
    let by_name = Engines::discover().open(Some("/nowhere/engine.so"), &default_model(), &SessionOptions::default());
    assert_eq!(by_name.err().unwrap().kind(), ErrorKind::EngineVersion);
}

#[test]
fn an_engine_that_panics_does_not_end_its_host() {
    let engine = open(&example("panics")).unwrap();
    assert_eq!(engine.devices(), []);
    let error = engine.open(&default_model(), &options(Precision::Auto, 13)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Panic);
    assert!(error.message().contains("thirteen threads"), "{error}");
    let session = engine.open(&default_model(), &SessionOptions::default()).unwrap();
    assert_eq!(session.usage(), Usage::default());
    let error = run(&*session, &noise(48), 4, 4, &Cancel::new()).unwrap_err();
    assert_eq!((error.kind(), error.message().contains("on purpose")), (ErrorKind::Panic, true), "{error}");
    let stream = session.stream(4);
    assert_eq!(stream.err().unwrap().kind(), ErrorKind::Panic);
    drop(session);
    // A whole run ends with an error.
    let up = upscaler(&default_model(), engine);
    let photo = Picture::photo("astronaut.png");
    let error = enlarge_as(&up, &photo, photo.format, &Job::new(Target::Factor(4.0))).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Panic, "{error}");
}
