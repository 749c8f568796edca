//! Rules 5, 6 and 7: any size, any factor, any rectangle.

use std::sync::Arc;

use enlarger::{
    Cancel, Channels, ErrorKind, Format, Job, Rect, Size, Source, Target, View, ViewMut, ViewSink, ViewSource,
};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{
    Arithmetic, Picture, SRGB, Toy, arithmetics, default_model, enlarge, enlarge_as, job, real_engines, toy_model,
    upscaler,
};
use proptest::prelude::*;

fn waves(width: u32, height: u32) -> Picture {
    Picture::from_fn(width, height, RGBA8, |x, y, c| {
        let v = 0.5 + 0.3 * ((x as f32 / (5.0 + c as f32)).sin() * (y as f32 / 7.0).cos());
        if c == 3 { (v * 1.6 - 0.4).clamp(0.0, 1.0) } else { v }
    })
}

#[test]
fn the_default_model_takes_any_size() {
    let photo = Picture::photo("cat.png");
    for engine in real_engines() {
        let up = upscaler(&default_model(), engine);
        for (width, height) in [(1, 1), (1, 40), (37, 1), (2, 3), (5, 100), (33, 35)] {
            let picture = photo.crop(Rect { x: 100, y: 60, width, height });
            let result = enlarge(&up, &picture, &Job::new(Target::Factor(4.0)));
            assert_eq!(result.size, Size { width: 4 * width, height: 4 * height });
            assert!((result.mean() - picture.mean()).abs() < 2.0 / 255.0, "{width}x{height}");
        }
    }
}

/// A gradient enlarged by any factor stays the same gradient, so every pixel is in its place.
#[test]
fn any_factor_keeps_geometry() {
    let ramp = Picture::from_fn(60, 40, RGB32F, |x, y, c| {
        let (u, v) = ((x as f32 + 0.5) / 60.0, (y as f32 + 0.5) / 40.0);
        // Linear in light, because resampling mixes linear light.
        let linear = 0.2 + 0.3 * if c == 0 { u } else { v };
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    });
    for scale in [1, 2, 3, 4] {
        let up = upscaler(&toy_model(scale, 0), Arc::new(Toy::default()));
        for factor in [0.1, 0.37, 1.0, 1.5, 2.0, 3.0, 4.0, 4.9, 6.0, 7.77, 16.0] {
            let result = enlarge(&up, &ramp, &job(Target::Factor(factor), |j| j.colour_lock = false));
            let Size { width, height } = result.size;
            assert_eq!((width, height), ((60.0 * factor).round() as u32, (40.0 * factor).round() as u32));
            for (x, y) in [(width / 2, height / 2), (width / 3, height / 4), (width * 3 / 4, height * 2 / 3)] {
                for (c, at) in [(0, (x as f32 + 0.5) / width as f32), (1, (y as f32 + 0.5) / height as f32)] {
                    let v = result.at(x, y, c);
                    let linear = ((v + 0.055) / 1.055).powf(2.4);
                    let found = (linear - 0.2) / 0.3;
                    // Nearest neighbour itself moves pixels by up to half a source pixel.
                    let source = if c == 0 { 60.0 } else { 40.0 };
                    assert!((found - at).abs() < 0.55 / source, "x{scale} at {factor}: {found} for {at}");
                }
            }
        }
    }
}

/// Shrinking black and white columns gives the gray with half of the light, not with half of the encoded value.
#[test]
fn resampling_is_in_linear_light() {
    let up = upscaler(&toy_model(2, 0), Arc::new(Toy::default()));
    let stripes = Picture::from_fn(200, 20, RGB32F, |x, _, _| (x % 2) as f32);
    let result = enlarge(&up, &stripes, &Job::new(Target::Size(Size { width: 25, height: 10 })));
    let middle = result.at(12, 5, 0);
    assert!((middle - 0.7354).abs() < 0.01, "half the light is 0.735, not {middle}");
}

