//! What the networks with shifted windows share: the two divisions into windows, attention in them, and the frame around the blocks.
//!
//! Source: Liu et al., "Swin Transformer", 2021, and Liang et al., "SwinIR", 2021. The architectures that use it must not depend on each
//! other.

use super::graph::{EPSILON, Linear, MASKED, Positions, Size, Windows};
use super::{Graph, Misfit, Outcome, Value, Weights};
use crate::checkpoints::Hyperparameter;

/// The mean colour of the training pictures (DIV2K), which networks for colour subtract.
const MEAN: [f32; 3] = [0.4488, 0.4371, 0.4040];

/// The square windows of a network, as they are and shifted by half.
pub(super) struct Divisions {
    pub(super) size: Size,
    pub(super) plain: Windows,
    pub(super) shifted: Windows,
    /// The indices that lead from the plain order to the shifted one, and back.
    there: String,
    back: String,
}

impl Divisions {
    /// The divisions of planes, whose sides are multiples of `side`.
    pub(super) fn new(graph: &mut Graph<'_>, planes: &Value, side: usize) -> Outcome<Self> {
        let size = graph.size(planes);
        let plain = graph.windows(&size, [side; 2], [0; 2], MASKED)?;
        let shifted = graph.windows(&size, [side; 2], [side / 2; 2], MASKED)?;
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
        let tokens = graph.rows(tokens, &self.there);
        let result = inside(graph, &tokens, &self.shifted)?;
        Ok(graph.rows(&result, &self.back))
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

/// A block: attention in windows, then two fully connected layers, each after a layer norm and added to its input.
pub(super) fn block(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    divisions: &Divisions,
    positions: &Positions,
    shifted: bool,
) -> Outcome<Value> {
    let normal = graph.layer_norm(tokens, &format!("{name}.norm1"), EPSILON)?;
    let attended = divisions.within(graph, &normal, shifted, |graph, tokens, windows| {
        attention(graph, tokens, &format!("{name}.attn"), windows, positions)
    })?;
    let tokens = graph.sum(tokens, &attended);
    let normal = graph.layer_norm(&tokens, &format!("{name}.norm2"), EPSILON)?;
    let made = graph.perceptron(&normal, &format!("{name}.mlp"))?;
    Ok(graph.sum(&tokens, &made))
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
    let [queries, keys, values] = queries_keys_values(graph, name, channels, heads)?;
    let queries = graph.linear_of(tokens, &queries);
    let keys = graph.linear_of(tokens, &keys);
    let values = graph.linear_of(tokens, &values);
    let queries = graph.heads(&queries, windows.tokens(), heads)?;
    let keys = graph.heads_turned(&keys, windows.tokens(), heads)?;
    let values = graph.heads(&values, windows.tokens(), heads)?;
    let bias = graph.position_bias(&table, positions)?;
    let additions: Vec<&Value> = [Some(&bias), windows.mask.as_ref()].into_iter().flatten().collect();
    let attended = graph.attention(&queries, &keys, &values, &additions);
    let attended = graph.headless(&attended, channels);
    graph.linear(&attended, &format!("{name}.proj"))
}

/// The layers that make queries, keys and values, which the file has in one. The queries are scaled by 1 / √(channels of a head).
pub(super) fn queries_keys_values(
    graph: &Graph<'_>,
    name: &str,
    channels: usize,
    heads: usize,
) -> Outcome<[Linear; 3]> {
    let all = graph.linear_weights(&format!("{name}.qkv"), channels)?;
    if all.shape[0] != 3 * channels {
        let found = all.shape.to_vec();
        return Err(Misfit::Shape { name: format!("{name}.qkv.weight"), found, needed: vec![3 * channels, channels] });
    }
    let [queries, keys, values] = [0, 1, 2].map(|part| all.part(part * channels, channels));
    Ok([queries.times(score_scale(channels, heads)), keys, values])
}

/// The factor of scores: 1 / √(channels of a head).
pub(super) fn score_scale(channels: usize, heads: usize) -> f32 {
    1.0 / (channels as f32 / heads.max(1) as f32).sqrt()
}

/// The tensor of positions that networks with a fixed size add to their tokens, as the rows that it has.
pub(super) const ABSOLUTE: &str = "absolute_pos_embed";

/// The only side that a network with absolute positions accepts.
pub(super) fn fixed_side(weights: &Weights<'_>) -> Outcome<Option<usize>> {
    if !weights.has(ABSOLUTE) {
        return Ok(None);
    }
    let [_, tokens, _] = weights.dimensions::<3>(ABSOLUTE)?;
    let side = tokens.isqrt();
    if side * side != tokens || side == 0 {
        return Err(Misfit::contradiction(format!("it has positions for {tokens} pixels, which are not a square")));
    }
    Ok(Some(side))
}

/// Planes as tokens in the plain order, after the norm and the absolute positions that a network may have.
pub(super) fn embedded(graph: &mut Graph<'_>, planes: &Value, divisions: &Divisions) -> Outcome<Value> {
    let mut tokens = divisions.tokens(graph, planes);
    if graph.weights.has("patch_embed.norm.weight") {
        tokens = graph.layer_norm(&tokens, "patch_embed.norm", EPSILON)?;
    }
    if graph.weights.has(ABSOLUTE) {
        let (positions, [_, rows, channels]) = graph.weights.values_of(ABSOLUTE, [1, 0, tokens.channels])?;
        let positions = Value { name: graph.floats(&[rows, channels], &positions), channels };
        let positions = graph.partitioned(&positions, &divisions.plain);
        tokens = graph.sum(&tokens, &positions);
    }
    Ok(tokens)
}

/// A picture from 0 to 1 in the network's own range, around the mean colour if it has colours.
pub(super) fn centred(graph: &mut Graph<'_>, picture: &Value, range: f32) -> Value {
    let mut value = picture.clone();
    if picture.channels == MEAN.len() {
        value = graph.shifted_channels(&value, &MEAN.map(|mean| -mean));
    }
    if range == 1.0 { value } else { graph.scaled(&value, range) }
}

/// The inverse of [`centred`].
pub(super) fn uncentred(graph: &mut Graph<'_>, value: &Value, colours: bool, range: f32) -> Value {
    let value = if range == 1.0 { value.clone() } else { graph.scaled(value, 1.0 / range) };
    if colours && value.channels == MEAN.len() { graph.shifted_channels(&value, &MEAN) } else { value }
}

/// The range that the training program tells, or the usual one.
pub(super) fn range(weights: &Weights<'_>, usual: f32) -> f32 {
    let told = match weights.hyperparameter("img_range") {
        Some(Hyperparameter::Integer(range)) => *range as f32,
        Some(Hyperparameter::Float(range)) => *range as f32,
        _ => usual,
    };
    if told.is_finite() && told > 0.0 { told } else { usual }
}

/// The convolution `name` that ends a group of blocks, or three convolutions with leaky ReLUs between them.
pub(super) fn closing_convolution(graph: &mut Graph<'_>, planes: &Value, name: &str) -> Outcome<Value> {
    const SLOPE: f32 = 0.2;
    if !graph.weights.has(&format!("{name}.0.weight")) {
        return graph.convolution(planes, name);
    }
    let mut value = graph.convolution(planes, &format!("{name}.0"))?;
    for at in [2, 4] {
        value = graph.leaky_relu(&value, SLOPE);
        value = graph.convolution(&value, &format!("{name}.{at}"))?;
    }
    Ok(value)
}
