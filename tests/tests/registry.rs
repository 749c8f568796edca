//! The registry: search order, strictness, and messages about faulty models.

use std::fs;
use std::path::{Path, PathBuf};

use enlarger::{DEFAULT_MODEL, ErrorKind, Manifest, Model, Origin, Registry, SCHEMA};
use enlarger_tests::onnx::install_nearest;
use enlarger_tests::toy::toy_manifest;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("registry").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_first_found_wins_and_the_embedded_comes_last() {
    let (first, second) = (folder("first"), folder("second"));
    install_nearest(&first, 2);
    install_nearest(&second, 4);
    let registry = Registry::search(&[first.clone(), second, folder("empty"), PathBuf::from("/nowhere/at/all")]);
    assert_eq!(registry.find("nearest").unwrap().manifest().scale, 2);
    assert_eq!(*registry.find("nearest").unwrap().origin(), Origin::Folder(first.join("nearest")));
    assert_eq!(registry.hidden().len(), 1);
    assert_eq!(registry.hidden()[0].manifest().scale, 4);
    assert_eq!(*registry.models().last().unwrap().origin(), Origin::Embedded);
    assert!(registry.find(DEFAULT_MODEL).unwrap().network().is_ok());
    let error = registry.find("nothing").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModelNotFound);
    assert!(error.to_string().contains("nearest") && error.to_string().contains(DEFAULT_MODEL), "{error}");
}

#[test]
fn a_broken_model_is_reported_and_hides_no_other() {
    let models = folder("broken");
    install_nearest(&models, 2);
    fs::create_dir_all(models.join("bad")).unwrap();
    fs::write(models.join("bad/manifest.toml"), "schema = \"one\"").unwrap();
    let registry = Registry::search(&[models]);
    assert!(registry.find("nearest").is_ok());
    assert_eq!(registry.broken().len(), 1);
    assert!(registry.broken()[0].to_string().contains("bad"), "{}", registry.broken()[0]);
}

#[test]
fn the_network_must_match_the_manifest() {
    let models = folder("file");
    install_nearest(&models, 2);
    let file = models.join("nearest/model.onnx");
    let bytes = fs::read(&file).unwrap();
    let network = || Model::from_folder(&models.join("nearest")).unwrap().network().map(|_| ());
    assert!(network().is_ok());
    let mut other = bytes.clone();
    other[40] ^= 1;
    fs::write(&file, &other).unwrap();
    assert_eq!(network().unwrap_err().kind(), ErrorKind::ModelHash);
    fs::write(&file, &bytes[1..]).unwrap();
    assert_eq!(network().unwrap_err().kind(), ErrorKind::ModelHash);
    fs::remove_file(&file).unwrap();
    let error = network().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("install the model again"), "{error}");
}

#[test]
fn mistakes_that_would_give_wrong_pixels_are_errors() {
    let good = toy_manifest(2, 3);
    assert_eq!(Manifest::parse(&good).unwrap().1, [""; 0]);
    let newer = format!("schema = {}", SCHEMA + 1);
    let cases = [
        ("schema = 1", newer.as_str(), "update Enlarger"),
        ("schema = 1", "", "schema"),
        ("scale = 2", "scale = 0", "scale"),
        ("scale = 2", "scale = 99", "scale"),
        ("scale = 2", "scale = -4", "correct that key"),
        ("scale = 2", "", "scale"),
        ("\"nchw\"", "\"nhwc\"", "nchw"),
        ("\"rgb\"", "\"yuv\"", "rgb"),
        ("\"f32\"", "\"f64\"", "f32"),
        ("[0.0, 1.0]", "[1.0, 1.0]", "input.range"),
        ("[0.0, 1.0]", "[0.0, inf]", "input.range"),
        ("id = \"toy\"", "id = \"../toy\"", "id"),
        ("id = \"toy\"", "id = \"Toy\"", "id"),
        ("\"model.onnx\"", "\"../model.onnx\"", "file.name"),
        ("sha256 = \"0", "sha256 = \"", "file.sha256"),
        ("overlap = 0", "overlap = 8", "overlap"),
        ("\"exact\"", "\"blend\"", "overlap"),
        ("halo = 3", "halo = 70000", "halo"),
    ];
    for (right, wrong, word) in cases {
        assert!(good.contains(right), "{right}");
        let error = Manifest::parse(&good.replacen(right, wrong, 1)).expect_err(wrong);
        assert_eq!(error.kind(), ErrorKind::ModelInvalid, "{wrong}");
        assert!(error.to_string().contains(word), "{wrong}: {error}");
    }
    let required = good.clone() + "[requires]\nmagic = true\n";
    let error = Manifest::parse(&required).unwrap_err();
    assert!(error.to_string().contains("'magic'"), "{error}");
}

#[test]
fn unknown_keys_of_newer_manifests_are_accepted() {
    let more = toy_manifest(2, 3).replace("[output]", "colour = \"blue\"\n[output]") + "[song]\nverse = 1\n";
    let (_, ignored) = Manifest::parse(&more).unwrap();
    assert_eq!(ignored, ["input.colour", "song"]);
    let model = Model::from_bytes(&more, b"toy".as_slice()).unwrap();
    assert!(model.warnings()[0].contains("input.colour"), "{:?}", model.warnings());
}
