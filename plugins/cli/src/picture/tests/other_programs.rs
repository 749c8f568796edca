//! Pixels as our readers see them, compared with what other programs' readers see.
//!
//! `tests/formats/layouts` makes hundreds of files of many layouts, waits while they are read here, and compares.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::*;
use crate::picture::limits::Limits;

#[test]
fn every_layout_reads_as_in_other_programs() {
    let root = enlarger_tests::installed::root();
    let mut python = Command::new(root.join("target/python/bin/python"))
        .args(["-m", "layouts"])
        .current_dir(root.join("tests/formats"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python with the packages that scripts/setup installs");
    let mut said = BufReader::new(python.stdout.take().unwrap()).lines();
    // What it says before concerns files that cannot be made.
    let folder = said.by_ref().map(|line| line.unwrap()).find(|line| Path::new(line).is_dir()).expect("a folder");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        fs::write(format!("{}.json", path.display()), seen(&path).to_string()).unwrap();
    }
    python.stdin.take().unwrap().write_all(b"read\n").unwrap();
    let said: Vec<String> = said.map(|line| line.unwrap()).collect();
    assert!(python.wait().unwrap().success(), "{}", said.join("\n"));
}

/// What our reader says about a file. Its pixels are written beside it.
fn seen(path: &Path) -> Value {
    let options = OpenOptions { limits: Limits { pixels: 1 << 24, memory: 1 << 28 }, ..OpenOptions::default() };
    let result = open(path, &options).and_then(|mut picture| {
        let stride = picture.format().row_size(picture.size().width);
        let mut data = vec![0; stride * picture.size().height as usize];
        for (y, row) in data.chunks_exact_mut(stride).enumerate() {
            picture.read(0, y as u32, row)?;
        }
        Ok((picture, data))
    });
    let (picture, data) = match result {
        Ok(read) => read,
        Err(error) => return json!({ "error": error.message() }),
    };
    fs::write(format!("{}.raw", path.display()), data).unwrap();
    let (size, format, metadata) = (picture.size(), picture.format(), &picture.metadata);
    json!({
        "width": size.width, "height": size.height,
        "sample": format!("{:?}", format.sample), "channels": format!("{:?}", format.channels),
        "premultiplied": format.has_alpha() && format.alpha == Alpha::Premultiplied,
        "colour": format!("{:?}", picture.colour()).split('(').next(),
        "notes": picture.notes, "left_out": metadata.left_out,
        "icc": metadata.icc.is_some(), "exif": metadata.exif.is_some(), "xmp": metadata.xmp.is_some(),
        "iptc": metadata.iptc.is_some(), "density": metadata.density.map(|d| [d.x, d.y]),
    })
}
