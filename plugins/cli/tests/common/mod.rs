//! What the tests of the command share.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The name that the user's folder for caches has in the home of a test. On Windows the home is that folder too.
const CACHE: &str = ".cache";

/// Our folder among the caches of the user whose home this is.
pub fn cache(home: &Path) -> PathBuf {
    if cfg!(windows) { home.join("enlarger") } else { home.join(CACHE).join("enlarger") }
}

/// The command, with `home` as its working folder and as the user's folders. The real ones are neither read nor changed.
pub fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enlarge"));
    for folder in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"] {
        command.env(folder, home);
    }
    command.env("XDG_CACHE_HOME", home.join(CACHE));
    // The tests' servers are on this machine. Nobody listens at this port.
    command.env("ENLARGER_PUBLIC_DATABASE", "http://127.0.0.1:9/models.json").env("no_proxy", "127.0.0.1");
    command.env_remove("ENLARGER_MODELS").current_dir(home);
    command
}

/// Runs the command.
pub fn enlarge(home: &Path, arguments: &[&str]) -> Output {
    command(home).args(arguments).output().unwrap()
}

/// What the command wrote to standard error.
pub fn messages(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs the command in a folder.
pub fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    enlarge(folder.path(), arguments)
}

/// Runs the command and expects success.
pub fn good(folder: &TempDir, arguments: &[&str]) -> Output {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", messages(&output));
    output
}

/// The names in a folder, sorted, without the user's cache.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != CACHE && !(cfg!(windows) && name == "enlarger"));
    names.sort();
    names
}

/// Writes a PNG of 8 bits.
pub fn write_png(path: &Path, width: u32, height: u32, colour: png::ColorType, data: &[u8]) {
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), width, height);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
}

/// Reads a PNG.
pub fn read_png(path: &Path) -> (png::OutputInfo, Vec<u8>) {
    let mut reader = png::Decoder::new(BufReader::new(File::open(path).unwrap())).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut data).unwrap();
    (info, data)
}

/// Writes a gray gradient.
pub fn write_gradient(folder: &TempDir, name: &str, width: u32, height: u32) {
    let data: Vec<u8> =
        (0..width * height).map(|i| (40 + i % width * 100 / width + i / width * 80 / height) as u8).collect();
    write_png(&folder.path().join(name), width, height, png::ColorType::Grayscale, &data);
}

/// The mean of numbers.
pub fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(s, n), v| (s + v, n + 1.0));
    sum / count
}

/// The JSON objects that the command wrote: one for each file, and the totals.
pub fn objects(output: &Output) -> (Vec<Value>, Value) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let mut objects: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let totals = objects.pop().unwrap()["totals"].clone();
    (objects, totals)
}
