//! Files that are not a usable ONNX Runtime. Each is tried in a process of its own, because a process can load only one ONNX
//! Runtime, and loading a damaged file would kill it.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use enlarger_engine_ort::{LIBRARY_VARIABLE, Ort, ort_report};

/// The child process of the other tests: prints the result of the search. Run directly, it checks that the report agrees with
/// the engine.
#[test]
fn child() {
    let outcome = match Ort::discover() {
        Ok(_) => "found".to_owned(),
        Err(error) => format!("{:?}", error),
    };
    let report = ort_report();
    println!("outcome: {outcome}");
    println!("places: {}", report.places.len());
    assert_eq!(report.problem.is_some(), outcome != "found");
}

/// The child's result when the variable names this file, or is not set.
fn outcome(library: Option<&Path>) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]);
    match library {
        Some(path) => command.env(LIBRARY_VARIABLE, path),
        // Hide this machine's Python packages and home folder.
        None => command
            .env_remove(LIBRARY_VARIABLE)
            .envs(["VIRTUAL_ENV", "CONDA_PREFIX", "HOME", "PYENV_ROOT"].map(|name| (name, "/nowhere"))),
    };
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "the child died: {:?}\n{text}", output.status);
    text.lines().find_map(|line| line.split_once("outcome: ").map(|(_, rest)| rest.to_owned())).expect(&text)
}

fn library() -> std::path::PathBuf {
    env::var_os(LIBRARY_VARIABLE)
        .unwrap_or_else(|| panic!("these tests need an ONNX Runtime: run scripts/test, which sets {LIBRARY_VARIABLE}"))
        .into()
}

#[test]
fn the_named_library_is_found() {
    assert_eq!(outcome(Some(&library())), "found");
}

#[test]
fn damaged_and_foreign_files_give_errors_that_name_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let whole = fs::read(library()).unwrap();
    let mut noise = whole[..1 << 20].to_vec();
    noise.iter_mut().enumerate().for_each(|(i, byte)| *byte = ((i * 7919) >> 3) as u8);
    let bad = [
        file("half.so", &whole[..whole.len() / 2]),
        file("nearly.so", &whole[..whole.len() - whole.len() / 20]),
        file("head.so", &whole[..4096]),
        file("noise.so", &noise),
        file("text.so", b"this is not a library\n"),
        file("empty.so", b""),
        folder.path().join("missing.so"),
        folder.path().to_owned(),
    ];
    for path in &bad {
        let outcome = outcome(Some(path));
        assert!(outcome.starts_with("EngineVersion"), "{}: {outcome}", path.display());
        assert!(outcome.contains(&*path.to_string_lossy()), "{outcome}");
        assert!(outcome.contains(LIBRARY_VARIABLE), "{outcome}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn another_library_is_refused() {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let libc = maps.lines().filter_map(|l| l.split_whitespace().nth(5)).find(|path| path.contains("libc.so")).unwrap();
    assert!(outcome(Some(Path::new(libc))).contains("it is not ONNX Runtime"));
}

#[test]
fn a_relative_path_is_refused() {
    assert!(outcome(Some(Path::new("libonnxruntime.so"))).contains("absolute"));
}

#[test]
fn without_a_library_the_error_says_how_to_get_one() {
    let outcome = outcome(None);
    // The system itself may have one.
    assert!(outcome == "found" || outcome.contains("pip install"), "{outcome}");
}
