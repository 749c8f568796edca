//! The two halves of a transformer block on planes: projections for attention between channels, and layers that gate each other.
//!
//! Source: Zamir et al., "Restormer", 2022. OmniSR and DITN have them too, so no name of a tensor before the layers' own is known here.

use super::graph::{Convolution, Layer};
use super::{Graph, Misfit, Outcome, Value};

/// Queries, keys and values: a layer of one pixel and the depthwise convolution `name.qkv_dwconv`.
pub(super) fn projections(graph: &mut Graph<'_>, input: &Value, layer: &Layer, name: &str) -> Outcome<[Value; 3]> {
    let value = layer.apply(graph, input)?;
    let settings = Convolution::depthwise(value.channels);
    let value = graph.convolution_with(&value, &format!("{name}.qkv_dwconv"), settings)?;
    if value.channels != 3 * input.channels {
        return Err(Misfit::contradiction(format!(
            "'{name}' turns {} channels into {}",
            input.channels, value.channels
        )));
    }
    Ok([0, 1, 2].map(|at| graph.channels(&value, at * input.channels, input.channels)))
}

/// A layer of one pixel and the depthwise convolution `name.dwconv`, whose halves gate each other, and the layer `name.project_out`.
pub(super) fn gated_layers(graph: &mut Graph<'_>, input: &Value, layer: &Layer, name: &str) -> Outcome<Value> {
    let value = layer.apply(graph, input)?;
    let settings = Convolution::depthwise(value.channels);
    let value = graph.convolution_with(&value, &format!("{name}.dwconv"), settings)?;
    let [gate, value] = graph.halves(&value)?;
    let gate = graph.gelu(&gate);
    let value = graph.product(&gate, &value);
    graph.convolution(&value, &format!("{name}.project_out"))
}
