//! Adapts a network of bytes, or of pictures with the channels last, to the pipeline: floats, channels first.
//!
//! Operations at both ends convert; the network in between stays as it is. Only what the file states is adapted, nothing is
//! guessed: a network whose types or shapes say something else is left alone, and judged as it is.

use std::borrow::Cow;

use enlarger::Result;

use super::judge::{check_input, check_output};
use super::tensor::ElementType;
use super::wrap::{assemble, free_names, names, used};
use super::{Builder, Dimension, Network, Port, Setting};

/// The axes of a picture with the channels first, in the order of one with the channels last, and the reverse.
const TO_LAST: [i64; 4] = [0, 2, 3, 1];
const TO_FIRST: [i64; 4] = [0, 3, 1, 2];

/// How an end of the network differs from the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    bytes: bool,
    channels_last: bool,
}

/// Returns the network with an input and an output of floats with the channels first; the file itself if it has them, or
/// if it cannot be adapted. Bytes stand for values from 0 to 1.
///
/// # Errors
/// As [`Network::read`]; `ModelInvalid` for a network that would be adapted but cannot enlarge pictures of any size.
pub fn adapted(file: &[u8]) -> Result<Cow<'_, [u8]>> {
    let network = Network::read(file)?;
    let ([input], [output]) = (network.inputs.as_slice(), network.outputs.as_slice()) else {
        return Ok(Cow::Borrowed(file));
    };
    let (Some(_), Some(first), Some(last)) = (input.element, end(input, false), end(output, is_last(input))) else {
        return Ok(Cow::Borrowed(file));
    };
    if first == PLAIN && last == PLAIN {
        return Ok(Cow::Borrowed(file));
    }
    let size = check_input(&plain(input))?;
    check_output(&plain(output))?;

    let used = used(&network);
    let name = names(&used);
    let (outer_input, outer_output) = free_names(&used)?;
    let (mut before, mut after) = (Builder::new(), Builder::new());
    let side = |at: usize| size.map_or(Dimension::Open, |size| Dimension::Fixed(size[at].into()));
    before.input(&outer_input, &[Dimension::Fixed(1), Dimension::Fixed(3), side(1), side(0)]);
    after.output(&outer_output, &[Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open]);
    let mut now = outer_input;
    let mut step = |builder: &mut Builder, kind: &str, other: Option<(&str, f32)>, word: &str, settings: &[_]| {
        let made = name(word);
        let mut inputs = vec![now.clone()];
        if let Some((constant, value)) = other {
            builder.floats(&name(constant), &[1], &[value]);
            inputs.push(name(constant));
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        builder.node(kind, &inputs, &made, settings);
        now = made;
    };
    if first.channels_last {
        step(&mut before, "Transpose", None, "last", &[("perm", Setting::Integers(&TO_LAST))]);
    }
    if first.bytes {
        // To the nearest byte.
        step(&mut before, "Mul", Some(("white", 255.0)), "scaled", &[]);
        step(&mut before, "Add", Some(("half", 0.5)), "raised", &[]);
        step(&mut before, "Floor", None, "whole", &[]);
        step(&mut before, "Max", Some(("least", 0.0)), "above", &[]);
        step(&mut before, "Min", Some(("most", 255.0)), "inside", &[]);
        step(&mut before, "Cast", None, "bytes", &[("to", Setting::Integer(ElementType::U8.0))]);
    }
    before.node("Identity", &[&now], input.name, &[]);
    now = output.name.to_owned();
    let mut step = |kind: &str, other: Option<f32>, word: &str, settings: &[_]| {
        let made = name(word);
        let mut inputs = vec![now.clone()];
        if let Some(value) = other {
            after.floats(&name("byte"), &[1], &[value]);
            inputs.push(name("byte"));
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        after.node(kind, &inputs, &made, settings);
        now = made;
    };
    if last.bytes {
        step("Cast", None, "floats", &[("to", Setting::Integer(ElementType::F32.0))]);
        step("Mul", Some(1.0 / 255.0), "made", &[]);
    }
    if last.channels_last {
        step("Transpose", None, "first", &[("perm", Setting::Integers(&TO_FIRST))]);
    }
    after.node("Identity", &[&now], &outer_output, &[]);
    assemble(file, &before, &after).map(Cow::Owned)
}

const PLAIN: End = End { bytes: false, channels_last: false };

/// What an end needs; `None` for a type that cannot be adapted. `last`: whether the channels are last if the shape does not
/// tell.
fn end(port: &Port<'_>, last: bool) -> Option<End> {
    let bytes = match port.element {
        Some(ElementType::F32) => false,
        Some(ElementType::U8) => true,
        // Some exporters leave out the type of the output.
        Some(ElementType(0)) | None => false,
        Some(_) => return None,
    };
    Some(End { bytes, channels_last: if tells_channels(port) { is_last(port) } else { last } })
}

/// Whether the shape says where the three channels are.
fn tells_channels(port: &Port<'_>) -> bool {
    match port.shape.as_deref() {
        Some([_, first, _, last]) => *first == Dimension::Fixed(3) || *last == Dimension::Fixed(3),
        _ => false,
    }
}

/// Whether the channels are last: three of them there, and not in their usual place.
fn is_last(port: &Port<'_>) -> bool {
    matches!(port.shape.as_deref(), Some([_, first, _, Dimension::Fixed(3)]) if *first != Dimension::Fixed(3))
}

/// An end as it would be if it had the type and the layout of the pipeline, to be judged.
fn plain<'a>(port: &Port<'a>) -> Port<'a> {
    let mut shape = port.shape.clone();
    if let (true, Some([batch, height, width, channels])) = (is_last(port), shape.as_deref()) {
        shape = Some(vec![*batch, *channels, *height, *width]);
    }
    Port { name: port.name, element: Some(ElementType::F32), shape }
}
