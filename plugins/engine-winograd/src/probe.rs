//! Which arithmetic a network can take: tried on small pictures when it is opened.
//!
//! The fast kinds round, and how much of that arrives at the output depends on the network. So each is compared with the
//! exact one on what is hard: texture, print, line art. One that misses must never be taken, and there is no other
//! judge: not the network's name, not its size.

use enlarger::{Cancel, Error, ErrorKind, Manifest, Precision, Result, Tensor, TensorMut};

use crate::kernels::isa::Isa;
use crate::loaded::{Arithmetic, Loaded};
use crate::plan::{Op, Plan};
use crate::threads::Threads;

/// What is promised of fast kinds, and asked of them here, on pictures that are harder than most: the least
/// signal-to-noise ratio in decibels, and the greatest difference from the exact kind.
const LEAST: f64 = 65.0;
const GREATEST: f64 = 4.0 / 255.0;

/// Halves end at 65504; activations of the test pictures must stay this far below.
const LARGEST_HALF: f32 = 65504.0 / 32.0;

/// Rounding adds up from layer to layer: with more convolutions than this F(6x6) has never passed.
const MOST_FOR_F6: usize = 40;

/// The side of a test picture.
const SIDE: u32 = 48;

/// A picture by position and channel, from 0 to 1.
type Painter = fn(usize, usize, usize) -> f32;

const PICTURES: [Painter; 3] = [texture, print, line_art];

/// Loads a plan in the fastest arithmetic that the precision allows and the test pictures show to be right.
///
/// # Errors
/// `ModelInvalid` where the precision is fast and nothing fast is right.
pub(crate) fn load(
    plan: &Plan,
    manifest: &Manifest,
    precision: Precision,
    isa: Isa,
    threads: &Threads,
) -> Result<Loaded> {
    let exact = Loaded::new(plan, isa, Arithmetic::EXACT, threads)?;
    // Where nothing is multiplied nothing can be faster.
    if precision == Precision::Exact || convolutions(plan) == 0 {
        return Ok(exact);
    }
    let (expected, largest) = results(&exact, manifest, threads)?;
    let mut best = f64::NEG_INFINITY;
    let force: Option<Vec<usize>> = std::env::var("WINO").ok().map(|t| t.split(',').map(|n| n.parse().unwrap()).collect());
    let list = match &force { Some(f) => vec![Arithmetic { large: convolutions(plan) * f[0] / 12, exact: false, halves: f[1] == 1 && largest <= LARGEST_HALF }], None => candidates(plan, largest) };
    for arithmetic in list {
        let loaded = Loaded::new(plan, isa, arithmetic, threads)?;
        let (decibels, difference) = compare(&results(&loaded, manifest, threads)?.0, &expected);
        if std::env::var("WINO").is_ok() { println!("  probe {arithmetic:?} {decibels:.1} {:.2} largest {largest} of {}", difference * 255.0, convolutions(plan)); return Ok(loaded); }
        if decibels >= LEAST && difference <= GREATEST {
            return Ok(loaded);
        }
        best = best.max(decibels);
    }
    if precision == Precision::Fast {
        let sentence = format!(
            "this network loses too much in the precision fast ({best:.1} dB where {LEAST} are asked for); take auto or exact"
        );
        return Err(Error::new(ErrorKind::ModelInvalid, sentence));
    }
    Ok(exact)
}

/// The fast kinds to try, fastest first.
fn candidates(plan: &Plan, largest: f32) -> Vec<Arithmetic> {
    let convolutions = convolutions(plan);
    let mut candidates = Vec::new();
    for halves in [true, false] {
        for large in [convolutions, convolutions * 2 / 3, 0] {
            if (!halves || largest <= LARGEST_HALF) && (large == 0 || convolutions <= MOST_FOR_F6) {
                candidates.push(Arithmetic { large, exact: false, halves });
            }
        }
    }
    candidates
}

fn convolutions(plan: &Plan) -> usize {
    plan.steps.iter().filter(|step| matches!(step.op, Op::Convolution { .. })).count()
}

