//! Layouts of pictures, networks and memory of all sizes.

use crate::engine::engine::Usage;
use crate::error::ErrorKind;
use crate::models::manifest::Manifest;
use crate::models::noise::NoiseLevel;
use crate::plan::job::Target;
use crate::plan::networks::{Network, Sequence};

use super::*;

fn planned(manifest: &Manifest, usage: Usage, source: Size, job: &Job) -> Result<Layout> {
    Layout::new(
        &Networks { networks: vec![Network { manifest, usage, stream_memory: &|_| None }], sequence: Sequence::Repeat },
        None,
        Method::Bicubic,
        source,
        job,
    )
}

/// The arithmetic does not overflow for any manifest and any job.
#[test]
fn the_largest_picture_is_planned() {
    let text = include_str!("../../models/realesr-general-x4v3/manifest.toml");
    let greedy = text.replace("\"exact\"", "\"whole\"").replace("= 2000", "= 16777216");
    let (greedy, _) = Manifest::parse(&greedy).unwrap();
    let (default, _) = Manifest::parse(text).unwrap();
    let largest = Size { width: 1 << 20, height: 1 << 20 };
    let mut job = Job::new(Target::Factor(1.0));
    let error = planned(&greedy, Usage::default(), largest, &job).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    // More tiles than 32 bits can count.
    (job.tile, job.memory) = (Some(8), Some(u64::MAX));
    let layout = planned(&default, Usage::default(), largest, &job).unwrap();
    assert_eq!(layout.plan().tiles, 1 << 34);
    // More pixels than 64 bits can count.
    let coarse = text.replace("dtype = \"f32\"", "dtype = \"f32\"\nminimum = 4096");
    let (coarse, _) = Manifest::parse(&coarse).unwrap();
    job.tile = Some(1);
    let layout = planned(&coarse, Usage::default(), largest, &job).unwrap();
    assert_eq!(layout.plan().network_pixels, u64::MAX);
}

#[test]
fn tiles_shrink_to_fit_memory_and_never_grow() {
    let text = include_str!("../../models/realesr-general-x4v3/manifest.toml").replace("halo = 34", "halo = 0");
    let (manifest, _) = Manifest::parse(&text).unwrap();
    // Narrow, so that a band of fewer rows leaves room for wider tiles.
    let source = Size { width: 7, height: 3000 };
    let mut job = Job::new(Target::Factor(4.0));
    for most in [200, 5000, 500_000] {
        let usage = Usage { max_tile_pixels: Some(most), ..Usage::default() };
        job.memory = None;
        let needed = planned(&manifest, usage, source, &job).unwrap().memory;
        for percent in 10..100 {
            job.memory = Some(needed * percent / 100);
            if let Ok(layout) = planned(&manifest, usage, source, &job) {
                let largest = layout.plan().largest_tile;
                assert!(largest.pixels() <= most, "{largest} for {most} at {percent} %");
            }
        }
    }
}

#[test]
fn a_network_for_whole_pictures_gets_the_largest_parts_that_fit_into_memory() {
    let text = include_str!("../../models/realesr-general-x4v3/manifest.toml").replace("\"exact\"", "\"whole\"");
    let (manifest, _) = Manifest::parse(&text).unwrap();
    let source = Size { width: 900, height: 700 };
    let mut job = Job::new(Target::Factor(4.0));
    job.memory = Some(u64::MAX);
    let whole = planned(&manifest, Usage::default(), source, &job).unwrap().plan();
    assert_eq!((whole.tiles, whole.parted), (1, false));
    job.memory = Some(whole.memory / 2);
    let half = planned(&manifest, Usage::default(), source, &job).unwrap().plan();
    assert!(half.parted && half.tiles > 1 && half.memory <= whole.memory / 2);
    job.memory = Some(whole.memory / 8);
    let eighth = planned(&manifest, Usage::default(), source, &job).unwrap().plan();
    assert!(eighth.parted && eighth.tiles > half.tiles);
    assert!(half.largest_tile.pixels() > eighth.largest_tile.pixels());
}

