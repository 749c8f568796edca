//! Swin2SR: SwinIR's groups with cosine attention, and layer norms after attention and after the fully connected layers.
//!
//! Source: Conde et al., "Swin2SR: SwinV2 Transformer for Compressed Image Super-Resolution and Restoration", 2022, and Liu et al.,
//! "Swin Transformer V2", 2022. The biases for positions are made by a small network that sees no picture, so it runs here.

use super::frame::Frame;
use super::graph::{EPSILON, Linear, Positions, Windows};
use super::swin::{self, Divisions};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};
use crate::checkpoints::Hyperparameter;

/// A tensor with the positions for which there are biases.
const COORDINATES: &str = "relative_coords_table";

/// The windows of the networks against JPEG artefacts, which are the only ones that work on samples up to 255.
const JPEG_WINDOW: usize = 7;

/// The greatest logarithm of the factor of scores: that of 100.
const MAX_LOGARITHM: f32 = 4.605_170_2;

/// The greatest bias, and the position of the farthest token, in the units of the network that makes biases.
const MAX_BIAS: f64 = 16.0;
const FARTHEST: f64 = 8.0;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("patch_embed.proj.weight") && weights.has(&attention_tensor("logit_scale"))
}

/// A tensor of the first block's attention.
fn attention_tensor(name: &str) -> String {
    format!("layers.0.residual_group.blocks.0.attn.{name}")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    weights.ignore_where(|name| {
        name.ends_with(".attn.relative_position_index")
            || name.ends_with(".attn_mask")
            || name.ends_with(".attn.relative_coords_table")
    });
    let side = window_side(weights)?;
    let range = if side == JPEG_WINDOW { 255.0 } else { 1.0 };
    let shifts = swin::shifts(
        weights,
        "layers.0.residual_group.blocks.1.attn_mask",
        &attention_tensor("relative_position_index"),
    );
    let frame = Frame { range, ..Frame::new(side, Reach::Local) };
    frame.build(weights, |graph, shallow| {
        let divisions = Divisions::new(graph, shallow, side)?;
        let positions = graph.positions([side; 2])?;
        swin::groups(graph, shallow, &divisions, false, |graph, tokens, group| {
            swin::blocks(graph, tokens, group, |graph, tokens, name, odd| {
                let attended = divisions.within(graph, tokens, odd && shifts, |graph, tokens, windows| {
                    attention(graph, tokens, &format!("{name}.attn"), windows, &positions)
                })?;
                let normal = graph.layer_norm(&attended, &format!("{name}.norm1"), EPSILON)?;
                let tokens = graph.sum(tokens, &normal);
                let made = graph.perceptron(&tokens, &format!("{name}.mlp"))?;
                let normal = graph.layer_norm(&made, &format!("{name}.norm2"), EPSILON)?;
                Ok(graph.sum(&tokens, &normal))
            })
        })
    })
}

/// The side of the windows, of which several tensors tell that follow from it.
fn window_side(weights: &Weights<'_>) -> Outcome<usize> {
    let (coordinates, index) = (attention_tensor(COORDINATES), attention_tensor("relative_position_index"));
    if weights.has(&coordinates) {
        let [_, span, ..] = weights.dimensions::<4>(&coordinates)?;
        return Ok(span.div_ceil(2));
    }
    if weights.has(&index) {
        let [tokens, _] = weights.dimensions::<2>(&index)?;
        return Ok(tokens.isqrt());
    }
    match weights.hyperparameter("window_size") {
        Some(Hyperparameter::Integer(side @ 1..=64)) => Ok(*side as usize),
        _ => Err(Misfit::Missing(coordinates)),
    }
}

