//! Sizes as people think of them, and the density that results state.

use std::fs::File;
use std::io::BufReader;

use tempfile::TempDir;

use crate::common::{good, messages, names, objects, read_png, write_gradient};

#[test]
fn sizes_become_pixels() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "wide.png", 30, 20);
    write_gradient(&folder, "high.png", 20, 30);
    for (arguments, name, wide, high) in [
        (&["--megapixels", "0.0054"][..], "0.0054mp", (90, 60), (60, 90)),
        (&["--long-edge", "45"], "45px", (45, 30), (30, 45)),
        (&["--print", "3x3cm", "--dpi", "50.8"], "3x3cm-50.8dpi", (60, 40), (40, 60)),
        (&["--print", "1in", "--dpi", "60"], "1in-60dpi", (60, 40), (40, 60)),
        (&["--print", "9x2cm", "--dpi", "50.8"], "9x2cm-50.8dpi", (60, 40), (40, 60)),
    ] {
        good(&folder, &[arguments, &["wide.png", "high.png"]].concat());
        for (source, expected) in [("wide", wide), ("high", high)] {
            let (info, _) = read_png(&folder.path().join(format!("{source}.{name}.png")));
            assert_eq!((info.width, info.height), expected, "{source} {arguments:?}");
        }
    }
}

/// The density that a PNG states, in dots per inch.
fn dpi(folder: &TempDir, name: &str) -> Option<f64> {
    let file = BufReader::new(File::open(folder.path().join(name)).unwrap());
    let reader = png::Decoder::new(file).read_info().unwrap();
    reader.info().pixel_dims.map(|dims| f64::from(dims.xppu) * 0.0254)
}

#[test]
fn prints_state_their_density() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 30, 20);
    let output = good(&folder, &["a.png", "--print", "1x1cm", "-o", "print.png"]);
    assert_eq!(read_png(&folder.path().join("print.png")).0.width, 118);
    assert!((dpi(&folder, "print.png").unwrap() - 300.0).abs() < 0.1);
    assert!(messages(&output).contains("1.0 x 0.7 cm at 300 dpi"), "{}", messages(&output));
    // Alone, --dpi changes the density only.
    let output = good(&folder, &["a.png", "-s", "2", "--dpi", "150", "-o", "dpi.png", "--json"]);
    assert_eq!(read_png(&folder.path().join("dpi.png")).0.width, 60);
    assert!((dpi(&folder, "dpi.png").unwrap() - 150.0).abs() < 0.1);
    let (files, _) = objects(&output);
    assert_eq!(files[0]["estimate"]["dpi"], serde_json::json!([150.0, 150.0]));
    assert_eq!(files[0]["estimate"]["print_cm"], serde_json::json!([1.02, 0.68]));
    // It replaces what the source states, and stays if the result is enlarged again.
    good(&folder, &["dpi.png", "-s", "2", "-o", "again.png"]);
    assert!((dpi(&folder, "again.png").unwrap() - 150.0).abs() < 0.1);
    good(&folder, &["dpi.png", "-s", "2", "--dpi", "72", "-o", "other.png"]);
    assert!((dpi(&folder, "other.png").unwrap() - 72.0).abs() < 0.1);
    for (name, density) in [("x.jpg", 240.0), ("x.tif", 240.0)] {
        good(&folder, &["a.png", "-s", "2", "--dpi", "240", "-o", name]);
        good(&folder, &[name, "-s", "1", "-o", &format!("{name}.png")]);
        assert!((dpi(&folder, &format!("{name}.png")).unwrap() - density).abs() < 0.1, "{name}");
    }
    good(&folder, &["a.png", "-s", "2", "-o", "none.png"]);
    assert_eq!(dpi(&folder, "none.png"), None);
}

#[test]
fn a_run_says_what_it_comes_to() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 30, 20);
    let output = good(&folder, &["a.png", "-s", "2"]);
    let said = messages(&output);
    let line = said.lines().nth(1).unwrap();
    assert!(line.contains("2400 pixels, factor 2, up to ") && line.contains(" of memory, "), "{said}");
    assert!(line.contains("a file of about "), "{said}");
    assert_eq!(names(folder.path()), ["a.2x.png", "a.png"]);
}
