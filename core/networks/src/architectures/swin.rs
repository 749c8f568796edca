//! What the networks with shifted windows share: the two divisions into windows, and attention in them.
//!
//! Source: Liu et al., "Swin Transformer", 2021, and Liang et al., "SwinIR", 2021. The architectures that use it must not depend on each
//! other.

use super::frame::{closing_convolution, embedded, projected};
use super::graph::{Convolution, EPSILON, Length, Linear, MASKED, Positions, Size, Windows};
use super::{Graph, Misfit, Outcome, Value, Weights};

/// The square windows of a network, as they are and shifted by half.
pub(super) struct Divisions {
    pub(super) size: Size,
    pub(super) plain: Windows,
    pub(super) shifted: Windows,
    /// The indices that lead from the plain order to the shifted one, and back.
    there: Length,
    back: Length,
}

impl Divisions {
    /// The divisions of planes, whose sides are multiples of `side`.
    pub(super) fn new(graph: &mut Graph<'_>, planes: &Value, side: usize) -> Outcome<Self> {
        let size = graph.size(planes);
        let shifted = graph.windows(&size, [side; 2], [side / 2; 2], MASKED)?;
        Divisions::of(graph, size, shifted)
    }

    /// The divisions whose second one is given.
    pub(super) fn of(graph: &mut Graph<'_>, size: Size, shifted: Windows) -> Outcome<Self> {
        let plain = graph.windows_without_mask(&size, shifted.sides, [0; 2])?;
        let there = graph.reordering(&plain, &shifted);
        let back = graph.reordering(&shifted, &plain);
        Ok(Divisions { size, plain, shifted, there, back })
    }

    /// Planes as tokens in the plain order.
    pub(super) fn tokens(&self, graph: &mut Graph<'_>, planes: &Value) -> Value {
        let tokens = graph.tokens(planes);
        graph.partitioned(&tokens, &self.plain)
    }

    /// Tokens in the plain order as planes.
    pub(super) fn planes(&self, graph: &mut Graph<'_>, tokens: &Value) -> Value {
        let tokens = graph.merged(tokens, &self.plain);
        graph.planes(&tokens, &self.size)
    }

