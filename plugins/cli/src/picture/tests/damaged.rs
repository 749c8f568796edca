//! Files that are damaged, cut short or too large.

use std::fs;
use std::time::{Duration, Instant};

use enlarger::ErrorKind;
use image::{DynamicImage, ImageFormat};

use super::*;
use crate::picture::limits::Limits;

/// One good file of each format, and more where a format has different layouts.
fn good_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let size = size(61, 47);
    for (name, file_format, sample, channels) in [
        ("a.png", FileFormat::Png, Sample::U8, Channels::Rgba),
        ("b.png", FileFormat::Png, Sample::U16, Channels::Gray),
        ("a.tif", FileFormat::Tiff, Sample::U8, Channels::Rgb),
        ("b.tif", FileFormat::Tiff, Sample::F32, Channels::Rgba),
        ("a.jpg", FileFormat::Jpeg, Sample::U8, Channels::Rgb),
        ("b.jpg", FileFormat::Jpeg, Sample::U8, Channels::Gray),
        ("a.webp", FileFormat::WebP, Sample::U8, Channels::Rgba),
        ("a.exr", FileFormat::Exr, Sample::F16, Channels::Rgb),
    ] {
        let path = folder.join(name);
        let format = Format::new(sample, channels);
        let colour = if file_format == FileFormat::Exr { Colour::LinearSrgb } else { Colour::Srgb };
        write(&path, file_format, size, format, &picture(size, format), &colour, &Metadata::default());
        files.push(path);
    }
    // With everything that a file can carry, so that damage reaches those readers too.
    for (name, file_format) in [
        ("c.png", FileFormat::Png),
        ("c.jpg", FileFormat::Jpeg),
        ("c.webp", FileFormat::WebP),
        ("c.tif", FileFormat::Tiff),
    ] {
        let path = folder.join(name);
        let format = Format::new(Sample::U8, Channels::Rgb);
        let mut all = metadata::full();
        all.iptc = Some(b"\x1C\x02\x05\0\x03Kai".to_vec());
        all.comments = vec!["a comment".to_owned()];
        all.texts = vec![("Author".to_owned(), "Ada".to_owned())];
        let colour = Colour::Icc(all.icc.clone().unwrap().into());
        write(&path, file_format, size, format, &picture(size, format), &colour, &all);
        files.push(path);
    }
    let path = folder.join("d.jpg");
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.set_progressive(true);
    encoder
        .encode(&picture(size, Format::new(Sample::U8, Channels::Rgb)), 61, 47, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    fs::write(&path, file).unwrap();
    files.push(path);
    let rgb = picture(size, Format::new(Sample::U8, Channels::Rgb));
    let image = DynamicImage::ImageRgb8(image::RgbImage::from_raw(61, 47, rgb).unwrap());
    for (name, format) in [("a.bmp", ImageFormat::Bmp), ("a.ppm", ImageFormat::Pnm)] {
        let path = folder.join(name);
        image.save_with_format(&path, format).unwrap();
        files.push(path);
    }
    let path = folder.join("b.pgm");
    fs::write(&path, [b"P5 # gray\n61 47\n65535\n".as_slice(), &[77; 61 * 47 * 2]].concat()).unwrap();
    files.push(path);
    files
}

/// Writes a new file each time: some file systems wait for the disk when a file is truncated and written again.
fn write_file(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn good_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for path in good_files(folder.path()) {
        let (picture, _) = read(&path).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(picture.size(), size(61, 47));
    }
}

#[test]
fn truncated_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    for path in good_files(folder.path()) {
        let whole = fs::read(&path).unwrap();
        let length = whole.len();
        let pixels_of_whole = read(&path).unwrap().1;
        let mut cuts: Vec<usize> = (1..=20).map(|n| length * n / 21).collect();
        cuts.extend([0, 1, 2, 5, 8, 12, 16, 20, 30, 40, length - 1, length - 2, length - 5, length - 12, length - 100]);
        for cut in cuts {
            write_file(&path, &whole[..cut]);
            let error = match read(&path) {
                // A file that lacks only its end mark, padding or a checksum has all its pixels.
                Ok((picture, pixels)) => {
                    let mark = match picture.file_format {
                        FileFormat::Jpeg => 3,
                        FileFormat::Png => 20,
                        FileFormat::WebP => 1,
                        _ => 0,
                    };
                    let all = pixels == pixels_of_whole && picture.notes.len() == 1;
                    assert!(all && cut + mark >= length, "{} cut to {cut} of {length}", path.display());
                    continue;
                }
                Err(error) => error,
            };
            assert!(matches!(error.kind(), ErrorKind::Format | ErrorKind::Io), "{error:?}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        }
    }
}

/// Every format that is read, and many layouts. What stands behind the pixels may be missing.
#[test]
fn no_cut_file_passes_for_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    for (index, sample) in samples::files().iter().enumerate() {
        let length = sample.bytes.len();
        for part in 1..=20 {
            let cut = length * part / 21;
            let path = folder.path().join(format!("{index}-{part}-{}", sample.name));
            fs::write(&path, &sample.bytes[..cut]).unwrap();
            match read(&path) {
                Ok((picture, _)) => {
                    let beyond = picture.notes.iter().any(|n| n.contains("lacks its end mark"));
                    assert!(beyond, "{} cut to {cut} of {length} bytes was read", sample.name);
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Format, "{error}"),
            }
        }
    }
}

