//! Rule 1: no seams. Tiles, bands, row streams and blended tiles give the same result as the whole picture.

use std::sync::Arc;

use enlarger::{Job, Model, Rect, Target, Usage};
use enlarger_engine_rten::Rten;
use enlarger_networks::onnx::{Builder, Dimension, Setting};
use enlarger_tests::onnx::model_of;
use enlarger_tests::picture::{RGB8, RGB32F};
use enlarger_tests::toy::toy_manifest;
use enlarger_tests::{
    Arithmetic, Picture, Toy, arithmetics, default_model_with, enlarge_as, job, real_engine, toy_model, upscaler,
};
use proptest::prelude::*;

fn noise(width: u32, height: u32, seed: u32) -> Picture {
    Picture::from_fn(width, height, RGB8, |x, y, c| {
        let mut h =
            x.wrapping_mul(374_761_393) ^ y.wrapping_mul(668_265_263) ^ (c as u32 + seed).wrapping_mul(974_634_931);
        h = (h ^ (h >> 13)).wrapping_mul(1_274_126_177);
        // Away from black and white, so that noise passes verification.
        0.2 + 0.6 * ((h >> 16) & 255) as f32 / 255.0
    })
}

fn plain(change: impl FnOnce(&mut Job)) -> Job {
    job(Target::Factor(2.0), |job| {
        job.colour_lock = false;
        change(job);
    })
}

/// Runs a toy network whose receptive field is its halo on the whole picture.
fn whole(picture: &Picture, radius: usize) -> Picture {
    let toy = Toy { radius, ..Toy::default() };
    let up = upscaler(&toy_model(2, radius as u32), Arc::new(toy));
    enlarge_as(&up, picture, RGB32F, &plain(|j| j.tile = Some(5000))).unwrap().0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn tiles_and_streams_equal_the_whole(
        width in 1u32..120, height in 1u32..300, radius in 0usize..12, tile in 1u32..60,
        streams in any::<bool>(), parallel in 1usize..4, multiple in 1u32..9, minimum in 1u32..40,
    ) {
        let picture = noise(width, height, 1);
        let expected = whole(&picture, radius);
        let manifest = toy_manifest(2, radius as u32)
            .replace("minimum = 1", &format!("minimum = {minimum}"))
            .replace("multiple = 1", &format!("multiple = {multiple}"));
        let mut usage = Usage::default();
        usage.parallel = parallel;
        let toy = Toy { radius, streams, usage, ..Toy::default() };
        let model = Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
        let up = upscaler(&model, Arc::new(toy));
        let (result, report) = enlarge_as(&up, &picture, RGB32F, &plain(|j| j.tile = (!streams).then_some(tile))).unwrap();
        prop_assert!(result.distance(&expected) < 0.01, "{}", result.distance(&expected));
        prop_assert!(report.notes.is_empty());
    }

    /// Blending keeps results that are right everywhere, because its weights sum to one.
    #[test]
    fn blending_weights_sum_to_one(width in 1u32..120, height in 1u32..120, tile in 1u32..60, overlap in 1u32..30) {
        let picture = noise(width, height, 2);
        let manifest = toy_manifest(2, 3).replace("\"exact\"", "\"blend\"").replace("overlap = 0", &format!("overlap = {overlap}"));
        let model = Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
        let up = upscaler(&model, Arc::new(Toy { radius: 3, ..Toy::default() }));
        let (result, _) = enlarge_as(&up, &picture, RGB32F, &plain(|j| j.tile = Some(tile))).unwrap();
        prop_assert!(result.distance(&whole(&picture, 3)) < 0.01);
    }
}

#[test]
fn a_stream_computes_no_halo_twice() {
    let toy = Toy { radius: 6, streams: true, ..Toy::default() };
    let rows = toy.rows.clone();
    let up = upscaler(&toy_model(2, 6), Arc::new(toy));
    let job = plain(|_| {});
    let picture = noise(50, 401, 3);
    let plan = up.plan(picture.size, &job).unwrap();
    assert!(plan.bands >= 6);
    assert_eq!(plan.network_pixels, (50 + 2 * 6) * (401 + 2 * 6));
    enlarge_as(&up, &picture, RGB8, &job).unwrap();
    assert_eq!(rows.load(std::sync::atomic::Ordering::SeqCst), 401 + 2 * 6);
    // A job that sets a tile size gets tiles.
    enlarge_as(&up, &picture, RGB8, &plain(|j| j.tile = Some(20))).unwrap();
    assert_eq!(rows.load(std::sync::atomic::Ordering::SeqCst), 401 + 2 * 6);
}

