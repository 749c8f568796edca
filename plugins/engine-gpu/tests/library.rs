//! The engine library as a host loads it: nothing of Vulkan is touched before it is asked for devices, and without a driver there
//! are none.

use std::env::{consts, current_exe, var_os};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use enlarger::{DEFAULT_MODEL, Engine, ErrorKind, Registry, SessionOptions};

/// The library of this build, which lies beside the tests.
fn library() -> PathBuf {
    let folder = current_exe().unwrap().parent().unwrap().to_owned();
    folder.join(format!("{}enlarger_engine_gpu{}", consts::DLL_PREFIX, consts::DLL_SUFFIX))
}

fn engine() -> Arc<dyn Engine> {
    enlarger_engine_api::open(&library()).unwrap()
}

/// Whether a Vulkan loader is in this process.
#[cfg(target_os = "linux")]
fn has_vulkan() -> bool {
    std::fs::read_to_string("/proc/self/maps").unwrap().contains("libvulkan")
}

/// The only test here that touches Vulkan in this process.
#[test]
#[cfg(target_os = "linux")]
fn vulkan_is_loaded_when_devices_are_listed() {
    let engine = engine();
    assert_eq!((engine.id(), engine.version()), ("gpu", env!("CARGO_PKG_VERSION").to_owned()));
    assert!(!has_vulkan());
    let devices = engine.devices();
    assert!(has_vulkan());
    assert!(!devices.is_empty(), "install libvulkan1 and mesa-vulkan-drivers");
    for (number, device) in devices.iter().enumerate() {
        assert_eq!(device.id, format!("gpu:{number}"));
    }
    // Software comes last.
    assert!(devices.iter().is_sorted_by_key(|device| device.name.contains("software")), "{devices:?}");
}

/// Runs in a process of its own, in which the loader finds no driver.
#[test]
fn without_a_driver_there_are_no_devices() {
    const NAME: &str = "ENLARGER_TEST_WITHOUT_DRIVER";
    if var_os(NAME).is_some() {
        let engine = engine();
        assert_eq!(engine.devices(), []);
        let model = Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone();
        let error = engine.open(&model, &SessionOptions::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Device);
        assert!(error.message().contains("no GPU was found"), "{error}");
        return;
    }
    let mut child = Command::new(current_exe().unwrap());
    child.args(["--exact", "without_a_driver_there_are_no_devices"]).env(NAME, "yes");
    // Both are names of the same setting, of newer loaders and of older ones.
    child.env("VK_DRIVER_FILES", "/nowhere").env("VK_ICD_FILENAMES", "/nowhere");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
