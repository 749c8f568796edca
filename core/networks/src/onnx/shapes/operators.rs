//! The shapes of the outputs of operators on tensors of any size.
//!
//! `None` means that there is no rule, or that something is missing that the rule needs.

use super::axes::{axes, axis, integer, list, slice};
use super::{MAX_DIMENSIONS, Shaped};
use crate::onnx::{Attribute, Node};

/// Gives the values of a constant tensor of floats.
type Floats<'f> = dyn Fn(&str) -> Option<Vec<f32>> + 'f;

pub(super) fn run(node: &Node<'_>, inputs: &[Option<Shaped>], floats: &Floats<'_>) -> Option<Vec<Shaped>> {
    let shape = |at: usize| inputs.get(at)?.as_ref().map(|input| input.shape.as_slice());
    let integers = |at: usize| inputs.get(at)?.as_ref()?.integers.clone();
    let one = |shape: Vec<u64>| Some(vec![Shaped::of(shape)]);
    match node.kind {
        "Conv" | "AveragePool" | "MaxPool" | "LpPool" => one(window(node, shape(0)?, shape(1))?),
        "ConvTranspose" => one(transposed(node, shape(0)?, shape(1)?)?),
        "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => {
            let [batch, channels, ..] = shape(0)? else { return None };
            one(vec![*batch, *channels, 1, 1])
        }
        "Concat" => {
            let mut made = shape(0)?.to_vec();
            let along = axis(integer(node, "axis", 0), made.len())?;
            made[along] = (0..inputs.len()).try_fold(0u64, |sum, at| sum.checked_add(*shape(at)?.get(along)?))?;
            one(made)
        }
        "Split" => {
            let along = axis(integer(node, "axis", 0), shape(0)?.len())?;
            let parts = node.outputs.len() as u64;
            let equal =
                || vec![(shape(0).map_or(0, |shape| shape[along])).div_ceil(parts.max(1)) as i64; node.outputs.len()];
            let lengths = list(node, "split", inputs, 1).unwrap_or_else(equal);
            let part = |length: &i64| {
                let mut made = shape(0)?.to_vec();
                made[along] = u64::try_from(*length).ok()?;
                Some(Shaped::of(made))
            };
            lengths.iter().map(part).collect()
        }
        "DepthToSpace" | "SpaceToDepth" => {
            let [batch, channels, height, width] = *shape(0)? else { return None };
            let block = integer(node, "blocksize", 1).clamp(1, 1024) as u64;
            one(match node.kind {
                "DepthToSpace" => {
                    vec![batch, channels / (block * block), height.checked_mul(block)?, width.checked_mul(block)?]
                }
                _ => vec![batch, channels.checked_mul(block * block)?, height / block, width / block],
            })
        }
        "Resize" | "Upsample" => {
            let from = shape(0)?;
            if let Some(sides) = integers(3).filter(|sides| sides.len() == from.len()) {
                return one(sides.iter().map(|side| u64::try_from(*side).ok()).collect::<Option<_>>()?);
            }
            let at = if node.inputs.len() > 2 { 2 } else { 1 };
            let factors = floats(node.inputs.get(at)?)?;
            let times = |(length, factor): (&u64, &f32)| (*length as f64 * f64::from(*factor)).max(0.0) as u64;
            (factors.len() == from.len()).then(|| one(from.iter().zip(&factors).map(times).collect()))?
        }
        "Reshape" => one(reshaped(shape(0)?, &list(node, "shape", inputs, 1)?)?),
        "Flatten" => {
            let at = usize::try_from(integer(node, "axis", 1)).ok()?.min(shape(0)?.len());
            let (outer, inner) = shape(0)?.split_at(at);
            one(vec![count(outer)?, count(inner)?])
        }
        "Transpose" => {
            let from = shape(0)?;
            let order = node.integers("perm").map_or_else(|| (0..from.len() as i64).rev().collect(), <[i64]>::to_vec);
            one(order.iter().map(|at| from.get(usize::try_from(*at).ok()?).copied()).collect::<Option<_>>()?)
        }
        "Unsqueeze" => {
            let axes = axes(node, inputs, 1)??;
            let dimensions = shape(0)?.len() + axes.len();
            let added: Option<Vec<usize>> = axes.iter().map(|at| axis(*at, dimensions)).collect();
            let (added, mut rest) = (added?, shape(0)?.iter());
            one((0..dimensions)
                .map(|at| if added.contains(&at) { Some(1) } else { rest.next().copied() })
                .collect::<Option<_>>()?)
        }
        "Squeeze" => {
            let from = shape(0)?;
            let axes: Option<Vec<usize>> = match axes(node, inputs, 1)? {
                Some(axes) => axes.iter().map(|at| axis(*at, from.len())).collect(),
                None => Some((0..from.len()).filter(|at| from[*at] == 1).collect()),
            };
            let axes = axes?;
            one((0..from.len()).filter(|at| !axes.contains(at)).map(|at| from[at]).collect())
        }
        kind if kind.starts_with("Reduce") || kind == "ArgMax" || kind == "ArgMin" => {
            let from = shape(0)?;
            let listed = match kind {
                "ArgMax" | "ArgMin" => Some(vec![integer(node, "axis", 0)]),
                _ => axes(node, inputs, 1)?,
            };
            let axes: Option<Vec<usize>> = match listed {
                Some(axes) => axes.iter().map(|at| axis(*at, from.len())).collect(),
                None => Some((0..from.len()).collect()),
            };
            let (axes, keep) = (axes?, integer(node, "keepdims", 1) != 0);
            let length = |at: usize| if axes.contains(&at) { keep.then_some(1) } else { Some(from[at]) };
            one((0..from.len()).filter_map(length).collect())
        }
        "MatMul" => one(product(shape(0)?, shape(1)?)?),
        "Gemm" => {
            let side = |at: usize, transposed: &str, inner: usize| {
                let from = shape(at)?;
                from.get(if integer(node, transposed, 0) != 0 { 1 - inner } else { inner }).copied()
            };
            one(vec![side(0, "transA", 0)?, side(1, "transB", 1)?])
        }
        "Slice" => {
            let mut made = shape(0)?.to_vec();
            let (starts, ends) = (list(node, "starts", inputs, 1)?, list(node, "ends", inputs, 2)?);
            let axes = axes(node, inputs, 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
            let steps = list(node, "steps", inputs, 4).unwrap_or_else(|| vec![1; starts.len()]);
            for (((start, end), along), step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
                let along = axis(*along, made.len())?;
                made[along] = slice(*start, *end, *step, made[along])?.1;
            }
            one(made)
        }
        "Pad" => {
            let (from, pads) = (shape(0)?, list(node, "pads", inputs, 1)?);
            let grown = |at: usize| {
                let added = pads.get(at)?.checked_add(*pads.get(at + from.len())?)?;
                from[at].checked_add_signed(added)
            };
            one((0..from.len()).map(grown).collect::<Option<_>>()?)
        }
        "Gather" => {
            let (from, at) = (shape(0)?, shape(1)?);
            let along = axis(integer(node, "axis", 0), from.len())?;
            let made = [&from[..along], at, &from[along + 1..]].concat();
            (made.len() <= MAX_DIMENSIONS).then(|| one(made))?
        }
        "GatherElements" => one(shape(1)?.to_vec()),
        "TopK" => {
            let mut made = shape(0)?.to_vec();
            let along = axis(integer(node, "axis", -1), made.len())?;
            made[along] = u64::try_from(*integers(1)?.first()?).ok()?;
            Some(vec![Shaped::of(made); 2])
        }
        "Expand" => {
            let to: Option<Vec<u64>> = integers(1)?.iter().map(|length| u64::try_from(*length).ok()).collect();
            one(broadcast(shape(0)?, &to?))
        }
        "Tile" => {
            let times = |(length, times): (&u64, &i64)| length.checked_mul(u64::try_from(*times).ok()?);
            one(shape(0)?.iter().zip(&integers(1)?).map(times).collect::<Option<_>>()?)
        }
        "ConstantOfShape" => {
            one(integers(0)?.iter().map(|length| u64::try_from(*length).ok()).collect::<Option<_>>()?)
        }
        "GridSample" => {
            let ([batch, channels, ..], [_, height, width, _]) = (shape(0)?, shape(1)?) else { return None };
            one(vec![*batch, *channels, *height, *width])
        }
        "Constant" => match node.attribute("value") {
            Some(Attribute::Tensor(tensor)) => {
                let integers = if tensor.values()? <= 64 { tensor.integers() } else { None };
                Some(vec![Shaped { shape: tensor.shape.clone(), integers }])
            }
            _ => None,
        },
        // The statistics and the mask that these may return as well are small.
        "Dropout" | "BatchNormalization" | "LayerNormalization" => one(shape(0)?.to_vec()),
        _ => {
            let all: Option<Vec<&[u64]>> =
                (0..inputs.len()).filter(|at| !node.inputs[*at].is_empty()).map(shape).collect();
            one(all?.into_iter().fold(Vec::new(), |made, shape| broadcast(&made, shape)))
        }
    }
}

