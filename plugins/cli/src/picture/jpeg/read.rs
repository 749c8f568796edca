//! Reading JPEG: the decoder gives the whole picture, so it is held in memory.
//!
//! The decoder gives components as they are stored, and what they mean is decided here. A file whose pixels are not all there
//! is refused before anything is decoded.

use std::io::Read;

use enlarger::{Channels, Format, Result, Sample};
use jpeg_decoder::ColorTransform;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::colours::{Colours, check_coding};
use super::entropy::{self, Entropy};
use super::structure::Structure;
use super::twelve_bits;
use crate::metadata::{Metadata, photoshop};
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::in_memory::InMemory;
use crate::picture::limits::Limits;
use crate::picture::open::OpenOptions;
use crate::picture::separations::Separations;
use crate::picture::source::{InputFile, Picture};

/// Opens a JPEG file.
pub fn open(mut input: InputFile, options: &OpenOptions) -> Result<Picture> {
    let limits = &options.limits;
    let length = input.get_ref().metadata()?.len();
    limits.check_memory(length, "a JPEG file")?;
    let mut file = Vec::new();
    input.read_to_end(&mut file)?;
    let mut structure = Structure::read(&file)?;
    let frame = structure.frame.clone();
    check_coding(&frame)?;
    let size = limits.check_size(frame.width.into(), frame.height.into())?;
    let colours = Colours::of(&structure)?;
    let is_deep = frame.precision == 12;
    let sample = if is_deep { Sample::U16 } else { Sample::U8 };
    let format = Format::new(sample, if colours == Colours::Gray { Channels::Gray } else { Channels::Rgb });
    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    let held = if matches!(colours, Colours::Cmyk | Colours::Ycck) { bytes + size.pixels() * 4 } else { bytes };
    limits.check_memory(held + length, "a JPEG")?;
    let mut notes = Vec::new();
    let quality = structure.quality;
    // The decoder of 12 bits finds out itself whether all pixels are there.
    let pixels = if is_deep || options.only_header { Entropy::Unknown } else { entropy::follow(&file, &frame) };
    match (pixels, structure.end) {
        (Entropy::Unknown, None) if options.only_header => {}
        (Entropy::Cut, _) | (Entropy::Unknown, None) => return Err(cut_short(FileFormat::Jpeg)),
        (Entropy::Whole(end), None) => {
            notes.push("the file lacks its end mark, but all pixels are there".to_owned());
            file.truncate(end);
            file.extend([0xFF, 0xD9]);
        }
        (Entropy::Whole(_) | Entropy::Unknown, Some(end)) => file.truncate(end),
    }

    let mut metadata = Metadata { icc: structure.icc(), xmp: structure.xmp(), ..Metadata::default() };
    if let Some(block) = &structure.exif {
        metadata.read_exif(block);
    }
    photoshop::read_into(&mut metadata, &structure.photoshop);
    metadata.settle_density(structure.density);
    if matches!(colours, Colours::Gray | Colours::YCbCr | Colours::Rgb) {
        metadata.adopt_exif_colours(colours == Colours::Gray);
    }
    metadata.comments = structure.comments;
    structure.left_out.iter().for_each(|what| metadata.leave_out(what));
    if is_deep {
        let limits = *limits;
        let rows = InMemory::new(stride, move || twelve_bits::decode(&file, size, format, &limits));
        return Ok(Picture::new(FileFormat::Jpeg, size, format, metadata, rows)
            .with_notes(notes)
            .with_quality(quality));
    }
    // Without Adobe's segments the decoder changes no colours.
    for start in structure.adobe_segments {
        file[start + 1] = 0xEF;
    }

    let inks = matches!(colours, Colours::Cmyk | Colours::Ycck).then(|| {
        let inks = Separations::new(metadata.icc.take().as_deref(), options.ignore_profile);
        notes.push(inks.note.clone());
        inks
    });
    // The usual decoder takes the scans of a sequential picture for one, and makes wrong pixels.
    let by_components = frame.kind != 0xC2 && structure.scans > 1;
    let limits = *limits;
    let decode = move |file: &[u8], bytes: u64| match by_components {
        true => decode_by_components(file, colours, bytes, &limits),
        false => decode(file, colours, bytes, &limits),
    };
    let rows = InMemory::new(stride, move || match inks {
        None => decode(&file, bytes),
        Some(inks) => {
            let stored = decode(&file, size.pixels() * 4)?;
            drop(file);
            let mut data = limits.allocate(bytes, "a JPEG")?;
            let mut row = vec![0; size.width as usize * 4];
            for (from, to) in stored.chunks_exact(row.len()).zip(data.chunks_exact_mut(stride)) {
                to_inks(from, colours, &mut row);
                inks.convert_8(&row, to)?;
            }
            Ok(data)
        }
    });
    Ok(Picture::new(FileFormat::Jpeg, size, format, metadata, rows).with_notes(notes).with_quality(quality))
}

