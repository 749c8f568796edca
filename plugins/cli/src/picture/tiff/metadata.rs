//! What a TIFF file carries besides pixels: profile, texts, EXIF, XMP, IPTC, density, georeferencing.
//!
//! Fields that describe how the pixels are stored are replaced by the result's own. Every other field is kept or named.

use std::io::{Read, Seek};

use super::directory::Directory;
use super::layout::{Layout, Stored};
use super::tag;
use crate::metadata::exif::{self, Exif};
use crate::metadata::geo::Geo;
use crate::metadata::{Density, Metadata, photoshop};
use crate::picture::colour_profile::{Chromaticities, ToneCurve, profile};

/// Reads the metadata of the main picture.
pub fn read(input: impl Read + Seek, main: &Directory, layout: &Layout, keeps_profile: bool) -> Metadata {
    let mut metadata = Metadata { exif: Exif::from_tiff(input, main.at), ..Metadata::default() };
    if keeps_profile {
        metadata.icc = main.bytes(tag::ICC).filter(|icc| !icc.is_empty()).or_else(|| described_profile(main, layout));
    }
    metadata.xmp = main.bytes(tag::XMP).filter(|xmp| !xmp.is_empty());
    if let Some(block) = main.bytes(tag::PHOTOSHOP) {
        let icc = metadata.icc.take();
        photoshop::read_into(&mut metadata, &block);
        metadata.icc = icc;
    }
    if let Some(block) = main.bytes(tag::IPTC) {
        metadata.set_iptc(&block);
    }
    metadata.page_name = main.text(tag::PAGE_NAME);
    metadata.orientation = u8::try_from(main.short(tag::ORIENTATION, 1)).unwrap_or(1);
    if !(1..=8).contains(&metadata.orientation) {
        metadata.orientation = 1;
    }
    metadata.settle_density(density(main));
    metadata.geo = Geo::read(main.inner.fields.iter(), layout.size).filter(|_| metadata.orientation == 1);
    let has_place = |tag: u16| main.has(tag);
    if metadata.geo.is_none() && [33550, 33922, 34264].into_iter().any(has_place) {
        metadata.left_out.push("the GeoTIFF fields of a picture that has to be turned".to_owned());
    }
    name_the_rest(main, &mut metadata);
    metadata
}

fn density(main: &Directory) -> Option<Density> {
    let side = |tag| main.floats(tag).and_then(|v| v.first().copied());
    let (x, y) = (side(tag::X_RESOLUTION), side(tag::Y_RESOLUTION));
    let (x, y) = (x.or(y)?, y.or(x)?);
    let unit = main.short(tag::RESOLUTION_UNIT, 2);
    Density::from_tiff(x, y, unit)
}

/// The profile that a transfer function, primaries and a white point describe.
fn described_profile(main: &Directory, layout: &Layout) -> Option<Vec<u8>> {
    let gray = matches!(layout.photometric, 0 | 1);
    let point = |v: &[f64]| [v[0], v[1]];
    let stated = main.floats(tag::PRIMARIES).filter(|v| v.len() >= 6 && !gray);
    let white = main.floats(tag::WHITE_POINT).filter(|v| v.len() >= 2).map(|v| point(&v));
    let srgb = Chromaticities::SRGB;
    let primaries = Chromaticities {
        red: stated.as_ref().map_or(srgb.red, |v| point(&v[0..])),
        green: stated.as_ref().map_or(srgb.green, |v| point(&v[2..])),
        blue: stated.as_ref().map_or(srgb.blue, |v| point(&v[4..])),
        white: white.filter(|_| stated.is_some()).unwrap_or(srgb.white),
    };
    let curves = main.numbers(tag::TRANSFER_FUNCTION).and_then(|values| curves(&values, layout));
    match curves {
        Some(curves) => profile("TIFF transfer function", &primaries, &curves, gray),
        None if stated.is_none() || primaries.is_near(&srgb, 0.002) => None,
        // The specification's default.
        None => profile("TIFF primaries", &primaries, &[ToneCurve::Gamma(2.2)], gray),
    }
}

/// The curves of a transfer function, with at most 4096 steps each.
fn curves(values: &[u64], layout: &Layout) -> Option<Vec<ToneCurve>> {
    if layout.stored != Stored::Unsigned || layout.bits > 16 || layout.bits < 2 {
        return None;
    }
    let steps = 1 << layout.bits;
    let tables = match values.len() {
        n if n == steps => 1,
        n if n == 3 * steps => 3,
        _ => return None,
    };
    let table = |n: usize| {
        let values = &values[n * steps..(n + 1) * steps];
        let count = steps.min(4096);
        // A table that says 8-bit values would be dark, and one that falls is no curve.
        let rises = values.is_sorted() && values[0] < values[steps - 1];
        let pick = |i: usize| values[i * (steps - 1) / (count - 1)] as u16;
        rises.then(|| ToneCurve::Table((0..count).map(pick).collect()))
    };
    let curves: Option<Vec<ToneCurve>> = (0..tables).map(table).collect();
    curves.map(|curves| if layout.photometric < 2 { curves[..1].to_vec() } else { curves })
}

/// Names the fields that no result can keep.
fn name_the_rest(main: &Directory, metadata: &mut Metadata) {
    let mut unknown = Vec::new();
    for tag in &main.inner.tags {
        match tag {
            // How pixels are stored, and what is read above or copied with EXIF.
            254..=259 | 262..=266 | 269..=285 | 288..=293 | 296 | 297 | 301 | 305 | 306 | 315..=325 | 326..=328 => {}
            330 | 332..=334 | 336 | 338..=347 | 512..=521 | 529..=532 | 559 | 700 => {}
            18246 | 18249 | 33432 | 33723 | 34377 | 34665 | 34675 | 34853 | 40091..=40095 | 40965 => {}
            tag if Geo::holds(*tag) => {}
            37724 => metadata.left_out.push("Photoshop's layers in the TIFF".to_owned()),
            50838 | 50839 => metadata.left_out.push("ImageJ's metadata in the TIFF".to_owned()),
            // What Windows, and Photoshop for printers, write without meaning for the result.
            59932 | 59933 => {}
            other => unknown.push(other.to_string()),
        }
    }
    unknown.dedup();
    if !unknown.is_empty() {
        unknown.truncate(12);
        metadata.left_out.push(format!("the TIFF fields {}", unknown.join(", ")));
    }
    if main.text(tag::DESCRIPTION).is_some_and(|text| exif::describes_storage(&text)) {
        metadata.left_out.push("the TIFF's description of how its pixels are stored".to_owned());
    }
}
