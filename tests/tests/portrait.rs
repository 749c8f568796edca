//! The preset *portrait* on a real face: nearer to the person than *natural*, and skin keeps its texture. QUALITY.md has the figures
//! for more faces; the bounds here are wide enough for every engine and machine.

use enlarger::{Cancel, Colour, Face, FaceFinder, Job, Presets, Recipe, Rect, Registry, SessionOptions, Size, Target};
use enlarger::{Upscaler, View, ViewSource};
use enlarger_tests::{Picture, enlarge, job, real_engine, upscaler};

/// Half the size: the means of four pixels.
fn halved(picture: &Picture) -> Picture {
    let Size { width, height } = picture.size;
    Picture::from_fn(width / 2, height / 2, picture.format, |x, y, c| {
        let sum: f32 = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(i, j)| picture.at(2 * x + i, 2 * y + j, c)).iter().sum();
        sum / 4.0
    })
}

fn faces(picture: &Picture) -> Vec<Face> {
    let finder = FaceFinder::open(&*real_engine("rten"), &SessionOptions::default()).unwrap();
    let view = View::new(&picture.bytes, picture.stride(), picture.size, picture.format).unwrap();
    finder.find(&mut ViewSource::new(view, Colour::Srgb), &Cancel::new(), &mut |_| {}).unwrap()
}

fn opened(recipe: &Recipe) -> Upscaler {
    let links: Vec<Upscaler> = recipe.models.iter().map(|model| upscaler(model, real_engine("winograd"))).collect();
    Upscaler::chain(&links).unwrap()
}

/// PSNR in dB.
fn likeness(a: &Picture, b: &Picture) -> f32 {
    let (a, b) = (a.samples(), b.samples());
    let squares: f32 = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum();
    -10.0 * (squares / a.len() as f32).log10()
}

/// The median of the local contrast of green in squares of 3 by 3 pixels, so that skin decides and not the edges of eyes.
fn texture(picture: &Picture) -> f32 {
    let Size { width, height } = picture.size;
    let at = |x: u32, y: u32| {
        let near = (0..9).map(|i| picture.at(x + i % 3, y + i / 3, 1));
        near.clone().map(|v| v * v).sum::<f32>() / 9.0 - (near.sum::<f32>() / 9.0).powi(2)
    };
    let mut found: Vec<f32> =
        (0..height - 2).flat_map(|y| (0..width - 2).map(move |x| (x, y))).map(|(x, y)| at(x, y)).collect();
    found.sort_by(f32::total_cmp);
    found[found.len() / 2]
}

#[test]
fn a_face_is_nearer_to_the_person_than_by_natural_and_skin_keeps_its_texture() {
    let photo = Picture::photo("astronaut.png");
    let original = photo.crop(Rect { x: 0, y: 0, width: photo.size.width / 2 * 2, height: photo.size.height / 2 * 2 });
    let small = halved(&original);
    let (presets, built_in) = (Presets::open(), Registry::search(&[]));
    let portrait = presets.find("portrait").unwrap();
    let natural = || opened(&presets.find("natural").unwrap().resolve(&built_in, 2.0, None).unwrap());
    let with_faces = |level| {
        let recipe = portrait.resolve_faces(&built_in, 2.0, Some(level)).unwrap();
        natural().with_faces(opened(&recipe)).unwrap()
    };
    let found = faces(&small);
    assert_eq!(found.len(), 1);
    let with = job(Target::Factor(2.0), |job| job.faces = found.clone());
    // Eyes, nose and mouth, where the oval is 1.
    let inside = |picture: Picture| picture.crop(Rect { x: 50, y: 75, width: 84, height: 84 });
    let truth = inside(original.clone());
    let plain =
        inside(enlarge(&Upscaler::classical(enlarger::Method::Bicubic), &small, &Job::new(Target::Factor(2.0))));
    let by_natural = inside(enlarge(&natural(), &small, &with));
    for (level, gain) in [(0, 2.0), (10, 1.0)] {
        let made = inside(enlarge(&with_faces(level), &small, &with));
        let (ours, naturals) = (likeness(&made, &truth), likeness(&by_natural, &truth));
        assert!(ours > naturals + gain, "level {level}: {ours} dB, natural {naturals} dB");
        let (kept, least, most) = (texture(&made), 0.9 * texture(&plain), 1.1 * texture(&truth));
        assert!((least..most).contains(&kept), "level {level}: {kept}, not from {least} to {most}");
    }
}
