//! Adds operations before and after a network, so that it takes a picture and returns it `scale` times as large.
//!
//! Some networks shrink the picture and need a border first, some take extra planes that describe how the picture was
//! degraded, and some return only the difference to the enlarged picture. With the missing operations in the network's
//! file, the pipeline has to know only one kind of network.

use std::borrow::Cow;
use std::collections::HashSet;

use enlarger::Result;

use super::field_numbers::{graph, model};
use super::judge::is_noise_level;
use super::limits::damaged;
use super::{Builder, Dimension, Network, Setting};
use crate::errors::invalid;
use crate::protobuf::{Message, fields};

/// The name of the input for a noise level.
pub const NOISE_INPUT: &str = "noise_level";

/// The operations to add around a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wrapping {
    /// Mirrored pixels to add at each side of the input.
    pub pad: u32,
    /// Constant planes to append to the colour channels, one value each.
    pub planes: Vec<f32>,
    /// Whether to append a last plane whose value is a further input, `noise_level`, of shape 1×1×1×1.
    pub noise_level: bool,
    /// What the output is multiplied by, if it is in another range than the input.
    pub gain: Option<f32>,
    /// If not 0, the picture enlarged by this factor (nearest neighbour) is added to the output.
    pub add_nearest: u32,
    /// What the network's channels are, if they are not red, green and blue.
    pub channels: Channels,
}

/// The channels that a network takes and returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channels {
    /// Red, green and blue.
    #[default]
    Colour,
    /// It takes and returns gray. It gets the luminance; the difference of the colours to it is enlarged by interpolation.
    Luminance {
        /// The network's factor, if it is known.
        scale: Option<u32>,
    },
    /// It takes gray and returns red, green and blue. It gets the luminance.
    Colourises,
    /// It takes and returns red, green, blue and alpha. It gets an opaque picture, and its alpha is left out.
    Alpha,
}

/// The weights of red, green and blue in the luminance of networks that take gray (ITU-R BT.601).
const LUMINANCE: [f32; 3] = [0.299, 0.587, 0.114];

impl Wrapping {
    /// The network with these operations around it; the file itself if there are none.
    ///
    /// # Errors
    /// As [`wrap`].
    pub fn applied<'a>(&self, file: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        if *self == Wrapping::default() { Ok(Cow::Borrowed(file)) } else { wrap(file, self).map(Cow::Owned) }
    }
}

