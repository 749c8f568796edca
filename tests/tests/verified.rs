//! Rule 8: output is verified. Every kind of wrong tile, every retry, and no false alarms.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use enlarger::{ErrorKind, Format, Job, Location, Precision, Rect, Size, Source, Target, ViewMut, ViewSink};
use enlarger_tests::picture::{RGB8, RGB32F};
use enlarger_tests::toy::{Fault, device};
use enlarger_tests::{
    Picture, Toy, default_model, enlarge, enlarge_as, job, real_engine, real_engines, toy_model, upscaler,
};

const WRONG: [Fault; 6] = [Fault::Nan, Fault::Black, Fault::Garbage, Fault::Shifted, Fault::Error, Fault::Panic];

fn picture() -> Picture {
    of_height(64)
}

fn of_height(height: u32) -> Picture {
    Picture::from_fn(64, height, RGB8, |x, y, c| 0.2 + 0.6 * ((x * 3 + y * 5 + c as u32 * 20) % 64) as f32 / 64.0)
}

/// A height that a row stream takes in several bands.
const STREAMED: u32 = 400;

fn twice() -> Job {
    job(Target::Factor(2.0), |j| j.tile = Some(20))
}

fn right() -> Picture {
    enlarge(&upscaler(&toy_model(2, 0), Arc::new(Toy::default())), &picture(), &twice())
}

#[test]
fn a_tile_that_fails_once_is_tried_again() {
    for fault in WRONG {
        for parallel in [1, 3] {
            let mut toy = Toy { fault, faults: 1, ..Toy::default() };
            toy.usage.parallel = parallel;
            let up = upscaler(&toy_model(2, 0), Arc::new(toy));
            let (result, report) = enlarge_as(&up, &picture(), RGB8, &twice()).unwrap();
            assert_eq!(result, right(), "{fault:?}");
            assert_eq!(report.notes.len(), 1);
            // With tiles in parallel, any of the first tiles may get the fault.
            let tile = if parallel == 1 { "tile 0 " } else { "tile " };
            let note = &report.notes[0];
            assert!(note.starts_with(tile) && note.contains("full precision"), "{note}");
        }
    }
}

/// On a device whose fast precision is broken, and that is the only one, each tile is run again in full precision.
#[test]
fn a_device_alone_tries_full_precision() {
    let toy = Toy { fault: Fault::Nan, only_fast: true, devices: vec![device("gpu:0")], ..Toy::default() };
    let opened = toy.opened.clone();
    let up = upscaler(&toy_model(2, 0), Arc::new(toy));
    let (result, report) = enlarge_as(&up, &picture(), RGB8, &twice()).unwrap();
    assert_eq!(result, right());
    assert_eq!(report.notes.len(), 16, "one note for each tile");
    let expected = [("gpu:0".to_owned(), Precision::Auto), ("gpu:0".to_owned(), Precision::Exact)];
    assert_eq!(*opened.lock().unwrap(), expected);
}

/// One wrong tile, and the rest of the picture is made by the CPU, which is said once.
#[test]
fn a_device_that_fails_once_is_left_for_the_cpu() {
    for fault in WRONG {
        let devices = vec![device("gpu:0"), device("gpu:1"), device("cpu")];
        let mut toy = Toy { fault, faults: 1, devices, ..Toy::default() };
        toy.usage.parallel = 2;
        let (opened, runs) = (toy.opened.clone(), toy.runs.clone());
        let up = upscaler(&toy_model(2, 0), Arc::new(toy));
        for _ in 0..2 {
            // Only the first run of the engine fails.
            runs.store(0, Ordering::SeqCst);
            let (result, report) = enlarge_as(&up, &picture(), RGB8, &twice()).unwrap();
            assert_eq!(result, right(), "{fault:?}");
            let [note] = &report.notes[..] else { panic!("{fault:?}: {:?}", report.notes) };
            assert!(note.contains("on the toy gpu:0") && note.ends_with("on the toy cpu"), "{note}");
        }
        let expected = [("gpu:0".to_owned(), Precision::Auto), ("cpu".to_owned(), Precision::Exact)];
        assert_eq!(*opened.lock().unwrap(), expected, "{fault:?}: each run tries the device again");
    }
}

