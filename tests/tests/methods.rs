//! The classical methods: exact copies, agreement with an independent implementation, parts equal to the whole.

use enlarger::{
    Alpha, Cancel, Channels, Colour, Format, Job, Method, Rect, Result, Sample, Sink, Size, Source, Target, Upscaler,
};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{Picture, data_folder_file, enlarge, enlarge_as, job};
use proptest::prelude::*;

fn classical(method: Method) -> Upscaler {
    Upscaler::classical(method)
}

/// Pixels of random bytes: for floats, every bit pattern, NaN and infinity included.
fn noise(width: u32, height: u32, format: Format, colour: Colour, seed: u64) -> Picture {
    let mut picture = Picture::new(Size { width, height }, format, colour);
    let mut state = seed | 1;
    for byte in &mut picture.bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = (state >> 24) as u8;
    }
    picture
}

fn formats() -> impl Strategy<Value = Format> {
    let sample = prop::sample::select(vec![Sample::U8, Sample::U16, Sample::F16, Sample::F32]);
    let channels =
        prop::sample::select(vec![Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba, Channels::Bgra]);
    let alpha = prop::sample::select(vec![Alpha::Straight, Alpha::Premultiplied]);
    (sample, channels, alpha).prop_map(|(sample, channels, alpha)| Format { sample, channels, alpha })
}

fn colours() -> impl Strategy<Value = Colour> {
    // Pixels are copied without reading the profile, so any bytes will do.
    let profile = Colour::Icc(vec![7; 20].into());
    prop::sample::select(vec![Colour::Srgb, Colour::LinearSrgb, profile])
}

fn pixel(picture: &Picture, x: u32, y: u32) -> &[u8] {
    let size = picture.format.pixel_size();
    &picture.bytes[y as usize * picture.stride() + x as usize * size..][..size]
}

proptest! {
    #[test]
    fn nearest_repeats_every_byte_at_whole_factors(
        format in formats(), colour in colours(), width in 1u32..20, height in 1u32..20, factor in 1u32..17,
        seed in any::<u64>(),
    ) {
        let small = noise(width, height, format, colour, seed);
        let large = enlarge(&classical(Method::Nearest), &small, &Job::new(Target::Factor(f64::from(factor))));
        for y in 0..large.size.height {
            for x in 0..large.size.width {
                prop_assert_eq!(pixel(&large, x, y), pixel(&small, x / factor, y / factor), "{},{}", x, y);
            }
        }
    }

    #[test]
    fn nearest_gives_only_source_pixels_in_order_at_any_size(
        format in formats(), width in 1u32..30, height in 1u32..30, x_factor in 0.1f64..16.0, y_factor in 0.1f64..16.0,
        seed in any::<u64>(),
    ) {
        let whole = |side: u32, factor: f64| {
            // Rounding must not leave the range of factors.
            ((f64::from(side) * factor) as u32).clamp(side.div_ceil(10), 16 * side)
        };
        let size = Size { width: whole(width, x_factor), height: whole(height, y_factor) };
        let small = noise(width, height, format, Colour::Srgb, seed);
        let large = enlarge(&classical(Method::Nearest), &small, &Job::new(Target::Size(size)));
        for y in 0..size.height {
            for x in 0..size.width {
                let from = |at: u32, from: u32, to: u32| ((f64::from(at) + 0.5) * f64::from(from) / f64::from(to)) as u32;
                let (sx, sy) = (from(x, width, size.width), from(y, height, size.height));
                // At a tie, the floating-point sum of this test may be on the other side.
                let near = [sx.saturating_sub(1), sx, (sx + 1).min(width - 1)].iter().any(|&sx| {
                    [sy.saturating_sub(1), sy, (sy + 1).min(height - 1)].iter().any(|&sy| pixel(&small, sx, sy) == pixel(&large, x, y))
                });
                prop_assert!(near, "{},{}", x, y);
            }
        }
    }

    #[test]
    fn a_rectangle_equals_that_part_of_the_whole(
        method in prop::sample::select(Method::ALL.to_vec()), alpha in any::<bool>(), factor in 0.2f64..6.0,
        x in 0u32..30, y in 0u32..20, width in 1u32..20, height in 1u32..20, seed in any::<u64>(),
    ) {
        let format = Format { sample: Sample::U16, ..if alpha { RGBA8 } else { RGB8 } };
        let picture = noise(50, 40, format, Colour::Srgb, seed);
        let rect = Rect { x, y, width, height };
        let up = classical(method);
        let whole = enlarge(&up, &picture, &Job::new(Target::Factor(factor)));
        let part = enlarge(&up, &picture, &job(Target::Factor(factor), |job| job.rect = Some(rect)));
        let at = |v: u32, from: u32, to: u32| (f64::from(v) * f64::from(to) / f64::from(from)).round() as u32;
        let left = at(x, 50, whole.size.width).min(whole.size.width - 1);
        let top = at(y, 40, whole.size.height).min(whole.size.height - 1);
        let cut = whole.crop(Rect { x: left, y: top, width: part.size.width, height: part.size.height });
        prop_assert!(part.bytes == cut.bytes);
    }

    #[test]
    fn flat_colours_stay_exact(
        method in prop::sample::select(Method::ALL.to_vec()), factor in 0.1f64..16.0, value in any::<[u16; 4]>(),
        alpha in any::<bool>(), deep in any::<bool>(),
    ) {
        let sample = if deep { Sample::U16 } else { Sample::U8 };
        let format = Format { sample, ..if alpha { RGBA8 } else { RGB8 } };
        let value = if deep { value.map(|v| f32::from(v) / 65535.0) } else { value.map(|v| f32::from(v as u8) / 255.0) };
        // Colour under full transparency has no meaning, except for the nearest pixel.
        let opaque = |c: usize| if c == 3 { value[3].max(0.1) } else { value[c] };
        let flat = Picture::from_fn(13, 9, format, |_, _, c| opaque(c));
        let result = enlarge(&classical(method), &flat, &Job::new(Target::Factor(factor)));
        let first = pixel(&flat, 0, 0);
        prop_assert!(result.bytes.chunks_exact(first.len()).all(|pixel| pixel == first));
    }
}

