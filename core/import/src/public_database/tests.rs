//! Tests of reading and searching the database, with entries of our own in its form.

use super::*;

const SUM: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn database() -> PublicDatabase {
    let text = r#"{
        "4x-Meadow": {
            "name": "4xMeadow", "author": "ann", "license": "CC-BY-4.0", "tags": ["photo", "restoration"],
            "description": "For photos.\nRemoves *noise*.", "date": "2024-05-28", "architecture": "esrgan",
            "size": ["64nf", "23nb"], "scale": 4, "inputChannels": 3, "outputChannels": 3, "images": [{"type": "paired"}],
            "resources": [
                {"platform": "pytorch", "type": "pth", "size": 67010245, "sha256": "SUM",
                 "urls": ["https://drive.google.com/file/d/1a/view", "https://github.com/ann/models/releases/download/v1/4xMeadow.pth"]},
                {"platform": "onnx", "type": "onnx", "size": 5, "sha256": null, "urls": ["https://example.org/4xMeadow.onnx"]}
            ]
        },
        "2x-Comic": {
            "name": "Comic", "author": ["bo", "cy"], "license": null, "tags": ["anime"], "description": "Lines; meadow green.",
            "date": null, "architecture": "SOFVSR", "size": null, "scale": 2,
            "resources": [{"platform": "pytorch", "type": "pth", "size": null, "sha256": null, "urls": ["https://mega.nz/folder/x"]}]
        },
        "1x-Old": {"name": "Old", "author": 7, "license": "CC-BY-NC-SA-4.0", "tags": "photo", "scale": 1.5, "resources": 3}
    }"#;
    PublicDatabase::parse(&text.replace("SUM", SUM)).unwrap()
}

