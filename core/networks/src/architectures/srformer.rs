//! SRFormer: SwinIR's groups with large windows, whose keys each stand for 2×2 neighbours, and a depthwise convolution between the fully
//! connected layers.
//!
//! Source: Zhou et al., "SRFormer: Permuted Self-Attention for Single Image Super-Resolution", 2023.

use super::frame::Frame;
use super::graph::{Linear, MASKED, Positions, REST, Windows};
use super::swin::{self, Divisions};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};

/// The table of biases of the first block.
const TABLE: &str = "layers.0.residual_group.blocks.0.attn.relative_position_bias_table";

/// The side of the squares of neighbours that become one key.
const JOINED: usize = 2;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has(TABLE) && weights.has("layers.0.residual_group.blocks.0.attn.kv.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    weights
        .ignore_where(|name| name.ends_with(".attn.aligned_relative_position_index") || name.ends_with(".attn_mask"));
    // The table is that of windows of keys.
    let keys = swin::window_side(weights, TABLE)?;
    let side = JOINED * keys;
    let blocks = "layers.0.residual_group.blocks";
    let index = format!("{blocks}.0.attn.aligned_relative_position_index");
    let shifts = swin::shifts(weights, &format!("{blocks}.1.attn_mask"), &index);
    let frame = Frame::new(side, Reach::Local);
    frame.build(weights, |graph, shallow| {
        let size = graph.size(shallow);
        let shift = [side / 2; 2];
        let mut shifted = graph.windows_without_mask(&size, [side; 2], shift)?;
        let regions = graph.regions(&size, [side; 2], shift);
        let of_keys = last_of_squares(graph, &regions, keys);
        shifted.mask = Some(graph.mask(&regions, &of_keys, MASKED));
        let divisions = Divisions::of(graph, size, shifted)?;
        let positions = positions(graph, keys)?;
        swin::groups(graph, shallow, &divisions, false, |graph, tokens, group| {
            swin::blocks(graph, tokens, group, |graph, tokens, name, odd| {
                block(graph, tokens, name, &divisions, &positions, odd && shifts)
            })
        })
    })
}

/// The table's rows for queries, which have the positions of their squares, and keys.
fn positions(graph: &mut Graph<'_>, keys: usize) -> Outcome<Positions> {
    let (side, span) = (JOINED * keys, 2 * keys - 1);
    graph.positions_by(side * side, keys * keys, span * span, |query, key| {
        let row = query / side / JOINED + keys - 1 - key / keys;
        let column = query % side / JOINED + keys - 1 - key % keys;
        row * span + column
    })
}

/// Of numbers for the tokens of windows, windows × tokens, those of the last token of each square.
fn last_of_squares(graph: &mut Graph<'_>, numbers: &Value, keys: usize) -> Value {
    let side = JOINED * keys;
    let place = |at: usize| at * JOINED + JOINED - 1;
    let last: Vec<i64> = (0..keys * keys).map(|key| (place(key / keys) * side + place(key % keys)) as i64).collect();
    graph.columns(numbers, &last)
}

fn block(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    divisions: &Divisions,
    positions: &Positions,
    shifted: bool,
) -> Outcome<Value> {
    let tokens = swin::attended_block(graph, tokens, name, divisions, shifted, |graph, tokens, windows| {
        attention(graph, tokens, &format!("{name}.attn"), windows, positions)
    })?;
    let (norm, layers) = (format!("{name}.norm2"), format!("{name}.mlp"));
    swin::convolved_perceptron_block(graph, &tokens, &norm, &layers, divisions)
}

/// Attention of the tokens of each window to the squares of its tokens.
fn attention(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    windows: &Windows,
    positions: &Positions,
) -> Outcome<Value> {
    let channels = tokens.channels;
    let table = format!("{name}.relative_position_bias_table");
    let [_, heads] = graph.weights.dimensions::<2>(&table)?;
    let queries = graph.linear_weights(&format!("{name}.q"), channels)?;
    let both = graph.linear_weights(&format!("{name}.kv"), channels)?;
    let part = channels / (JOINED * JOINED);
    if queries.shape[0] != channels || both.shape[0] != 2 * part || channels != part * JOINED * JOINED {
        let found = both.shape.to_vec();
        return Err(Misfit::Shape { name: format!("{name}.kv.weight"), found, needed: vec![2 * part, channels] });
    }
    let queries = graph.linear_of(tokens, &queries.times(swin::score_scale(channels, heads)));
    let queries = graph.heads(&queries, windows.tokens(), heads)?;
    let keys = squares(graph, tokens, &both.part(0, part), windows);
    let keys = graph.heads_turned(&keys, windows.tokens() / (JOINED * JOINED), heads)?;
    let values = squares(graph, tokens, &both.part(part, part), windows);
    let values = graph.heads(&values, windows.tokens() / (JOINED * JOINED), heads)?;
    let bias = graph.position_bias(&table, positions)?;
    let additions: Vec<&Value> = [Some(&bias), windows.mask.as_ref()].into_iter().flatten().collect();
    let attended = graph.attention(&queries, &keys, &values, &additions);
    let attended = graph.headless(&attended, channels);
    graph.linear(&attended, &format!("{name}.proj"))
}

/// A layer's results, in which each square of tokens becomes one token with the channels of all.
fn squares(graph: &mut Graph<'_>, tokens: &Value, layer: &Linear, windows: &Windows) -> Value {
    let made = graph.linear_of(tokens, layer);
    let part = made.channels;
    let [rows, columns] = windows.sides.map(|side| side / JOINED);
    let cut = [REST, rows.into(), JOINED.into(), columns.into(), JOINED.into(), part.into()];
    let cut = graph.reshaped(&made, &cut, part);
    let turned = graph.transposed(&cut, &[0, 1, 3, 2, 4, 5], part);
    let channels = part * JOINED * JOINED;
    graph.reshaped(&turned, &[REST, channels.into()], channels)
}