/// What a network makes of the test pictures, and its largest activation.
fn results(loaded: &Loaded, manifest: &Manifest, threads: &Threads) -> Result<(Vec<Vec<f32>>, f32)> {
    let side = SIDE.max(manifest.input.minimum).next_multiple_of(manifest.input.multiple) as usize;
    let [black, white] = manifest.input.range;
    let made = side * manifest.scale as usize;
    let (mut all, mut largest) = (Vec::new(), 0.0f32);
    for paint in PICTURES {
        let pixel = |i: usize| black + (white - black) * paint(i / side % side, i % side, i / (side * side));
        let data: Vec<f32> = (0..3 * side * side).map(pixel).collect();
        let mut inputs = vec![Tensor { name: &manifest.input.name, shape: [1, 3, side, side], data: &data }];
        for extra in &manifest.extra {
            inputs.push(Tensor { name: &extra.name, shape: [1; 4], data: std::slice::from_ref(&extra.default) });
        }
        let mut output = vec![0.0; 3 * made * made];
        let to = TensorMut { name: &manifest.output.name, shape: [1, 3, made, made], data: &mut output };
        largest = largest.max(loaded.run_watched(threads, &inputs, to, &Cancel::new())?);
        // From here on black is 0 and white is 1, and what is beyond does not count.
        output.iter_mut().for_each(|value| *value = ((*value - black) / (white - black)).clamp(0.0, 1.0));
        all.push(output);
    }
    Ok((all, largest))
}

/// The worst signal-to-noise ratio of all pictures, and the greatest difference. What is no number is infinitely wrong.
fn compare(made: &[Vec<f32>], expected: &[Vec<f32>]) -> (f64, f64) {
    let (mut decibels, mut greatest) = (f64::INFINITY, 0.0f64);
    for (made, expected) in made.iter().zip(expected) {
        let mut squares = 0.0;
        for (a, b) in made.iter().zip(expected) {
            let difference = f64::from(a - b).abs();
            let difference = if difference.is_nan() { f64::INFINITY } else { difference };
            squares += difference * difference;
            greatest = greatest.max(difference);
        }
        decibels = decibels.min(-10.0 * (squares / expected.len() as f64).log10());
    }
    (decibels, greatest)
}

/// A number from 0 to 1 that looks random.
fn noise(y: usize, x: usize, salt: usize) -> f32 {
    let mixed = ((y * 73_856_093) ^ (x * 19_349_663) ^ (salt * 83_492_791)) as u32;
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0x5bd1_e995);
    (mixed >> 8) as f32 / (1 << 24) as f32
}

/// Slopes with grain, and an edge: as in a photo.
fn texture(y: usize, x: usize, channel: usize) -> f32 {
    let edge = if x + y / 2 > 40 { 0.3 } else { 0.0 };
    let wave = 0.1 * ((x as f32 * 0.7).sin() * (y as f32 * 0.4).cos());
    (0.15 + edge + 0.006 * (x + y * channel / 2) as f32 + wave + 0.08 * noise(y, x, channel)).clamp(0.0, 1.0)
}

/// Letters, five by seven, a row in the low bits of a byte: E, N, L, A, R, G.
const LETTERS: [[u8; 7]; 6] = [
    [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
    [0b10001, 0b11001, 0b11101, 0b10111, 0b10011, 0b10001, 0b10001],
    [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
    [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
    [0b01110, 0b10001, 0b10000, 0b10111, 0b10001, 0b10001, 0b01110],
];

/// Small print on paper.
fn print(y: usize, x: usize, _: usize) -> f32 {
    let letter = LETTERS[(y / 11 * 7 + x / 7) % LETTERS.len()];
    let drawn = y % 11 < 7 && x % 7 < 5 && letter[y % 11] >> (4 - x % 7) & 1 == 1;
    if drawn { 0.08 } else { 0.92 + 0.04 * noise(y, x, 2) }
}

/// Hard circles and diagonals in plain colours.
fn line_art(y: usize, x: usize, channel: usize) -> f32 {
    let distance = (y as f32 - 22.0).hypot(x as f32 - 26.0);
    let drawn = [7.0, 13.0, 21.0].iter().any(|radius| (distance - radius).abs() < 0.9) || (x + y).is_multiple_of(17);
    match (drawn, channel) {
        (true, 1) => 0.12,
        (true, _) => 0.0,
        (false, 1) => 0.94,
        (false, _) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_measured() {
        let zero = vec![vec![0.0; 4]];
        assert_eq!(compare(&zero, &zero), (f64::INFINITY, 0.0));
        let (decibels, greatest) = compare(&[vec![0.5, 0.0, 0.0, 0.0]], &zero);
        assert!((decibels - 12.04).abs() < 0.01 && greatest == 0.5);
        assert_eq!(compare(&[vec![f32::NAN, 0.0, 0.0, 0.0]], &zero), (f64::NEG_INFINITY, f64::INFINITY));
    }
}
