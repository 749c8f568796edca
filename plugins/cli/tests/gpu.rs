//! `--device gpu`, with an engine library whose devices fail on command: whatever happens, the result is right or the error says what
//! to do.

use std::fs;
use std::path::PathBuf;
use std::process::Output;
use std::sync::OnceLock;

use enlarger_tests::engine_library::engine_library;
use enlarger_tests::onnx::install_nearest;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{command, good, messages, read_png, write_png};

/// The failures that a trial can show.
const FAULTS: [&str; 7] = ["wrong", "nan", "infinity", "lost", "memory", "crash", "hang"];

fn library() -> &'static PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| engine_library(env!("CARGO_TARGET_TMPDIR"), "faulty_gpu"))
}

/// A home with a model, a dark picture of several tiles, and what the CPU makes of it: `cpu.png`.
fn home() -> TempDir {
    let home = TempDir::new().unwrap();
    install_nearest(&home.path().join("enlarger/models"), 2);
    let data: Vec<u8> = (0..3 * 110 * 90).map(|i: u32| (10 + i * 7919 % 61) as u8).collect();
    write_png(&home.path().join("a.png"), 110, 90, png::ColorType::Rgb, &data);
    good(&home, &["a.png", "-m", "nearest", "--engine", "winograd", "--precision", "exact", "-o", "cpu.png"]);
    home
}

/// Enlarges the picture with these arguments; the engine library fails as the variables say.
fn enlarge(home: &TempDir, faults: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = command(home.path());
    command.env("ENLARGER_GPU_ENGINE", library()).env("ENLARGER_GPU_SECONDS", "2");
    command.env("ENLARGER_FAULTY_LOG", home.path().join("log"));
    command.envs(faults.iter().map(|(name, value)| (format!("ENLARGER_FAULTY{name}"), value)));
    command.args(["a.png", "-m", "nearest", "-o", "gpu.png", "--overwrite", "-v"]).args(arguments).output().unwrap()
}

/// Enlarges the picture with `--device gpu`, which must give the CPU's result. Returns the messages.
fn right(home: &TempDir, faults: &[(&str, &str)]) -> String {
    let output = enlarge(home, faults, &["--device", "gpu"]);
    let said = messages(&output);
    assert_eq!(output.status.code(), Some(0), "{faults:?}: {said}");
    let [made, expected] = ["gpu.png", "cpu.png"].map(|name| read_png(&home.path().join(name)).1);
    assert!(made == expected, "{faults:?}: the pixels differ; {said}");
    said
}

/// How often a device was opened until now.
fn opened(home: &TempDir) -> usize {
    let log = fs::read_to_string(home.path().join("log")).unwrap_or_default();
    log.lines().filter(|line| line.starts_with("opened")).count()
}

#[test]
fn a_gpu_is_tried_once_and_used() {
    let home = home();
    for times in [2, 3] {
        let said = right(&home, &[]);
        assert!(said.contains("on Faulty Card (driver ), as requested; its check: inf dB"), "{said}");
        assert!(said.contains("engine gpu 1 on gpu:0") && !said.contains("CPU"), "{said}");
        assert_eq!(opened(&home), times, "the trial and the run, and then the run alone");
    }
}

#[test]
fn a_gpu_that_fails_its_trial_is_replaced_and_remembered() {
    for fault in FAULTS {
        let home = home();
        let said = right(&home, &[("", fault)]);
        assert!(said.contains("the GPU Faulty Card (driver ) is not used for the model nearest: "), "{fault}: {said}");
        assert!(said.contains("; the CPU is used instead") && said.contains("engine winograd"), "{fault}: {said}");
        assert_eq!(opened(&home), 1, "{fault}");
        let said = right(&home, &[]);
        if fault == "memory" {
            assert!(said.contains("engine gpu 1 on gpu:0"), "memory may be free again: {said}");
            continue;
        }
        assert!(said.contains("; the CPU is used instead"), "{fault}: {said}");
        assert_eq!(opened(&home), 1, "{fault}: it was opened again");
        let said = right(&home, &[("_VERSION", "2")]);
        assert!(said.contains("engine gpu 1 on gpu:0") && !said.contains("CPU"), "{fault}: {said}");
        assert_eq!(opened(&home), 3, "{fault}: another driver is tried");
    }
}

