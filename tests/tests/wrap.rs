//! Pictures that repeat: the result is the middle of an enlarged sheet of periods, and it joins with itself.

use std::cell::Cell;
use std::sync::Arc;

use enlarger::{
    Cancel, Colour, ErrorKind, Format, Job, Method, Rect, Result, Sample, Size, Source, Target, Upscaler, ViewMut,
    ViewSink,
};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{Picture, Toy, default_model, enlarge, job, real_engine, toy_model, upscaler};
use proptest::prelude::*;

/// A smooth picture that repeats if `width` and `height` are its periods; other `phase`s are rolled by whole pixels.
fn texture(width: u32, height: u32, format: Format, phase: (u32, u32)) -> Picture {
    Picture::from_fn(width, height, format, |x, y, c| {
        let (x, y) = ((x + phase.0) % width, (y + phase.1) % height);
        let turn = std::f32::consts::TAU;
        let (u, v) = (x as f32 / width as f32 * turn, y as f32 / height as f32 * turn);
        let grain = ((x * 7 + y * 13 + c as u32 * 5) % 11) as f32 / 11.0 - 0.5;
        let value = 0.5 + 0.2 * (u * 2.0 + c as f32).sin() * v.cos() + 0.2 * grain;
        if c == 3 { (value * 1.5 - 0.3).clamp(0.0, 1.0) } else { value }
    })
}

/// The picture, repeated.
fn sheet(picture: &Picture, times: u32) -> Picture {
    let Size { width, height } = picture.size;
    let mut sheet =
        Picture::new(Size { width: times * width, height: times * height }, picture.format, picture.colour.clone());
    let (from, to) = (picture.stride(), sheet.stride());
    for (y, row) in sheet.bytes.chunks_exact_mut(to).enumerate() {
        let source = &picture.bytes[(y % height as usize) * from..][..from];
        row.chunks_exact_mut(from).for_each(|part| part.copy_from_slice(source));
    }
    sheet
}

/// The middle period of an enlarged sheet of `times` periods. `size`: of the enlarged period.
fn middle(up: &Upscaler, picture: &Picture, size: Size, job: &Job, times: u32) -> Picture {
    let mut of_sheet = job.clone();
    of_sheet.target = Target::Size(Size { width: times * size.width, height: times * size.height });
    of_sheet.wrap = false;
    let large = enlarge(up, &sheet(picture, times), &of_sheet);
    let half = times / 2;
    large.crop(Rect { x: half * size.width, y: half * size.height, width: size.width, height: size.height })
}