/// A device that is alone and cannot be opened again ends the run with the reason.
#[test]
fn a_device_alone_that_cannot_be_opened_again_fails_the_job() {
    let toy = Toy { fault: Fault::Error, faults: 1, lost: true, devices: vec![device("gpu:0")], ..Toy::default() };
    let up = upscaler(&toy_model(2, 0), Arc::new(toy));
    let error = enlarge_as(&up, &picture(), RGB8, &twice()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Device);
    assert!(error.to_string().contains("sofa"), "{error}");
}

#[test]
fn a_tile_that_is_always_wrong_fails_the_job() {
    for fault in WRONG {
        let up = upscaler(&toy_model(2, 0), Arc::new(Toy { fault, ..Toy::default() }));
        let error = enlarge_as(&up, &picture(), RGB8, &twice()).unwrap_err();
        let kind = match fault {
            Fault::Error => ErrorKind::Device,
            Fault::Panic => ErrorKind::Panic,
            _ => ErrorKind::Output,
        };
        assert_eq!(error.kind(), kind, "{error}");
        assert!(matches!(error.location(), Some(Location::Tile { index: 0, .. })), "{error}");
        let text = error.to_string();
        assert!(text.contains("the toy cpu") && text.contains("try another"), "{text}");
    }
}

#[test]
fn a_bad_row_stream_is_replaced_by_tiles() {
    let streamed = Job::new(Target::Factor(2.0));
    let picture = of_height(STREAMED);
    let right = enlarge(&upscaler(&toy_model(2, 0), Arc::new(Toy::default())), &picture, &twice());
    for fault in [Fault::Nan, Fault::Error, Fault::Panic] {
        // The only fault is used up by opening the stream, so tiles are right.
        let toy = Toy { fault, faults: 1, streams: true, ..Toy::default() };
        let up = upscaler(&toy_model(2, 0), Arc::new(toy));
        let bands = up.plan(picture.size, &streamed).unwrap().bands;
        assert!(bands >= 3, "{bands}");
        let (result, report) = enlarge_as(&up, &picture, RGB8, &streamed).unwrap();
        assert_eq!(result, right, "{fault:?}");
        // Wrong rows are reported in every band. A stream that breaks off is reported once.
        let notes = if fault == Fault::Nan { bands as usize } else { 1 };
        assert_eq!(report.notes.len(), notes, "{:?}", report.notes);
    }
}

/// A source that has failed is not read again, by tiles or by streams.
#[test]
fn a_source_that_fails_ends_the_run() {
    struct Failing {
        row: u32,
        failed: bool,
    }
    impl Source for Failing {
        fn size(&self) -> Size {
            Size { width: 64, height: STREAMED }
        }
        fn format(&self) -> Format {
            RGB8
        }
        fn read(&mut self, _: u32, y: u32, _: &mut [u8]) -> enlarger::Result<()> {
            assert!(!self.failed, "row {y} is read after row {} failed", self.row);
            self.failed = y == self.row;
            if self.failed {
                Err(enlarger::Error::new(ErrorKind::Io, "the disk is gone; bring it back"))
            } else {
                Ok(())
            }
        }
    }
    for streams in [false, true] {
        for row in [0, 5, 90, 190, STREAMED - 1] {
            let up = upscaler(&toy_model(2, 3), Arc::new(Toy { streams, ..Toy::default() }));
            let mut result = Picture::new(Size { width: 128, height: 2 * STREAMED }, RGB8, enlarger_tests::SRGB);
            let (stride, size) = (result.stride(), result.size);
            let mut sink = ViewSink::new(ViewMut::new(&mut result.bytes, stride, size, RGB8).unwrap());
            let job = job(Target::Factor(2.0), |j| j.tile = (!streams).then_some(20));
            let error = up
                .run(&mut Failing { row, failed: false }, &mut sink, &job, &enlarger::Cancel::new(), &mut |_| {})
                .expect_err("a run without its source");
            assert_eq!(error.kind(), ErrorKind::Io, "row {row}, streams {streams}: {error}");
        }
    }
}