/// Attention by the angles between queries and keys.
fn attention(
    graph: &mut Graph<'_>,
    tokens: &Value,
    name: &str,
    windows: &Windows,
    positions: &Positions,
) -> Outcome<Value> {
    let channels = tokens.channels;
    let (logarithms, [heads, ..]) = graph.weights.values_of(&format!("{name}.logit_scale"), [0, 1, 1])?;
    let (weights, shape) = graph.weights.values_of(&format!("{name}.qkv.weight"), [3 * channels, channels])?;
    let all = Linear { weights, shape, bias: None };
    let mut layers = [0, 1, 2].map(|part| all.part(part * channels, channels));
    for (layer, bias) in [(0, "q_bias"), (2, "v_bias")] {
        let bias = format!("{name}.{bias}");
        if graph.weights.has(&bias) {
            layers[layer].bias = Some(graph.weights.values(&bias, &[channels])?);
        }
    }
    let [queries, keys, values] = layers.map(|layer| graph.linear_of(tokens, &layer));
    let queries = graph.heads(&queries, windows.tokens(), heads)?;
    let scales: Vec<f32> = logarithms.iter().map(|logarithm| logarithm.min(MAX_LOGARITHM).exp()).collect();
    let queries = graph.unit(&queries, -1);
    let scales = graph.floats(&[heads, 1, 1], &scales);
    let queries = graph.operator("Mul", &[&queries.name, &scales], queries.channels, &[]);
    let keys = graph.heads_turned(&keys, windows.tokens(), heads)?;
    let keys = graph.unit(&keys, -2);
    let values = graph.heads(&values, windows.tokens(), heads)?;
    let table = biases(graph.weights, name, windows.sides[0], heads)?;
    let bias = graph.position_bias_of(&table, positions)?;
    let additions: Vec<&Value> = [Some(&bias), windows.mask.as_ref()].into_iter().flatten().collect();
    let attended = graph.attention(&queries, &keys, &values, &additions);
    let attended = graph.headless(&attended, channels);
    graph.linear(&attended, &format!("{name}.proj"))
}

/// The table of biases: positions × heads.
fn biases(weights: &Weights<'_>, name: &str, side: usize, heads: usize) -> Outcome<Vec<f32>> {
    let span = 2 * side - 1;
    let room = weights.room(&[span, span, heads])?;
    let coordinates = format!("{name}.{COORDINATES}");
    let coordinates = if weights.has(&coordinates) {
        weights.values(&coordinates, &[1, span, span, 2])?
    } else {
        (0..span * span).flat_map(|at| [at / span, at % span]).map(|at| coordinate(at, side)).collect()
    };
    let (inner, [hidden, _]) = weights.values_of(&format!("{name}.cpb_mlp.0.weight"), [0, 2])?;
    let inner_bias = weights.values(&format!("{name}.cpb_mlp.0.bias"), &[hidden])?;
    let outer = weights.values(&format!("{name}.cpb_mlp.2.weight"), &[heads, hidden])?;
    weights.count_multiplications(&[span, span, hidden, heads])?;
    let mut table = Vec::with_capacity(room);
    let mut active = vec![0.0f64; hidden];
    for place in coordinates.chunks_exact(2) {
        for (active, (weights, bias)) in active.iter_mut().zip(inner.chunks_exact(2).zip(&inner_bias)) {
            let sum: f64 = weights.iter().zip(place).map(|(weight, at)| f64::from(*weight) * f64::from(*at)).sum();
            *active = (sum + f64::from(*bias)).max(0.0);
        }
        for weights in outer.chunks_exact(hidden.max(1)) {
            let sum: f64 = weights.iter().zip(&active).map(|(weight, active)| f64::from(*weight) * active).sum();
            table.push((MAX_BIAS / (1.0 + (-sum).exp())) as f32);
        }
    }
    Ok(table)
}

/// A difference of rows or columns, from −(side − 1) on, in logarithmic units.
fn coordinate(at: usize, side: usize) -> f32 {
    let difference = (at as f64 - (side as f64 - 1.0)) / (side as f64 - 1.0).max(1.0) * FARTHEST;
    (difference.signum() * (difference.abs() + 1.0).log2() / FARTHEST.log2()) as f32
}
