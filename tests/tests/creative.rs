//! Creativity adds detail and nothing else: colours, edges, gray and flat areas stay. What it does is the same for every division of the
//! picture, and the result says so.

use std::sync::Arc;

use enlarger::Cancel;
use enlarger::{
    Content, ErrorKind, Installed, Job, Measures, Method, OptionKey, OptionValue, Presets, Rect, Registry, Settings,
    Target, Upscaler, View, ViewSource,
};
use enlarger_tests::picture::{RGB8, RGB32F};
use enlarger_tests::{Picture, Toy, default_model, enlarge, enlarge_as, job, real_engine, toy_model, upscaler};

fn toy(scale: u32) -> Upscaler {
    upscaler(&toy_model(scale, 1), Arc::new(Toy { radius: 1, ..Toy::default() }))
}

fn photo() -> Picture {
    Picture::photo("cat.png").crop(Rect { x: 60, y: 40, width: 72, height: 56 })
}

fn with(factor: f64, creativity: f32, change: impl FnOnce(&mut Job)) -> Job {
    job(Target::Factor(factor), |job| {
        job.creativity = creativity;
        change(job);
    })
}

/// The mean of each channel.
fn means(picture: &Picture) -> [f64; 3] {
    let samples = picture.samples();
    [0, 1, 2]
        .map(|c| samples.iter().skip(c).step_by(3).map(|v| f64::from(*v)).sum::<f64>() / (samples.len() / 3) as f64)
}

/// The deviation between neighbouring pixels, of 255.
fn detail(picture: &Picture) -> f64 {
    let (samples, width) = (picture.samples(), 3 * picture.size.width as usize);
    let steps = samples.chunks(width).flat_map(|row| row.windows(4).map(|v| f64::from(v[3] - v[0]).powi(2)));
    255.0 * (steps.sum::<f64>() / samples.len() as f64).sqrt()
}

#[test]
fn detail_grows_with_creativity_and_no_colour_drifts() {
    for (up, factor) in [(toy(2), 2.0), (toy(4), 4.0), (toy(2), 3.0), (toy(2), 8.0), (toy(3), 1.5)] {
        let made = |creativity| enlarge_as(&up, &photo(), RGB32F, &with(factor, creativity, |_| {})).unwrap().0;
        let (none, half, full) = (made(0.0), made(0.5), made(1.0));
        assert!(detail(&none) < detail(&half) && detail(&half) < detail(&full), "×{factor}");
        assert!(detail(&full) > 1.1 * detail(&none), "×{factor}: {} and {}", detail(&none), detail(&full));
        for (before, after) in means(&photo()).into_iter().zip(means(&full)) {
            assert!(255.0 * (before - after).abs() < 0.5, "×{factor}: {before} becomes {after}");
        }
        // Nor does a part of the picture: averages over 8x8 source pixels stay near those without texture.
        let side = (8.0 * factor) as u32;
        for (x, y) in (0..none.size.width / side).flat_map(|x| (0..none.size.height / side).map(move |y| (x, y))) {
            let rect = Rect { x: x * side, y: y * side, width: side, height: side };
            let (a, b) = (none.crop(rect).mean(), full.crop(rect).mean());
            assert!(255.0 * (a - b).abs() < 1.5, "×{factor} at {rect:?}: {a} and {b}");
        }
    }
}

#[test]
fn the_real_network_keeps_colours_too() {
    let up = upscaler(&default_model(), real_engine("winograd"));
    let full = enlarge_as(&up, &photo(), RGB32F, &with(4.0, 1.0, |_| {})).unwrap().0;
    for (before, after) in means(&photo()).into_iter().zip(means(&full)) {
        assert!(255.0 * (before - after).abs() < 0.5, "{before} becomes {after}");
    }
}

