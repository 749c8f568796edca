//! Rule 2: depth comes from the type, and values are rounded once, at the end.

use std::sync::Arc;

use enlarger::{Alpha, Channels, Format, Job, Sample, Target};
use enlarger_tests::{Picture, Toy, enlarge, enlarge_as, job, toy_model, upscaler};

fn format(sample: Sample, channels: Channels) -> Format {
    Format { sample, channels, alpha: Alpha::Straight }
}

fn twice() -> enlarger::Upscaler {
    upscaler(&toy_model(2, 0), Arc::new(Toy::default()))
}

/// Nearest neighbour repeats every value exactly, whatever the type.
#[test]
fn every_value_is_kept() {
    for channels in [Channels::Gray, Channels::Rgb] {
        for sample in [Sample::U8, Sample::U16, Sample::F32] {
            let format = format(sample, channels);
            let picture = Picture::from_fn(256, 256, format, |x, y, _| (y * 256 + x) as f32 / 65535.0);
            let result = enlarge(&twice(), &picture, &job(Target::Factor(2.0), |j| j.colour_lock = false));
            let (a, b) = (picture.samples(), result.samples());
            let n = channels.count();
            for (i, v) in b.iter().enumerate() {
                let (pixel, c) = (i / n, i % n);
                let (x, y) = (pixel % 512 / 2, pixel / 512 / 2);
                let expected = a[(y * 256 + x) * n + c];
                assert!((v - expected).abs() < 1e-6, "{format:?} at {x},{y}: {expected} became {v}");
            }
        }
    }
}

/// A dark 16-bit picture stays 16-bit, though all of its values would fit into 8 bits.
#[test]
fn a_dark_16_bit_picture_is_not_read_as_8_bit() {
    let picture = Picture::from_fn(40, 40, format(Sample::U16, Channels::Rgb), |x, _, _| x as f32 / 65535.0);
    let result = enlarge(&twice(), &picture, &Job::new(Target::Factor(2.0)));
    assert!(result.samples().iter().all(|v| *v < 40.5 / 65535.0));
    assert!(result.samples().iter().any(|v| *v > 30.0 / 65535.0));
}

/// A value of the network between two 8-bit steps must appear in a 16-bit result.
#[test]
fn the_result_may_be_deeper_than_the_source() {
    let picture = Picture::from_fn(2, 1, format(Sample::U8, Channels::Rgb), |x, _, _| x as f32 / 255.0);
    let job = job(Target::Size(enlarger::Size { width: 5, height: 3 }), |j| j.colour_lock = false);
    let (result, _) = enlarge_as(&twice(), &picture, format(Sample::U16, Channels::Rgb), &job).unwrap();
    let between = result.samples().iter().filter(|v| **v > 0.1 / 255.0 && **v < 0.9 / 255.0).count();
    assert!(between > 0, "{:?}", result.samples());
}

#[test]
fn the_order_of_channels_is_kept() {
    for channels in [Channels::Rgba, Channels::Bgra] {
        let picture = Picture::from_fn(9, 7, format(Sample::U8, channels), |_, _, c| [0.2, 0.4, 0.6, 1.0][c]);
        let result = enlarge(&twice(), &picture, &Job::new(Target::Factor(2.0)));
        assert_eq!(&result.bytes[..4], &picture.bytes[..4]);
    }
}

#[test]
fn views_that_do_not_fit_are_refused_with_a_message() {
    let rgba = Picture::from_fn(4, 4, format(Sample::U8, Channels::Rgba), |_, _, _| 0.5);
    let job = Job::new(Target::Factor(2.0));
    for channels in [Channels::Rgb, Channels::Gray, Channels::GrayAlpha] {
        let error = enlarge_as(&twice(), &rgba, format(Sample::U8, channels), &job).unwrap_err();
        assert_eq!(error.kind(), enlarger::ErrorKind::Format);
        assert!(error.to_string().contains("; use "), "{error}");
    }
}
