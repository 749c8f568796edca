//! Reading JPEG XL: the decoder gives whole frames, so the picture is held in memory.
//!
//! The decoder turns the picture upright and says what its colours are. Its own memory is limited too.

use std::io::{Read, Seek, SeekFrom};

use enlarger::{Alpha, Channels, Colour, Error, ErrorKind, Format, Result, Sample};
use half::f16;
use jxl_oxide::image::{BitDepth, ExtraChannelType};
use jxl_oxide::{AllocTracker, AuxBoxData, EnumColourEncoding, JxlImage, PixelFormat, RenderingIntent};

use crate::metadata::Metadata;
use crate::metadata::exif::Exif;
use crate::picture::decode_error::{cut_short, damaged};
use crate::picture::file_format::FileFormat;
use crate::picture::in_memory::InMemory;
use crate::picture::limits::Limits;
use crate::picture::open::OpenOptions;
use crate::picture::separations::Separations;
use crate::picture::source::{InputFile, Picture};

/// Opens a JPEG XL file.
pub fn open(mut input: InputFile, options: &OpenOptions) -> Result<Picture> {
    let limits = options.limits;
    let length = input.get_ref().metadata()?.len();
    limits.check_memory(length, "a JPEG XL file")?;
    input.seek(SeekFrom::Start(0))?;
    let mut file = Vec::new();
    input.read_to_end(&mut file)?;
    let mut image = read(&file, &limits)?;
    drop(file);

    let size = limits.check_size(image.width().into(), image.height().into())?;
    let mut notes = Vec::new();
    if image.hdr_type().is_some() {
        // A gray picture keeps being gray.
        let intent = RenderingIntent::Relative;
        image.request_color_encoding(if image.pixel_format().is_grayscale() {
            EnumColourEncoding::gray_srgb(intent)
        } else {
            EnumColourEncoding::srgb(intent)
        });
        notes.push("the picture's high dynamic range is mapped to sRGB".to_owned());
    }
    let header = &image.image_header().metadata;
    let pixel_format = image.pixel_format();
    let inks = pixel_format.has_black().then(|| Separations::new(image.original_icc(), options.ignore_profile));
    let sample = match header.bit_depth {
        BitDepth::IntegerSample { bits_per_sample: ..=8 } => Sample::U8,
        BitDepth::IntegerSample { bits_per_sample: ..=16 } => Sample::U16,
        BitDepth::FloatSample { bits_per_sample: ..=16, .. } => Sample::F16,
        _ => Sample::F32,
    };
    // Inks are converted in 16 bits at most.
    let sample = if inks.is_some() && sample.is_float() { Sample::U16 } else { sample };
    let channels = match (pixel_format.is_grayscale(), pixel_format.has_alpha()) {
        (true, false) => Channels::Gray,
        (true, true) => Channels::GrayAlpha,
        (false, false) => Channels::Rgb,
        (false, true) => Channels::Rgba,
    };
    let associated = header.ec_info.iter().find_map(|extra| match extra.ty {
        ExtraChannelType::Alpha { alpha_associated } => Some(alpha_associated),
        _ => None,
    });
    let alpha = if associated == Some(true) { Alpha::Premultiplied } else { Alpha::Straight };
    let format = Format { alpha, ..Format::new(sample, channels) };
    let known = |kind: ExtraChannelType| {
        matches!(kind, ExtraChannelType::Alpha { .. } | ExtraChannelType::Black | ExtraChannelType::SpotColour { .. })
    };
    let further = header.ec_info.iter().filter(|extra| !known(extra.ty)).count();
    if further > 0 {
        notes.push(format!("the file has further channels ({further}), such as depth; they are left out"));
    }
    let frames = image.num_loaded_keyframes();
    if frames > 1 {
        notes.push(format!("this is an animated JPEG XL of {frames} frames; only the first is enlarged"));
    }

    let mut metadata = Metadata { orientation: 1, ..Metadata::default() };
    let mut colour = Colour::Srgb;
    match (&inks, image.rendered_cicp()) {
        (Some(inks), _) => notes.push(inks.note.clone()),
        (None, Some([1, 13, _, _])) => {}
        (None, Some([1, 8, _, _])) => colour = Colour::LinearSrgb,
        (None, _) => {
            let icc = image.rendered_icc();
            colour = Colour::Icc(icc.as_slice().into());
            metadata.icc = Some(icc);
        }
    }
    read_boxes(&image, &mut metadata);
    metadata.settle_density(None);

    let stride = format.row_size(size.width);
    let bytes = stride as u64 * u64::from(size.height);
    // Planes of 32 bits, before and after the filters.
    let planes = size.pixels() * 8 * (pixel_format.channels() + further) as u64;
    limits.check_memory(bytes + planes, "a JPEG XL")?;
    let rows = InMemory::new(stride, move || decode(&image, pixel_format, format, inks.as_ref(), bytes, &limits));
    Ok(Picture::new(FileFormat::Jxl, size, format, metadata, rows).with_notes(notes).with_colour(colour))
}

