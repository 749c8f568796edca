//! The sample pictures on which arithmetics are compared, computed here.
//!
//! They are harder than most pictures: a photo has a signal-to-noise ratio four to ten decibels higher than small print of
//! full contrast. They must never be made easier because a network does badly on them.

/// Gives the value, from 0 to 1, at a row, a column and a channel.
pub(crate) type Painter = fn(usize, usize, usize) -> f32;

/// All samples, hardest first.
pub(crate) const SAMPLES: [Painter; 4] = [print, light_print, line_art, texture];

/// A pseudo-random number from 0 to 1.
fn noise(y: usize, x: usize, salt: usize) -> f32 {
    let mixed = ((y * 73_856_093) ^ (x * 19_349_663) ^ (salt * 83_492_791)) as u32;
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0x5bd1_e995);
    (mixed >> 8) as f32 / (1 << 24) as f32
}

/// Gradients with grain, and an edge, as in a photo.
fn texture(y: usize, x: usize, channel: usize) -> f32 {
    let edge = if x + y / 2 > 40 { 0.3 } else { 0.0 };
    let wave = 0.1 * ((x as f32 * 0.7).sin() * (y as f32 * 0.4).cos());
    (0.15 + edge + 0.006 * (x + y * channel / 2) as f32 + wave + 0.08 * noise(y, x, channel)).clamp(0.0, 1.0)
}

/// The letters E, N, L, A, R, G, five pixels by seven. Each byte is a row, in its low bits.
const LETTERS: [[u8; 7]; 6] = [
    [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
    [0b10001, 0b11001, 0b11101, 0b10111, 0b10011, 0b10001, 0b10001],
    [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
    [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
    [0b01110, 0b10001, 0b10000, 0b10111, 0b10001, 0b10001, 0b01110],
];

/// Whether a pixel is part of a letter. There is one pixel between letters and two between lines.
fn ink(y: usize, x: usize) -> bool {
    let letter = LETTERS[(y / 9 * 7 + x / 6) % LETTERS.len()];
    y % 9 < 7 && x % 6 < 5 && letter[y % 9] >> (4 - x % 6) & 1 == 1
}

/// Small print, black on white.
fn print(y: usize, x: usize, _: usize) -> f32 {
    if ink(y, x) { 0.0 } else { 1.0 }
}

/// Larger print, white on a strong colour.
fn light_print(y: usize, x: usize, channel: usize) -> f32 {
    if ink(y / 2, x / 2) { 1.0 } else { [0.5, 0.0, 0.1][channel] }
}

/// Circles and diagonals with hard edges, in plain colours.
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
