//! Layouts that our own writers do not use: palettes, interlacing, tiles, planes, few bits.

use std::fs;
use std::io::Cursor;

use png::{BitDepth, ColorType, Encoder};
use tiff::encoder::compression::{CompressionAlgorithm, Lzw};
use tiff::encoder::{TiffEncoder, TiffKind, TiffKindBig, TiffKindStandard};
use tiff::tags::Tag;

use super::*;

fn png(
    colour: ColorType,
    depth: BitDepth,
    width: u32,
    data: &[u8],
    extra: impl Fn(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, 1);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    extra(&mut encoder);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    file
}

fn read_bytes(name: &str, bytes: &[u8]) -> Result<(Picture, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    read(&path)
}

#[test]
fn png_palettes_and_few_bits_become_8_bit() {
    let palette = |e: &mut Encoder<&mut Vec<u8>>| e.set_palette(vec![255, 0, 0, 0, 255, 0, 0, 0, 255]);
    let (picture, data) =
        read_bytes("a.png", &png(ColorType::Indexed, BitDepth::Two, 3, &[0b0001_1000], palette)).unwrap();
    assert_eq!(picture.format(), Format::new(Sample::U8, Channels::Rgb));
    assert_eq!(data, [255, 0, 0, 0, 255, 0, 0, 0, 255]);

    let clear = |e: &mut Encoder<&mut Vec<u8>>| {
        palette(e);
        e.set_trns(vec![7, 255]);
    };
    let (picture, data) = read_bytes("a.png", &png(ColorType::Indexed, BitDepth::Eight, 3, &[0, 1, 2], clear)).unwrap();
    assert_eq!(picture.format(), Format::new(Sample::U8, Channels::Rgba));
    assert_eq!(data, [255, 0, 0, 7, 0, 255, 0, 255, 0, 0, 255, 255]);

    for (depth, packed, seen) in [(BitDepth::One, 0b0100_0000, [0, 255, 0]), (BitDepth::Two, 0b0001_1100, [0, 85, 255])]
    {
        let (picture, data) = read_bytes("a.png", &png(ColorType::Grayscale, depth, 3, &[packed], |_| ())).unwrap();
        assert_eq!(picture.format(), Format::new(Sample::U8, Channels::Gray));
        assert_eq!(data, seen);
    }

    let clear = |e: &mut Encoder<&mut Vec<u8>>| e.set_trns(vec![0x12, 0x34]);
    let (picture, data) =
        read_bytes("a.png", &png(ColorType::Grayscale, BitDepth::Sixteen, 2, &[0x12, 0x34, 0x56, 0x78], clear))
            .unwrap();
    assert_eq!(picture.format(), Format::new(Sample::U16, Channels::GrayAlpha));
    let values: Vec<u16> = data.chunks_exact(2).map(|b| u16::from_ne_bytes([b[0], b[1]])).collect();
    assert_eq!(values, [0x1234, 0, 0x5678, 65535]);
}

/// The file of a two by two gray picture in Adam7's order: 1; 2; 3 4.
#[test]
fn interlaced_png_is_read() {
    let raw = [0u8, 10, 0, 20, 0, 30, 40];
    let (a, b) =
        raw.iter().fold((1u32, 0u32), |(a, b), v| ((a + u32::from(*v)) % 65521, (a + u32::from(*v) + b) % 65521));
    let length = raw.len() as u16;
    let zlib = [&[0x78, 1, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes(), &raw, &(b << 16 | a).to_be_bytes()];
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in
        [(b"IHDR", vec![0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 1]), (b"IDAT", zlib.concat()), (b"IEND", vec![])]
    {
        let body = [name.as_slice(), &data].concat();
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(&body);
        file.extend(damaged::crc(&body).to_be_bytes());
    }
    let (picture, data) = read_bytes("a.png", &file).unwrap();
    assert_eq!((picture.size(), data.as_slice()), (size(2, 2), &[10, 20, 30, 40][..]));
}

/// A TIFF of these tags and chunks.
fn tiff<K: TiffKind>(tags: &[(u16, &[u16])], tiled: bool, chunks: &[&[u8]]) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::<_, K>::new_generic(&mut file).unwrap();
    let mut directory = encoder.image_directory().unwrap();
    let offsets: Vec<u32> = chunks.iter().map(|c| directory.write_data(*c).unwrap() as u32).collect();
    let counts: Vec<u32> = chunks.iter().map(|c| c.len() as u32).collect();
    let (at, sizes) =
        if tiled { (Tag::TileOffsets, Tag::TileByteCounts) } else { (Tag::StripOffsets, Tag::StripByteCounts) };
    directory.write_tag(at, offsets.as_slice()).unwrap();
    directory.write_tag(sizes, counts.as_slice()).unwrap();
    for (tag, values) in tags {
        directory.write_tag(Tag::from_u16_exhaustive(*tag), *values).unwrap();
    }
    directory.finish().unwrap();
    file.into_inner()
}

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const PHOTOMETRIC: u16 = 262;
const SAMPLES: u16 = 277;
const ROWS: u16 = 278;
const PLANAR: u16 = 284;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const EXTRA: u16 = 338;

