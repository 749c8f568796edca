//! Advice on photos of `tests/data` and on the same photos with defects: exactly the right codes, and nothing on good pictures.
//!
//! `scripts/advice` measures the rates on hundreds of pictures; this is its quick part.

use enlarger::{
    Advice, AdviceCode, Asked, Cancel, ErrorKind, Job, Measures, Method, ModelChoice, Presets, Question, Rect, Size,
    Target, Upscaler, View, ViewSource, Wear, advise,
};
use enlarger_tests::picture::{RGB8, RGBA8};
use enlarger_tests::{Picture, enlarge};

const PHOTOS: [&str; 3] = ["astronaut.png", "cat.png", "coffee.png"];

fn source(picture: &Picture) -> ViewSource<'_> {
    let view = View::new(&picture.bytes, picture.stride(), picture.size, picture.format).unwrap();
    ViewSource::new(view, picture.colour.clone())
}

fn measured(picture: &Picture) -> Measures {
    Measures::measure(&mut source(picture), &Cancel::new()).unwrap()
}

fn question(preset: &str, factor: f64) -> Question {
    Question::new(factor, &ModelChoice::Preset(Box::new(Presets::open().find(preset).unwrap().clone())))
}

fn advice(picture: &Picture) -> Vec<Advice> {
    advise(Some(&measured(picture)), &question("natural", 4.0))
}

fn codes(picture: &Picture) -> Vec<&'static str> {
    advice(picture).iter().map(|advice| advice.code.name()).collect()
}

/// The photo with each sample changed by `value` (samples, width, x, y, channel, number of channels).
fn changed(photo: &Picture, value: impl Fn(&dyn Fn(i64, i64) -> f32, i64, i64) -> f32) -> Picture {
    let (samples, width, height) = (photo.samples(), i64::from(photo.size.width), i64::from(photo.size.height));
    Picture::from_fn(photo.size.width, photo.size.height, RGB8, |x, y, c| {
        let at = |x: i64, y: i64| {
            let (x, y) = (x.clamp(0, width - 1), y.clamp(0, height - 1));
            samples[((y * width + x) * 3) as usize + c]
        };
        value(&at, i64::from(x), i64::from(y)).clamp(0.0, 1.0)
    })
}

/// The mean around a place, weighted by a Gaussian.
fn smooth(at: &dyn Fn(i64, i64) -> f32, (x, y): (i64, i64), sigma: f32) -> f32 {
    let (mut sum, mut weights) = (0.0, 0.0);
    let reach = (3.0 * sigma).ceil() as i64;
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let weight = (-((dx * dx + dy * dy) as f32) / (2.0 * sigma * sigma)).exp();
            sum += weight * at(x + dx, y + dy);
            weights += weight;
        }
    }
    sum / weights
}

fn noisy(photo: &Picture, deviation: f32) -> Picture {
    let mut state = 1u32;
    let mut noisy = photo.clone();
    noisy.bytes.iter_mut().for_each(|byte| {
        // The sum of twelve uniform numbers is nearly normally distributed.
        let dice = (0..12).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        });
        *byte = (f32::from(*byte) + deviation * (dice.sum::<f32>() - 6.0)).round().clamp(0.0, 255.0) as u8;
    });
    noisy
}

/// The photo as a camera takes it: each pixel has a value in one colour, and the means of its neighbours in the others.
fn from_a_camera(photo: &Picture, deviation: f32) -> Picture {
    let noisy = noisy(photo, deviation);
    let (samples, width, height) = (noisy.samples(), i64::from(photo.size.width), i64::from(photo.size.height));
    let has_value = |x: i64, y: i64, c: usize| match c {
        0 => x % 2 == 0 && y % 2 == 0,
        1 => (x + y) % 2 == 1,
        _ => x % 2 == 1 && y % 2 == 1,
    };
    Picture::from_fn(photo.size.width, photo.size.height, RGB8, |x, y, c| {
        let (x, y) = (i64::from(x), i64::from(y));
        let reach = i64::from(!has_value(x, y, c));
        let (mut sum, mut weights) = (0.0, 0.0);
        for y in (y - reach).max(0)..=(y + reach).min(height - 1) {
            for x in (x - reach).max(0)..=(x + reach).min(width - 1) {
                let weight = if has_value(x, y, c) { 1.0 } else { 0.0 };
                sum += weight * samples[((y * width + x) * 3) as usize + c];
                weights += weight;
            }
        }
        sum / weights
    })
}

fn enlarged(photo: &Picture, method: Method, factor: f64) -> Picture {
    enlarge(&Upscaler::classical(method), photo, &Job::new(Target::Factor(factor)))
}

#[test]
fn good_pictures_get_no_advice() {
    for name in ["astronaut.png", "cat.png", "coffee.png", "galaxies.png", "writing.png"] {
        assert_eq!(advice(&Picture::photo(name)), [], "{name}");
    }
}