#[test]
fn results_agree_with_pillow() {
    let source = Picture::read_png(&data_folder_file("classical/source.png"));
    for method in Method::ALL {
        for (width, height) in [(144, 108), (112, 60), (48, 92), (19, 13)] {
            // A centre lies on the border of two pixels, where Pillow depends on rounding.
            if method == Method::Nearest && width == 19 {
                continue;
            }
            let expected =
                Picture::read_png(&data_folder_file(&format!("classical/{}-{width}x{height}.png", method.id())));
            let made = enlarge(&classical(method), &source, &Job::new(Target::Size(Size { width, height })));
            let most = if method == Method::Nearest { 0.0 } else { 1.01 };
            let distance = made.distance(&expected);
            assert!(distance <= most, "{method:?} to {width}x{height}: {distance} of 255");
        }
    }
}

/// A sink in memory with a colour space of its own.
struct Other<'a>(&'a mut Picture, Colour);

impl Sink for Other<'_> {
    fn size(&self) -> Size {
        self.0.size
    }

    fn format(&self) -> Format {
        self.0.format
    }

    fn colour(&self) -> Option<Colour> {
        Some(self.1.clone())
    }

    fn write(&mut self, y: u32, row: &[u8]) -> Result<()> {
        let stride = self.0.stride();
        self.0.bytes[y as usize * stride..][..stride].copy_from_slice(row);
        Ok(())
    }
}

/// A source in memory.
struct Rows<'a>(&'a Picture);

impl Source for Rows<'_> {
    fn size(&self) -> Size {
        self.0.size
    }

    fn format(&self) -> Format {
        self.0.format
    }

    fn colour(&self) -> Colour {
        self.0.colour.clone()
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()> {
        let start = y as usize * self.0.stride() + self.0.format.row_size(x);
        row.copy_from_slice(&self.0.bytes[start..start + row.len()]);
        Ok(())
    }
}

#[test]
fn nearest_converts_colour_only_for_another_colour_space() {
    // The second pixel is transparent, and has a colour.
    let mut small = Picture::new(Size { width: 2, height: 1 }, RGBA8, Colour::Srgb);
    small.bytes = vec![128, 200, 40, 255, 90, 10, 250, 0];
    let rgba32f = Format { channels: Channels::Rgba, ..RGB32F };
    let run = |colour: Colour, format: Format| {
        let mut large = Picture::new(Size { width: 4, height: 2 }, format, colour.clone());
        let job = Job::new(Target::Factor(2.0));
        let up = classical(Method::Nearest);
        up.run(&mut Rows(&small), &mut Other(&mut large, colour), &job, &Cancel::new(), &mut |_| {}).unwrap();
        large.samples()
    };
    let same = run(Colour::Srgb, rgba32f);
    let expected = small.samples();
    assert!((0..4).all(|c| same[c] == expected[c] && same[12 + c] == expected[4 + c]), "{same:?}");
    let linear = run(Colour::LinearSrgb, rgba32f);
    assert!((linear[0] - 0.2159).abs() < 1e-3 && (linear[13] - 0.003).abs() < 1e-3, "{linear:?}");
    assert_eq!((linear[3], linear[15]), (1.0, 0.0));
    // Gray becomes colour, and opaque.
    let gray = noise(3, 2, Format { channels: Channels::Gray, ..RGB8 }, Colour::Srgb, 5);
    let (large, _) = enlarge_as(&classical(Method::Nearest), &gray, RGBA8, &Job::new(Target::Factor(1.0))).unwrap();
    let repeated: Vec<u8> = gray.bytes.iter().flat_map(|&v| [v, v, v, 255]).collect();
    assert_eq!(large.bytes, repeated);
}

#[test]
fn a_method_has_no_models_passes_or_tiles() {
    let picture = noise(30, 20, RGB8, Colour::Srgb, 3);
    for method in Method::ALL {
        let up = classical(method);
        assert_eq!((up.method(), up.models().count()), (Some(method), 0));
        assert!(up.model().is_none() && up.session().is_none());
        let job = job(Target::Factor(4.0), |job| (job.strength, job.tile) = (0.3, Some(8)));
        let plan = up.plan(picture.size, &job).unwrap();
        assert_eq!((plan.method, plan.passes, plan.tiles, plan.network_pixels), (Some(method), 0, 0, 0));
        let (_, report) = enlarge_as(&up, &picture, RGB8, &job).unwrap();
        assert!(report.tiles == 0 && report.notes.is_empty());
    }
}

/// The rectangle that a plan says it reads is what is read.
#[test]
fn nearest_reads_only_the_pixels_that_it_needs() {
    let up = classical(Method::Nearest);
    let job = job(Target::Factor(2.0), |job| job.rect = Some(Rect { x: 3, y: 4, width: 5, height: 6 }));
    let plan = up.plan(Size { width: 40, height: 30 }, &job).unwrap();
    assert_eq!(plan.read, Rect { x: 3, y: 4, width: 5, height: 6 });
}