#[test]
fn a_chain_runs_each_network_once_and_shrinks_with_restoring_networks_only() {
    let text = include_str!("../../models/realesr-general-x4v3/manifest.toml");
    let of = |scale: u32| Manifest::parse(&text.replace("scale = 4", &format!("scale = {scale}"))).unwrap().0;
    let (two, three) = (of(2), of(3));
    fn chain_of<'a>(networks: &[&'a Manifest]) -> Networks<'a> {
        let network = |manifest: &&'a Manifest| Network { manifest, usage: Usage::default(), stream_memory: &|_| None };
        Networks { networks: networks.iter().map(network).collect(), sequence: Sequence::Chain }
    }
    let steps = chain_of(&[&two, &three]);
    let source = Size { width: 50, height: 40 };
    let chain = Layout::new(&steps, None, Method::Bicubic, source, &Job::new(Target::Factor(6.0))).unwrap();
    assert_eq!(chain.passes().iter().map(|pass| (pass.scale, pass.network)).collect::<Vec<_>>(), [(2, 0), (3, 1)]);
    assert_eq!(chain.passes()[1].grid.picture, Size { width: 100, height: 80 });
    assert_eq!(chain.native(), Size { width: 300, height: 240 });
    // The factor makes no difference unless it is below 1.
    let scales = |networks: &[&Manifest], factor: f64| -> Vec<u32> {
        let layout =
            Layout::new(&chain_of(networks), None, Method::Bicubic, source, &Job::new(Target::Factor(factor))).unwrap();
        layout.passes().iter().map(|pass| pass.scale).collect()
    };
    let one = of(1);
    assert_eq!(scales(&[&two, &three], 1.5), [2, 3]);
    assert!(scales(&[&two, &three], 0.5).is_empty());
    assert_eq!(scales(&[&one, &two], 1.0), [1, 2]);
    assert_eq!(scales(&[&one, &two], 0.5), [1]);
    assert_eq!(scales(&[&one, &one, &two, &one], 0.9), [1, 1]);
    assert!(scales(&[&two, &one], 0.5).is_empty());
}

#[test]
fn a_row_stream_is_used_if_it_fits_into_memory() {
    let (manifest, _) = Manifest::parse(include_str!("../../models/realesr-general-x4v3/manifest.toml")).unwrap();
    let source = Size { width: 2000, height: 3000 };
    let mut job = Job::new(Target::Factor(4.0));
    job.memory = Some(1 << 30);
    let layout = |manifest: &Manifest, bytes: u64| {
        let stream = |width| Some(bytes * width as u64);
        let networks = vec![Network { manifest, usage: Usage::default(), stream_memory: &stream }];
        Layout::new(&Networks { networks, sequence: Sequence::Repeat }, None, Method::Bicubic, source, &job).unwrap()
    };
    let streamed = |layout: &Layout| layout.passes().iter().all(|pass| pass.stream.is_some());
    let cheap = layout(&manifest, 10_000);
    assert!(streamed(&cheap));
    let cheap = cheap.plan();
    assert_eq!(cheap.network_pixels, (2000 + 68) * (3000 + 68));
    let dear = layout(&manifest, 100_000).plan();
    assert_eq!(dear.memory - cheap.memory, 90_000 * (2000 + 68));
    // The stream does not fit into memory, but tiles do.
    let tiled = layout(&manifest, 1_000_000);
    assert!(!streamed(&tiled));
    let tiled = tiled.plan();
    assert!(tiled.network_pixels > cheap.network_pixels && tiled.memory <= 1 << 30);
    let with_noise = include_str!("../../models/realesr-general-x4v3/manifest.toml").to_owned()
        + "[[extra]]\nname = \"noise\"\nkind = \"noise_level\"\nminimum = 0.0\nmaximum = 1.0\ndefault = 0.5\n";
    let (manifest, _) = Manifest::parse(&with_noise).unwrap();
    assert!(!streamed(&layout(&manifest, 1)), "a row stream has no input for a noise level");
}

#[test]
fn a_noise_level_that_is_not_a_number_is_refused() {
    let (manifest, _) = Manifest::parse(include_str!("../../models/realesr-general-x4v3/manifest.toml")).unwrap();
    let mut job = Job::new(Target::Factor(4.0));
    for (level, good) in [(0.5, true), (f32::INFINITY, true), (f32::NAN, false)] {
        job.noise_level = NoiseLevel::ModelUnit(level);
        let layout = planned(&manifest, Usage::default(), Size { width: 8, height: 8 }, &job);
        assert_eq!(layout.err().map(|e| e.kind()), (!good).then_some(ErrorKind::Argument), "{level}");
    }
}