#[test]
fn a_gpu_that_fails_later_is_left_for_the_cpu() {
    for fault in ["wrong", "nan", "infinity", "lost", "memory"] {
        let home = home();
        // The trial's four pictures and the first tiles are right.
        let said = right(&home, &[("", fault), ("_AFTER", "4")]);
        let notes = said.matches("all tiles that were not finished are computed in full precision on").count();
        assert!(notes == 1 && said.contains("on Faulty Card (driver )"), "{fault}: {said}");
    }
}

#[test]
fn drivers_that_crash_when_they_are_listed_do_no_harm() {
    let said = right(&home(), &[("", "crash-list")]);
    assert!(
        said.contains("cannot be listed: its driver crashed") && said.contains("; the CPU is used instead"),
        "{said}"
    );
}

#[test]
fn a_gpu_that_is_absent_is_an_error_that_says_what_to_do() {
    let home = home();
    for (fault, device, sentence) in [
        ("", "gpu:7", "there is no GPU 'gpu:7'; name one of gpu:0 (Faulty Card (driver )), gpu:1"),
        ("", "gpu:radeon", "there is no GPU 'gpu:radeon'"),
        ("no-devices", "gpu", "no GPU was found; install the current driver"),
        ("only-software", "gpu", "only software that imitates one: gpu:0 (Faulty Rasteriser"),
    ] {
        let output = enlarge(&home, &[("", fault)], &["--device", device]);
        assert!(output.status.code() != Some(0) && messages(&output).contains(sentence), "{}", messages(&output));
    }
    for device in ["gpu:1", "gpu:rasteriser"] {
        let output = enlarge(&home, &[], &["--device", device]);
        assert!(output.status.success(), "{device}: {}", messages(&output));
        assert!(messages(&output).contains("engine gpu 1 on gpu:1"), "{}", messages(&output));
    }
}

#[test]
fn nothing_but_a_gpu_s_name_loads_the_library() {
    let home = home();
    for arguments in
        [&[][..], &["--engine", "auto"], &["--device", "auto"], &["--device", "cpu"], &["--engine", "rten"]]
    {
        let output = enlarge(&home, &[], arguments);
        assert!(output.status.success(), "{arguments:?}: {}", messages(&output));
        assert!(!home.path().join("log").exists(), "{arguments:?}: the library was loaded");
    }
    assert!(enlarge(&home, &[], &["--engine", "gpu"]).status.success() && opened(&home) == 2);
}

#[test]
fn doctor_lists_gpus_or_says_why_there_are_none() {
    let home = home();
    let doctor = |variables: &[(&str, &str)]| -> Value {
        let mut command = command(home.path());
        command.envs(variables.iter().copied()).args(["doctor", "--json"]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["gpus"].clone()
    };
    let library = library().to_str().unwrap();
    right(&home, &[("", "wrong")]);
    let gpus = doctor(&[("ENLARGER_GPU_ENGINE", library)]);
    assert_eq!(gpus["library"], library);
    assert_eq!(gpus["devices"][0]["name"], "Faulty Card (driver )");
    assert_eq!((&gpus["devices"][0]["software"], &gpus["devices"][1]["software"]), (&false.into(), &true.into()));
    let verdict = gpus["devices"][0]["verdicts"][0].as_str().unwrap();
    assert!(verdict.starts_with("nearest is not run on it: its results are wrong"), "{verdict}");
    let gpus = doctor(&[("ENLARGER_GPU_ENGINE", library), ("ENLARGER_FAULTY", "crash-list")]);
    assert!(gpus["error"].as_str().unwrap().contains("crashed"), "{gpus}");
    let gpus = doctor(&[("ENLARGER_GPU_ENGINE", "/nowhere/gpu.so")]);
    assert!(gpus["error"].as_str().unwrap().contains("was not found at /nowhere/gpu.so"), "{gpus}");
}