#[test]
fn targets_and_their_limits() {
    let up = upscaler(&toy_model(2, 0), Arc::new(Toy::default()));
    let size = Size { width: 30, height: 20 };
    let output = |target| up.plan(size, &Job::new(target)).map(|p| (p.output.width, p.output.height));
    assert_eq!(output(Target::Width(90)).unwrap(), (90, 60));
    assert_eq!(output(Target::Height(10)).unwrap(), (15, 10));
    assert_eq!(output(Target::Size(Size { width: 31, height: 99 })).unwrap(), (31, 99));
    for wrong in [Target::Factor(0.05), Target::Factor(16.5), Target::Factor(f64::INFINITY), Target::Width(1000)] {
        let error = output(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.to_string().contains("choose a factor or a size"), "{error}");
    }
    let outside = job(Target::Factor(2.0), |j| j.rect = Some(Rect { x: 20, y: 0, width: 11, height: 5 }));
    assert_eq!(up.plan(size, &outside).unwrap_err().kind(), ErrorKind::Argument);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Tile sizes, bands and chained passes do not change the result.
    #[test]
    fn bands_equal_the_whole(factor in 0.3f64..12.0, tile in 3u32..40, scale in 1u32..4, width in 1u32..70, height in 1u32..70) {
        let up = upscaler(&toy_model(scale, 2), Arc::new(Toy { radius: 2, ..Toy::default() }));
        let picture = waves(width, height);
        let at = |tile| enlarge(&up, &picture, &job(Target::Factor(factor), |j| j.tile = Some(tile)));
        prop_assert!(at(tile).distance(&at(5000)) <= 1.0);
    }

    /// A rectangle gives that part of the whole result, with all stages on, and little else is read.
    #[test]
    fn a_rectangle_is_cut_from_the_whole(
        factor in 0.5f64..9.0, scale in 1u32..4, lock in any::<bool>(), streams in any::<bool>(), tile in 10u32..60,
        x in 0u32..150, y in 0u32..120, w in 1u32..40, h in 1u32..40,
    ) {
        let picture = waves(190, 160);
        let rect = Rect { x, y, width: w, height: h };
        let up = upscaler(&toy_model(scale, 3), Arc::new(Toy { radius: 3, streams, ..Toy::default() }));
        let base = job(Target::Factor(factor), |j| { j.colour_lock = lock; j.tile = (!streams).then_some(tile); });
        let whole = enlarge(&up, &picture, &base);
        let mut part = base.clone();
        part.rect = Some(rect);
        let result = enlarge(&up, &picture, &part);
        let place = |v: u32, to: u32, from: u32| (f64::from(v) * f64::from(to) / f64::from(from)).round() as u32;
        let (left, top) = (place(x, whole.size.width, 190), place(y, whole.size.height, 160));
        let expected = whole.crop(Rect { x: left, y: top, width: result.size.width, height: result.size.height });
        prop_assert!(result.distance(&expected) <= 1.0, "{}", result.distance(&expected));
        let read = up.plan(picture.size, &part).unwrap().read;
        // The halo and colour lock of up to three passes, and the distance that colour bleeds.
        prop_assert!(read.width <= w + 2 * 56 && read.height <= h + 2 * 56, "{read:?} for {rect:?}");
    }
}

/// Hosts fetch the rectangle that the plan names before the run, so the run must read no other pixels, with or without alpha.
#[test]
fn only_the_planned_rectangle_is_read() {
    struct Watched(ViewSource<'static>, Rect);
    impl Source for Watched {
        fn size(&self) -> Size {
            self.0.size()
        }
        fn format(&self) -> Format {
            self.0.format()
        }
        fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> enlarger::Result<()> {
            let Rect { x: left, y: top, .. } = self.1;
            let right = x + (row.len() / self.format().pixel_size()) as u32;
            assert!(x >= left && right <= self.1.right() && y >= top && y < self.1.bottom(), "{:?}: {x},{y}", self.1);
            self.0.read(x, y, row)
        }
    }
    static PIXELS: [u8; 200 * 150 * 16] = [0; 200 * 150 * 16];
    let up = upscaler(&toy_model(2, 3), Arc::new(Toy { radius: 3, ..Toy::default() }));
    let size = Size { width: 200, height: 150 };
    for format in [RGB8, RGB32F, RGBA8, Format { channels: Channels::Rgba, ..RGB32F }] {
        for factor in [0.3, 1.0, 2.0, 3.7] {
            let job = job(Target::Factor(factor), |j| {
                j.rect = Some(Rect { x: 90, y: 70, width: 11, height: 5 });
                j.colour_lock = factor > 2.0;
            });
            let plan = up.plan(size, &job).unwrap();
            let view = View::new(&PIXELS, format.row_size(200), size, format).unwrap();
            let mut result = Picture::new(plan.output, format, SRGB);
            let stride = result.stride();
            let mut sink = ViewSink::new(ViewMut::new(&mut result.bytes, stride, plan.output, format).unwrap());
            let mut source = Watched(ViewSource::new(view, SRGB), plan.read);
            up.run(&mut source, &mut sink, &job, &Cancel::new(), &mut |_| {}).unwrap();
        }
    }
}

/// The same for rectangles with the real network and odd sizes.
#[test]
fn a_rectangle_of_a_photo_is_cut_from_the_whole() {
    let picture = Picture::photo("astronaut.png");
    // The fastest engine, fast and exact. Rounding in fast arithmetic depends on where a tile begins.
    for Arithmetic { name, upscaler: up, exact } in arithmetics().into_iter().take(2) {
        for factor in [4.0, 2.5] {
            let base = Job::new(Target::Factor(factor));
            let (whole, _) = enlarge_as(&up, &picture, RGB8, &base).unwrap();
            for rect in [Rect { x: 77, y: 91, width: 41, height: 37 }, Rect { x: 0, y: 200, width: 13, height: 23 }] {
                let part = job(Target::Factor(factor), |j| j.rect = Some(rect));
                let result = enlarge(&up, &picture, &part);
                let place = |v: u32| (f64::from(v) * factor).round() as u32;
                let expected = whole.crop(Rect { x: place(rect.x), y: place(rect.y), ..result.size.rect() });
                let distance = result.distance(&expected);
                println!("{name}: {rect:?} at {factor}: {distance}");
                assert!(distance <= if exact { 1.0 } else { 4.0 }, "{name}: {rect:?} at {factor}: {distance}");
            }
        }
    }
}
