//! The real engines: which one is chosen, and the reason that is given.

use enlarger::{DEFAULT_MODEL, ErrorKind, Model, Registry, SessionOptions};
use enlarger_engines::{Engines, LIBRARY_VARIABLE, ort_report};

fn engines() -> Engines {
    assert!(
        std::env::var_os(LIBRARY_VARIABLE).is_some(),
        "these tests need an ONNX Runtime: run scripts/test, which sets {LIBRARY_VARIABLE}"
    );
    // Not `discover`, because the user who runs the tests may have engine libraries.
    Engines::discover_in(None)
}

fn default_model() -> Model {
    Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone()
}

fn on(device: &str) -> SessionOptions {
    let mut options = SessionOptions::default();
    options.device = Some(device.to_owned());
    options
}

#[test]
fn every_engine_is_listed_fastest_first() {
    let engines = engines();
    let ids: Vec<_> = engines.candidates().map(|candidate| candidate.id.as_str()).collect();
    assert_eq!(ids, ["winograd", "ort", "rten"]);
    for candidate in engines.candidates() {
        assert_eq!(candidate.engine.as_ref().unwrap().id(), candidate.id);
    }
}

#[test]
fn auto_chooses_the_fastest_engine_and_gives_the_reason() {
    let engines = engines();
    for name in [None, Some("auto")] {
        let opened = engines.open(name, &default_model(), &SessionOptions::default()).unwrap();
        assert_eq!(opened.engine.id(), "winograd");
        assert!(opened.reason.contains(&opened.engine.version()), "{}", opened.reason);
    }
}

#[test]
fn the_named_engine_is_used() {
    let opened = engines().open(Some("rten"), &default_model(), &on("cpu")).unwrap();
    assert_eq!(opened.engine.id(), "rten");
    let error = engines().open(Some("tensorflow"), &default_model(), &on("cpu")).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::EngineNotFound);
}

#[test]
fn engine_libraries_are_loaded_only_when_needed_and_once() {
    let suffix = std::env::consts::DLL_SUFFIX;
    let ids = |engines: &Engines| -> Vec<String> { engines.candidates().map(|c| c.id.clone()).collect() };
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str| std::fs::write(folder.path().join(format!("{name}{suffix}")), "no library").unwrap();
    let engines = || Engines::discover_in(Some(folder.path().to_owned()));
    let (unknown, refused) = (engines(), engines());
    for name in [None, Some("auto"), Some("winograd"), Some("ort"), Some("rten")] {
        unknown.open(name, &default_model(), &SessionOptions::default()).unwrap();
    }
    put("first");
    let error = unknown.open(Some("tensorflow"), &default_model(), &SessionOptions::default()).err().unwrap();
    assert!(error.message().contains(&format!("auto, winograd, ort, rten, first{suffix}")), "{error}");
    let error = refused.open(None, &default_model(), &on("quantum:0")).err().unwrap();
    assert!(error.message().contains("winograd") && error.message().contains("first"), "{error}");
    put("second");
    for engines in [unknown, refused] {
        assert_eq!(ids(&engines).len(), 4);
    }
    assert_eq!(ids(&engines()).len(), 5);
}

#[test]
fn the_report_agrees_with_the_engine() {
    let engines = engines();
    let ort = engines.candidates().nth(1).unwrap().engine.as_ref().unwrap();
    assert_eq!(ort_report().version, Some(ort.version()));
}
