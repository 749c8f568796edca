//! CUGAN, also known as Real-CUGAN: two U-nets, the second of which corrects the result of the first.
//!
//! Source: the CUNet of waifu2x (nagadomi, 2018) and Real-CUGAN (bilibili, 2022), which publishes it for ×2, ×3 and ×4. Both extend
//! the picture by mirroring and let it shrink.

use super::graph::{Convolution, Padding};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};

const SLOPE: f32 = 0.1;

/// In the "pro" networks, black and white lie at 0.15 and 0.85.
const PRO: &str = "pro";
const BLACK: f32 = 0.15;
const CONTRAST: f32 = 0.7;

/// What distinguishes the networks for a scale.
struct Form {
    /// The scale of the first U-net.
    first: usize,
    /// By how much the first U-net cuts its result.
    cut: usize,
    /// The factor by which the picture is unshuffled before the network.
    unshuffle: usize,
    /// The factor of a pixel shuffle after the network, or 1.
    shuffle: usize,
    /// The border that the network needs, and the number that the sides must be a multiple of.
    border: usize,
    multiple: usize,
}

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("unet1.conv_bottom.weight") && weights.has("unet2.conv3_up.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [_, channels_in, ..] = weights.dimensions::<4>("unet1.conv1.conv.0.weight")?;
    let [.., kernel, _] = weights.dimensions::<4>("unet1.conv_bottom.weight")?;
    let last = if weights.has("conv_final.weight") { "conv_final" } else { "unet2.conv_bottom" };
    let [made, ..] = weights.dimensions::<4>(&format!("{last}.weight"))?;
    let shuffles = last == "conv_final";
    let form = match (kernel, shuffles) {
        (4, false) => Form { first: 2, cut: 3, unshuffle: 1, shuffle: 1, border: 18, multiple: 2 },
        (5, false) => Form { first: 3, cut: 2, unshuffle: 1, shuffle: 1, border: 14, multiple: 4 },
        (4, true) if channels_in == made => {
            Form { first: 2, cut: 3, unshuffle: 2, shuffle: 2, border: 38, multiple: 4 }
        }
        (4, true) => Form { first: 2, cut: 3, unshuffle: 1, shuffle: 2, border: 19, multiple: 2 },
        _ => {
            return Err(Misfit::contradiction(format!(
                "the kernel of 'unet1.conv_bottom' has {kernel}×{kernel} values, not 4×4 or 5×5"
            )));
        }
    };
    let scale = form.first * form.shuffle / form.unshuffle;
    let pro = weights.has(PRO);
    weights.ignore(PRO);

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels_in / (form.unshuffle * form.unshuffle))?;
    let mut value = picture.clone();
    if pro {
        value = graph.scaled(&value, CONTRAST);
        value = graph.shifted(&value, BLACK);
    }
    let range = value.clone();
    let size = graph.size(&picture);
    value = graph.extended(&value, form.border, form.multiple, Padding::Reflection);
    let first = first_net(&mut graph, &value, &form)?;
    let second = second_net(&mut graph, &first)?;
    let base = graph.without_border(&first, 20);
    value = graph.sum(&second, &base);
    if shuffles {
        value = narrow(&mut graph, &value, "conv_final")?;
        value = graph.without_border(&value, 1);
        value = graph.shuffled(&value, form.shuffle)?;
    }
    value = graph.cropped_to(&value, &size, scale);
    if shuffles {
        let base = graph.nearest(&range, scale);
        value = graph.sum(&value, &base);
    }
    if pro {
        value = graph.shifted(&value, -BLACK);
        value = graph.scaled(&value, 1.0 / CONTRAST);
    }
    Ok(Design {
        multiple: if form.unshuffle == 1 { 1 } else { form.multiple as u32 },
        minimum: (form.border + form.multiple) as u32,
        reach: Reach::Whole,
        ..Design::new(graph, &value, scale, if pro { "pro".into() } else { String::new() })?
    })
}

/// The first U-net, which enlarges.
fn first_net(graph: &mut Graph<'_>, input: &Value, form: &Form) -> Outcome<Value> {
    let wide = if form.unshuffle == 1 {
        narrow(graph, input, "unet1.conv1.conv.0")?
    } else {
        graph.unshuffled_convolution_with(input, "unet1.conv1.conv.0", form.unshuffle, 0)?
    };
    let wide = graph.leaky_relu(&wide, SLOPE);
    let wide = active(graph, &wide, "unet1.conv1.conv.2")?;
    let deep = halved(graph, &wide, "unet1.conv1_down")?;
    let deep = pair(graph, &deep, "unet1.conv2")?;
    let deep = doubled(graph, &deep, "unet1.conv2_up")?;
    let wide = graph.without_border(&wide, 4);
    let sum = graph.sum(&wide, &deep);
    let end = active(graph, &sum, "unet1.conv3")?;
    graph.transposed_convolution_with(&end, "unet1.conv_bottom", form.first, form.cut)
}

/// The second U-net, which is deeper and keeps the scale.
fn second_net(graph: &mut Graph<'_>, input: &Value) -> Outcome<Value> {
    let wide = pair(graph, input, "unet2.conv1")?;
    let middle = halved(graph, &wide, "unet2.conv1_down")?;
    let middle = pair(graph, &middle, "unet2.conv2")?;
    let deep = halved(graph, &middle, "unet2.conv2_down")?;
    let deep = pair(graph, &deep, "unet2.conv3")?;
    let deep = doubled(graph, &deep, "unet2.conv3_up")?;
    let middle = graph.without_border(&middle, 4);
    let middle = graph.sum(&middle, &deep);
    let middle = pair(graph, &middle, "unet2.conv4")?;
    let middle = doubled(graph, &middle, "unet2.conv4_up")?;
    let wide = graph.without_border(&wide, 16);
    let wide = graph.sum(&wide, &middle);
    let wide = active(graph, &wide, "unet2.conv5")?;
    narrow(graph, &wide, "unet2.conv_bottom")
}

/// Two convolutions and, if the checkpoint has it, an attention by the means of the channels.
fn pair(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = active(graph, input, &format!("{name}.conv.0"))?;
    let value = active(graph, &value, &format!("{name}.conv.2"))?;
    if !graph.weights.has(&format!("{name}.seblock.conv1.weight")) {
        return Ok(value);
    }
    let means = graph.mean(&value);
    let few = graph.convolution(&means, &format!("{name}.seblock.conv1"))?;
    let few = graph.relu(&few);
    let all = graph.convolution(&few, &format!("{name}.seblock.conv2"))?;
    let gate = graph.sigmoid(&all);
    Ok(graph.product(&value, &gate))
}

/// A convolution without zeros around the picture, which makes it smaller.
fn narrow(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    graph.convolution_with(input, name, Convolution { pads: Some([0; 4]), ..Convolution::default() })
}

fn active(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = narrow(graph, input, name)?;
    Ok(graph.leaky_relu(&value, SLOPE))
}

/// Half the size.
fn halved(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let settings = Convolution { stride: 2, pads: Some([0; 4]), ..Convolution::default() };
    let value = graph.convolution_with(input, name, settings)?;
    Ok(graph.leaky_relu(&value, SLOPE))
}

/// Twice the size.
fn doubled(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
    let value = graph.transposed_convolution(input, name)?;
    Ok(graph.leaky_relu(&value, SLOPE))
}