/// A row stream has no input for the noise level.
#[test]
fn a_model_with_a_noise_level_gets_tiles() {
    let noise_level =
        "[[extra]]\nname = \"noise\"\nkind = \"noise_level\"\nminimum = 0.0\nmaximum = 1.0\ndefault = 0.5\n";
    let model = Model::from_bytes(&(toy_manifest(2, 0) + noise_level), b"toy".as_slice()).unwrap();
    let toy = Toy { streams: true, ..Toy::default() };
    let rows = toy.rows.clone();
    enlarge_as(&upscaler(&model, Arc::new(toy)), &noise(20, 20, 1), RGB8, &plain(|_| {})).unwrap();
    assert_eq!(rows.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[test]
fn a_network_that_needs_the_whole_picture_gets_no_tiles() {
    let manifest = toy_manifest(2, 0).replace("\"exact\"", "\"whole\"");
    let model = Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
    let up = upscaler(&model, Arc::new(Toy::default()));
    let plan = up.plan(enlarger::Size { width: 2000, height: 1000 }, &plain(|j| j.tile = Some(64))).unwrap();
    assert_eq!((plan.tiles, plan.read.width), (1, 2000));
}

/// The default model on all engines, with a photo whose sides are odd. Tiles from less than twice the halo on, and our engine's
/// own choice, which is a row stream.
#[test]
fn the_default_model_has_no_seams() {
    let picture = Picture::photo("cat.png").crop(Rect { x: 40, y: 20, width: 151, height: 149 });
    for Arithmetic { name, upscaler: up, exact } in arithmetics() {
        // The lock is the same for all engines, and the others are slow.
        let is_ours = name.starts_with("winograd");
        let locks = if is_ours { &[false, true][..] } else { &[false] };
        let tiles = if is_ours { &[Some(50), Some(41), None][..] } else { &[Some(50)] };
        for lock in locks.iter().copied() {
            let at = |tile| {
                let job = job(Target::Factor(4.0), |j| {
                    j.tile = tile;
                    j.colour_lock = lock;
                });
                let plan = up.plan(picture.size, &job).unwrap();
                (plan, enlarge_as(&up, &picture, RGB32F, &job).unwrap().0)
            };
            let (plan, whole) = at(Some(5000));
            assert_eq!(plan.tiles, 1);
            for tile in tiles.iter().copied() {
                let (plan, tiled) = at(tile);
                assert!(tile.is_none() || plan.tiles >= 9 && plan.bands >= 3, "{plan:?}");
                if tile.is_none() {
                    assert_eq!((plan.bands, plan.network_pixels), (3, (151 + 68) * (149 + 68)), "it is a stream");
                }
                let distance = tiled.distance(&whole);
                println!("{name} tile {tile:?} lock {lock}: {distance} of 255");
                // Rounding in fast arithmetic depends on where a tile begins.
                let most = if exact { 0.1 } else { 4.0 };
                assert!(distance < most, "{name} tile {tile:?} lock {lock}: {distance} of 255");
                let further = further_than_one(&tiled, &whole);
                assert!(further <= 0.001, "{name} tile {tile:?} lock {lock}: {further} further than 1/255");
            }
        }
    }
}

/// The share of samples that differ by more than 1/255.
fn further_than_one(a: &Picture, b: &Picture) -> f64 {
    let (a, b) = (a.samples(), b.samples());
    let further = a.iter().zip(&b).filter(|(a, b)| (**a - **b).abs() > 1.0 / 255.0).count();
    further as f64 / a.len() as f64
}

/// A halo of 8 must show seams, so the tests above can fail. 14/255 were measured for this network.
#[test]
fn too_small_a_halo_shows_seams() {
    let picture = Picture::photo("cat.png").crop(Rect { x: 40, y: 20, width: 151, height: 149 });
    let model = default_model_with(|m| m.replace("halo = 34", "halo = 8"));
    let up = upscaler(&model, real_engine("ort"));
    let at = |tile| enlarge_as(&up, &picture, RGB32F, &job(Target::Factor(4.0), |j| j.tile = Some(tile))).unwrap().0;
    // The mirrored border differs too, so only the inside is compared.
    let inside = Rect { x: 200, y: 200, width: 200, height: 200 };
    let distance = at(50).crop(inside).distance(&at(5000).crop(inside));
    assert!(distance > 3.0, "a halo of 8 shows only {distance} of 255");
}

/// A network that halves the picture inside works on a grid of 2 pixels, and tiles must begin on that grid.
#[test]
fn tiles_begin_on_the_networks_grid() {
    let sides = [Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];
    let mut builder = Builder::new();
    builder.input("in", &sides);
    builder.output("out", &sides);
    let by_four = [("kernel_shape", Setting::Integers(&[4, 4])), ("strides", Setting::Integers(&[4, 4]))];
    builder.node("AveragePool", &["in"], "small", &by_four);
    let factors = builder.constant(&[4], &[1.0, 1.0, 8.0, 8.0]);
    let nearest = [
        ("mode", Setting::Text("nearest")),
        ("coordinate_transformation_mode", Setting::Text("asymmetric")),
        ("nearest_mode", Setting::Text("floor")),
    ];
    builder.node("Resize", &["small", "", &factors], "out", &nearest);
    let model = model_of(builder.finish(), &toy_manifest(2, 3).replace("multiple = 1", "multiple = 4"));
    let up = upscaler(&model, Arc::new(Rten::new()));
    let picture = noise(90, 75, 5);
    let run = |tile: u32| enlarge_as(&up, &picture, RGB32F, &plain(|j| j.tile = Some(tile))).unwrap().0;
    let whole = run(500);
    for tile in [7, 20, 31, 50] {
        assert!(run(tile).distance(&whole) < 0.01, "{tile}: {}", run(tile).distance(&whole));
    }
}
