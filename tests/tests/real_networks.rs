//! Tests the pipeline alone, with a network of one node on all real engines.

use enlarger::{Registry, Target};
use enlarger_tests::onnx::install_nearest;
use enlarger_tests::{Picture, enlarge, job, real_engines, upscaler};

#[test]
fn nearest_neighbour_repeats_every_pixel() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("nearest-models");
    install_nearest(&folder, 3);
    let registry = Registry::search(&[folder]);
    let model = registry.find("nearest").unwrap();
    let photo = Picture::photo("coffee.png");
    for engine in real_engines() {
        let up = upscaler(model, engine.clone());
        let result = enlarge(
            &up,
            &photo,
            &job(Target::Factor(3.0), |j| {
                j.colour_lock = false;
                j.tile = Some(50);
            }),
        );
        for (i, pixel) in result.bytes.chunks_exact(3).enumerate() {
            let (x, y) = (i % result.size.width as usize / 3, i / result.size.width as usize / 3);
            let source = &photo.bytes[(y * photo.size.width as usize + x) * 3..][..3];
            assert_eq!(pixel, source, "{} at {x},{y}", engine.id());
        }
    }
}
