//! Swift-SRGAN: an SRGAN whose convolutions are depthwise and pointwise, for speed.
//!
//! Source: Krishnan and Krishnan, "SwiftSRGAN: Rethinking Super-Resolution for Efficient and Real-time Inference", 2021.

use super::graph::{Convolution, Layer, batch_normalisation};
use super::{Design, Graph, Outcome, Value, Weights};

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("initial.cnn.depthwise.weight") && weights.has("final_conv.pointwise.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [channels, ..] = weights.dimensions::<4>("initial.cnn.depthwise.weight")?;
    let blocks = weights.count("residual.", ".block1.cnn.depthwise.weight");
    let steps = weights.count("upsampler.", ".conv.depthwise.weight");
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let first = block(&mut graph, &picture, "initial", true)?;
    let mut value = first.clone();
    for at in 0..blocks {
        let inner = block(&mut graph, &value, &format!("residual.{at}.block1"), true)?;
        let change = block(&mut graph, &inner, &format!("residual.{at}.block2"), false)?;
        value = graph.sum(&change, &value);
    }
    value = block(&mut graph, &value, "convblock", false)?;
    value = graph.sum(&value, &first);
    let mut scale = 1usize;
    for step in 0..steps {
        let many = separable(&mut graph, &value, &format!("upsampler.{step}.conv"), None)?;
        let factor = (many.channels / value.channels.max(1)).isqrt();
        value = graph.shuffled(&many, factor)?;
        value = graph.parametric_relu(&value, &format!("upsampler.{step}.act.weight"))?;
        scale = scale.saturating_mul(factor);
    }
    value = separable(&mut graph, &value, "final_conv", None)?;
    // From −1…1 to 0…1.
    value = graph.tanh(&value);
    value = graph.shifted(&value, 1.0);
    value = graph.scaled(&value, 0.5);
    Design::new(graph, &value, scale, format!("{} features, {blocks} blocks", first.channels))
}

/// A separable convolution, normalised if the checkpoint has the statistics, and an activation. Some blocks have the activation's
/// slopes and do not use them.
fn block(graph: &mut Graph<'_>, input: &Value, name: &str, activates: bool) -> Outcome<Value> {
    let value = separable(graph, input, &format!("{name}.cnn"), Some(&format!("{name}.bn")))?;
    let slopes = format!("{name}.act.weight");
    if activates {
        return graph.parametric_relu(&value, &slopes);
    }
    graph.weights.ignore(&slopes);
    Ok(value)
}

/// A depthwise and a pointwise convolution, and a normalisation if the checkpoint has it.
fn separable(graph: &mut Graph<'_>, input: &Value, name: &str, normalisation: Option<&str>) -> Outcome<Value> {
    let depthwise = Convolution::depthwise(input.channels);
    let value = graph.convolution_with(input, &format!("{name}.depthwise"), depthwise)?;
    let layer = Layer::pointwise(graph.weights, &format!("{name}.pointwise"), value.channels)?;
    match normalisation.filter(|name| graph.weights.has(&format!("{name}.running_mean"))) {
        Some(name) => {
            let (factors, numbers) = batch_normalisation(graph.weights, name, layer.outputs())?;
            layer.before(&factors, &numbers).apply(graph, &value)
        }
        None => layer.apply(graph, &value),
    }
}