/// Returns the network with these operations around it.
///
/// # Errors
/// As [`Network::read`]; `ModelInvalid` for a network with more than one input or output.
pub fn wrap(file: &[u8], wrapping: &Wrapping) -> Result<Vec<u8>> {
    let network = Network::read(file)?;
    let (levels, pictures): (Vec<_>, Vec<_>) = network.inputs.iter().partition(|input| is_noise_level(input));
    let (inner_input, inner_output) = match (pictures.as_slice(), network.outputs.as_slice()) {
        ([input], [output]) if levels.is_empty() || !wrapping.noise_level => (*input, output.name),
        _ => {
            return Err(invalid(format!(
                "the network has {} inputs and {} outputs, and only one of each can be wrapped; use another model",
                network.inputs.len(),
                network.outputs.len()
            )));
        }
    };
    let used = used(&network);
    let name = names(&used);
    let (input, output) = free_names(&used)?;

    let (mut before, mut after) = (Builder::new(), Builder::new());
    let inner_side = |at: usize| inner_input.shape.as_deref().and_then(|shape| shape.get(at).copied());
    let side = |at: usize| match inner_side(at) {
        Some(Dimension::Fixed(length)) => Dimension::Fixed(length.saturating_sub(2 * u64::from(wrapping.pad))),
        _ => Dimension::Open,
    };
    before.input(&input, &[Dimension::Fixed(1), Dimension::Fixed(3), side(2), side(3)]);
    if !levels.is_empty() {
        before.input(NOISE_INPUT, &[Dimension::Fixed(1); 4]);
    }
    let mut value = input.clone();
    if matches!(wrapping.channels, Channels::Luminance { .. } | Channels::Colourises) {
        before.floats(&name("weights"), &[1, 3, 1, 1], &LUMINANCE);
        value = name("luminance");
        // Some engines want the usual values too.
        let ones = Setting::Integers(&[1, 1]);
        let settings = [("kernel_shape", ones), ("strides", ones), ("pads", Setting::Integers(&[0; 4]))];
        before.node("Conv", &[&input, &name("weights")], &value, &settings);
    }
    if wrapping.noise_level || !wrapping.planes.is_empty() {
        // Each constant plane is a plane of zeros of the picture's size plus a value.
        let (start, end) = (name("start"), name("end"));
        before.integers(&start, &[0]);
        before.integers(&end, &[1]);
        let (plane, zeros) = (name("plane"), name("zeros"));
        before.node("Slice", &[&input, &start, &end, &end], &plane, &[]);
        before.floats(&name("zero"), &[1], &[0.0]);
        before.node("Mul", &[&plane, &name("zero")], &zeros, &[]);
        let mut parts = vec![value];
        if !wrapping.planes.is_empty() {
            before.floats(&name("values"), &[1, wrapping.planes.len(), 1, 1], &wrapping.planes);
            before.node("Add", &[&zeros, &name("values")], &name("planes"), &[]);
            parts.push(name("planes"));
        }
        if wrapping.noise_level {
            before.input(NOISE_INPUT, &[Dimension::Fixed(1); 4]);
            before.node("Add", &[&zeros, NOISE_INPUT], &name("noise"), &[]);
            parts.push(name("noise"));
        }
        value = name("all");
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        before.node("Concat", &parts, &value, &[("axis", Setting::Integer(1))]);
    }
    let pad = i64::from(wrapping.pad);
    if pad > 0 {
        before.integers(&name("pads"), &[0, 0, pad, pad, 0, 0, pad, pad]);
        before.node("Pad", &[&value, &name("pads")], inner_input.name, &[("mode", Setting::Text("reflect"))]);
    } else {
        before.node("Identity", &[&value], inner_input.name, &[]);
    }

    let scaled = name("scaled");
    let made = match wrapping.gain {
        Some(gain) => {
            after.floats(&name("gain"), &[1], &[gain]);
            after.node("Mul", &[inner_output, &name("gain")], &scaled, &[]);
            &scaled
        }
        None => inner_output,
    };
    let made = match wrapping.channels {
        Channels::Colour | Channels::Colourises => made,
        Channels::Alpha => {
            [("from", 0), ("to", 3), ("axis", 1)].iter().for_each(|(word, at)| after.integers(&name(word), &[*at]));
            after.node("Slice", &[made, &name("from"), &name("to"), &name("axis")], &name("colours"), &[]);
            &name("colours")
        }
        Channels::Luminance { scale } => {
            add_colour(&mut after, &name, &input, made, scale);
            &name("coloured")
        }
    };
    if wrapping.add_nearest > 0 {
        let factor = wrapping.add_nearest as f32;
        after.floats(&name("factors"), &[4], &[1.0, 1.0, factor, factor]);
        let settings = [
            ("mode", Setting::Text("nearest")),
            ("coordinate_transformation_mode", Setting::Text("asymmetric")),
            ("nearest_mode", Setting::Text("floor")),
        ];
        after.node("Resize", &[&input, "", &name("factors")], &name("nearest"), &settings);
        after.node("Add", &[made, &name("nearest")], &output, &[]);
    } else {
        after.node("Identity", &[made], &output, &[]);
    }
    after.output(&output, &[Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open]);
    assemble(file, &before, &after)
}

/// Adds the colours of `picture` to `gray`, which is larger: their difference to the luminance, interpolated.
fn add_colour(after: &mut Builder, name: &impl Fn(&str) -> String, picture: &str, gray: &str, scale: Option<u32>) {
    let (difference, colour) = (name("difference"), name("colour"));
    after.node("Sub", &[picture, &name("luminance")], &difference, &[]);
    let settings = [("mode", Setting::Text("linear")), ("coordinate_transformation_mode", Setting::Text("half_pixel"))];
    match scale {
        Some(1) => after.node("Identity", &[&difference], &colour, &[]),
        Some(scale) => {
            after.floats(&name("factors"), &[4], &[1.0, 1.0, scale as f32, scale as f32]);
            after.node("Resize", &[&difference, "", &name("factors")], &colour, &settings);
        }
        // The factor is known only when the network runs, so the size is taken from its result.
        None => {
            after.node("Shape", &[gray], &name("shape"), &[]);
            after.integers(&name("gray_sides"), &[2]);
            after.integers(&name("gray_end"), &[4]);
            after.integers(&name("three"), &[1, 3]);
            after.node("Slice", &[&name("shape"), &name("gray_sides"), &name("gray_end")], &name("enlarged"), &[]);
            after.node("Concat", &[&name("three"), &name("enlarged")], &name("size"), &[("axis", Setting::Integer(0))]);
            after.node("Resize", &[&difference, "", "", &name("size")], &colour, &settings);
        }
    }
    after.node("Add", &[&colour, gray], &name("coloured"), &[]);
}

