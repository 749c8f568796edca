//! Pixels as our readers see them, for comparison with other programs' readers.
//!
//! `tests/formats/readers.py` makes files, calls this through an environment variable, and compares.

use std::fs;

use serde_json::json;

use super::*;
use crate::picture::limits::Limits;

#[test]
#[ignore = "works on the files that readers.py makes"]
fn files_are_written_as_raw_pixels() {
    let folder = std::env::var_os("ENLARGER_DUMP").expect("ENLARGER_DUMP names a folder");
    let options = OpenOptions { limits: Limits { pixels: 1 << 24, memory: 1 << 28 }, ..OpenOptions::default() };
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_str().unwrap().to_owned();
        if name.ends_with(".raw") || name.ends_with(".json") {
            continue;
        }
        let result = open(&path, &options).and_then(|mut picture| {
            let stride = picture.format().row_size(picture.size().width);
            let mut data = vec![0; stride * picture.size().height as usize];
            for (y, row) in data.chunks_exact_mut(stride).enumerate() {
                picture.read(0, y as u32, row)?;
            }
            Ok((picture, data))
        });
        let said = match result {
            Ok((picture, data)) => {
                fs::write(format!("{name}.raw"), data).unwrap();
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
            Err(error) => json!({ "error": error.message() }),
        };
        fs::write(format!("{name}.json"), said.to_string()).unwrap();
    }
}
