//! A small sound file of every format, and of its layouts that are read by code of their own.
//!
//! Those that other programs had to write are in `tests/data/pictures`.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use image::{DynamicImage, ImageFormat};

use super::*;

/// A file.
pub struct Sample {
    pub name: String,
    pub format: FileFormat,
    pub bytes: Vec<u8>,
}

const WIDTH: u32 = 37;
const HEIGHT: u32 = 29;

/// All files. Each is 37 by 29 pixels, apart from those of other programs.
pub fn files() -> Vec<Sample> {
    let mut files = Vec::new();
    written(&mut files);
    by_hand(&mut files);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/pictures");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        let format = FileFormat::from_content(&bytes, &path).unwrap();
        files.push(Sample { name: path.file_name().unwrap().to_str().unwrap().to_owned(), format, bytes });
    }
    files
}

/// By our own writers, and by the `image` crate's.
fn written(files: &mut Vec<Sample>) {
    let folder = tempfile::tempdir().unwrap();
    let size = size(WIDTH, HEIGHT);
    use enlarger::Sample::{F16, F32, U8, U16};
    for (name, format, sample, channels) in [
        ("a.png", FileFormat::Png, U8, Channels::Rgba),
        ("b.png", FileFormat::Png, U16, Channels::Gray),
        ("a.tif", FileFormat::Tiff, U8, Channels::Rgb),
        ("b.tif", FileFormat::Tiff, F32, Channels::Rgba),
        ("a.jpg", FileFormat::Jpeg, U8, Channels::Rgb),
        ("a.webp", FileFormat::WebP, U8, Channels::Rgba),
        ("a.exr", FileFormat::Exr, F16, Channels::Rgb),
    ] {
        let path = folder.path().join(name);
        let pixels = Format::new(sample, channels);
        let colour = if format == FileFormat::Exr { Colour::LinearSrgb } else { Colour::Srgb };
        write(&path, format, size, pixels, &picture(size, pixels), &colour, &Metadata::default());
        files.push(Sample { name: name.to_owned(), format, bytes: fs::read(path).unwrap() });
    }
    let rgb = picture(size, Format::new(U8, Channels::Rgb));
    let image = DynamicImage::ImageRgb8(image::RgbImage::from_raw(WIDTH, HEIGHT, rgb).unwrap());
    for (name, format, kind) in
        [("a.bmp", FileFormat::Bmp, ImageFormat::Bmp), ("a.ppm", FileFormat::Pnm, ImageFormat::Pnm)]
    {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, kind).unwrap();
        files.push(Sample { name: name.to_owned(), format, bytes: bytes.into_inner() });
    }
}

fn by_hand(files: &mut Vec<Sample>) {
    let mut add = |name: &str, format, bytes| files.push(Sample { name: name.to_owned(), format, bytes });
    let size = size(WIDTH, HEIGHT);
    let pixels = picture(size, Format::new(enlarger::Sample::U8, Channels::Rgba));

    let mut tga = vec![0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, WIDTH as u8, 0, HEIGHT as u8, 0, 32, 0x28];
    pixels.chunks_exact(4).for_each(|pixel| tga.extend([&[0x80][..], pixel].concat()));
    add("a.tga", FileFormat::Tga, tga);

    let mut qoi = b"qoif".to_vec();
    qoi.extend([WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat());
    qoi.extend([4, 0]);
    pixels.chunks_exact(4).for_each(|pixel| qoi.extend([&[0xFF][..], pixel].concat()));
    qoi.extend([0, 0, 0, 0, 0, 0, 0, 1]);
    add("a.qoi", FileFormat::Qoi, qoi);

    let mut gif = b"GIF89a".to_vec();
    gif.extend([WIDTH as u8, 0, HEIGHT as u8, 0, 0xF7, 0, 0]);
    gif.extend((0..=255u8).flat_map(|v| [v, 255 - v, v / 2]));
    gif.extend([0x21, 0xF9, 4, 1, 0, 0, 3, 0, 0x21, 0xFE, 5]);
    gif.extend(b"a cat\0\x2C\0\0\0\0");
    gif.extend([WIDTH as u8, 0, HEIGHT as u8, 0, 0, 8]);
    let indices: Vec<u8> = pixels.chunks_exact(4).map(|p| p[0]).collect();
    let packed = weezl::encode::Encoder::new(weezl::BitOrder::Lsb, 8).encode(&indices).unwrap();
    packed.chunks(255).for_each(|part| gif.extend([&[part.len() as u8], part].concat()));
    gif.extend([0, 0x3B]);
    add("a.gif", FileFormat::Gif, gif);

    let mut pfm = format!("PF\n{WIDTH} {HEIGHT}\n-1.0\n").into_bytes();
    pixels.chunks_exact(4).for_each(|p| pfm.extend(p[..3].iter().flat_map(|v| (f32::from(*v) / 255.0).to_le_bytes())));
    add("a.pfm", FileFormat::Pfm, pfm);

    for (name, mode, depth, channels) in [("a.psd", 3u16, 8u16, 4u16), ("b.psd", 4, 16, 4)] {
        let mut psd = b"8BPS\0\x01\0\0\0\0\0\0".to_vec();
        psd.extend(channels.to_be_bytes());
        psd.extend([HEIGHT.to_be_bytes(), WIDTH.to_be_bytes()].concat());
        psd.extend([depth.to_be_bytes(), mode.to_be_bytes()].concat());
        psd.extend([0; 4]);
        psd.extend(b"\0\0\0\x0E8BIM\x04\x24\0\0\0\0\0\x02xy");
        psd.extend(b"\0\0\0\x06\0\0\0\x02\xFF\xFF");
        psd.extend([0, 1]);
        let row = WIDTH as usize * usize::from(depth) / 8;
        for _ in 0..u32::from(channels) * HEIGHT {
            psd.extend((row as u16 + 1).to_be_bytes());
        }
        for channel in 0..usize::from(channels) {
            for y in 0..HEIGHT as usize {
                psd.push(row as u8 - 1);
                psd.extend((0..row).map(|x| pixels[(y * WIDTH as usize + x % WIDTH as usize) * 4 + channel]));
            }
        }
        add(name, FileFormat::Psd, psd);
    }
    let mut old = Vec::new();
    write!(old, "P5\n{WIDTH} {HEIGHT}\n4095\n").unwrap();
    old.extend(vec![7; (WIDTH * HEIGHT * 2) as usize]);
    add("a.pgm", FileFormat::Pnm, old);
}