#[test]
fn tiff_tiles_and_planes_are_read() {
    // 20 x 18 in tiles of 16 x 16: two across, two down.
    let value = |x: usize, y: usize| (x * 10 + y) as u8;
    let tile = |left: usize, top: usize| -> Vec<u8> { (0..256).map(|i| value(left + i % 16, top + i / 16)).collect() };
    let tiles = [tile(0, 0), tile(16, 0), tile(0, 16), tile(16, 16)];
    let tiles: Vec<&[u8]> = tiles.iter().map(Vec::as_slice).collect();
    let tags: &[(u16, &[u16])] = &[
        (WIDTH, &[20]),
        (HEIGHT, &[18]),
        (BITS, &[8]),
        (PHOTOMETRIC, &[1]),
        (SAMPLES, &[1]),
        (TILE_WIDTH, &[16]),
        (TILE_HEIGHT, &[16]),
    ];
    let expected: Vec<u8> = (0..18).flat_map(|y| (0..20).map(move |x| value(x, y))).collect();
    for file in [tiff::<TiffKindStandard>(tags, true, &tiles), tiff::<TiffKindBig>(tags, true, &tiles)] {
        let (picture, data) = read_bytes("a.tif", &file).unwrap();
        assert_eq!((picture.size(), picture.format()), (size(20, 18), Format::new(Sample::U8, Channels::Gray)));
        assert!(data == expected);
    }

    // Three planes of 16-bit samples, in strips of one row.
    let plane = |n: u16| -> Vec<Vec<u8>> {
        (0..2u16).map(|y| (0..3u16).flat_map(|x| (n * 1000 + y * 100 + x).to_ne_bytes()).collect()).collect()
    };
    let strips: Vec<Vec<u8>> = (0..3).flat_map(plane).collect();
    let strips: Vec<&[u8]> = strips.iter().map(Vec::as_slice).collect();
    let tags: &[(u16, &[u16])] = &[
        (WIDTH, &[3]),
        (HEIGHT, &[2]),
        (BITS, &[16, 16, 16]),
        (PHOTOMETRIC, &[2]),
        (SAMPLES, &[3]),
        (ROWS, &[1]),
        (PLANAR, &[2]),
    ];
    let (picture, data) = read_bytes("a.tif", &tiff::<TiffKindStandard>(tags, false, &strips)).unwrap();
    assert_eq!(picture.format(), Format::new(Sample::U16, Channels::Rgb));
    let values: Vec<u16> = data.chunks_exact(2).map(|b| u16::from_ne_bytes([b[0], b[1]])).collect();
    assert_eq!(values[..6], [0, 1000, 2000, 1, 1001, 2001]);
    assert_eq!(values[15..], [102, 1102, 2102]);
}