/// Some writers leave bytes between segments, which does no harm.
#[test]
fn a_jpeg_with_bytes_between_segments_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    let (size, format) = (size(40, 30), Format::new(Sample::U8, Channels::Rgb));
    write(&path, FileFormat::Jpeg, size, format, &picture(size, format), &Colour::Srgb, &Metadata::default());
    let (_, tidy) = read(&path).unwrap();
    let file = fs::read(&path).unwrap();
    let after_first = 4 + usize::from(u16::from_be_bytes([file[4], file[5]]));
    write_file(&path, &[&file[..after_first], &[0; 9], &file[after_first..], b"trailing bytes"].concat());
    assert!(read(&path).unwrap().1 == tidy);
}

#[test]
fn corrupted_files_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let limits = with_limits(Limits { pixels: 1 << 20, memory: 1 << 26 });
    for path in good_files(folder.path()) {
        let whole = fs::read(&path).unwrap();
        let step = (whole.len() / 150).max(1);
        for at in (0..whole.len().min(200)).chain((200..whole.len()).step_by(step)) {
            let mut corrupted = whole.clone();
            corrupted[at] = !corrupted[at];
            write_file(&path, &corrupted);
            let Ok(mut picture) = open(&path, &limits) else { continue };
            let mut row = vec![0; picture.format().row_size(picture.size().width)];
            for y in 0..picture.size().height {
                if picture.read(0, y, &mut row).is_err() {
                    break;
                }
            }
        }
    }
}

/// Files whose headers state sixty thousand pixels squared, with next to no data.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let side = 60_000u32;
    let chunk = |name: &[u8], data: &[u8]| {
        let body = [name, data].concat();
        [&(data.len() as u32).to_be_bytes(), body.as_slice(), &crc(&body).to_be_bytes()].concat()
    };
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let png =
        [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(b"IHDR", &header), &chunk(b"IDAT", &[0; 10]), &chunk(b"IEND", &[])];

    let mut tiff = b"II\x2a\0\x08\0\0\0\x09\0".to_vec();
    for (tag, data_type, value) in [
        (256u16, 4u16, side),
        (257, 4, side),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, side),
        (279, 4, 16),
    ] {
        tiff.extend(
            [&tag.to_le_bytes()[..], &data_type.to_le_bytes(), &1u32.to_le_bytes(), &value.to_le_bytes()].concat(),
        );
    }
    tiff.extend([0; 4]);

    let mut bmp = [b"BM", 54u32.to_le_bytes().as_slice(), &[0; 4], &54u32.to_le_bytes(), &40u32.to_le_bytes()].concat();
    bmp.extend(
        [&side.to_le_bytes()[..], &side.to_le_bytes(), &1u16.to_le_bytes(), &24u16.to_le_bytes(), &[0; 24]].concat(),
    );

    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xEA, 0x60, 0xEA, 0x60, 3];
    jpeg.extend([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    jpeg.extend([0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, 0xFF, 0xD9]);

    let mut tga = vec![0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    tga.extend([0x60, 0xEA, 0x60, 0xEA, 24, 0]);

    vec![
        ("a.png", png.concat()),
        ("a.tif", tiff),
        ("a.bmp", bmp),
        ("a.jpg", jpeg),
        ("a.tga", tga),
        ("a.ppm", format!("P6\n{side} {side}\n255\n").into_bytes()),
    ]
}

pub fn crc(data: &[u8]) -> u32 {
    !data.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xEDB8_8320 } else { c >> 1 })
    })
}

#[test]
fn decompression_bombs_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in bombs() {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let started = Instant::now();
        let error = open(&path, &OpenOptions::default()).err().unwrap_or_else(|| panic!("{name} was opened"));
        assert_eq!(error.kind(), ErrorKind::Limit, "{name}: {error}");
        assert!(error.message().contains("--max-pixels 3600000000"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(10), "{name}");
    }
    // A WebP or EXR with such a header is hard to make. A low limit shows that their readers check it too.
    for path in good_files(folder.path()) {
        let error = open(&path, &with_limits(Limits { pixels: 1000, ..Limits::default() })).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    }
}

#[test]
fn pictures_held_in_memory_respect_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    for path in good_files(folder.path()) {
        let result = open(&path, &with_limits(Limits { memory: 2000, ..Limits::default() }));
        let streams = matches!(path.extension().unwrap().to_str(), Some("png" | "tif"));
        if !streams {
            let error = result.err().unwrap_or_else(|| panic!("{} was opened", path.display()));
            assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
            assert!(error.message().contains("--max-memory"), "{error}");
        }
    }
}

#[test]
fn files_that_are_not_pictures_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    fs::write(&path, "a letter to my aunt").unwrap();
    assert_eq!(open(&path, &OpenOptions::default()).err().unwrap().kind(), ErrorKind::Format);
    assert!(open(folder.path(), &OpenOptions::default()).is_err());
    assert_eq!(open(&folder.path().join("none.png"), &OpenOptions::default()).err().unwrap().kind(), ErrorKind::Io);
}

fn with_limits(limits: Limits) -> OpenOptions {
    OpenOptions { limits, ..OpenOptions::default() }
}
