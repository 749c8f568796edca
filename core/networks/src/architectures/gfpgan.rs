//! GFPGAN, the clean version (1.2 to 1.4): a U-net whose features bend those of a generator of faces (StyleGAN2).
//!
//! Source: Wang et al., "Towards Real-World Blind Face Restoration with Generative Facial Prior", 2021, and Karras et al., "Analyzing and
//! Improving the Image Quality of StyleGAN", 2020. It takes one aligned face of one size.

use super::graph::{Convolution, Layer};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};

/// The slope of its leaky ReLUs.
const SLOPE: f32 = 0.2;

/// What is added to the sums of squares of weights.
const EPSILON: f32 = 1e-8;

/// The side at which the generator begins.
const SMALLEST: usize = 4;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("stylegan_decoder.constant_input.weight") && weights.has("conv_body_first.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let levels = weights.count("conv_body_down.", ".conv1.weight");
    if !(1..=8).contains(&levels) {
        return Err(Misfit::Missing("conv_body_down.0.conv1.weight".into()));
    }
    let side = SMALLEST << levels;
    let [_, channels, ..] = weights.dimensions::<4>("conv_body_first.weight")?;
    // Parts for training: pictures of the U-net, and the network that made the generator's styles of noise.
    weights.ignore_where(|name| name.starts_with("toRGB.") || name.starts_with("stylegan_decoder.style_mlp."));

    let mut graph = Graph::new(weights);
    let picture = graph.picture_of(channels, side)?;
    let value = graph.scaled(&picture, 2.0);
    let value = graph.shifted(&value, -1.0);
    let value = graph.convolution(&value, "conv_body_first")?;
    let mut value = graph.leaky_relu(&value, SLOPE);
    let mut skips = Vec::new();
    for level in 0..levels {
        value = resampled_block(&mut graph, &value, &format!("conv_body_down.{level}"), 0.5)?;
        skips.push(value.clone());
    }
    value = graph.convolution(&value, "final_conv")?;
    value = graph.leaky_relu(&value, SLOPE);
    let styles = styles(&mut graph, &value)?;
    let mut conditions = Vec::new();
    for (level, skip) in skips.iter().rev().enumerate() {
        if value.channels != skip.channels {
            return Err(Misfit::contradiction(format!(
                "the way up has {} channels where the way down has {}",
                value.channels, skip.channels
            )));
        }
        value = graph.sum(&value, skip);
        value = resampled_block(&mut graph, &value, &format!("conv_body_up.{level}"), 2.0)?;
        let scale = two_convolutions(&mut graph, &value, &format!("condition_scale.{level}"))?;
        let shift = two_convolutions(&mut graph, &value, &format!("condition_shift.{level}"))?;
        conditions.push([scale, shift]);
    }
    let made = generator(&mut graph, &styles, &conditions)?;
    let result = graph.scaled(&made, 0.5);
    let result = graph.shifted(&result, 0.5);
    Ok(Design {
        minimum: side as u32,
        fixed: Some(side as u32),
        reach: Reach::Whole,
        faces: true,
        ..Design::new(graph, &result, 1, format!("faces of {side}×{side} pixels, {} styles", styles.vectors))?
    })
}

/// The vectors that style the layers of the generator, one after another.
struct Styles {
    value: Value,
    /// How many there are: one for each layer, or one for all.
    vectors: usize,
    /// The length of one.
    length: usize,
}

impl Styles {
    /// The vector of a layer.
    fn of(&self, graph: &mut Graph<'_>, layer: usize) -> Outcome<Value> {
        match self.vectors {
            1 => Ok(self.value.clone()),
            vectors if layer < vectors => Ok(graph.channels(&self.value, layer * self.length, self.length)),
            vectors => Err(Misfit::contradiction(format!("the generator needs more than {vectors} styles"))),
        }
    }
}