/// The library fails on LZW tiles at the right edge if they are decoded row by row.
#[test]
fn tiff_lzw_tiles_at_the_right_edge_are_read() {
    for width in 17..60u16 {
        let noise = |x: usize, y: usize| ((x * 31 + y * 17) * (x + y + 7) / 13) as u8;
        let across = usize::from(width).div_ceil(16);
        let tiles: Vec<Vec<u8>> = (0..across)
            .map(|t| {
                let plain: Vec<u8> = (0..256).map(|i| noise(t * 16 + i % 16, i / 16)).collect();
                let mut packed = Vec::new();
                Lzw.write_to(&mut packed, &plain).unwrap();
                packed
            })
            .collect();
        let tiles: Vec<&[u8]> = tiles.iter().map(Vec::as_slice).collect();
        let tags: &[(u16, &[u16])] = &[
            (WIDTH, &[width]),
            (HEIGHT, &[13]),
            (BITS, &[8]),
            (259, &[5]),
            (PHOTOMETRIC, &[1]),
            (SAMPLES, &[1]),
            (TILE_WIDTH, &[16]),
            (TILE_HEIGHT, &[16]),
        ];
        let (_, data) = read_bytes("a.tif", &tiff::<TiffKindStandard>(tags, true, &tiles)).unwrap();
        let width = usize::from(width);
        assert!((0..13 * width).all(|i| data[i] == noise(i % width, i / width)), "{width}");
    }
}

#[test]
fn tiff_few_bits_and_white_is_zero_are_converted() {
    let gray = |photometric: u16, bits: u16, data: &[u8]| {
        let tags: &[(u16, &[u16])] = &[
            (WIDTH, &[3]),
            (HEIGHT, &[1]),
            (BITS, &[bits]),
            (PHOTOMETRIC, &[photometric]),
            (SAMPLES, &[1]),
            (ROWS, &[1]),
        ];
        read_bytes("a.tif", &tiff::<TiffKindStandard>(tags, false, &[data])).unwrap().1
    };
    assert_eq!(gray(1, 1, &[0b0100_0000]), [0, 255, 0]);
    assert_eq!(gray(0, 1, &[0b0100_0000]), [255, 0, 255]);
    assert_eq!(gray(1, 4, &[0x0F, 0x10]), [0, 255, 17]);
    assert_eq!(gray(0, 8, &[0, 1, 255]), [255, 254, 0]);
}

#[test]
fn tiff_alpha_is_what_the_file_says() {
    for (extra, alpha) in [(1, Alpha::Premultiplied), (2, Alpha::Straight)] {
        let tags: &[(u16, &[u16])] = &[
            (WIDTH, &[1]),
            (HEIGHT, &[1]),
            (BITS, &[8, 8, 8, 8]),
            (PHOTOMETRIC, &[2]),
            (SAMPLES, &[4]),
            (ROWS, &[1]),
            (EXTRA, &[extra]),
        ];
        let (picture, data) = read_bytes("a.tif", &tiff::<TiffKindStandard>(tags, false, &[&[1, 2, 3, 4]])).unwrap();
        assert_eq!(picture.format(), Format { alpha, ..Format::new(Sample::U8, Channels::Rgba) });
        assert_eq!(data, [1, 2, 3, 4]);
    }
}

#[test]
fn tiff_cmyk_becomes_rgb() {
    let tags: &[(u16, &[u16])] =
        &[(WIDTH, &[2]), (HEIGHT, &[1]), (BITS, &[8, 8, 8, 8]), (PHOTOMETRIC, &[5]), (SAMPLES, &[4]), (ROWS, &[1])];
    let file = tiff::<TiffKindStandard>(tags, false, &[&[0, 255, 0, 0, 0, 0, 0, 128]]);
    let (picture, data) = read_bytes("a.tif", &file).unwrap();
    assert_eq!(picture.format(), Format::new(Sample::U8, Channels::Rgb));
    assert_eq!(data, [255, 0, 255, 127, 127, 127]);
    assert!(picture.notes[0].contains("CMYK"), "{:?}", picture.notes);
}

#[test]
fn large_results_are_written_as_big_tiff() {
    // The choice depends on the size alone, and the header shows it.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let format = Format::new(Sample::U8, Channels::Gray);
    write(&path, FileFormat::Tiff, size(4, 4), format, &[7; 16], &Colour::Srgb, &Metadata::default());
    assert_eq!(fs::read(&path).unwrap()[2..4], 42u16.to_ne_bytes());
    let spec = WriteSpec {
        file_format: FileFormat::Tiff,
        size: size(1 << 20, 4000),
        format,
        colour: None,
        metadata: Metadata::default(),
        quality: Some(90),
        memory: 0,
    };
    let writer = Writer::new(File::create(&path).unwrap(), spec).unwrap();
    drop(writer);
    assert_eq!(fs::read(&path).unwrap()[2..4], 43u16.to_ne_bytes());
}