fn ids(database: &PublicDatabase, words: &str) -> String {
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    database.search(&words).iter().map(|model| model.id.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn entries_become_models() {
    let database = database();
    assert_eq!((database.models().len(), database.broken()), (3, 0));
    let meadow = database.find("4X-meadow").unwrap();
    assert_eq!((meadow.scale, meadow.commercial(), meadow.licence_is_certain()), (Some(4), true, true));
    assert_eq!(meadow.summary(), "For photos. Removes *noise*.");
    assert_eq!(meadow.page(), "https://openmodeldb.info/models/4x-Meadow");
    let file = meadow.usable_file().unwrap();
    let links: Vec<&str> = file.remotes().map(|remote| remote.url).collect();
    assert_eq!(
        (file.kind, links),
        (FileKind::Pth, vec!["https://github.com/ann/models/releases/download/v1/4xMeadow.pth"])
    );
    let description = meadow.describe(file);
    assert_eq!((description.licence.as_str(), description.commercial), ("CC-BY-4.0", true));
    assert_eq!((description.author.as_str(), description.attribution.as_str()), ("ann", "4xMeadow, by ann"));
    assert_eq!(description.content, ["photo"]);
    assert!(description.source.contains("models/4x-Meadow") && description.source.contains(SUM));

    let comic = database.find("comic").unwrap();
    assert_eq!((comic.author().as_str(), comic.commercial(), comic.licence_is_certain()), ("bo, cy", false, false));
    assert!(comic.usable_file().is_none(), "an architecture for videos");
    let old = database.find("1x-Old").unwrap();
    assert_eq!((old.scale, old.files.len(), old.licence_is_certain(), old.commercial()), (None, 0, true, false));
    assert_eq!(database.recognise(&SUM.to_uppercase()).next().unwrap().0.id, "4x-Meadow");
    assert_eq!(database.recognise(&"0".repeat(64)).count(), 0);
}

#[test]
fn all_words_must_match_and_names_come_first() {
    let database = database();
    for (words, expected) in [
        ("meadow", "4x-Meadow 2x-Comic"),
        ("MEADOW 4x", "4x-Meadow"),
        ("x2", "2x-Comic"),
        ("photo", "4x-Meadow 1x-Old"),
        ("photo noise", "4x-Meadow"),
        ("cy", "2x-Comic"),
        ("esrgan", "4x-Meadow"),
        ("nothing", ""),
        ("", "4x-Meadow 1x-Old 2x-Comic"),
    ] {
        assert_eq!(ids(&database, words), expected, "{words}");
    }
}

#[test]
fn wrong_entries_are_left_out_and_counted() {
    let long = format!(r#"{{"name": "{}"}}"#, "a".repeat(MAX_ENTRY));
    let cases = [
        ("../4x", r#"{"name": "a"}"#),
        ("4x-\u{202e}a", r#"{"name": "a"}"#),
        ("", r#"{"name": "a"}"#),
        ("a b", r#"{"name": "a"}"#),
        ("a", "[]"),
        ("b", "null"),
        ("c", r#"{"name": 5}"#),
        ("d", r#"{"name": "\u001b\u0007"}"#),
        ("e", "{}"),
        ("f", long.as_str()),
    ];
    let entries: Vec<String> =
        cases.iter().map(|(id, entry)| format!("{}: {entry}", serde_json::to_string(id).unwrap())).collect();
    let text = format!("{{ {}, \"good\": {{\"name\": \"Good\"}} }}", entries.join(", "));
    let database = PublicDatabase::parse(&text).unwrap();
    assert_eq!((database.models().len(), database.broken()), (1, cases.len()));
}

#[test]
fn texts_cannot_reach_the_terminal() {
    let entry = serde_json::json!({ "4x-a": {
        "name": "A\u{1b}[31m\u{0}B\u{202e}C", "author": "x".repeat(5000), "license": "MIT\r\nApproved",
        "tags": vec!["t"; 5000], "description": "word ".repeat(5000),
    }});
    let database = PublicDatabase::parse(&entry.to_string()).unwrap();
    let model = &database.models()[0];
    assert_eq!((model.name.as_str(), model.licence.as_deref()), ("A [31m BC", Some("MIT Approved")));
    assert!(!model.commercial());
    assert!(model.author().chars().count() <= 121 && model.tags.len() == 40);
    assert!(model.description.chars().count() <= 4001 && model.summary().ends_with('…'));
}

#[test]
fn what_is_not_the_database_is_refused() {
    let deep = "[".repeat(100_000);
    for text in
        ["", "<html>", "[]", "5", "{", r#"{"a": {"#, "{}", r#"{"a": 5}"#, deep.as_str(), &format!("{{\"a\":{deep}")]
    {
        assert!(PublicDatabase::parse(text).is_err(), "{:.20}", text);
    }
    let many: Vec<String> = (0..MAX_MODELS + 1).map(|n| format!("\"m{n}\":{{\"name\":\"a\"}}")).collect();
    assert_eq!(PublicDatabase::parse(&format!("{{{}}}", many.join(","))).unwrap_err().kind(), ErrorKind::Limit);
    assert_eq!(PublicDatabase::parse(&" ".repeat(MAX_DATABASE as usize + 1)).unwrap_err().kind(), ErrorKind::Limit);
}

/// Whatever becomes of the text, it is read or refused, and what is read can be used.
#[test]
fn a_damaged_database_is_read_or_refused() {
    const ODD: &[u8] = b"\"{}[]:,\\0e-nt\x00\xc3\x7f";
    let text = r#"{"4x-a":{"name":"A","author":["b"],"license":"MIT","tags":["photo"],"description":"d","scale":4,"architecture":"span",
        "resources":[{"type":"pth","size":5,"sha256":"SUM","urls":["https://example.org/a.pth"]}]},"2x-b":{"name":"B"}}"#
        .replace("SUM", SUM);
    let mut state = 7u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for _ in 0..5000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            bytes[at] = ODD[random(ODD.len())];
        }
        let Ok(database) = PublicDatabase::parse(&String::from_utf8_lossy(&bytes)) else { continue };
        for model in database.models() {
            let file = model.usable_file();
            let described = file.map(|file| (file.remotes().count(), model.describe(file)));
            assert!(described.is_none_or(|(links, description)| links <= 1 && !description.name.is_empty()));
        }
        assert!(database.search(&["a".into(), "4x".into()]).len() <= 2);
    }
}