/// The styles: one fully connected layer on all of the smallest features.
fn styles(graph: &mut Graph<'_>, features: &Value) -> Outcome<Styles> {
    let inputs = features.channels * SMALLEST * SMALLEST;
    let (weights, [outputs, _]) = graph.weights.values_of("final_linear.weight", [0, inputs])?;
    let bias = graph.bias("final_linear", outputs)?;
    let shape = [outputs, features.channels, SMALLEST, SMALLEST];
    let settings = Convolution { pads: Some([0; 4]), ..Convolution::default() };
    let value = graph.convolve(features, &weights, shape, bias.as_deref(), settings)?;
    let [_, length] = graph.weights.dimensions::<2>("stylegan_decoder.style_conv1.modulated_conv.modulation.weight")?;
    match outputs.checked_div(length) {
        Some(vectors) if vectors > 0 && vectors * length == outputs => Ok(Styles { value, vectors, length }),
        _ => Err(Misfit::contradiction(format!("{outputs} values do not divide into styles of {length}"))),
    }
}

/// Two 3×3 convolutions, between which the size changes by `factor`, and a shortcut.
fn resampled_block(graph: &mut Graph<'_>, input: &Value, name: &str, factor: f32) -> Outcome<Value> {
    let value = graph.convolution(input, &format!("{name}.conv1"))?;
    let value = graph.leaky_relu(&value, SLOPE);
    let value = graph.resampled(&value, factor);
    let value = graph.convolution(&value, &format!("{name}.conv2"))?;
    let value = graph.leaky_relu(&value, SLOPE);
    // A layer of one pixel and a change of the size can change places: both are linear, and the smaller picture costs less.
    let shortcut = if factor < 1.0 {
        let small = graph.resampled(input, factor);
        graph.convolution(&small, &format!("{name}.skip"))?
    } else {
        let made = graph.convolution(input, &format!("{name}.skip"))?;
        graph.resampled(&made, factor)
    };
    Ok(graph.sum(&value, &shortcut))
}

fn two_convolutions(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = graph.convolution(input, &format!("{name}.0"))?;
    let value = graph.leaky_relu(&value, SLOPE);
    graph.convolution(&value, &format!("{name}.2"))
}

/// The generator: from a constant of 4×4 pixels, twice as large at each level, bent by the conditions.
fn generator(graph: &mut Graph<'_>, styles: &Styles, conditions: &[[Value; 2]]) -> Outcome<Value> {
    let part = |inner: &str| format!("stylegan_decoder.{inner}");
    let constant = part("constant_input.weight");
    let (values, [_, channels, ..]) = graph.weights.values_of(&constant, [1, 0, SMALLEST, SMALLEST])?;
    let start = Value { name: graph.floats(&[1, channels, SMALLEST, SMALLEST], &values), channels };
    let style = styles.of(graph, 0)?;
    let mut value =
        styled_convolution(graph, &start, &style, &part("style_conv1"), &part("noises.noise0"), SMALLEST, false)?;
    let style = styles.of(graph, 1)?;
    let mut picture = to_picture(graph, &value, &style, &part("to_rgb1"))?;
    for (level, [scale, shift]) in conditions.iter().enumerate() {
        let (layer, side) = (2 * level + 1, SMALLEST << (level + 1));
        let noise = |at: usize| part(&format!("noises.noise{at}"));
        let name = |at: usize| part(&format!("style_convs.{at}"));
        let style = styles.of(graph, layer)?;
        value = styled_convolution(graph, &value, &style, &name(layer - 1), &noise(layer), side, true)?;
        value = bent(graph, &value, scale, shift)?;
        let style = styles.of(graph, layer + 1)?;
        value = styled_convolution(graph, &value, &style, &name(layer), &noise(layer + 1), side, false)?;
        let style = styles.of(graph, layer + 2)?;
        let made = to_picture(graph, &value, &style, &part(&format!("to_rgbs.{level}")))?;
        let large = graph.resampled(&picture, 2.0);
        picture = graph.sum(&made, &large);
    }
    Ok(picture)
}