fn wrapped(target: Target, change: impl FnOnce(&mut Job)) -> Job {
    job(target, |job| {
        job.wrap = true;
        change(job);
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_result_is_the_middle_of_an_enlarged_sheet(
        width in 12u32..40, height in 12u32..40, factor in 0.5f64..5.0, scale in 1u32..4, radius in 0usize..3,
        alpha in any::<bool>(), lock in any::<bool>(), strength in prop::sample::select(vec![1.0f32, 0.4, 0.0]),
    ) {
        let format = if alpha { RGBA8 } else { RGB8 };
        let picture = texture(width, height, Format { sample: Sample::U16, ..format }, (0, 0));
        let up = upscaler(&toy_model(scale, 2), Arc::new(Toy { radius, ..Toy::default() }));
        let job = wrapped(Target::Factor(factor), |job| (job.colour_lock, job.strength) = (lock, strength));
        let result = enlarge(&up, &picture, &job);
        // A factor just below 1 can keep a side. It runs no network, but the size of the sheet stands for a factor of 1, which does.
        let smaller = result.size.width < picture.size.width && result.size.height < picture.size.height;
        prop_assume!(factor >= 1.0 || smaller);
        let expected = middle(&up, &picture, result.size, &job, 9);
        let distance = result.distance(&expected);
        prop_assert!(distance <= 1.0, "{distance} of 255");
    }

    #[test]
    fn a_rectangle_of_a_tile_is_that_part_of_its_result(
        method in any::<bool>(), x in 0u32..20, y in 0u32..15, width in 1u32..12, height in 1u32..11, factor in 0.6f64..4.0,
    ) {
        let picture = texture(32, 26, RGBA8, (0, 0));
        let up = match method {
            true => Upscaler::classical(Method::Lanczos),
            false => upscaler(&toy_model(2, 1), Arc::new(Toy { radius: 1, ..Toy::default() })),
        };
        let rect = Rect { x, y, width, height };
        let whole = enlarge(&up, &picture, &wrapped(Target::Factor(factor), |_| {}));
        let part = enlarge(&up, &picture, &wrapped(Target::Factor(factor), |job| job.rect = Some(rect)));
        let place = |v: u32, from: u32, to: u32| (f64::from(v) * f64::from(to) / f64::from(from)).round() as u32;
        let (left, top) = (place(x, 32, whole.size.width), place(y, 26, whole.size.height));
        let left = left.min(whole.size.width - 1);
        let top = top.min(whole.size.height - 1);
        let cut = whole.crop(Rect { x: left, y: top, width: part.size.width, height: part.size.height });
        prop_assert!(part.distance(&cut) <= 1.0);
    }
}

proptest! {
    /// Arithmetic on sizes: a plan or an error, and what is read lies inside the picture.
    #[test]
    fn every_size_is_planned_or_refused(
        bits in (0u32..21, 0u32..21), size in any::<(u32, u32)>(), factor in 0.1f64..16.0, scale in 1u32..9,
        halo in 0u32..400, multiple in 1u32..65, whole in any::<bool>(), lock in any::<bool>(),
        part in prop::option::of(any::<(u32, u32, u32, u32)>()),
    ) {
        let side = |bits: u32, value: u32| (value & ((1 << bits) - 1)) + 1;
        let size = Size { width: side(bits.0, size.0).min(1 << 20), height: side(bits.1, size.1).min(1 << 20) };
        let manifest = enlarger_tests::toy::toy_manifest(scale, halo)
            .replace("multiple = 1", &format!("multiple = {multiple}"))
            .replace("\"exact\"", if whole { "\"whole\"" } else { "\"exact\"" });
        let model = enlarger::Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
        let up = upscaler(&model, Arc::new(Toy::default()));
        let job = wrapped(Target::Factor(factor), |job| {
            (job.colour_lock, job.memory) = (lock, Some(u64::MAX));
            job.rect = part.map(|(x, y, width, height)| {
                let (x, y) = (x % size.width, y % size.height);
                Rect { x, y, width: width % (size.width - x) + 1, height: height % (size.height - y) + 1 }
            });
        });
        match up.plan(size, &job) {
            Ok(plan) => {
                prop_assert!(plan.read.width > 0 && plan.read.right() <= size.width, "{:?}", plan);
                prop_assert!(plan.read.height > 0 && plan.read.bottom() <= size.height, "{:?}", plan);
                let mut alone = job.clone();
                alone.wrap = false;
                prop_assert_eq!(up.plan(size, &alone).unwrap().output, plan.output);
            }
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Limit, "{}", error),
        }
    }
}

/// Rolling the source by whole pixels rolls the result, whatever the size of the tile.
#[test]
fn rolling_the_source_rolls_the_result() {
    let toy = || upscaler(&toy_model(2, 1), Arc::new(Toy { radius: 1, ..Toy::default() }));
    let whole = || {
        let manifest = enlarger_tests::toy::toy_manifest(2, 0).replace("\"exact\"", "\"whole\"");
        let model = enlarger::Model::from_bytes(&manifest, b"toy".as_slice()).unwrap();
        upscaler(&model, Arc::new(Toy { radius: 2, ..Toy::default() }))
    };
    let real = || upscaler(&default_model(), real_engine("winograd"));
    for (name, up, factor, sizes) in [
        ("toy", toy(), 2, &[(1, 1), (2, 40), (33, 21)][..]),
        ("toy twice", toy(), 4, &[(9, 5)]),
        ("a network for whole pictures", whole(), 2, &[(3, 5), (40, 30)]),
        ("lanczos", Upscaler::classical(Method::Lanczos), 3, &[(1, 3), (20, 31)]),
        ("bilinear", Upscaler::classical(Method::Bilinear), 2, &[(16, 9)]),
        ("nearest", Upscaler::classical(Method::Nearest), 3, &[(7, 5)]),
        ("the default model", real(), 4, &[(48, 40)]),
    ] {
        for &(width, height) in sizes {
            let job = wrapped(Target::Factor(f64::from(factor)), |_| {});
            let (dx, dy) = (width / 3, height / 2);
            let still = enlarge(&up, &texture(width, height, RGB32F, (0, 0)), &job);
            let rolled = enlarge(&up, &texture(width, height, RGB32F, (dx, dy)), &job);
            let again = Picture::from_fn(still.size.width, still.size.height, RGB32F, |x, y, c| {
                still.at((x + factor * dx) % still.size.width, (y + factor * dy) % still.size.height, c)
            });
            let distance = rolled.distance(&again);
            assert!(distance <= 1.0, "{name}, {width}x{height}: {distance} of 255");
        }
    }
}

/// The mean step between neighbouring columns across the border, and the largest inside.
fn steps(picture: &Picture) -> (f64, f64) {
    let (samples, width) = (picture.samples(), picture.size.width as usize);
    let step = |a: usize, b: usize| {
        let rows = samples.chunks_exact(3 * width);
        let each = rows.map(|row| (0..3).map(|c| f64::from((row[3 * a + c] - row[3 * b + c]).abs())).sum::<f64>());
        each.sum::<f64>() * 255.0 / (3 * picture.size.height) as f64
    };
    (step(width - 1, 0), (1..width).map(|x| step(x - 1, x)).fold(0.0, f64::max))
}

#[test]
fn the_enlarged_tile_joins_with_itself() {
    let up = upscaler(&default_model(), real_engine("winograd"));
    let picture = texture(48, 40, RGB8, (0, 0));
    for factor in [4.0, 2.5] {
        let (across, inside) = steps(&enlarge(&up, &picture, &wrapped(Target::Factor(factor), |_| {})));
        assert!(across <= inside, "×{factor}: {across:.1} across the border, {inside:.1} inside");
    }
}

/// A source that remembers which part of it was read.
struct Watched<'a> {
    picture: &'a Picture,
    rows: Cell<(u32, u32)>,
    columns: Cell<(u32, u32)>,
}