/// Returns the network with its output replaced by one of this name, which holds the shape of the original output: four
/// floats.
///
/// # Errors
/// As [`Network::read`]; `ModelInvalid` for a network with more than one output.
pub fn shape_of(file: &[u8], output: &str) -> Result<Vec<u8>> {
    let network = Network::read(file)?;
    let [made] = network.outputs.as_slice() else {
        return Err(invalid(format!(
            "the network has {} outputs; a network that enlarges returns only a picture, so use another model",
            network.outputs.len()
        )));
    };
    let used = used(&network);
    let name = names(&used);
    let (mut before, mut after) = (Builder::new(), Builder::new());
    for input in &network.inputs {
        before.input(input.name, input.shape.as_deref().unwrap_or(&[Dimension::Open; 4]));
    }
    after.integers(&name("four"), &[1, 1, 1, 4]);
    after.node("Shape", &[made.name], &name("sides"), &[]);
    after.node("Cast", &[&name("sides")], &name("floats"), &[("to", Setting::Integer(1))]);
    after.node("Reshape", &[&name("floats"), &name("four")], output, &[]);
    after.output(output, &[Dimension::Fixed(1), Dimension::Fixed(1), Dimension::Fixed(1), Dimension::Fixed(4)]);
    assemble(file, &before, &after)
}

/// Names for a new input and a new output.
pub(super) fn free_names(used: &HashSet<&str>) -> Result<(String, String)> {
    let free = |word: &str| (0..).map(|n| format!("{word}{}", "_".repeat(n))).find(|name| !used.contains(&**name));
    free("input").zip(free("output")).ok_or_else(damaged)
}

/// The names of all values in a network.
pub(super) fn used<'a>(network: &Network<'a>) -> HashSet<&'a str> {
    let nodes = network.nodes.iter().flat_map(|node| node.inputs.iter().chain(&node.outputs)).copied();
    nodes.chain(network.tensors.iter().map(|t| t.name)).chain(network.inputs.iter().map(|i| i.name)).collect()
}

/// Makes names for added values that do not occur in the network, even if it was wrapped before.
pub(super) fn names(used: &HashSet<&str>) -> impl Fn(&str) -> String + use<> {
    let free = |layer: &u32| !used.iter().any(|name| name.starts_with(&format!("enlarger{layer}/")));
    let layer = (0..).find(free).unwrap_or(0);
    move |word: &str| format!("enlarger{layer}/{word}")
}

/// Returns the file with the nodes of `before` first, those of `after` last, and their inputs and outputs instead of its
/// own.
pub(super) fn assemble(file: &[u8], before: &Builder, after: &Builder) -> Result<Vec<u8>> {
    /// Field number of the shapes of inner values. They are dropped, because wrapping changes them.
    const SHAPES: u64 = 13;
    let mut whole = Message::new();
    for field in fields(file) {
        let (field, value) = field.ok_or_else(damaged)?;
        if field != model::GRAPH {
            whole.value(field, value);
            continue;
        }
        let mut inside = Message::new();
        let (nodes, constants, inputs) = before.parts();
        inside.raw(nodes);
        for field in fields(value.bytes().ok_or_else(damaged)?) {
            let (field, value) = field.ok_or_else(damaged)?;
            if ![graph::INPUT, graph::OUTPUT, SHAPES].contains(&field) {
                inside.value(field, value);
            }
        }
        let (nodes, more, outputs) = after.parts();
        inside.raw(nodes).raw(constants).raw(more).raw(inputs).raw(outputs);
        whole.message(model::GRAPH, &inside);
    }
    Ok(whole.into_bytes())
}