    /// Applies a function to tokens in the plain order, or in the shifted one if `shifted`.
    pub(super) fn within(
        &self,
        graph: &mut Graph<'_>,
        tokens: &Value,
        shifted: bool,
        inside: impl FnOnce(&mut Graph<'_>, &Value, &Windows) -> Outcome<Value>,
    ) -> Outcome<Value> {
        if !shifted {
            return inside(graph, tokens, &self.plain);
        }
        let tokens = graph.rows(tokens, &self.there.0);
        let result = inside(graph, &tokens, &self.shifted)?;
        Ok(graph.rows(&result, &self.back.0))
    }
}

impl Divisions {
    /// As [`within`](Self::within), for three values with as many rows.
    pub(super) fn within_all(
        &self,
        graph: &mut Graph<'_>,
        tokens: &[Value; 3],
        shifted: bool,
        inside: impl FnOnce(&mut Graph<'_>, &[Value; 3], &Windows) -> Outcome<Value>,
    ) -> Outcome<Value> {
        if !shifted {
            return inside(graph, tokens, &self.plain);
        }
        let tokens = tokens.each_ref().map(|tokens| graph.rows(tokens, &self.there.0));
        let result = inside(graph, &tokens, &self.shifted)?;
        Ok(graph.rows(&result, &self.back.0))
    }
}

/// The side of the windows of which this tensor holds the biases: it has (2 · side − 1)² rows.
pub(super) fn window_side(weights: &Weights<'_>, table: &str) -> Outcome<usize> {
    let [rows, _] = weights.dimensions::<2>(table)?;
    let span = rows.isqrt();
    if span * span != rows || span.is_multiple_of(2) {
        return Err(Misfit::contradiction(format!("a table of {rows} biases does not fit square windows")));
    }
    Ok(span.div_ceil(2))
}

/// Whether every second block shifts its windows. Networks that were made for pictures no larger than a window do not; their files lack
/// the tensor `mask` and have `index`. A file without both has been stripped of what follows from shapes.
pub(super) fn shifts(weights: &Weights<'_>, mask: &str, index: &str) -> bool {
    let shifts = weights.has(mask) || !weights.has(index);
    if !shifts {
        weights.assume("windows that are not shifted");
    }
    shifts
}

/// A block: attention in windows, then two fully connected layers, each after a layer norm and added to its input.
pub(super) fn block(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    divisions: &Divisions,
    positions: &Positions,
    shifted: bool,
) -> Outcome<Value> {
    let tokens = attended_block(graph, tokens, name, divisions, shifted, |graph, tokens, windows| {
        attention(graph, tokens, &format!("{name}.attn"), windows, positions)
    })?;
    perceptron_block(graph, &tokens, name)
}

/// Attention in windows after a layer norm, added to its input.
pub(super) fn attended_block(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    divisions: &Divisions,
    shifted: bool,
    attention: impl FnOnce(&mut Graph<'_>, &Value, &Windows) -> Outcome<Value>,
) -> Outcome<Value> {
    let normal = graph.layer_norm(tokens, &format!("{name}.norm1"), EPSILON)?;
    let attended = divisions.within(graph, &normal, shifted, attention)?;
    Ok(graph.sum(tokens, &attended))
}

/// Two fully connected layers after a layer norm, added to their input.
pub(super) fn perceptron_block(graph: &mut Graph<'_>, tokens: &Value, name: &str) -> Outcome<Value> {
    let normal = graph.layer_norm(tokens, &format!("{name}.norm2"), EPSILON)?;
    let made = graph.perceptron(&normal, &format!("{name}.mlp"))?;
    Ok(graph.sum(tokens, &made))
}

/// Two fully connected layers with a depthwise convolution of the hidden tokens between them, after a layer norm and added to their input.
pub(super) fn convolved_perceptron_block(
    graph: &mut Graph<'_>,
    tokens: &Value,
    norm: &str,
    name: &str,
    divisions: &Divisions,
) -> Outcome<Value> {
    let normal = graph.layer_norm(tokens, norm, EPSILON)?;
    let hidden = graph.linear(&normal, &format!("{name}.fc1"))?;
    let hidden = graph.gelu(&hidden);
    let planes = divisions.planes(graph, &hidden);
    let depthwise = Convolution::depthwise(planes.channels);
    let around = graph.convolution_with(&planes, &format!("{name}.dwconv.depthwise_conv.0"), depthwise)?;
    let around = graph.gelu(&around);
    let around = divisions.tokens(graph, &around);
    let hidden = graph.sum(&hidden, &around);
    let made = graph.linear(&hidden, &format!("{name}.fc2"))?;
    Ok(graph.sum(tokens, &made))
}

/// Attention of the tokens of each window to each other, in several heads, with a bias for each difference of positions.
pub(super) fn attention(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    windows: &Windows,
    positions: &Positions,
) -> Outcome<Value> {
    let channels = tokens.channels;
    let table = format!("{name}.relative_position_bias_table");
    let [_, heads] = graph.weights.dimensions::<2>(&table)?;
    let [queries, keys, values] = queries_keys_values(graph, &format!("{name}.qkv"), channels, heads)?;
    let made = [queries, keys, values].map(|layer| graph.linear_of(tokens, &layer));
    attended(graph, &made, &table, windows, positions, &format!("{name}.proj"))
}

/// Attention of the tokens of each window to each other, given queries, keys and values, and the layer `last` after it.
pub(super) fn attended(
    graph: &mut Graph<'_>,
    [queries, keys, values]: &[Value; 3],
    table: &str,
    windows: &Windows,
    positions: &Positions,
    last: &str,
) -> Outcome<Value> {
    let channels = queries.channels;
    let [_, heads] = graph.weights.dimensions::<2>(table)?;
    let queries = graph.heads(queries, windows.tokens(), heads)?;
    let keys = graph.heads_turned(keys, windows.tokens(), heads)?;
    let values = graph.heads(values, windows.tokens(), heads)?;
    let bias = graph.position_bias(table, positions)?;
    let additions: Vec<&Value> = [Some(&bias), windows.mask.as_ref()].into_iter().flatten().collect();
    let attended = graph.attention(&queries, &keys, &values, &additions);
    let attended = graph.headless(&attended, channels);
    graph.linear(&attended, last)
}

/// The layers that make queries, keys and values, which the file has in one. The queries are scaled by 1 / √(channels of a head).
pub(super) fn queries_keys_values(
    graph: &Graph<'_>,
    layer: &str,
    channels: usize,
    heads: usize,
) -> Outcome<[Linear; 3]> {
    let all = graph.linear_weights(layer, channels)?;
    if all.shape[0] != 3 * channels {
        let found = all.shape.to_vec();
        return Err(Misfit::Shape { name: format!("{layer}.weight"), found, needed: vec![3 * channels, channels] });
    }
    let [queries, keys, values] = [0, 1, 2].map(|part| all.part(part * channels, channels));
    Ok([queries.times(score_scale(channels, heads)), keys, values])
}

/// The factor of scores: 1 / √(channels of a head).
pub(super) fn score_scale(channels: usize, heads: usize) -> f32 {
    1.0 / (channels as f32 / heads.max(1) as f32).sqrt()
}

/// The body of a network in the frame of SwinIR: groups of blocks with a convolution at the end, whose result is added to the group's
/// input, and a layer norm. Returns planes, and the body in words.
///
/// `group` turns the tokens of a group, given the prefix of its names, and says how many blocks it has.
pub(super) fn groups<'w>(
    graph: &mut Graph<'w>,
    shallow: &Value,
    divisions: &Divisions,
    open_ends: bool,
    mut group: impl FnMut(&mut Graph<'w>, &Value, &str) -> Outcome<(Value, usize)>,
) -> Outcome<(Value, String)> {
    let tokens = embedded(graph, shallow)?;
    let mut tokens = graph.partitioned(&tokens, &divisions.plain);
    let groups = graph.weights.count_groups("layers.");
    let mut blocks = 0;
    for at in 0..groups {
        let (made, count) = group(graph, &tokens, &format!("layers.{at}.residual_group"))?;
        let planes = divisions.planes(graph, &made);
        let planes = closing_convolution(graph, &planes, &format!("layers.{at}.conv"), open_ends)?;
        let made = divisions.tokens(graph, &planes);
        let made = projected(graph, &made, &format!("layers.{at}.patch_embed.proj"))?;
        tokens = graph.sum(&made, &tokens);
        blocks += count;
    }
    let normal = graph.layer_norm(&tokens, "norm", EPSILON)?;
    let [side, _] = divisions.plain.sides;
    Ok((divisions.planes(graph, &normal), format!("{groups} groups with {blocks} blocks, windows of {side}×{side}")))
}

/// The blocks of a group: `block` turns the tokens, given the prefix of its names and whether its windows are shifted.
pub(super) fn blocks<'w>(
    graph: &mut Graph<'w>,
    tokens: &Value,
    group: &str,
    mut block: impl FnMut(&mut Graph<'w>, &Value, &str, bool) -> Outcome<Value>,
) -> Outcome<(Value, usize)> {
    let mut tokens = tokens.clone();
    let count = graph.weights.count_groups(&format!("{group}.blocks."));
    for at in 0..count {
        tokens = block(graph, &tokens, &format!("{group}.blocks.{at}"), at % 2 == 1)?;
    }
    Ok((tokens, count))
}