#[test]
fn each_defect_is_told() {
    for name in PHOTOS {
        let photo = Picture::photo(name);
        for deviation in [8.0, 16.0] {
            assert_eq!(codes(&noisy(&photo, deviation)), ["noisy"], "{name}, noise of {deviation}");
        }
        let camera = from_a_camera(&photo, 20.0);
        assert_eq!(codes(&camera), ["noisy"], "{name}, noise of a camera");
        assert!(measured(&camera).wear().coarse && !measured(&photo).wear().coarse, "{name}");
        let blurred = changed(&photo, |at, x, y| smooth(at, (x, y), 2.5));
        assert_eq!(codes(&blurred), ["blurred"], "{name}, blurred");
        let shaken = changed(&photo, |at, x, y| (-6..=6).map(|step| at(x + step, y)).sum::<f32>() / 13.0);
        assert_eq!(codes(&shaken), ["blurred"], "{name}, shaken");
        let sharpened = changed(&photo, |at, x, y| at(x, y) + 4.0 * (at(x, y) - smooth(at, (x, y), 2.0)));
        // Sharpening makes grain stronger, too, so that noise may be told as well.
        assert!(codes(&sharpened).contains(&"sharpened"), "{name}, sharpened: {:?}", codes(&sharpened));
        let screened = changed(&photo, |at, x, y| {
            let (u, v) = ((x + y) as f32 * 1.1, (x - y) as f32 * 1.1);
            0.5 + 0.45 * (at(x, y) - 0.5 - 0.25 * (u.cos() + v.cos()))
        });
        assert_eq!(codes(&screened), ["screened"], "{name}, screened");
        let (width, height) = (60, 50);
        assert_eq!(codes(&photo.crop(Rect { x: 60, y: 60, width, height })), ["small"], "{name}, small");
    }
}

#[test]
fn the_factor_of_an_enlargement_is_found() {
    for name in PHOTOS {
        let photo = Picture::photo(name);
        for (method, factor) in [
            (Method::Bicubic, 1.5),
            (Method::Bicubic, 3.0),
            (Method::Lanczos, 2.0),
            (Method::Lanczos, 2.5),
            (Method::Nearest, 2.0),
            (Method::Nearest, 3.0),
        ] {
            let found = advice(&enlarged(&photo, method, factor));
            let told = found.iter().map(|advice| (advice.code, advice.value));
            let right =
                told.clone().any(|(code, value)| code == AdviceCode::Enlarged && (value / factor - 1.0).abs() < 0.03);
            assert!(right && found.len() == 1, "{name}, {method:?} by {factor}: {found:?}");
        }
    }
}

#[test]
fn content_is_told_apart() {
    let photo = Picture::photo("coffee.png");
    let told = |picture: &Picture, preset: &str| {
        let found = advise(Some(&measured(picture)), &question(preset, 4.0));
        found.into_iter().map(|advice| (advice.code.name(), advice.option.unwrap().1)).collect::<Vec<_>>()
    };
    assert_eq!(told(&photo, "illustration"), [("content", "natural".to_owned())]);
    // Discs with smooth edges, on paper.
    let drawing = Picture::from_fn(300, 240, RGB8, |x, y, c| {
        let (dx, dy) = ((x % 75) as f32 - 37.0, (y % 80) as f32 - 40.0);
        let inside = (28.0 - dx.hypot(dy)).clamp(0.0, 1.0);
        let colour = [0.9, 0.3, 0.2][(c + (x / 75 + y / 80) as usize) % 3];
        0.93 + inside * (colour - 0.93)
    });
    assert_eq!(told(&drawing, "natural"), [("content", "illustration".to_owned())]);
    assert_eq!(told(&drawing, "illustration"), []);
    let sprite = Picture::from_fn(160, 160, RGB8, |x, y, c| {
        [0.1, 0.8, 0.5, 0.3, 0.9][((x / 5 * 7 + y / 5 * (y / 5) * 3) as usize + c) % 5]
    });
    assert_eq!(told(&sprite, "natural"), [("content", "nearest".to_owned())]);
}

#[test]
fn clean_and_advice_use_the_same_measures() {
    let noisy = noisy(&Picture::photo("cat.png"), 12.0);
    let (wear, measures) = (Wear::measure(&mut source(&noisy), &Cancel::new()).unwrap(), measured(&noisy));
    assert_eq!(measures.wear(), wear);
    let found = &advise(Some(&measures), &question("natural", 2.0))[0];
    assert!(found.action.contains(&format!("noise level {} ", wear.level())), "{found:?}");
    assert_eq!(found.option, Some(("preset", "clean".to_owned())));
    // A preset that removes noise needs no advice on it.
    assert_eq!(advise(Some(&measures), &question("clean", 2.0)), []);
}