/// Decodes a picture. Of inks it gives the components as they are stored.
fn decode(file: &[u8], colours: Colours, bytes: u64, limits: &Limits) -> Result<Vec<u8>> {
    let mut data = limits.allocate(bytes, "a JPEG")?;
    let mut attempt = |strict: bool| -> std::result::Result<(), String> {
        let options = DecoderOptions::default().set_strict_mode(strict).set_max_width(1 << 16).set_max_height(1 << 16);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
        decoder.decode_headers().map_err(|e| e.to_string())?;
        // The same colours in and out change nothing.
        let output = match (colours, decoder.input_colorspace()) {
            (Colours::Gray, _) => ColorSpace::Luma,
            (Colours::YCbCr, _) | (Colours::Rgb, Some(ColorSpace::RGB)) => ColorSpace::RGB,
            (Colours::Rgb, _) => ColorSpace::YCbCr,
            (Colours::Cmyk | Colours::Ycck, _) => ColorSpace::CMYK,
        };
        decoder.set_options(options.jpeg_set_out_colorspace(output));
        decoder.decode_into(&mut data).map_err(|e| e.to_string())
    };
    match attempt(true) {
        // Some writers leave bytes between segments, which does no harm.
        Err(e) if e.contains("Extra bytes between headers") => attempt(false),
        result => result,
    }
    .map_err(|e| damaged(FileFormat::Jpeg, e))?;
    Ok(data)
}

/// Decodes a picture whose components come one after the other, as `decode` does.
fn decode_by_components(file: &[u8], colours: Colours, bytes: u64, limits: &Limits) -> Result<Vec<u8>> {
    limits.check_memory(bytes * 2, "a JPEG whose components come one after the other")?;
    let mut decoder = jpeg_decoder::Decoder::new(file);
    decoder.set_max_decoding_buffer_size(usize::try_from(bytes).unwrap_or(usize::MAX));
    decoder.set_color_transform(match colours {
        Colours::Gray => ColorTransform::Grayscale,
        Colours::YCbCr => ColorTransform::YCbCr,
        Colours::Rgb => ColorTransform::RGB,
        Colours::Cmyk | Colours::Ycck => ColorTransform::CMYK,
    });
    let mut data = decoder.decode().map_err(|e| damaged(FileFormat::Jpeg, e))?;
    if data.len() as u64 != bytes {
        return Err(damaged(FileFormat::Jpeg, "it has fewer pixels than its header says"));
    }
    if matches!(colours, Colours::Cmyk | Colours::Ycck) {
        // This decoder inverts them.
        data.iter_mut().for_each(|v| *v = 255 - *v);
    }
    Ok(data)
}

/// Turns stored components into inks, of which 255 is all.
fn to_inks(stored: &[u8], colours: Colours, inks: &mut [u8]) {
    for (from, to) in stored.as_chunks::<4>().0.iter().zip(inks.as_chunks_mut::<4>().0) {
        let [first, second, third, black] = *from;
        // Inks are stored inverted, and YCC is the RGB of what is stored, inverted once more.
        *to = match colours {
            Colours::Ycck => {
                let [red, green, blue] = rgb(first, second, third);
                [red, green, blue, 255 - black]
            }
            _ => [255 - first, 255 - second, 255 - third, 255 - black],
        };
    }
}

/// From YCbCr as JFIF defines it.
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|v| v.round().clamp(0.0, 255.0) as u8)
}
