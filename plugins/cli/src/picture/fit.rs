//! What a format can hold.
//!
//! Asked before the work starts: what cannot be stored at all is an error that names a format that can, what loses
//! something is said. Nothing may be dropped or reduced in silence.

use enlarger::{Alpha, Colour, Error, ErrorKind, Format, Result, Sample, Size};

use super::{Kind, Metadata, jpeg};

/// How a picture will be stored.
pub struct Fit {
    /// The rows that are stored.
    pub format: Format,
    /// What goes with them.
    pub metadata: Metadata,
    /// What the stored numbers mean as colour, where that is not what the source's mean.
    pub colour: Option<Colour>,
    /// What is lost, a sentence each.
    pub notes: Vec<String>,
}

/// Fits a picture of `size` into a file of `kind`.
pub fn fit(kind: Kind, size: Size, format: Format, colour: &Colour, metadata: &Metadata) -> Result<Fit> {
    let name = kind.name();
    let refuse = |what: String| Err(Error::new(ErrorKind::Format, what));
    let longest = match kind {
        Kind::WebP => 16383,
        Kind::Jpeg => 65535,
        _ => u32::MAX,
    };
    if size.width > longest || size.height > longest {
        return refuse(format!(
            "the result has {size} pixels and {name} holds {longest} along a side; choose PNG or TIFF with -o, or a smaller factor"
        ));
    }
    if kind == Kind::Jpeg && format.channels.has_alpha() {
        return refuse(
            "the picture has transparency, which JPEG cannot hold; choose PNG, TIFF or WebP with -o".to_owned(),
        );
    }

    let mut notes = Vec::new();
    let sample = sample(kind, format.sample);
    if sample.size() < format.sample.size() {
        notes.push(match (sample, format.sample.is_float()) {
            (Sample::U8, true) => {
                format!("{name} holds 8-bit samples; floating point becomes 8-bit, clipped to black and white")
            }
            (Sample::U8, false) => format!("{name} holds 8-bit samples; 16-bit becomes 8-bit"),
            _ => format!("{name} holds no floating point; it becomes 16-bit, clipped to black and white"),
        });
    } else if format.sample.is_float() && !sample.is_float() {
        notes.push(format!("{name} holds no floating point; it becomes 16-bit, clipped to black and white"));
    }
    let alpha = match kind {
        Kind::Exr => Alpha::Premultiplied,
        Kind::Tiff if *colour != Colour::LinearSrgb => format.alpha,
        _ => Alpha::Straight,
    };
    let stored = Format { sample, alpha, ..format };
    // EXR is linear light, the others are not.
    let colour = match (kind == Kind::Exr, *colour == Colour::LinearSrgb) {
        (true, false) => Some(Colour::LinearSrgb),
        (false, true) => Some(Colour::Srgb),
        _ => None,
    };
    let metadata = carry(kind, size, metadata, &mut notes);
    Ok(Fit { format: stored, metadata, colour, notes })
}

/// The samples that a format has for these.
fn sample(kind: Kind, sample: Sample) -> Sample {
    match (kind, sample) {
        (Kind::Jpeg | Kind::WebP, _) => Sample::U8,
        (Kind::Tiff, _) => sample,
        // Linear light needs more than 8 bits, and halves hold less than 16.
        (Kind::Exr, Sample::U8 | Sample::F16) => Sample::F16,
        (Kind::Exr, _) => Sample::F32,
        (_, Sample::U8) => Sample::U8,
        _ => Sample::U16,
    }
}

fn carry(kind: Kind, size: Size, metadata: &Metadata, notes: &mut Vec<String>) -> Metadata {
    let mut carried = metadata.clone();
    carried.describe(size);
    let mut drop = |what: &str| notes.push(format!("{} has no place for {what}; it is left out", kind.name()));
    let (exif, xmp) = (carried.exif.as_ref().map_or(0, |e| e.bytes().len()), carried.xmp.as_ref().map_or(0, Vec::len));
    let (exif_fits, xmp_fits) = match kind {
        Kind::Exr => (false, false),
        Kind::Jpeg => jpeg::fits(exif, xmp),
        Kind::Png => (true, carried.xmp.as_ref().is_none_or(|x| std::str::from_utf8(x).is_ok())),
        _ => (true, true),
    };
    if !exif_fits && carried.exif.take().is_some() {
        drop("this EXIF");
    }
    if !xmp_fits && carried.xmp.take().is_some() {
        drop("this XMP");
    }
    if kind != Kind::Png && !carried.texts.is_empty() {
        carried.texts.clear();
        drop("the PNG's texts");
    }
    if kind == Kind::Exr {
        // The pixels are converted; the profile would be wrong.
        carried.icc = None;
    }
    carried
}
