//! The fixed set of pictures on which the promise of the fast precision is tested.
//!
//! Photos and handwriting are crops of those in `tests/data`; print, line art and noise are drawn here. The SHA-256 of each
//! picture's pixels fixes the set. It must never be changed because a network does badly on it.

use enlarger::Rect;
use sha2::{Digest, Sha256};

use crate::picture::{Picture, RGB8};

/// The size of all pictures. Odd, so that tiles never divide it evenly.
pub const WIDTH: u32 = 131;
pub const HEIGHT: u32 = 127;

/// A picture of the set.
pub struct Exhibit {
    pub name: &'static str,
    /// Whether the picture is pure noise, for which less is promised.
    pub noise: bool,
    pub picture: Picture,
}

/// Name, and the SHA-256 of its pixels.
const CATALOGUE: [(&str, &str); 11] = [
    ("astronaut", "2f1f2b0915e75e1711e6c020ac30c21ce4e3f68ac6eadf6a8c92919920509d2f"),
    ("cat", "8ad3242471da925fb31cc39b9822a6acf3f177e8a35fff87c4f1c91907840391"),
    ("coffee", "823e92fec2ab5ae8fc8418697feac580324251175757bb561b3cecf4f1f9acd9"),
    ("galaxies", "be617df1dcc7434aab23f877f6ca3b392afc1ac84e24e4844f67b9b4b6474751"),
    ("writing", "adc50e8420b67267b977fb23bd3bd98f1abd9b5b4be8ea3fdba201f65865d7d6"),
    ("print", "ed8ebc3ea9d6d4d4b2c766098f63efe5fbf2670fa21f77195a21acf4b0d98181"),
    ("inverted print", "6de655e2bc5a69b7f057bf7d6458cb05d1130400c979f1cfd6214c492f2b645d"),
    ("line art", "1ff80657979ecb467c9a5e4703abf1211bfec17ea9be7607c0837efa0c680807"),
    ("screen", "593a44f3b5d3d33d22fdc418da35e9b728c94247049edb9c6426e07978c54d3f"),
    ("noise", "a653fa08a5f6c2c21488011f1140f4ab05541c37075e9ac2bf01d3f0780dc6c5"),
    ("black and white noise", "39eefb5d86e93840b70addbe8c3690b405fecf38c257facfcd7d40c87e161a70"),
];

/// The whole set.
pub fn gallery() -> Vec<Exhibit> {
    let drawn = CATALOGUE.map(|(name, _)| (name, picture(name)));
    let found = drawn.each_ref().map(|(name, picture)| {
        let digest = Sha256::digest(&picture.bytes);
        (*name, digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    });
    assert_eq!(
        found.each_ref().map(|(name, sha256)| (*name, sha256.as_str())),
        CATALOGUE,
        "these are not the pictures of the fixed set"
    );
    drawn.map(|(name, picture)| Exhibit { name, noise: name.ends_with("noise"), picture }).into()
}

fn picture(name: &str) -> Picture {
    match name {
        "print" => drawn(|x, y, _| if ink(x, y) { 0.05 } else { 1.0 }),
        "inverted print" => drawn(|x, y, c| if ink(x / 2, y / 2) { 1.0 } else { [0.0, 0.1, 0.5][c] }),
        "line art" => drawn(line_art),
        "screen" => drawn(screen),
        "noise" => drawn(|x, y, c| (number(x, y, c) & 255) as f32 / 255.0),
        "black and white noise" => drawn(|x, y, _| (number(x, y, 3) & 1) as f32),
        photo => {
            let photo = Picture::photo(&format!("{photo}.png"));
            let part = photo.crop(Rect { x: 30, y: 0, width: WIDTH, height: HEIGHT });
            let last = part.format.channels.count() - 1;
            let samples = part.samples();
            drawn(|x, y, c| samples[(y * WIDTH + x) as usize * (last + 1) + c.min(last)])
        }
    }
}

fn drawn(value: impl Fn(u32, u32, usize) -> f32) -> Picture {
    Picture::from_fn(WIDTH, HEIGHT, RGB8, value)
}

/// Digits of 3 by 5 pixels. Three bits are a row; the first row is in the highest bits.
const DIGITS: [u16; 10] = [
    0b111_101_101_101_111,
    0b010_110_010_010_111,
    0b111_001_111_100_111,
    0b111_001_111_001_111,
    0b101_101_111_001_001,
    0b111_100_111_001_111,
    0b111_100_111_101_111,
    0b111_001_010_010_010,
    0b111_101_111_101_111,
    0b111_101_111_001_111,
];

/// Lines of small digits.
fn ink(x: u32, y: u32) -> bool {
    let digit = DIGITS[(number(x / 4, y / 8, 7) % 10) as usize];
    x % 4 < 3 && y % 8 < 5 && digit >> (14 - (y % 8 * 3 + x % 4)) & 1 == 1
}

/// Hard rings, diagonals and flat colours, as in a cartoon.
fn line_art(x: u32, y: u32, channel: usize) -> f32 {
    let distance = (y as f32 - 63.0).hypot(x as f32 - 65.0);
    let ring = [10.0, 25.0, 45.0, 70.0].iter().any(|radius: &f32| (distance - radius).abs() < 1.0);
    match (ring || (x + y).is_multiple_of(17), distance < 25.0) {
        (true, _) => [0.0, 0.12, 0.0][channel],
        (false, true) => [0.9, 0.2, 0.1][channel],
        (false, false) => [1.0, 0.94, 1.0][channel],
    }
}

/// A screenshot: flat boxes with thin frames, single dots, and lines of one pixel.
fn screen(x: u32, y: u32, channel: usize) -> f32 {
    match (x % 32, y % 24) {
        (0, _) | (_, 0) => 0.0,
        (4..=12, 4..=12) => [0.1, 0.4, 0.9][channel],
        (16..=28, row @ 4..=18) if row % 2 == 0 => 0.25,
        (column @ 4..=12, 16) if column % 2 == 0 => 0.0,
        _ => 0.93,
    }
}

/// Bits that look random.
fn number(x: u32, y: u32, salt: usize) -> u32 {
    let mut bits = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77) ^ (salt as u32).wrapping_mul(0xc2b2_ae3d);
    for _ in 0..2 {
        bits = (bits ^ (bits >> 15)).wrapping_mul(0x2c1b_3c6d);
        bits = (bits ^ (bits >> 12)).wrapping_mul(0x297a_2d39);
    }
    bits >> 8
}
