//! Advice: `enlarge info` and runs tell it, and `--advice off` silences it.

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{good, messages};

const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/astronaut.png");

/// The photo enlarged by bicubic, and as a JPEG of quality 25.
fn pictures(folder: &TempDir) {
    good(folder, &[PHOTO, "--method", "bicubic", "-s", "2", "-o", "large.png"]);
    good(folder, &[PHOTO, "--method", "bicubic", "-s", "1", "--quality", "25", "-o", "poor.jpg"]);
}

fn objects(folder: &TempDir, words: &[&str]) -> Vec<Value> {
    let output = good(folder, words);
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn codes(object: &Value) -> Vec<&str> {
    object["advice"].as_array().unwrap().iter().map(|advice| advice["code"].as_str().unwrap()).collect()
}

#[test]
fn info_gives_advice() {
    let folder = TempDir::new().unwrap();
    pictures(&folder);
    let files = objects(&folder, &["info", "--json", PHOTO, "large.png", "poor.jpg"]);
    assert_eq!(files.iter().map(codes).collect::<Vec<_>>(), [vec![], vec!["enlarged"], vec!["compressed"]]);
    let (enlarged, compressed) = (&files[1]["advice"][0], &files[2]["advice"][0]);
    assert!((enlarged["value"].as_f64().unwrap() - 2.0).abs() < 0.05, "{enlarged}");
    assert!(enlarged["action"].as_str().unwrap().contains("50 %"), "{enlarged}");
    assert_eq!(compressed["value"], 25.0);
    assert_eq!(compressed["option"], serde_json::json!({"key": "preset", "value": "clean"}));
    assert!(files[0]["measures"]["edge_width"].as_f64().unwrap() > 0.5, "{}", files[0]);

    let text = String::from_utf8(good(&folder, &["info", PHOTO, "large.png"]).stdout).unwrap();
    let told: Vec<&str> = text.lines().filter(|line| line.starts_with("  advice")).collect();
    assert!(matches!(told[..], [line] if line.contains("enlarged before, about 2 times")), "{text}");

    let off = objects(&folder, &["info", "--json", "--advice", "off", "large.png"]);
    assert_eq!((&off[0]["advice"], &off[0]["measures"]), (&Value::Null, &Value::Null));
    assert_eq!(off[0]["noise_level"], files[1]["noise_level"]);
}

#[test]
fn a_run_tells_advice_on_one_picture_and_sums_up_many() {
    let folder = TempDir::new().unwrap();
    pictures(&folder);
    let run = |words: &[&str]| good(&folder, &[&["--dry-run"][..], words].concat());
    let single = messages(&run(&["large.png"]));
    assert!(
        single.lines().any(|line| line.starts_with("large.png: advice: The picture was enlarged before")),
        "{single}"
    );
    for silent in
        [&["large.png", "--advice", "off"][..], &["large.png", "-q"], &["large.png", "--method", "lanczos"], &[PHOTO]]
    {
        let said = messages(&run(silent));
        assert!(!said.contains("advice"), "{silent:?}: {said}");
    }
    let many = messages(&run(&["large.png", "poor.jpg", PHOTO]));
    assert!(many.contains("advice: 1 enlarged, 1 compressed; ") && !many.contains("enlarged before"), "{many}");
    assert!(messages(&run(&["large.png", "poor.jpg", "-v"])).contains("enlarged before"));

    let found = objects(&folder, &["--dry-run", "--json", "large.png", "poor.jpg", PHOTO]);
    assert_eq!(found[..3].iter().map(codes).collect::<Vec<_>>(), [vec!["enlarged"], vec!["compressed"], vec![]]);
    assert_eq!(found[3]["totals"]["advice"], serde_json::json!({"enlarged": 1, "compressed": 1}));
    let off = objects(&folder, &["--dry-run", "--json", "--advice", "off", "large.png"]);
    assert_eq!(off[0]["advice"], Value::Null);
    // A preset that removes noise and JPEG damage needs no advice on it.
    assert_eq!(codes(&objects(&folder, &["--dry-run", "--json", "-p", "clean", "poor.jpg"])[0]), Vec::<&str>::new());
}

#[test]
fn a_print_needs_no_more_than_300_dpi() {
    let folder = TempDir::new().unwrap();
    let run = |dpi: &str| objects(&folder, &["--dry-run", "--json", "--print", "5cm", "--dpi", dpi, PHOTO]);
    assert_eq!(codes(&run("300")[0]), Vec::<&str>::new());
    assert_eq!(codes(&run("600")[0]), ["large"]);
}
