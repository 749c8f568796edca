//! `enlarge info`: what pictures are.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{good, messages, run, write_gradient, write_png};

#[test]
fn pictures_are_described() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "gray.png", 30, 20);
    write_png(&folder.path().join("soft.png"), 2, 2, png::ColorType::Rgba, &[9; 16]);
    good(&folder, &["gray.png", "-s", "2", "--dpi", "300", "-o", "gray.tif"]);
    let text = String::from_utf8(good(&folder, &["info", "gray.png", "soft.png", "gray.tif"]).stdout).unwrap();
    for line in [
        "gray.png",
        "  size          30x20 pixels, 600 pixels",
        "  colour        gray, sRGB",
        "  depth         8 bits",
        "  transparency  none",
        "  transparency  straight",
        "  density       not stated",
        "  density       300 dpi, a print of 0.5 x 0.3 cm",
        "  orientation   upright",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(text.contains("  noise         level "), "{text}");
    let output = good(&folder, &["info", "--json", "soft.png", "gray.tif"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let files: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(files[0]["size"], serde_json::json!([2, 2]));
    assert_eq!((&files[0]["alpha"], &files[0]["channels"]), (&"straight".into(), &"RGB".into()));
    assert_eq!(files[1]["dpi"], serde_json::json!([300.0, 300.0]));
    assert_eq!(files[1]["format"], "TIFF");
    assert!(files[1]["noise_level"].is_number());
}

#[test]
fn files_that_are_no_pictures_are_named() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 2, 2);
    fs::write(folder.path().join("a.txt"), "text").unwrap();
    let output = run(&folder, &["info", "a.txt", "a.png", "none.png", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(messages(&output).contains("a.txt: this is a text"), "{}", messages(&output));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 3);
}

#[test]
fn faces_are_listed() {
    let folder = TempDir::new().unwrap();
    let portrait = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/astronaut.png");
    write_gradient(&folder, "nobody.png", 90, 70);
    let json = |args: &[&str]| -> Vec<Value> {
        let text = String::from_utf8(good(&folder, args).stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let files = json(&["info", "--json", portrait, "nobody.png"]);
    let faces = files[0]["faces"].as_array().unwrap();
    assert_eq!((faces.len(), &files[1]["faces"]), (1, &serde_json::json!([])));
    let number = |value: &Value| value.as_f64().unwrap();
    let (place, nose) = (&faces[0]["box"], &faces[0]["points"]["nose"]);
    for (axis, wanted) in [92.0, 124.0].into_iter().enumerate() {
        let (low, side, nose) = (number(&place[axis]), number(&place[axis + 2]), number(&nose[axis]));
        assert!((low..low + side).contains(&nose) && (nose - wanted).abs() < 10.0, "{}", faces[0]);
    }
    assert!(number(&faces[0]["score"]) > 0.6);
    let text = String::from_utf8(good(&folder, &["info", portrait, "nobody.png"]).stdout).unwrap();
    assert!(text.contains("  face          ") && text.contains("  faces         none found"), "{text}");
    assert!(json(&["info", "--json", "--faces", "off", portrait])[0]["faces"].is_null());
}
