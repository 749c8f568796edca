//! Presets resolve to the right models for every factor and level, with only the built-in models and with all models.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use enlarger::{
    Cancel, Content, Job, Mode, NoiseLevel, Presets, Recipe, Registry, Target, Upscaler, View, ViewSource, Wear,
};
use enlarger_tests::picture::RGB8;
use enlarger_tests::toy::toy_manifest;
use enlarger_tests::{Picture, Toy, enlarge_as, job, upscaler};

const FACTORS: [f64; 14] = [0.5, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 12.0, 16.0];

/// A registry of toy models with these ids and scales, in a folder of this name.
fn with(name: &str, models: &[(&str, u32)]) -> Registry {
    let name = format!("{name} {:?}", thread::current().id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("presets").join(name);
    let _ = fs::remove_dir_all(&folder);
    for (id, scale) in models {
        let model = folder.join(id);
        fs::create_dir_all(&model).unwrap();
        let mut manifest = toy_manifest(*scale, 0).replace("id = \"toy\"", &format!("id = \"{id}\""));
        if id.starts_with("srmd-") {
            let extra = "[[extra]]\nname = \"n\"\nkind = \"noise_level\"\nminimum = 0\nmaximum = 0.5\ndefault = 0\n";
            manifest = manifest.replace("[tiling]", &format!("{extra}[tiling]"));
        }
        fs::write(model.join("manifest.toml"), manifest).unwrap();
    }
    Registry::search(&[folder])
}

/// Every model that a preset names. The scale is the number that the id ends in.
fn all(presets: &Presets) -> Registry {
    let tiers = presets.presets().iter().flat_map(|preset| preset.networks.iter().chain(&preset.face_networks));
    let ids = tiers.flat_map(|network| &network.models);
    let scale = |id: &str| -> u32 {
        ['2', '3', '4'].iter().find(|n| id.contains(&format!("x{n}"))).unwrap().to_digit(10).unwrap()
    };
    let built_in = Registry::search(&[]);
    let mut models: Vec<(&str, u32)> =
        ids.filter(|id| built_in.find(id).is_err()).map(|id| (id.as_str(), scale(id))).collect();
    models.sort_unstable();
    models.dedup();
    with("all", &models)
}

fn ids(recipe: &Recipe) -> Vec<&str> {
    recipe.models.iter().map(enlarger::Model::id).collect()
}

fn presets() -> Presets {
    let presets = Presets::open();
    assert!(presets.broken().is_empty(), "{:?}", presets.broken());
    presets
}

#[test]
fn every_preset_resolves_with_the_built_in_models_and_with_all() {
    let presets = presets();
    let named: Vec<&str> = presets.presets().iter().map(|preset| preset.id.as_str()).collect();
    assert_eq!(
        named,
        [
            "natural",
            "portrait",
            "detail",
            "crisp",
            "clean",
            "illustration",
            "restore",
            "old-photo",
            "precise",
            "creative"
        ]
    );
    let (few, all) = (Registry::search(&[]), all(&presets));
    for preset in presets.presets() {
        assert!(!preset.purpose.is_empty() && !preset.weakness.is_empty());
        for factor in FACTORS {
            for level in [None, Some(0), Some(1), Some(10), Some(11), Some(35), Some(60), Some(61), Some(100)] {
                for (registry, complete) in [(&few, false), (&all, true)] {
                    let recipe = preset.resolve(registry, factor, level).unwrap();
                    let product: u32 = recipe.models.iter().map(|model| model.manifest().scale).product();
                    let place = format!("{} ×{factor} at {level:?}: {:?}", preset.id, ids(&recipe));
                    assert!(f64::from(product) * 1.25 >= factor, "{place} enlarges too little");
                    // Notes and advice name the models that are missing, and only those. A note is for a model that does
                    // not serve the purpose.
                    let asks = |list: &[String]| list.iter().any(|sentence| sentence.contains("models install"));
                    let (notes, advice) = (asks(&recipe.notes), asks(&recipe.advice));
                    let substitutes = ["detail", "illustration"].contains(&preset.id.as_str());
                    assert_eq!(notes, !complete && substitutes, "{place}: {:?}", recipe.notes);
                    let improvable = ["crisp", "clean", "precise", "creative"].contains(&preset.id.as_str());
                    assert_eq!(advice, !complete && improvable, "{place}: {:?}", recipe.advice);
                }
            }
        }
    }
}

/// The presets that promise to invent nothing keep that promise with nothing installed.
#[test]
fn faithful_presets_are_faithful_with_the_built_in_models() {
    let (presets, few) = (presets(), Registry::search(&[]));
    for id in ["crisp", "clean", "restore", "precise"] {
        let preset = presets.find(id).unwrap();
        assert!(!preset.treats_faces(), "{id}");
        for factor in FACTORS {
            for level in (0..=100).map(Some).chain([None]) {
                let recipe = preset.resolve(&few, factor, level).unwrap();
                let place = format!("{id} ×{factor} at {level:?}: {:?}", ids(&recipe));
                assert!(recipe.models.iter().all(|model| model.manifest().mode == Mode::Faithful), "{place}");
                // Noise is removed once, by the network for its level.
                let removes: Vec<bool> = ids(&recipe).iter().map(|id| id.contains("-n")).collect();
                let asked = id != "crisp" && level != Some(0);
                assert!(removes[0] == asked && removes[1..].iter().all(|removes| !removes), "{place}");
            }
        }
        assert_eq!(preset.takes_levels(&few), id != "crisp");
    }
    let chain = |id: &str, level| {
        let recipe = presets.find(id).unwrap().resolve(&few, 4.0, level).unwrap();
        ids(&recipe).join(", ")
    };
    assert_eq!(chain("clean", Some(35)), "waifu2x-photo-x2-n3, waifu2x-photo-x2");
    assert_eq!(chain("restore", None), "waifu2x-photo-x2-n1, waifu2x-photo-x2");
    assert_eq!(chain("restore", Some(0)), "waifu2x-photo-x2, waifu2x-photo-x2");
}

/// What is a face is enlarged by faithful networks, whatever else runs, and with nothing installed.
#[test]
fn faces_are_enlarged_faithfully_and_without_a_level_nothing_is_removed() {
    let (presets, few) = (presets(), Registry::search(&[]));
    let portrait = presets.find("portrait").unwrap();
    assert!(portrait.treats_faces() && Presets::for_faces().unwrap() == *portrait);
    for preset in presets.presets() {
        for factor in FACTORS {
            for level in (0..=100).map(Some).chain([None]) {
                let recipe = preset.resolve_faces(&few, factor, level).unwrap();
                let place = format!("{} ×{factor} at {level:?}: {:?}", preset.id, ids(&recipe));
                assert!(recipe.models.iter().all(|model| model.manifest().mode == Mode::Faithful), "{place}");
                let removes = ids(&recipe)[0].contains("-n");
                assert_eq!(removes, level.is_some_and(|level| level > 0), "{place}");
                let product: u32 = recipe.models.iter().map(|model| model.manifest().scale).product();
                assert!(f64::from(product) * 1.25 >= factor, "{place}");
            }
        }
    }
    // The rest is Natural's.
    for factor in FACTORS {
        let [of_portrait, of_natural] =
            ["portrait", "natural"].map(|id| presets.find(id).unwrap().resolve(&few, factor, None).unwrap());
        assert_eq!((ids(&of_portrait), of_portrait.noise_level), (ids(&of_natural), of_natural.noise_level));
    }
    let all = all(&presets);
    let chain = |level| portrait.resolve_faces(&all, 4.0, level).unwrap();
    assert_eq!(ids(&chain(None)), ["srmdnf-x4"]);
    assert_eq!((ids(&chain(Some(20))), chain(Some(20)).noise_level), (vec!["srmd-x4"], NoiseLevel::Percent(20)));
    // JPEG blocks alone give level 10, and must not cost skin its texture.
    for (level, id) in [(1, "waifu2x-photo-x2-n0"), (10, "waifu2x-photo-x2-n0"), (11, "waifu2x-photo-x2-n3")] {
        assert_eq!(portrait.resolve_faces(&few, 2.0, Some(level)).unwrap().models[0].id(), id, "{level}");
    }
    assert!(portrait.resolve_faces(&few, 4.0, Some(101)).is_err());
}

#[test]
fn chains_come_nearest_to_the_factor() {
    let presets = presets();
    let all = all(&presets);
    let chain = |preset: &str, factor: f64| {
        let recipe = presets.find(preset).unwrap().resolve(&all, factor, None).unwrap();
        ids(&recipe).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(chain("creative", 4.0), ["realesrgan-x4plus"]);
    assert_eq!(chain("precise", 3.0), ["srmd-x3"]);
    assert_eq!(chain("natural", 4.0), ["realesr-general-x4v3"]);
    assert_eq!(chain("natural", 2.0), ["realesr-general-x4v3"]);
    assert_eq!(chain("natural", 5.0), ["realesr-general-x4v3"]);
    assert_eq!(chain("natural", 8.0), ["realesr-general-x4v3", "waifu2x-photo-x2"]);
    assert_eq!(chain("crisp", 1.0), ["srmdnf-x2"]);
    assert_eq!(chain("crisp", 3.0), ["srmdnf-x3"]);
    assert_eq!(chain("crisp", 4.0), ["srmdnf-x4"]);
    assert_eq!(chain("crisp", 6.0).len(), 2);
    assert_eq!(chain("crisp", 16.0), ["srmdnf-x4", "srmdnf-x4"]);
    // Only the first model removes noise.
    assert_eq!(chain("clean", 4.0), ["srmd-x4"]);
    assert_eq!(chain("clean", 8.0)[1].split_once('-').unwrap().0, "srmdnf");
    assert_eq!(chain("restore", 1.0), ["waifu2x-photo-x2-n1"]);
}

#[test]
fn content_chooses_the_networks_of_creative() {
    let presets = presets();
    let (all, few, creative) = (all(&presets), Registry::search(&[]), presets.find("creative").unwrap());
    let first = |registry: &Registry, content| {
        let recipe = creative.resolve_for(registry, 4.0, None, content).unwrap();
        (ids(&recipe)[0].to_owned(), recipe.advice)
    };
    for (content, id) in [
        (None, "realesrgan-x4plus"),
        (Some(Content::Photo), "realesrgan-x4plus"),
        (Some(Content::Generated), "realesrgan-x4plus"),
        (Some(Content::Drawing), "realesrgan-x4plus-anime"),
    ] {
        assert_eq!(first(&all, content), (id.to_owned(), Vec::new()));
        let (used, advice) = first(&few, content);
        assert_eq!(used, "realesr-general-x4v3");
        assert!(advice[0].ends_with(&format!("models install {id}`")), "{advice:?}");
    }
    assert!(creative.follows_content() && !presets.find("natural").unwrap().follows_content());
}

/// *precise* leaves strong noise, and says so; *clean* removes it.
#[test]
fn precise_removes_moderate_noise_only() {
    let presets = presets();
    let (few, all, precise) = (Registry::search(&[]), all(&presets), presets.find("precise").unwrap());
    for (level, used) in [(0, 0), (12, 12), (20, 20), (35, 20), (100, 20)] {
        let recipe = precise.resolve(&all, 2.0, Some(level)).unwrap();
        let noise = if used > 0 { NoiseLevel::Percent(used) } else { NoiseLevel::ModelDefault };
        assert_eq!((recipe.noise_level, precise.limited(level)), (noise, used), "{level}");
        assert_eq!(recipe.notes.iter().any(|note| note.contains("up to level 20")), level > used, "{:?}", recipe.notes);
        assert!(recipe.models.iter().all(|model| model.id().starts_with("srmd")));
    }
    for (level, id) in [(3, "waifu2x-photo-x2-n0"), (4, "waifu2x-photo-x2-n3")] {
        assert_eq!(precise.resolve(&few, 2.0, Some(level)).unwrap().models[0].id(), id);
    }
    assert_eq!(precise.edge_care, Some(100));
}

#[test]
fn levels_choose_and_reach_the_network() {
    let presets = presets();
    let clean = presets.find("clean").unwrap();
    let srmd = with("srmd", &[("srmd-x2", 2)]);
    let recipe = clean.resolve(&srmd, 2.0, Some(40)).unwrap();
    assert_eq!((ids(&recipe), recipe.noise_level), (vec!["srmd-x2"], NoiseLevel::Percent(40)));
    assert!(recipe.notes.is_empty(), "{:?}", recipe.notes);
    let few = Registry::search(&[]);
    for (level, id) in [(1, 0), (5, 0), (6, 3), (35, 3), (100, 3)] {
        let recipe = clean.resolve(&few, 4.0, Some(level)).unwrap();
        // Only the first model gets the level.
        assert_eq!(ids(&recipe), [format!("waifu2x-photo-x2-n{id}").as_str(), "waifu2x-photo-x2"]);
        assert!(recipe.notes.is_empty() && recipe.advice[0].contains("srmd-x2"), "{recipe:?}");
    }
    // The other levels serve *restore*.
    let restore = presets.find("restore").unwrap();
    for (level, id) in [(1, 0), (10, 0), (11, 1), (30, 1), (31, 2), (60, 2), (61, 3), (100, 3)] {
        let recipe = restore.resolve(&few, 2.0, Some(level)).unwrap();
        assert_eq!(ids(&recipe), [format!("waifu2x-photo-x2-n{id}")], "{level}");
    }
    let recipe = presets.find("natural").unwrap().resolve(&few, 4.0, Some(50)).unwrap();
    assert!(recipe.notes[0].contains("noise levels"), "{:?}", recipe.notes);
    assert!(clean.resolve(&few, 2.0, Some(101)).is_err());
    assert!(clean.resolve(&few, f64::NAN, None).is_err());
    assert!(presets.find("none").unwrap_err().message().contains("natural, portrait"));
}

/// A chain of two networks gives the result of two separate runs.
#[test]
fn a_chain_equals_separate_runs() {
    let picture =
        Picture::from_fn(40, 30, RGB8, |x, y, c| 0.3 + 0.01 * ((x * 3 + y * 5) as usize + 7 * c) as f32 % 0.4);
    let toy = |scale: u32, radius: usize| {
        let manifest = toy_manifest(scale, radius as u32);
        let model = enlarger::Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
        upscaler(&model, std::sync::Arc::new(Toy { radius, ..Toy::default() }))
    };
    let (two, three) = (toy(2, 1), toy(3, 2));
    let chain = Upscaler::chain(&[two, three]).unwrap();
    assert_eq!(chain.models().count(), 2);
    let plain = |factor: f64| job(Target::Factor(factor), |job: &mut Job| job.colour_lock = false);
    let run = |up: &Upscaler, picture: &Picture, factor: f64| {
        enlarge_as(up, picture, enlarger_tests::picture::RGB32F, &plain(factor)).unwrap().0
    };
    let together = run(&chain, &picture, 6.0);
    let (two, three) = (toy(2, 1), toy(3, 2));
    let apart = run(&three, &run(&two, &picture, 2.0), 3.0);
    assert_eq!((together.size.width, together.size.height), (240, 180));
    // At the picture's edges the second network gets the mirrored picture in both cases.
    assert!(together.distance(&apart) < 0.01, "{}", together.distance(&apart));
    assert!(Upscaler::chain(&[]).is_err());
    let path: Option<PathBuf> = Presets::user_file();
    assert!(path.is_none_or(|path| path.ends_with("enlarger/presets.toml")));
}

/// Strength mixes plain resampling with the network's result. It mixes encoded values, which keeps the mean.
#[test]
fn strength_mixes_both() {
    let picture =
        Picture::from_fn(37, 29, RGB8, |x, y, c| 0.2 + 0.6 * ((x * 7 + y * 3 + c as u32 * 11) % 17) as f32 / 17.0);
    let manifest = toy_manifest(2, 2);
    let model = enlarger::Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
    let up = upscaler(&model, std::sync::Arc::new(Toy { radius: 2, ..Toy::default() }));
    let format = enlarger_tests::picture::RGB32F;
    let run = |strength: f32, change: fn(&mut Job)| {
        let job = job(Target::Factor(2.0), |job| {
            (job.strength, job.colour_lock) = (strength, false);
            change(job);
        });
        enlarge_as(&up, &picture, format, &job).unwrap().0.samples()
    };
    let (none, half, full) = (run(0.0, |_| {}), run(0.5, |_| {}), run(1.0, |_| {}));
    let mut apart = 0.0f32;
    for ((none, half), full) in none.iter().zip(&half).zip(&full) {
        assert!((half - 0.5 * (none + full)).abs() < 1e-5, "{none} {half} {full}");
        apart = apart.max((none - full).abs());
    }
    assert!(apart > 0.05, "strength 0 and strength 100 give the same result");
    // Tiles give the same result as the whole picture.
    let tiled = run(0.5, |job| job.tile = Some(9));
    assert!(half.iter().zip(&tiled).all(|(a, b)| (a - b).abs() < 1e-4));
    // At strength 0 no network runs.
    let plan = up.plan(picture.size, &job(Target::Factor(2.0), |job| job.strength = 0.0)).unwrap();
    assert_eq!((plan.tiles, plan.passes), (0, 0));
    for wrong in [-0.1, 1.1, f32::NAN] {
        assert!(up.plan(picture.size, &job(Target::Factor(2.0), |job| job.strength = wrong)).is_err());
    }
}

/// A clean photo, a noisy one and a JPEG are told apart in every format.
#[test]
fn wear_is_recognised() {
    let photo = Picture::photo("coffee.png");
    let measure = |picture: &Picture| {
        let view = View::new(&picture.bytes, picture.stride(), picture.size, picture.format).unwrap();
        Wear::measure(&mut ViewSource::new(view, picture.colour.clone()), &Cancel::new()).unwrap()
    };
    let clean = measure(&photo);
    assert_eq!(clean.level(), 0, "{clean:?}");
    let mut state = 1u32;
    let mut noise = || {
        // The sum of twelve uniform numbers is nearly normally distributed.
        let dice = (0..12).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        });
        dice.sum::<f32>() - 6.0
    };
    for deviation in [5.0f32, 10.0, 20.0] {
        let mut noisy = photo.clone();
        noisy
            .bytes
            .iter_mut()
            .for_each(|byte| *byte = (f32::from(*byte) + deviation * noise()).clamp(0.0, 255.0) as u8);
        let wear = measure(&noisy);
        assert!((wear.noise * 255.0 - deviation).abs() < 0.25 * deviation, "{deviation}: {wear:?}");
        assert!((f32::from(wear.level()) - deviation / 0.75).abs() < 0.3 * deviation, "{deviation}: {wear:?}");
        assert!(wear.blocks < 1.03, "{wear:?}");
    }
    // Each block gets a mean of its own, as after strong compression.
    let (stride, mut blocky) = (photo.stride(), photo.clone());
    for y in 0..photo.size.height as usize / 8 * 8 {
        for x in 0..photo.size.width as usize / 8 * 8 {
            for c in 0..3 {
                let middle = u16::from(photo.bytes[(y / 8 * 8 + 4) * stride + (x / 8 * 8 + 4) * 3 + c]);
                let at = y * stride + x * 3 + c;
                blocky.bytes[at] = ((3 * u16::from(photo.bytes[at]) + middle) / 4) as u8;
            }
        }
    }
    let wear = measure(&blocky);
    assert!(wear.blocks > 1.1 && wear.level() >= 4, "{wear:?}");
    // Pictures that are too small for the measurement have no wear.
    for size in [1, 2, 3, 9] {
        let tiny = Picture::from_fn(size, size, RGB8, |x, _, _| x as f32 / 9.0);
        assert_eq!(measure(&tiny).level(), 0);
    }
}