/// Features multiplied by `scale` and then shifted. If the conditions are for fewer channels, they bend the last ones.
fn bent(graph: &mut Graph<'_>, value: &Value, scale: &Value, shift: &Value) -> Outcome<Value> {
    let count = scale.channels;
    let kept = value.channels.checked_sub(count).filter(|_| count > 0 && shift.channels == count).ok_or_else(|| {
        Misfit::contradiction(format!("conditions of {count} channels do not fit {} channels", value.channels))
    })?;
    let last = if kept == 0 { value.clone() } else { graph.channels(value, kept, count) };
    let last = graph.product(&last, scale);
    let last = graph.sum(&last, shift);
    if kept == 0 {
        return Ok(last);
    }
    let first = graph.channels(value, 0, kept);
    Ok(graph.joined(&[&first, &last]))
}

/// A modulated convolution to planes of this side, then noise, a bias and a leaky ReLU.
fn styled_convolution(
    graph: &mut Graph<'_>,
    input: &Value,
    style: &Value,
    name: &str,
    noise: &str,
    side: usize,
    enlarges: bool,
) -> Outcome<Value> {
    let weights = graph.weights;
    let input = if enlarges { graph.resampled(input, 2.0) } else { input.clone() };
    let value = modulated(graph, &input, style, &format!("{name}.modulated_conv"), true)?;
    // The original draws noise anew for each picture. A picture must not change from run to run, so it is what the file holds.
    let strength = weights.values(&format!("{name}.weight"), &[1])?[0];
    let bias = weights.values(&format!("{name}.bias"), &[1, value.channels, 1, 1])?;
    let mut value = value;
    if weights.has(noise) {
        let (mut noise, [_, _, height, width]) = weights.values_of(noise, [1, 1, side, side])?;
        noise.iter_mut().for_each(|sample| *sample *= strength);
        let noise = Value { name: graph.floats(&[1, 1, height, width], &noise), channels: 1 };
        value = graph.sum(&value, &noise);
    }
    let value = graph.shifted_channels(&value, &bias);
    Ok(graph.leaky_relu(&value, SLOPE))
}

/// A modulated convolution to a picture, without demodulation.
fn to_picture(graph: &mut Graph<'_>, input: &Value, style: &Value, name: &str) -> Outcome<Value> {
    let value = modulated(graph, input, style, &format!("{name}.modulated_conv"), false)?;
    let bias = graph.weights.values(&format!("{name}.bias"), &[1, value.channels, 1, 1])?;
    Ok(graph.shifted_channels(&value, &bias))
}

/// A convolution whose weights are multiplied by a style for each input channel and, if it is demodulated, divided for each output
/// channel by the length of its weights and multiplied by √2. The same follows from multiplying the inputs and the outputs.
fn modulated(graph: &mut Graph<'_>, input: &Value, style: &Value, name: &str, demodulated: bool) -> Outcome<Value> {
    let channels = input.channels;
    let (weights, [_, outputs, _, height, width]) =
        graph.weights.values_of(&format!("{name}.weight"), [1, 0, channels, 0, 0])?;
    let layer = Layer::pointwise(graph.weights, &format!("{name}.modulation"), style.channels)?;
    if layer.outputs() != channels {
        return Err(Misfit::contradiction(format!("'{name}' has {} styles for {channels} channels", layer.outputs())));
    }
    let factors = layer.apply(graph, style)?;
    let value = graph.product(input, &factors);
    let shape = [outputs, channels, height, width];
    let value = graph.convolve(&value, &weights, shape, None, Convolution::default())?;
    if !demodulated {
        return Ok(value);
    }
    // √2 is part of the length: √2 ÷ √(s + ε) = 1 ÷ √((s + ε) ÷ 2).
    let kernel = (height * width).max(1);
    let squares: Vec<f32> = weights
        .chunks_exact(kernel)
        .map(|kernel| (kernel.iter().map(|weight| f64::from(*weight).powi(2)).sum::<f64>() / 2.0) as f32)
        .collect();
    let factors = graph.product(&factors, &factors);
    let bias = vec![EPSILON / 2.0; outputs];
    let sums = graph.convolve(&factors, &squares, [outputs, channels, 1, 1], Some(&bias), Convolution::default())?;
    let length = graph.operator("Sqrt", &[&sums.name], outputs, &[]);
    Ok(graph.operator("Div", &[&value.name, &length.name], outputs, &[]))
}
