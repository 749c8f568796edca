//! Which channels of an EXR file make up its picture.
//!
//! A file may hold many parts, layers and views. The picture without a name comes first, then the one that renderers name as
//! their result. What is left out is named, so that nobody takes it for enlarged.

use enlarger::{Channels, Error, ErrorKind, Result, Sample};
use exr::meta::attribute::{ChannelDescription, SampleType};
use exr::meta::header::Header;

/// The picture's channels.
#[derive(Debug)]
pub struct Choice {
    /// The part of the file.
    pub part: usize,
    /// The indices of the channels in the part, in the order of our pixels.
    pub channels: Vec<usize>,
    pub kind: Channels,
    /// Whether they are luminance and two differences, instead of red, green and blue.
    pub luminance_chroma: bool,
    pub sample: Sample,
    /// The layer's name, if it has one.
    pub layer: String,
    /// What is left out.
    pub note: Option<String>,
}

/// Chooses among the parts of a file.
pub fn choose(headers: &[Header]) -> Result<Choice> {
    if headers.iter().all(|h| h.deep) {
        return Err(unsupported("deep data, with several samples for each pixel,"));
    }
    let mut best: Option<(usize, Choice)> = None;
    for (part, header) in headers.iter().enumerate().filter(|(_, h)| !h.deep) {
        for layer in layers(header) {
            let Some(choice) = channels_of(part, header, &layer) else { continue };
            let rank = usize::from(choice.kind.is_gray()) * 10 + rank(&layer);
            if best.as_ref().is_none_or(|(other, _)| rank < *other) {
                best = Some((rank, choice));
            }
        }
    }
    let Some((_, mut choice)) = best else {
        let names: Vec<String> =
            headers.iter().flat_map(|h| h.channels.list.iter()).map(|c| c.name.to_string()).take(12).collect();
        return Err(unsupported(&format!("no R, G and B or Y channels (its channels: {})", names.join(", "))));
    };
    let used: Vec<&ChannelDescription> =
        choice.channels.iter().map(|index| &headers[choice.part].channels.list[*index]).collect();
    if used.iter().any(|c| c.sample_type == SampleType::U32) {
        return Err(unsupported("integer channels"));
    }
    choice.sample = if used.iter().all(|c| c.sample_type == SampleType::F16) { Sample::F16 } else { Sample::F32 };
    choice.note = note(headers, &choice);
    Ok(choice)
}

/// The layers of a part, with the unnamed one first.
fn layers(header: &Header) -> Vec<String> {
    let mut layers = vec![String::new()];
    for channel in &header.channels.list {
        let name = channel.name.to_string();
        let layer = name.rsplit_once('.').map_or("", |(layer, _)| layer).to_owned();
        if !layers.contains(&layer) {
            layers.push(layer);
        }
    }
    layers
}

fn rank(layer: &str) -> usize {
    let last = layer.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match last.as_str() {
        "" => 0,
        "combined" | "beauty" | "rgba" | "rgb" | "color" | "final" => 1,
        "left" => 2,
        _ => 3,
    }
}

fn channels_of(part: usize, header: &Header, layer: &str) -> Option<Choice> {
    let find = |name: &str| {
        let name = if layer.is_empty() { name.to_owned() } else { format!("{layer}.{name}") };
        header.channels.list.iter().position(|c| c.name == *name.as_str())
    };
    let all = |names: &[&str]| names.iter().map(|name| find(name)).collect::<Option<Vec<_>>>();
    const CHOICES: [(&[&str], Channels, bool); 6] = [
        (&["R", "G", "B", "A"], Channels::Rgba, false),
        (&["R", "G", "B"], Channels::Rgb, false),
        (&["Y", "RY", "BY", "A"], Channels::Rgba, true),
        (&["Y", "RY", "BY"], Channels::Rgb, true),
        (&["Y", "A"], Channels::GrayAlpha, false),
        (&["Y"], Channels::Gray, false),
    ];
    let (channels, kind, luminance_chroma) =
        CHOICES.iter().find_map(|(names, kind, chroma)| Some((all(names)?, *kind, *chroma)))?;
    let (layer, note) = (layer.to_owned(), None);
    Some(Choice { part, channels, kind, luminance_chroma, sample: Sample::F32, layer, note })
}

fn note(headers: &[Header], choice: &Choice) -> Option<String> {
    let mut others: Vec<String> = headers[choice.part]
        .channels
        .list
        .iter()
        .enumerate()
        .filter(|(index, _)| !choice.channels.contains(index))
        .map(|(_, channel)| channel.name.to_string())
        .collect();
    for (part, header) in headers.iter().enumerate().filter(|(part, _)| *part != choice.part) {
        let name = header.own_attributes.layer_name.as_ref().map_or_else(|| part.to_string(), ToString::to_string);
        others.push(format!("the part {name}"));
    }
    if others.is_empty() {
        return None;
    }
    let count = others.len();
    others.truncate(8);
    if count > others.len() {
        others.push(format!("and {} more", count - others.len()));
    }
    let layer = if choice.layer.is_empty() { String::new() } else { format!(" of the layer {}", choice.layer) };
    Some(format!(
        "the file has several layers or additional channels ({}); only one picture{layer} is enlarged",
        others.join(", ")
    ))
}

/// The refusal of a sound file.
pub fn unsupported(what: &str) -> Error {
    Error::new(
        ErrorKind::Format,
        format!("this EXR has {what} which is not supported; export it as one flat layer of R, G, B and A first")
            .replace(") which is", "), which is"),
    )
}
