//! Plans with any sizes, tiling rules and targets. Each must be an error or a consistent plan, quickly and without a panic.
#![no_main]

#[path = "../../src/toy.rs"]
#[allow(dead_code)]
mod toy;

use std::sync::Arc;

use enlarger::{Job, Model, Rect, SessionOptions, Size, Target, Upscaler, Usage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut words =
        data.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).chain(std::iter::repeat(7));
    // Gives numbers of every magnitude.
    let mut word = || {
        let w = words.next().unwrap();
        (w >> 5) >> (w % 28)
    };
    let (halo, overlap) = (word() % 200, word() % 60);
    let manifest = toy::toy_manifest(word() % 16 + 1, halo)
        .replace("minimum = 1", &format!("minimum = {}", word() % 300 + 1))
        .replace("multiple = 1", &format!("multiple = {}", word() % 70 + 1))
        .replace("overlap = 0", &format!("overlap = {overlap}"))
        .replace(
            "\"exact\"",
            if overlap > 0 {
                "\"blend\""
            } else if word() % 5 == 0 {
                "\"whole\""
            } else {
                "\"exact\""
            },
        );
    let mut usage = Usage::default();
    usage.tile = word();
    usage.max_tile_pixels = (word() % 2 == 0).then(|| u64::from(word()));
    usage.parallel = word() as usize % 9;
    let model = Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
    let toy = toy::Toy { usage, ..toy::Toy::default() };
    let up = Upscaler::new(&model, Arc::new(toy), &SessionOptions::default()).unwrap();
    let size = Size { width: word(), height: word() };
    let mut job = Job::new(match word() % 4 {
        0 => Target::Factor(f64::from(word()) / 1000.0),
        1 => Target::Width(word()),
        2 => Target::Height(word()),
        _ => Target::Size(Size { width: word(), height: word() }),
    });
    job.tile = (word() % 2 == 0).then(&mut word);
    job.rect = (word() % 2 == 0).then(|| Rect { x: word(), y: word(), width: word(), height: word() });
    job.memory = (word() % 2 == 0).then(|| u64::from(word()) << 8);
    job.colour_lock = word() % 2 == 0;
    job.wrap = word() % 3 == 0;
    if let Ok(plan) = up.plan(size, &job) {
        assert!(plan.output.width > 0 && plan.output.height > 0);
        assert!(plan.read.width > 0 && plan.read.right() <= size.width && plan.read.bottom() <= size.height);
        assert!((plan.passes == 0) == (plan.tiles == 0));
        assert!(plan.bands <= plan.tiles && plan.tiles <= plan.network_pixels);
    }
});