/// The number of samples.
fn count(shape: &[u64]) -> Option<u64> {
    shape.iter().try_fold(1u64, |product, length| product.checked_mul(*length))
}

/// The shape of two values that are combined sample by sample.
fn broadcast(a: &[u64], b: &[u64]) -> Vec<u64> {
    let dimensions = a.len().max(b.len());
    let length = |of: &[u64], at: usize| (at + of.len()).checked_sub(dimensions).map_or(1, |at| of[at]);
    (0..dimensions).map(|at| length(a, at).max(length(b, at))).collect()
}

fn product(a: &[u64], b: &[u64]) -> Option<Vec<u64>> {
    let ([outer_a @ .., rows, _], [outer_b @ .., _, columns]) = (a, b) else { return None };
    let mut made = broadcast(outer_a, outer_b);
    made.extend([rows, columns]);
    Some(made)
}

/// A convolution or pooling with a window that moves over the picture.
fn window(node: &Node<'_>, from: &[u64], weights: Option<&[u64]>) -> Option<Vec<u64>> {
    let [batch, channels, sides @ ..] = from else { return None };
    let kernel: Vec<u64> = match (node.integers("kernel_shape"), weights) {
        (Some(sides), _) => sides.iter().map(|side| side.unsigned_abs()).collect(),
        (None, Some([_, _, sides @ ..])) => sides.to_vec(),
        _ => return None,
    };
    let list = |name: &str, default: u64, at: usize| {
        node.integers(name).and_then(|list| list.get(at)).map_or(default, |value| value.unsigned_abs())
    };
    let same = matches!(node.attribute("auto_pad"), Some(Attribute::Text(text)) if text.starts_with(b"SAME"));
    let side = |at: usize| {
        let (stride, dilation) = (list("strides", 1, at).max(1), list("dilations", 1, at).max(1));
        if same {
            return Some(sides[at].div_ceil(stride));
        }
        let padded = sides[at].checked_add(list("pads", 0, at))?.checked_add(list("pads", 0, at + sides.len()))?;
        let room = padded.saturating_sub((kernel.get(at)?.saturating_sub(1)).checked_mul(dilation)?.checked_add(1)?);
        Some((if integer(node, "ceil_mode", 0) != 0 { room.div_ceil(stride) } else { room / stride }).saturating_add(1))
    };
    let channels = if node.kind == "Conv" { *weights?.first()? } else { *channels };
    let mut made = vec![*batch, channels];
    for at in 0..sides.len() {
        made.push(side(at)?);
    }
    Some(made)
}

