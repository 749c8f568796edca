//! The fast precision of our own engine: how far it is from the exact one, on what people enlarge.
//!
//! The promise is 65 dB and 4/255 for photos, print and line art, 50 dB for noise. Where the engine falls back to exact
//! arithmetic by itself, this would not notice; so it also asks.

use enlarger::{Cancel, Engine, Precision, Session, SessionOptions, Tensor, TensorMut};
use enlarger_engine_winograd::Winograd;
use enlarger_tests::{Picture, default_model};
use std::sync::Arc;

const SIDE: usize = 131;

/// Planes of red, green and blue.
type Planes = Vec<f32>;

fn open(precision: Precision) -> Arc<dyn Session> {
    let mut options = SessionOptions::default();
    options.precision = precision;
    Winograd::new().open(&default_model(), &options).unwrap()
}

fn run(session: &dyn Session, planes: &Planes) -> Planes {
    let mut made = vec![0.0; 16 * planes.len()];
    let inputs = [Tensor { name: "input", shape: [1, 3, SIDE, SIDE], data: planes }];
    let output = TensorMut { name: "output", shape: [1, 3, 4 * SIDE, 4 * SIDE], data: &mut made };
    session.run(&inputs, output, &Cancel::new()).unwrap();
    made.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
    made
}

fn planes(value: impl Fn(u32, u32, usize) -> f32) -> Planes {
    let place = |i: usize| ((i % SIDE) as u32, (i / SIDE % SIDE) as u32, i / (SIDE * SIDE));
    (0..3 * SIDE * SIDE).map(place).map(|(x, y, channel)| value(x, y, channel)).collect()
}

fn photo(name: &str) -> Planes {
    let photo = Picture::photo(name);
    let channels = if photo.format.is_gray() { 1 } else { 3 };
    planes(|x, y, channel| photo.at(x % photo.size.width, y % photo.size.height, channel.min(channels - 1)))
}

fn line_art() -> Planes {
    planes(|x, y, channel| {
        let distance = (y as f32 - 65.0).hypot(x as f32 - 65.0);
        let drawn = [10.0, 25.0, 45.0, 70.0].iter().any(|radius| (distance - radius).abs() < 1.0);
        match (drawn || (x + y).is_multiple_of(17), channel) {
            (true, 1) => 0.12,
            (true, _) => 0.0,
            (false, 1) => 0.94,
            (false, _) => 1.0,
        }
    })
}

fn noise() -> Planes {
    let mut state = 1u32;
    (0..3 * SIDE * SIDE)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as f32 / 255.0
        })
        .collect()
}

/// Decibels, and the greatest difference of 255.
fn compare(made: &[f32], expected: &[f32]) -> (f64, f32) {
    let differences = made.iter().zip(expected).map(|(a, b)| (a - b).abs());
    let squares: f64 = differences.clone().map(|difference| f64::from(difference).powi(2)).sum();
    (-10.0 * (squares / made.len() as f64).log10(), 255.0 * differences.fold(0.0, f32::max))
}

#[test]
fn fast_is_nearly_exact() {
    let (exact, fast) = (open(Precision::Exact), open(Precision::Fast));
    assert!(exact.is_exact() && !fast.is_exact());
    let mut pictures: Vec<(&str, Planes)> = ["cat.png", "astronaut.png", "coffee.png", "galaxies.png", "writing.png"]
        .map(|name| (name, photo(name)))
        .into();
    pictures.push(("line art", line_art()));
    for (name, planes) in &pictures {
        let (decibels, greatest) = compare(&run(&*fast, planes), &run(&*exact, planes));
        println!("{name}: {decibels:.1} dB, {greatest:.2} of 255 at most");
        assert!(decibels >= 65.0 && greatest <= 4.0, "{name}: {decibels:.1} dB, {greatest:.2} of 255 at most");
    }
    let planes = noise();
    let (decibels, greatest) = compare(&run(&*fast, &planes), &run(&*exact, &planes));
    println!("noise: {decibels:.1} dB, {greatest:.2} of 255 at most");
    assert!(decibels >= 50.0, "noise: {decibels:.1} dB");
}