impl Source for Watched<'_> {
    fn size(&self) -> Size {
        self.picture.size
    }

    fn format(&self) -> Format {
        self.picture.format
    }

    fn colour(&self) -> Colour {
        self.picture.colour.clone()
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()> {
        assert!(y >= self.rows.get().1, "a row was read again");
        self.rows.set((self.rows.get().0.min(y), y + 1));
        self.columns.set((x, x + (row.len() / self.picture.format.pixel_size()) as u32));
        let start = y as usize * self.picture.stride() + self.picture.format.row_size(x);
        row.copy_from_slice(&self.picture.bytes[start..start + row.len()]);
        Ok(())
    }
}

#[test]
fn only_what_a_rectangle_needs_is_read_as_the_plan_says() {
    let up = upscaler(&toy_model(2, 1), Arc::new(Toy { radius: 1, ..Toy::default() }));
    let picture = texture(300, 260, RGBA8, (0, 0));
    for (rect, whole_width) in
        [(Rect { x: 100, y: 120, width: 30, height: 20 }, false), (Rect { x: 2, y: 120, width: 30, height: 20 }, true)]
    {
        let job = wrapped(Target::Factor(2.0), |job| job.rect = Some(rect));
        let plan = up.plan(picture.size, &job).unwrap();
        let mut source = Watched { picture: &picture, rows: Cell::new((u32::MAX, 0)), columns: Cell::new((0, 0)) };
        let mut result = Picture::new(plan.output, RGBA8, Colour::Srgb);
        let stride = result.stride();
        let mut sink = ViewSink::new(ViewMut::new(&mut result.bytes, stride, plan.output, RGBA8).unwrap());
        let report = up.run(&mut source, &mut sink, &job, &Cancel::new(), &mut |_| {}).unwrap();
        assert_eq!(report.tiles, plan.tiles);
        assert_eq!(source.rows.get(), (plan.read.y, plan.read.bottom()));
        assert_eq!(source.columns.get(), (plan.read.x, plan.read.right()));
        assert_eq!(plan.read.width == 300, whole_width, "{:?}", plan.read);
        assert!(plan.read.height < 260);
    }
}

#[test]
fn a_tile_that_is_too_large_to_be_laid_out_is_refused() {
    let up = Upscaler::classical(Method::Bicubic);
    let job = wrapped(Target::Factor(1.0), |job| job.memory = Some(u64::MAX));
    let error = up.plan(Size { width: 400_000, height: 2 }, &job).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(error.message().contains("'wrap'"), "{error}");
    // A picture in memory counts.
    let needed = up.plan(Size { width: 3000, height: 2000 }, &wrapped(Target::Factor(2.0), |_| {})).unwrap().memory;
    assert!(needed >= 3000 * 2000 * 16);
}