fn transposed(node: &Node<'_>, from: &[u64], weights: &[u64]) -> Option<Vec<u64>> {
    let ([batch, _, sides @ ..], [_, of_group, kernel @ ..]) = (from, weights) else { return None };
    let list = |name: &str, default: u64, at: usize| {
        node.integers(name).and_then(|list| list.get(at)).map_or(default, |value| value.unsigned_abs())
    };
    let mut made = vec![*batch, of_group.checked_mul(integer(node, "group", 1).unsigned_abs())?];
    for (at, side) in sides.iter().enumerate() {
        let pads = list("pads", 0, at).checked_add(list("pads", 0, at + sides.len()))?;
        let grown = (side.max(&1) - 1).checked_mul(list("strides", 1, at))?.checked_add(*kernel.get(at)?)?;
        made.push(grown.checked_add(list("output_padding", 0, at))?.saturating_sub(pads));
    }
    Some(made)
}

fn reshaped(from: &[u64], to: &[i64]) -> Option<Vec<u64>> {
    let all = count(from)?;
    let length = |(at, length): (usize, &i64)| match length {
        0 => from.get(at).copied(),
        -1 => Some(0),
        _ => u64::try_from(*length).ok(),
    };
    let mut made = to.iter().enumerate().map(length).collect::<Option<Vec<u64>>>()?;
    if let Some(open) = to.iter().position(|length| *length == -1) {
        made[open] = 1;
        let rest = count(&made)?;
        made[open] = all.checked_div(rest)?;
    }
    Some(made)
}
