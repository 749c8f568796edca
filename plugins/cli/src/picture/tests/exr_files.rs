//! EXR files with layers, views, parts, luminance and chroma, other primaries and attributes.

use std::fs;

use exr::meta::attribute::{Chromaticities as Stated, Text};
use exr::prelude::*;

use super::*;
use crate::metadata::Chromaticities;

const SIZE: (usize, usize) = (9, 7);

/// A channel of one value.
fn channel(name: &str, value: f32) -> AnyChannel<FlatSamples> {
    AnyChannel::new(name, FlatSamples::F32(vec![value; SIZE.0 * SIZE.1]))
}

fn layer(name: Option<&str>, channels: &[(&str, f32)]) -> Layer<AnyChannels<FlatSamples>> {
    let list = channels.iter().map(|(name, value)| channel(name, *value)).collect();
    let mut attributes = LayerAttributes::named(name.unwrap_or_default());
    attributes.layer_name = name.map(Text::from);
    Layer::new(SIZE, attributes, Encoding::SMALL_LOSSLESS, AnyChannels::sort(list))
}

fn file(layers: Vec<Layer<AnyChannels<FlatSamples>>>, change: impl FnOnce(&mut FlatImage)) -> Vec<u8> {
    let attributes = ImageAttributes::new(IntegerBounds::from_dimensions(SIZE));
    let mut image = Image::from_layers(attributes, layers);
    change(&mut image);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write().non_parallel().to_buffered(&mut bytes).unwrap();
    bytes.into_inner()
}

fn open_bytes(bytes: &[u8]) -> enlarger::Result<(Picture, Vec<f32>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.exr");
    fs::write(&path, bytes).unwrap();
    let (picture, data) = super::read(&path)?;
    let values = data.as_chunks().0.iter().map(|b| f32::from_ne_bytes(*b)).collect();
    Ok((picture, values))
}

const ACESCG: Chromaticities =
    Chromaticities { red: [0.713, 0.293], green: [0.165, 0.83], blue: [0.128, 0.044], white: [0.32168, 0.33767] };

fn stated(primaries: Chromaticities) -> Stated {
    let point = |[x, y]: [f64; 2]| Vec2(x as f32, y as f32);
    Stated {
        red: point(primaries.red),
        green: point(primaries.green),
        blue: point(primaries.blue),
        white: point(primaries.white),
    }
}

#[test]
fn primaries_and_attributes_are_kept_in_exr_and_become_a_profile_elsewhere() {
    let bytes = file(vec![layer(None, &[("R", 0.25), ("G", 0.5), ("B", 2.0)])], |image| {
        image.attributes.chromaticities = Some(stated(ACESCG));
        let own = &mut image.layer_data[0].attributes;
        own.owner = Some(Text::from("Kai"));
        own.capture_date = Some(Text::from("2026:11:28 10:00:00"));
        own.white_luminance = Some(120.0);
    });
    let (picture, values) = open_bytes(&bytes).unwrap();
    assert!(matches!(picture.colour(), Colour::Icc(_)));
    assert_eq!(values[..3], [0.25, 0.5, 2.0]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.exr");
    let (size, format) = (picture.size(), picture.format());
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    write(&path, FileFormat::Exr, size, format, &data, &picture.colour(), &picture.metadata);
    let (again, same) = open_bytes(&fs::read(&path).unwrap()).unwrap();
    assert!(again.metadata.linear.unwrap().is_near(&ACESCG, 1e-6));
    assert_eq!(same, values);
    let names = again.metadata.exr.as_ref().unwrap().names();
    assert_eq!(names, ["whiteLuminance", "owner", "capDate"]);
    // A format that stores encoded values gets the same primaries with another curve.
    let conversion = Conversion::new(FileFormat::Png, size, format, &picture.colour(), &picture.metadata).unwrap();
    assert!(matches!(conversion.colour, Some(Colour::Icc(_))));
    assert!(conversion.metadata.icc.is_some_and(|icc| icc.len() > 100));
    assert!(conversion.notes.iter().any(|n| n.contains("whiteLuminance, owner, capDate")), "{:?}", conversion.notes);
}

#[test]
fn the_primaries_of_srgb_need_no_profile() {
    let bytes = file(vec![layer(None, &[("Y", 0.5)])], |image| {
        image.attributes.chromaticities = Some(stated(Chromaticities::SRGB));
    });
    let (picture, values) = open_bytes(&bytes).unwrap();
    assert_eq!((picture.colour(), picture.format().channels), (Colour::LinearSrgb, Channels::Gray));
    assert_eq!(values[0], 0.5);
}

#[test]
fn luminance_and_chroma_become_rgb() {
    let (red, green, blue) = (0.8f32, 0.3, 0.1);
    let y = 0.212_639 * red + 0.715_169 * green + 0.072_192 * blue;
    let channels = [("Y", y), ("RY", (red - y) / y), ("BY", (blue - y) / y), ("A", 1.0)];
    let (picture, values) = open_bytes(&file(vec![layer(None, &channels)], |_| ())).unwrap();
    assert_eq!(picture.format().channels, Channels::Rgba);
    let close = values[..4].iter().zip([red, green, blue, 1.0]).all(|(a, b)| (a - b).abs() < 1e-3);
    assert!(close, "{:?}", &values[..4]);
}

#[test]
fn what_is_left_out_is_named_and_the_result_of_a_renderer_comes_first() {
    let plain = [("R", 1.0), ("G", 2.0), ("B", 3.0), ("Z", 9.0), ("diffuse.R", 4.0)];
    let (picture, values) = open_bytes(&file(vec![layer(None, &plain)], |_| ())).unwrap();
    assert_eq!(values[..3], [1.0, 2.0, 3.0]);
    assert!(picture.notes[0].contains("(Z, diffuse.R)"), "{:?}", picture.notes);

    let blender = [
        ("View.Depth.Z", 9.0),
        ("View.AO.R", 4.0),
        ("View.AO.G", 5.0),
        ("View.AO.B", 6.0),
        ("View.Combined.R", 1.0),
        ("View.Combined.G", 2.0),
        ("View.Combined.B", 3.0),
        ("View.Combined.A", 1.0),
    ];
    let (picture, values) = open_bytes(&file(vec![layer(None, &blender)], |_| ())).unwrap();
    assert_eq!(values[..4], [1.0, 2.0, 3.0, 1.0]);
    assert!(picture.notes[0].contains("one picture of the layer View.Combined"), "{:?}", picture.notes);

    let parts = vec![layer(Some("depth"), &[("Z", 9.0)]), layer(Some("beauty"), &[("R", 1.0), ("G", 2.0), ("B", 3.0)])];
    let (picture, values) = open_bytes(&file(parts, |_| ())).unwrap();
    assert_eq!(values[..3], [1.0, 2.0, 3.0]);
    assert!(picture.notes[0].contains("the part depth"), "{:?}", picture.notes);
}

#[test]
fn pictures_without_colour_are_refused_by_name() {
    let error = open_bytes(&file(vec![layer(None, &[("Z", 1.0), ("N.X", 1.0)])], |_| ())).err().unwrap();
    assert!(error.message().contains("(its channels: N.X, Z)"), "{error}");
    let ids = AnyChannel::new("Y", FlatSamples::U32(vec![7; SIZE.0 * SIZE.1]));
    let list = AnyChannels::sort([ids].into_iter().collect());
    let ids = Layer::new(SIZE, LayerAttributes::named("ids"), Encoding::SMALL_LOSSLESS, list);
    let error = open_bytes(&file(vec![ids], |_| ())).err().unwrap();
    assert!(error.message().contains("integer channels"), "{error}");
}
