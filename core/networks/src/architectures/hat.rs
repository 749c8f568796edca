//! HAT: SwinIR's blocks with a branch of convolutions and channel attention, and at the end of each group attention to overlapping
//! windows.
//!
//! Source: Chen et al., "Activating More Pixels in Image Super-Resolution Transformer", 2023.

use super::frame::Frame;
use super::graph::{EPSILON, Positions};
use super::swin::{self, Divisions};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};
use crate::checkpoints::Hyperparameter;

/// The factor of the branch of convolutions, which shapes do not tell.
const BRANCH: f32 = 0.01;

/// The tables of biases of the first block and of the first overlapping attention.
const TABLE: &str = "layers.0.residual_group.blocks.0.attn.relative_position_bias_table";
const OVERLAP_TABLE: &str = "layers.0.residual_group.overlap_attn.relative_position_bias_table";

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has(OVERLAP_TABLE) && weights.has(TABLE)
}

/// Attention to overlapping windows.
struct Overlap {
    /// For each token of each larger window, the number of the token.
    places: Value,
    positions: Positions,
    /// The tokens of a larger window.
    keys: usize,
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    weights.ignore_where(|name| {
        name.starts_with("relative_position_index_") || name == "attn_mask" || name.ends_with(".attn_mask")
    });
    let side = swin::window_side(weights, TABLE)?;
    let frame = Frame { open_end: true, ..Frame::new(side, Reach::Whole) };
    let factor = match weights.hyperparameter("conv_scale") {
        Some(Hyperparameter::Float(factor)) if factor.is_finite() => *factor as f32,
        Some(Hyperparameter::Integer(factor)) => *factor as f32,
        _ => {
            weights.assume(format!("a factor of {BRANCH} for the convolutions"));
            BRANCH
        }
    };
    frame.build(weights, |graph, shallow| {
        let divisions = Divisions::new(graph, shallow, side)?;
        let positions = graph.positions([side; 2])?;
        let overlap = overlap(graph, &divisions, side)?;
        swin::groups(graph, shallow, &divisions, true, |graph, tokens, group| {
            let (tokens, count) = swin::blocks(graph, tokens, group, |graph, tokens, name, shifted| {
                block(graph, tokens, name, &divisions, &positions, shifted, factor)
            })?;
            let tokens = overlapping_block(graph, &tokens, &format!("{group}.overlap_attn"), &divisions, &overlap)?;
            Ok((tokens, count))
        })
    })
}

fn overlap(graph: &mut Graph<'_>, divisions: &Divisions, side: usize) -> Outcome<Overlap> {
    let [table, _] = graph.weights.dimensions::<2>(OVERLAP_TABLE)?;
    let span = table.isqrt();
    let larger = (span + 1).saturating_sub(side);
    if span * span != table || larger < side || !(larger - side).is_multiple_of(2) {
        return Err(Misfit::contradiction(format!(
            "a table of {table} biases does not fit windows around {side}×{side}"
        )));
    }
    // The published networks count from the second row and column of the table; what lies before its beginning is at its end.
    let start = side as i64 - larger as i64 + 1;
    let positions = graph.positions_by(side * side, larger.saturating_mul(larger), table, |query, key| {
        let difference = |key: usize, query: usize| key as i64 - query as i64 + start;
        let row = difference(key / larger, query / side);
        let column = difference(key % larger, query % side);
        (row * span as i64 + column).rem_euclid(table as i64) as usize
    })?;
    let places = graph.surroundings(&divisions.plain, &divisions.size, (larger - side) / 2);
    Ok(Overlap { places, positions, keys: larger * larger })
}

/// A block: windowed attention and, beside it, convolutions; then two fully connected layers.
fn block(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    divisions: &Divisions,
    positions: &Positions,
    shifted: bool,
    factor: f32,
) -> Outcome<Value> {
    let normal = graph.layer_norm(tokens, &format!("{name}.norm1"), EPSILON)?;
    let planes = divisions.planes(graph, &normal);
    let branch = convolutions(graph, &planes, &format!("{name}.conv_block.cab"), factor)?;
    let branch = divisions.tokens(graph, &branch);
    let attended = divisions.within(graph, &normal, shifted, |graph, tokens, windows| {
        swin::attention(graph, tokens, &format!("{name}.attn"), windows, positions)
    })?;
    let tokens = graph.sum(tokens, &attended);
    let tokens = graph.sum(&tokens, &branch);
    swin::perceptron_block(graph, &tokens, name)
}

/// Two convolutions and a gate for each channel, which the mean of the whole picture opens.
fn convolutions(graph: &mut Graph<'_>, planes: &Value, name: &str, factor: f32) -> Outcome<Value> {
    let value = graph.convolution(planes, &format!("{name}.0"))?;
    let value = graph.gelu(&value);
    let value = graph.convolution(&value, &format!("{name}.2"))?;
    let (inner, outer) = (format!("{name}.3.attention.1"), format!("{name}.3.attention.3"));
    if let Some([0, ..]) = graph.weights.shape(&format!("{inner}.weight")) {
        // With nothing squeezed out of the mean, the gates are constant.
        graph.weights.values(&format!("{inner}.weight"), &[0, value.channels, 1, 1])?;
        graph.weights.values(&format!("{inner}.bias"), &[0])?;
        graph.weights.values(&format!("{outer}.weight"), &[value.channels, 0, 1, 1])?;
        let bias = graph.weights.values(&format!("{outer}.bias"), &[value.channels])?;
        let gates: Vec<f32> = bias.iter().map(|bias| factor / (1.0 + (-bias).exp())).collect();
        return Ok(graph.scaled_channels(&value, &gates));
    }
    let mean = graph.mean(&value);
    let gates = graph.convolution(&mean, &inner)?;
    let gates = graph.relu(&gates);
    let gates = graph.convolution(&gates, &outer)?;
    let gates = graph.sigmoid(&gates);
    let gates = graph.scaled(&gates, factor);
    Ok(graph.product(&value, &gates))
}

/// Attention of the tokens of each window to those of a larger one around it, then two fully connected layers.
fn overlapping_block(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    divisions: &Divisions,
    overlap: &Overlap,
) -> Outcome<Value> {
    let channels = tokens.channels;
    let table = format!("{name}.relative_position_bias_table");
    let [_, heads] = graph.weights.dimensions::<2>(&table)?;
    let normal = graph.layer_norm(tokens, &format!("{name}.norm1"), EPSILON)?;
    let [queries, keys, values] = swin::queries_keys_values(graph, &format!("{name}.qkv"), channels, heads)?;
    let queries = graph.linear_of(&normal, &queries);
    let queries = graph.heads(&queries, divisions.plain.tokens(), heads)?;
    // What lies outside of the picture has keys and values of zeros.
    let outside = graph.floats(&[1, channels], &vec![0.0; channels]);
    let outside = Value { name: outside, channels };
    let [keys, values] = [keys, values].map(|layer| {
        let made = graph.linear_of(&normal, &layer);
        let made = graph.rows_joined(&[&outside, &made]);
        graph.rows(&made, &overlap.places.name)
    });
    let keys = graph.heads_turned(&keys, overlap.keys, heads)?;
    let values = graph.heads(&values, overlap.keys, heads)?;
    let bias = graph.position_bias(&table, &overlap.positions)?;
    let attended = graph.attention(&queries, &keys, &values, &[&bias]);
    let attended = graph.headless(&attended, channels);
    let attended = graph.linear(&attended, &format!("{name}.proj"))?;
    let tokens = graph.sum(&attended, tokens);
    swin::perceptron_block(graph, &tokens, name)
}