#[test]
fn advice_that_is_followed_is_not_told() {
    let photo = Picture::photo("cat.png");
    let told = |picture: &Picture, question: &Question| advise(Some(&measured(picture)), question);
    let plain = question("natural", 2.0);
    let large = enlarged(&photo, Method::Bicubic, 2.0);
    assert_eq!(told(&large, &plain)[0].option, Some(("reduce_first", "50".to_owned())));
    assert_eq!(told(&large, &Question { reduce_first: 75.0, ..plain.clone() }).len(), 1, "it is not reduced enough");
    assert_eq!(told(&large, &Question { reduce_first: 40.0, ..plain.clone() }), []);
    let sharpened = changed(&photo, |at, x, y| at(x, y) + 4.0 * (at(x, y) - smooth(at, (x, y), 2.0)));
    let is_told = |question: &Question| told(&sharpened, question).iter().any(|one| one.code == AdviceCode::Sharpened);
    assert!(is_told(&plain) && is_told(&Question { strength: 0.7, ..plain.clone() }));
    assert!(!is_told(&Question { strength: 0.6, ..plain.clone() }));
    let screened = changed(&photo, |at, x, y| {
        let (u, v) = ((x + y) as f32 * 1.1, (x - y) as f32 * 1.1);
        0.5 + 0.45 * (at(x, y) - 0.5 - 0.25 * (u.cos() + v.cos()))
    });
    // The dots are four pixels apart.
    assert_eq!(told(&screened, &plain)[0].option, Some(("reduce_first", "24".to_owned())));
    assert_eq!(told(&screened, &Question { reduce_first: 24.0, ..plain }), []);
}

#[test]
fn transparent_pixels_are_not_judged() {
    let photo = Picture::photo("coffee.png");
    // A cut-out: opaque in a circle only.
    let (width, height) = (photo.size.width, photo.size.height);
    let cut_out = Picture::from_fn(width, height, RGBA8, |x, y, c| {
        let (dx, dy) = (x as f32 - width as f32 / 2.0, y as f32 - height as f32 / 2.0);
        let inside = dx.hypot(dy) < height as f32 * 0.45;
        if c == 3 { f32::from(u8::from(inside)) } else { photo.at(x, y, c) }
    });
    assert_eq!(advice(&cut_out), []);
    assert_eq!(advise(Some(&measured(&cut_out)), &question("illustration", 2.0))[0].code, AdviceCode::Content);
    let nothing = Picture::from_fn(width, height, RGBA8, |_, _, _| 0.0);
    for preset in ["natural", "illustration"] {
        assert_eq!(advise(Some(&measured(&nothing)), &question(preset, 2.0)), [], "{preset}");
    }
}

#[test]
fn a_quality_that_the_file_states_counts() {
    let photo = Picture::photo("cat.png");
    // Each block gets a mean of its own, as after strong compression.
    let blocky = changed(&photo, |at, x, y| 0.5 * at(x, y) + 0.5 * at(x / 8 * 8 + 4, y / 8 * 8 + 4));
    let with = |quality: Option<u8>| {
        let question = Question { quality, ..question("natural", 4.0) };
        advise(Some(&measured(&blocky)), &question).into_iter().map(|a| (a.code.name(), a.value)).collect::<Vec<_>>()
    };
    assert_eq!(with(Some(40)), [("compressed", 40.0)]);
    assert_eq!(with(Some(90)), []);
    assert_eq!(with(None).iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["compressed"]);
}

#[test]
fn results_that_are_too_large_are_told() {
    let size = Size { width: 3000, height: 9000 };
    let asked = |change: fn(&mut Asked)| {
        let mut result = Asked::new(size);
        change(&mut result);
        let question = Question { result: Some(result), ..question("natural", 4.0) };
        advise(None, &question).into_iter().map(|advice| (advice.code.name(), advice.value)).collect::<Vec<_>>()
    };
    assert_eq!(asked(|_| {}), []);
    assert_eq!(asked(|result| result.print = Some(300.0)), []);
    assert_eq!(asked(|result| result.print = Some(600.0)), [("large", 9000.0)]);
    assert_eq!(asked(|result| result.longest = Some((8000, "WebP"))), [("large", 9000.0)]);
    assert_eq!(asked(|result| result.memory = Some((5_000_000_000, 4_000_000_000))), [("large", 5.0)]);
}

#[test]
fn a_measurement_can_be_cancelled_and_takes_any_picture() {
    let photo = Picture::photo("cat.png");
    let cancel = Cancel::new();
    cancel.cancel();
    let error = Measures::measure(&mut source(&photo), &cancel).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    for (width, height) in [(1, 1), (2, 3), (3, 200), (200, 1), (65, 64), (130, 130)] {
        let flat = Picture::from_fn(width, height, RGB8, |_, _, _| 0.4);
        let found = codes(&flat);
        assert!(found.iter().all(|code| ["small", "content"].contains(code)), "{width}x{height}: {found:?}");
    }
}