/// No row of a band with a wrong tile is written.
#[test]
fn nothing_of_a_bad_band_is_written() {
    let toy = Toy { fault: Fault::Nan, ..Toy::default() };
    let runs = toy.runs.clone();
    let up = upscaler(&toy_model(2, 0), Arc::new(toy));
    let mut rows = 0;
    let job = twice();
    let mut progress = |p: enlarger::Progress| rows = rows.max(p.rows_done);
    let result = enlarger_tests::enlarge_until(&up, &picture(), RGB8, &job, &enlarger::Cancel::new(), &mut progress);
    assert!(result.is_err());
    assert_eq!(rows, 0);
    assert!(runs.load(Ordering::SeqCst) >= 2);
}

/// Selections of single pixels that differ from all pixels around them: a network that smooths such a pixel moves the mean of
/// so small a tile far.
#[test]
fn a_selected_pixel_is_no_false_alarm() {
    let star = Picture::from_fn(80, 80, RGB8, |x, y, _| f32::from(x == 40 && y == 40));
    let hole = Picture::from_fn(80, 80, RGB8, |x, y, _| f32::from(x != 40 || y != 40));
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine);
        for picture in [&star, &hole] {
            for side in 1..4 {
                let job = job(Target::Factor(4.0), |j| {
                    j.colour_lock = false;
                    j.rect = Some(Rect { x: 40, y: 40, width: side, height: side });
                });
                let (_, report) = enlarge_as(&up, picture, RGB8, &job).unwrap();
                assert_eq!(report.notes, [""; 0], "{side} pixels");
            }
        }
    }
}

/// Pictures that look wrong and are not: noise on black and on white, stars, text, a hundred photos, single pixels.
#[test]
fn no_false_alarm() {
    let noise = |x: u32, y: u32, c: usize| {
        let h = (x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663) ^ (c as u32).wrapping_mul(83_492_791))
            .wrapping_mul(2_654_435_761);
        (h >> 24) as f32 / 255.0
    };
    let mut pictures = vec![
        ("noisy black", Picture::from_fn(96, 96, RGB8, |x, y, c| noise(x, y, c) * 0.08)),
        ("noisy white", Picture::from_fn(96, 96, RGB8, |x, y, c| 1.0 - noise(x, y, c) * 0.08)),
        ("stars", Picture::from_fn(96, 96, RGB8, |x, y, _| f32::from(noise(x, y, 0) > 0.985) * noise(y, x, 1))),
        ("one star", Picture::from_fn(96, 96, RGB8, |x, y, _| f32::from(x == 48 && y == 40))),
        ("noise", Picture::from_fn(96, 96, RGB8, noise)),
        ("checks", Picture::from_fn(96, 96, RGB8, |x, y, _| ((x + y) % 2) as f32)),
        ("text", Picture::from_fn(96, 96, RGB8, |x, y, _| f32::from(y % 12 > 7 || noise(x / 2, y / 2, 0) > 0.5))),
    ];
    for v in [0, 9, 128, 250, 255] {
        pictures.push(("a pixel", Picture::from_fn(1, 1, RGB8, |_, _, _| v as f32 / 255.0)));
    }
    let folder =
        std::env::var("ENLARGER_TEST_PHOTOS").expect("a folder with photos.rgb; run the tests with scripts/test");
    let photos = fs::read(format!("{folder}/photos.rgb")).unwrap();
    let size = Size { width: 96, height: 96 };
    let chunks = photos.chunks_exact(96 * 96 * 3);
    assert_eq!(chunks.len(), 100);
    for bytes in chunks {
        pictures.push(("a photo", Picture { size, format: RGB8, colour: enlarger_tests::SRGB, bytes: bytes.to_vec() }));
    }
    let up = upscaler(&default_model(), real_engine("winograd"));
    for (i, (name, picture)) in pictures.iter().enumerate() {
        // Small tiles, because their means vary most.
        let job = job(Target::Factor(4.0), |j| j.tile = Some(if i % 10 == 0 { 24 } else { 48 }));
        let (_, report) = enlarge_as(&up, picture, RGB32F, &job).unwrap_or_else(|e| panic!("{name} ({i}): {e}"));
        assert_eq!(report.notes, [""; 0], "{name} ({i})");
    }
}
