//! Results say what made them, in every format; `enlarge info` and folders read it back.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{good, messages, names, objects, write_gradient};

/// What `enlarge info` says about what made a file.
fn made_by(folder: &TempDir, file: &str) -> Value {
    let info: Value = serde_json::from_slice(&good(folder, &["info", "--json", file]).stdout).unwrap();
    info["made_by"].clone()
}

#[test]
fn results_of_every_format_say_what_made_them() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 6, 4);
    for ending in ["png", "jpg", "tif", "webp", "exr"] {
        let file = format!("x.{ending}");
        let output = good(&folder, &["a.png", "-s", "2", "--strength", "80", "-o", &file, "--json"]);
        assert!(!messages(&output).contains("warning"), "{}", messages(&output));
        assert!(objects(&output).0[0]["label"]["software"].as_str().unwrap().starts_with("Enlarger "));
        let made = made_by(&folder, &file);
        assert_eq!(made["enlarger"], true, "{ending}: {made}");
        let software = made["software"].as_str().unwrap();
        assert_eq!(software, format!("Enlarger {} (natural: realesr-general-x4v3, x2)", env!("CARGO_PKG_VERSION")));
        assert!(made["models"][0].as_str().unwrap().starts_with("realesr-general-x4v3 sha256:"), "{ending}: {made}");
        for (key, value) in [
            ("preset", "natural"),
            ("factor", "2"),
            ("strength", "80"),
            ("source_size", "6x4"),
            ("result_size", "12x8"),
        ] {
            assert_eq!(made[key], value, "{ending}");
        }
        let kind = made["digital_source_type"].as_str().unwrap();
        assert!(["algorithmicallyEnhanced", "compositeWithTrainedAlgorithmicMedia"].contains(&kind), "{kind}");
        // A result that is enlarged again says only what is so now.
        let again = format!("again.{ending}");
        good(&folder, &[&file, "--method", "lanczos", "-s", "3", "-o", &again]);
        let made = made_by(&folder, &again);
        assert_eq!(
            (&made["method"], &made["factor"], &made["models"]),
            (&"lanczos".into(), &"3".into(), &json!([])),
            "{ending}"
        );
        assert_eq!((&made["preset"], &made["strength"]), (&Value::Null, &Value::Null), "{ending}");
        assert_eq!(made["digital_source_type"], "algorithmicallyEnhanced");
        assert!(!made["software"].as_str().unwrap().contains("after"), "{made}");
        // Without a label, nothing of that is left.
        let plain = format!("plain.{ending}");
        let output = good(&folder, &["a.png", "-s", "2", "--label", "off", "-o", &plain, "--json"]);
        assert_eq!(objects(&output).0[0]["label"], "off");
        assert_eq!(
            made_by(&folder, &plain),
            json!({"enlarger": false, "software": null, "digital_source_type": null, "models": []})
        );
    }
}

#[test]
fn a_folder_leaves_out_results_and_not_what_is_only_named_like_one() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    write_gradient(&folder, "a.png", 6, 4);
    // Marked and named as a result, without its source; marked, but named by a person; only named as a result.
    good(&folder, &["a.png", "-s", "2", "-o", "in/gone.2x.png"]);
    good(&folder, &["a.png", "-s", "2", "-o", "in/holiday.png"]);
    good(&folder, &["a.png", "-s", "2", "-o", "in/off.2x.png", "--label", "off"]);
    write_gradient(&folder, "in/cells.2x.png", 6, 4);
    let (files, _) = objects(&good(&folder, &["in", "-s", "2", "-o", "out", "--json"]));
    let skipped: Vec<&Value> = files.iter().filter(|file| file["status"] == "skipped").collect();
    assert_eq!(skipped.len(), 1, "{files:?}");
    assert!(skipped[0]["input"].as_str().unwrap().ends_with("gone.2x.png"));
    assert!(skipped[0]["skipped"].as_str().unwrap().contains("as its metadata says"));
    assert_eq!(names(&folder.path().join("out")), ["cells.2x.2x.png", "holiday.2x.png", "off.2x.2x.png"]);
    // Named on the command line, it is enlarged.
    good(&folder, &["in/gone.2x.png", "-s", "2", "-o", "out"]);
}

/// What *creative* adds is labelled, in the file, in JSON and on the terminal; what it does not add is not.
#[test]
fn a_creative_result_says_that_it_is() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 40, 30);
    for (more, creativity, label) in [
        (&["-p", "creative"][..], Some("60"), "compositeWithTrainedAlgorithmicMedia"),
        (&["-p", "crisp", "--creativity", "25"], Some("25"), "compositeWithTrainedAlgorithmicMedia"),
        (&["-p", "creative", "--creativity", "0"], None, "algorithmicallyEnhanced"),
        (&["-p", "crisp"], None, "algorithmicallyEnhanced"),
    ] {
        let output = good(&folder, &[&["a.png", "-s", "2", "-o", "x.png", "--overwrite", "--json"], more].concat());
        let made = made_by(&folder, "x.png");
        assert_eq!(made["creativity"].as_str(), creativity, "{more:?}: {made}");
        assert_eq!(made["digital_source_type"], label, "{more:?}");
        let software = made["software"].as_str().unwrap();
        assert_eq!(software.contains("creativ"), creativity.is_some(), "{software}");
        let file = objects(&output).0[0].to_string();
        assert_eq!(file.contains("that is not in the source, on purpose"), creativity.is_some(), "{file}");
    }
    // With 0, the result is what no network makes.
    good(&folder, &["a.png", "-s", "2", "-o", "zero.png", "-p", "creative", "--creativity", "0", "--label", "off"]);
    good(&folder, &["a.png", "-s", "2", "-o", "plain.png", "--method", "bicubic", "--label", "off"]);
    let bytes = |name| fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("zero.png") == bytes("plain.png"));
}