/// Reads a whole file, frames and boxes.
fn read(file: &[u8], limits: &Limits) -> Result<JxlImage> {
    let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let tracker = AllocTracker::with_limit(memory);
    let mut uninit = JxlImage::builder().alloc_tracker(tracker).build_uninit();
    let read = uninit.feed_bytes(file).map_err(error)?;
    // The size is checked before the rest is read.
    let mut image = match uninit.try_init().map_err(error)? {
        jxl_oxide::InitializeResult::Initialized(image) => image,
        jxl_oxide::InitializeResult::NeedMoreData(_) => return Err(cut_short(FileFormat::Jxl)),
    };
    limits.check_size(image.width().into(), image.height().into())?;
    if read < file.len() {
        image.feed_bytes(&file[read..]).map_err(error)?;
    }
    if !image.is_loading_done() {
        return Err(cut_short(FileFormat::Jxl));
    }
    image.finalize().map_err(error)?;
    Ok(image)
}

fn read_boxes(image: &JxlImage, metadata: &mut Metadata) {
    let boxes = image.aux_boxes();
    if let Ok(AuxBoxData::Data(exif)) = boxes.first_exif() {
        let block = exif.payload().get(exif.tiff_header_offset() as usize..);
        // The picture's own header says how to turn it, not EXIF.
        metadata.exif = block.and_then(Exif::from_block);
    }
    if let AuxBoxData::Data(xmp) = boxes.first_xml() {
        metadata.xmp = Some(xmp.to_vec());
    }
}

fn decode(
    image: &JxlImage,
    pixel_format: PixelFormat,
    format: Format,
    inks: Option<&Separations>,
    bytes: u64,
    limits: &Limits,
) -> Result<Vec<u8>> {
    let render = image.render_frame(0).map_err(error)?;
    let mut stream = render.stream();
    let count = pixel_format.channels();
    if stream.channels() as usize != count {
        return Err(damaged(FileFormat::Jxl, "it has other channels than its header says"));
    }
    let mut data = limits.allocate(bytes, "a JPEG XL")?;
    let width = stream.width() as usize;
    let stride = format.row_size(stream.width());
    let (mut deep, mut float) = (vec![0u16; width * count], vec![0f32; width * count]);
    for row in data.chunks_exact_mut(stride) {
        if let Some(inks) = inks {
            stream.write_to_buffer(&mut deep);
            convert(&deep, count, inks, format, row)?;
            continue;
        }
        match format.sample {
            Sample::U8 => {
                stream.write_to_buffer(row);
            }
            Sample::U16 => {
                stream.write_to_buffer(&mut deep);
                row.as_chunks_mut().0.iter_mut().zip(&deep).for_each(|(to, v)| *to = v.to_ne_bytes());
            }
            Sample::F16 => {
                stream.write_to_buffer(&mut float);
                row.as_chunks_mut().0.iter_mut().zip(&float).for_each(|(to, v)| *to = f16::from_f32(*v).to_ne_bytes());
            }
            Sample::F32 => {
                stream.write_to_buffer(&mut float);
                row.as_chunks_mut().0.iter_mut().zip(&float).for_each(|(to, v)| *to = v.to_ne_bytes());
            }
        }
    }
    Ok(data)
}

/// Converts a row of inks, where 65535 is no ink, and alpha.
fn convert(row: &[u16], count: usize, inks: &Separations, format: Format, to: &mut [u8]) -> Result<()> {
    let cmyk: Vec<u16> = row.chunks_exact(count).flat_map(|p| [0, 1, 2, 3].map(|n| 65535 - p[n])).collect();
    let mut rgb = vec![0; cmyk.len() / 4 * 3];
    inks.convert_16(&cmyk, &mut rgb)?;
    let pixels = row.chunks_exact(count).zip(rgb.chunks_exact(3));
    for ((stored, rgb), to) in pixels.zip(to.chunks_exact_mut(format.pixel_size())) {
        for (value, to) in rgb.iter().chain(stored.get(4)).zip(to.chunks_exact_mut(format.sample.size())) {
            match format.sample {
                Sample::U8 => to[0] = ((u32::from(*value) + 128) / 257) as u8,
                _ => to.copy_from_slice(&value.to_ne_bytes()),
            }
        }
    }
    Ok(())
}

fn error(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    let text = error.to_string();
    if text.contains("memory") || text.contains("allocat") {
        return Error::new(
            ErrorKind::Limit,
            "decoding this JPEG XL takes more memory than the limit; if you trust the file, raise the limit with --max-memory",
        );
    }
    damaged(FileFormat::Jxl, text)
}