#[test]
fn flat_areas_and_gray_stay() {
    for tone in [0.0, 0.2, 0.5, 1.0] {
        let flat = Picture::from_fn(24, 20, RGB8, |_, _, _| tone);
        let made = enlarge(&toy(2), &flat, &with(2.0, 1.0, |_| {}));
        assert_eq!(made, enlarge(&toy(2), &flat, &with(2.0, 0.0, |_| {})), "{tone}");
    }
    let gray = Picture::from_fn(40, 30, RGB8, |x, y, _| 0.3 + ((x * 7 + y * 5) % 11) as f32 * 0.03);
    let made = enlarge(&toy(2), &gray, &with(2.0, 1.0, |_| {}));
    assert!(made.samples().chunks(3).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
}

#[test]
fn edges_stay_where_they_are() {
    let edge = Picture::from_fn(48, 40, RGB32F, |x, y, _| {
        let at = x as f32 + 0.3 * y as f32 - 30.2;
        0.5 + 0.35 * (at / 0.7).tanh()
    });
    // The toy repeats pixels, so a level is crossed only where one of its steps lies.
    let up = upscaler(&default_model(), real_engine("winograd"));
    let crossings = |creativity| -> Vec<f32> {
        let made = enlarge_as(&up, &edge, RGB32F, &with(4.0, creativity, |_| {})).unwrap().0;
        let row = |y| (0..made.size.width).map(|x| made.at(x, y, 0)).collect::<Vec<f32>>();
        let crossing = |row: Vec<f32>| {
            let x = row.iter().position(|v| *v >= 0.5).unwrap();
            x as f32 - (row[x] - 0.5) / (row[x] - row[x - 1])
        };
        (16..144).map(|y| crossing(row(y))).collect()
    };
    let (before, after) = (crossings(0.0), crossings(1.0));
    // In pixels of the source.
    let moved = before.iter().zip(&after).map(|(a, b)| (a - b).abs() / 4.0).fold(0.0, f32::max);
    assert!(moved < 0.1, "an edge moved by {moved} pixels");
}

#[test]
fn tiles_rectangles_and_seeds() {
    let (up, photo) = (toy(2), photo());
    let made = |job: &Job| enlarge_as(&up, &photo, RGB32F, job).unwrap().0;
    let whole = made(&with(2.0, 1.0, |_| {}));
    assert_eq!(whole, made(&with(2.0, 1.0, |_| {})));
    assert!(whole.distance(&made(&with(2.0, 1.0, |job| job.tile = Some(13)))) < 1e-4);
    let rect = Rect { x: 21, y: 17, width: 30, height: 22 };
    let part = made(&with(2.0, 1.0, |job| job.rect = Some(rect)));
    let same = whole.crop(Rect { x: 42, y: 34, width: 60, height: 44 });
    assert!(part.distance(&same) < 1.0 / 255.0, "{}", part.distance(&same));
    assert!(whole.distance(&made(&with(2.0, 1.0, |job| job.seed = 2))) > 1.0 / 255.0);
    // A tile that repeats has texture that joins: what lies across the border continues.
    let wrapped = made(&with(2.0, 1.0, |job| job.wrap = true));
    assert_eq!(wrapped.size, whole.size);
}

#[test]
fn what_cannot_be_held_is_refused() {
    for (creativity, change) in
        [(1.0, (|job: &mut Job| job.colour_lock = false) as fn(&mut Job)), (1.1, |_| {}), (f32::NAN, |_| {})]
    {
        let error = toy(2).plan(photo().size, &with(2.0, creativity, change)).unwrap_err();
        assert!(error.kind() == ErrorKind::Argument && error.message().contains("creativity"), "{error}");
    }
    // Without creativity the lock may be off, and without a network there is nothing to hold.
    assert!(toy(2).plan(photo().size, &with(2.0, 0.0, |job| job.colour_lock = false)).is_ok());
    assert!(Upscaler::classical(Method::Bicubic).plan(photo().size, &with(2.0, 1.0, |_| {})).is_ok());
}

/// The job that the preset *creative* makes of a dial.
fn dialled(preset: &str, creativity: Option<i64>) -> Job {
    let (models, presets) = (Registry::search(&[]), Presets::open());
    let installed = Installed { models: &models, presets: &presets };
    let mut settings = Settings::default();
    settings.set(installed, OptionKey::Preset, OptionValue::Text(preset.into())).unwrap();
    if let Some(value) = creativity {
        settings.set(installed, OptionKey::Creativity, OptionValue::Integer(value)).unwrap();
    }
    settings.job(&settings, &settings.model_choice(installed).unwrap()).unwrap()
}

#[test]
fn the_dial_leads_from_the_faithful_enlargement_to_texture() {
    let shares = |job: Job| (job.strength, job.creativity);
    assert_eq!(shares(dialled("creative", None)), (1.0, 0.6));
    assert_eq!(shares(dialled("creative", Some(25))), (0.5, 0.25));
    assert_eq!(shares(dialled("creative", Some(0))), (0.0, 0.0));
    assert_eq!(shares(dialled("natural", None)), (1.0, 0.0));
    assert_eq!(shares(dialled("natural", Some(0))), (1.0, 0.0));
    assert_eq!(shares(dialled("natural", Some(40))), (1.0, 0.4));
    // At 0, the result is the plain enlargement.
    let mut none = dialled("creative", Some(0));
    none.target = Target::Factor(2.0);
    assert_eq!(
        enlarge(&toy(2), &photo(), &none),
        enlarge(&Upscaler::classical(Method::Bicubic), &photo(), &job(Target::Factor(2.0), |_| {}))
    );
}

#[test]
fn a_result_says_that_it_is_creative() {
    let up = toy(2);
    let made = |creativity, strength| {
        let job = with(2.0, creativity, |job| job.strength = strength);
        let made = up.provenance(photo().size, &job, Some("creative")).unwrap();
        let named = made.properties().iter().any(|property| property.name == "Creativity");
        (
            made.invents(),
            named,
            made.software().contains("creativ"),
            made.digital_source_type().ends_with("TrainedAlgorithmicMedia"),
        )
    };
    assert_eq!(made(0.6, 1.0), (true, true, true, true));
    assert_eq!(made(0.0, 0.0), (false, false, false, false));
    let (_, report) = enlarge_as(&up, &photo(), RGB8, &with(2.0, 0.6, |_| {})).unwrap();
    assert!(report.notes.iter().any(|note| note.contains("creativity 60")), "{:?}", report.notes);
    let (_, report) = enlarge_as(&up, &photo(), RGB8, &with(2.0, 0.0, |_| {})).unwrap();
    assert!(report.notes.iter().all(|note| !note.contains("creativity")), "{:?}", report.notes);
}

#[test]
fn photos_and_drawings_are_told_apart() {
    let content = |picture: &Picture| {
        let view = View::new(&picture.bytes, picture.stride(), picture.size, picture.format).unwrap();
        Measures::measure(&mut ViewSource::new(view, picture.colour.clone()), &Cancel::new()).unwrap().content()
    };
    assert_eq!(content(&Picture::photo("coffee.png")), Content::Photo);
    let drawing = Picture::from_fn(200, 160, RGB8, |x, y, c| match (x / 40 + y / 32) % 3 {
        _ if (x + 2 * y) % 60 < 3 => 0.1,
        0 => [0.9, 0.8, 0.2][c],
        1 => [0.2, 0.5, 0.9][c],
        _ => 0.85,
    });
    assert_eq!(content(&drawing), Content::Drawing);
}
