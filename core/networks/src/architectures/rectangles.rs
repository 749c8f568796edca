//! Attention in rectangles: half of the heads look into lying ones, the other half into standing ones. DAT and RGT share it.
//!
//! Source: Chen et al., "Cross Aggregation Transformer", 2022, and "Dual Aggregation Transformer", 2023.

use super::graph::{Convolution, Layer, Padding, PlaneWindows, Positions, Size, half_of};
use super::{Graph, Misfit, Outcome, Value, Weights};

/// Added to variances.
pub(super) const EPSILON: f32 = 1e-5;

/// The largest side of a rectangle, and the most pixels of one.
const MAX_SIDE: usize = 128;
const MAX_PIXELS: usize = 4096;

/// The rectangles of a network for planes of one size.
pub(super) struct Rectangles {
    /// Height and width of the first half's rectangles. The second half's are the other way round.
    pub(super) side: [usize; 2],
    /// The size of the planes, and what they lack to be multiples of the rectangles.
    size: Size,
    lacking: Size,
    windows: [PlaneWindows; 2],
    positions: [Positions; 2],
    /// For the blocks that are shifted: what to add to the attention in each kind of rectangle.
    masks: Option<[Value; 2]>,
}

impl Rectangles {
    /// The rectangles for these planes, whose sides are told by the first block.
    pub(super) fn new(graph: &mut Graph<'_>, planes: &Value) -> Outcome<Self> {
        let side = side(graph.weights, "layers.0.blocks.0.attn.attns.0")?;
        let turned = [side[1], side[0]];
        let size = graph.size(planes);
        let multiple = side[0].max(side[1]);
        let lacking = graph.lacking(&size, [multiple; 2]);
        let padded = graph.size_plus(&size, &lacking);
        let windows = [graph.plane_windows(&padded, side), graph.plane_windows(&padded, turned)];
        let positions = [graph.positions(side)?, graph.positions(turned)?];
        Ok(Rectangles { side, size, lacking, windows, positions, masks: None })
    }

    /// The number that the sides of planes are padded to a multiple of.
    pub(super) fn multiple(&self) -> usize {
        self.side[0].max(self.side[1])
    }

    /// Whether a block's rectangles are shifted by half of their sides.
    pub(super) fn shifted(group: usize, block: usize) -> bool {
        if group.is_multiple_of(2) { block % 4 == 2 } else { block.is_multiple_of(4) }
    }

    /// The attention with the layer `name.qkv` after the normalisation `norm`, without the last layer. `input` is standardised.
    /// Returns the result and the values without rectangles.
    pub(super) fn attention(
        &mut self,
        graph: &mut Graph<'_>,
        input: &Value,
        [name, norm]: [&str; 2],
        shifted: bool,
    ) -> Outcome<[Value; 2]> {
        let channels = input.channels;
        let half = half_of(channels)?;
        let layers = graph.layer_after_norm(&format!("{name}.qkv"), norm, channels)?.divided::<3>()?;
        if layers[0].outputs() != channels {
            return Err(Misfit::contradiction(format!("'{name}.qkv' does not make three times {channels} channels")));
        }
        if shifted && self.masks.is_none() {
            let [first, second] = [0, 1].map(|at| {
                let windows = &self.windows[at];
                graph.shift_mask(windows, windows.side.map(|side| side / 2))
            });
            self.masks = Some([first?, second?]);
        }
        let (mut made, mut direct) = (Vec::new(), Vec::new());
        for (at, windows) in self.windows.iter().enumerate() {
            let inner = format!("{name}.attns.{at}");
            if side(graph.weights, &inner)? != windows.side {
                return Err(Misfit::contradiction(format!(
                    "the rectangles of '{inner}' differ from those of the first block"
                )));
            }
            let (table, heads) = position_biases(graph.weights, &inner, windows.side)?;
            let bias = graph.position_bias_of(&table, &self.positions[at])?;
            let [of_head, rest] = [half.checked_div(heads), half.checked_rem(heads)].map(Option::unwrap_or_default);
            if of_head == 0 || rest != 0 {
                return Err(Misfit::contradiction(format!("{half} channels do not divide into {heads} heads")));
            }
            let [queries, keys, values] = layers.each_ref().map(|layer| layer.part(at * half, half));
            let queries = queries?.times((of_head as f32).sqrt().recip());
            let all = queries.joined(&keys?)?.joined(&values?)?.apply(graph, input)?;
            direct.push(graph.channels(&all, 2 * half, half));
            let mut all = graph.padded_by(&all, &self.lacking, Padding::Zeros);
            let shift = windows.side.map(|side| (side / 2) as i64);
            if shifted {
                all = graph.rolled_planes(&all, shift);
            }
            let parts = [0, 1, 2].map(|part| graph.channels(&all, part * half, half));
            let mask = self.masks.as_ref().filter(|_| shifted).map(|masks| &masks[at]);
            let mut value = graph.window_attention(parts.each_ref(), windows, heads, Some(&bias), mask)?;
            if shifted {
                value = graph.rolled_planes(&value, shift.map(|side| -side));
            }
            made.push(value);
        }
        let value = graph.joined(&[&made[0], &made[1]]);
        let value = graph.cropped_to(&value, &self.size, 1);
        Ok([value, graph.joined(&[&direct[0], &direct[1]])])
    }
}

/// The height and width of the rectangles of `name`: the last row of its table of distances, which are from 1 − side to side − 1.
fn side(weights: &Weights<'_>, name: &str) -> Outcome<[usize; 2]> {
    let (table, [rows, _]) = weights.values_of(&format!("{name}.rpe_biases"), [0, 2])?;
    let is_side = |side: f32| (0.0..MAX_SIDE as f32).contains(&side) && side.fract() == 0.0;
    let side = match table.as_slice() {
        [.., height, width] if [height, width].iter().all(|side| is_side(**side)) => {
            [*height as usize + 1, *width as usize + 1]
        }
        _ => {
            return Err(Misfit::contradiction(format!(
                "the table of distances of '{name}' does not end with a rectangle"
            )));
        }
    };
    if (2 * side[0] - 1) * (2 * side[1] - 1) != rows || side[0] * side[1] > MAX_PIXELS {
        return Err(Misfit::contradiction(format!(
            "the table of distances of '{name}' has {rows} rows, not those of {}×{} pixels",
            side[0], side[1]
        )));
    }
    Ok(side)
}

/// What the positions of two pixels of a rectangle add to the attention: positions × heads, and the number of heads. A small network
/// computes it of distances, so it follows from the weights.
fn position_biases(weights: &Weights<'_>, name: &str, [height, width]: [usize; 2]) -> Outcome<(Vec<f32>, usize)> {
    weights.ignore(&format!("{name}.relative_position_index"));
    let part = |inner: &str| format!("{name}.pos.{inner}");
    // In a narrow network the small one has no features, so that only its last bias counts.
    let [features, _] = weights.dimensions_or_empty::<2>(&part("pos_proj.weight"))?;
    let first = weights.values(&part("pos_proj.weight"), &[features, 2])?;
    let first_bias = weights.values(&part("pos_proj.bias"), &[features])?;
    let (tall, wide) = (2 * height - 1, 2 * width - 1);
    weights.count_multiplications(&[tall, wide, 2, features])?;
    let (mut layers, mut outputs) = (Vec::new(), features);
    for layer in ["pos1", "pos2", "pos3"] {
        let layer = PositionLayer::read(weights, &part(layer), outputs)?;
        outputs = layer.bias.len();
        weights.count_multiplications(&[tall, wide, layer.weights.len()])?;
        layers.push(layer);
    }
    let mut table = Vec::with_capacity(weights.room(&[tall, wide, outputs])?);
    for at in 0..tall * wide {
        let y = (at / wide) as f64 - (height as f64 - 1.0);
        let x = (at % wide) as f64 - (width as f64 - 1.0);
        let made = first.chunks_exact(2).zip(&first_bias);
        let made = made.map(|(w, bias)| f64::from(w[0]) * y + f64::from(w[1]) * x + f64::from(*bias)).collect();
        let made: Vec<f64> = layers.iter().fold(made, |values, layer| layer.apply(&values));
        table.extend(made.iter().map(|bias| *bias as f32));
    }
    Ok((table, outputs))
}

/// A layer of the small network: a normalisation, a ReLU and a fully connected layer.
struct PositionLayer {
    scale: Vec<f32>,
    shift: Vec<f32>,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl PositionLayer {
    /// The layer `name`, which has this many inputs.
    fn read(weights: &Weights<'_>, name: &str, inputs: usize) -> Outcome<Self> {
        let values = |inner: &str, length: usize| weights.values(&format!("{name}.{inner}"), &[length]);
        let matrix = format!("{name}.2.weight");
        let [outputs, _] = weights.dimensions_or_empty::<2>(&matrix)?;
        Ok(PositionLayer {
            scale: values("0.weight", inputs)?,
            shift: values("0.bias", inputs)?,
            weights: weights.values(&matrix, &[outputs, inputs])?,
            bias: values("2.bias", outputs)?,
        })
    }

    fn apply(&self, values: &[f64]) -> Vec<f64> {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let deviation = (variance + f64::from(EPSILON)).sqrt();
        let factors = self.scale.iter().zip(&self.shift);
        let active: Vec<f64> = values
            .iter()
            .zip(factors)
            .map(|(value, (scale, shift))| {
                ((value - mean) / deviation * f64::from(*scale) + f64::from(*shift)).max(0.0)
            })
            .collect();
        let row = |at: usize| &self.weights[at * active.len()..][..active.len()];
        let product = |at: usize| row(at).iter().zip(&active).map(|(w, value)| f64::from(*w) * value).sum::<f64>();
        self.bias.iter().enumerate().map(|(at, bias)| f64::from(*bias) + product(at)).collect()
    }
}

/// Two layers, between which one half of the features gates the other: `name.fc1`, `.sg.norm`, `.sg.conv` and `.fc2`, after the
/// normalisation `norm`; and the sum with the input.
pub(super) fn gated_layers(graph: &mut Graph<'_>, input: &Value, name: &str, norm: &str) -> Outcome<Value> {
    let value = graph.standardised(input, EPSILON)?;
    let value = graph.layer_after_norm(&format!("{name}.fc1"), norm, input.channels)?.apply(graph, &value)?;
    let value = graph.gelu(&value);
    let [value, gate] = graph.halves(&value)?;
    let half = gate.channels;
    let gate = graph.normalised_planes(&gate, &format!("{name}.sg.norm"), EPSILON)?;
    let gate = graph.convolution_with(&gate, &format!("{name}.sg.conv"), Convolution::depthwise(half))?;
    let value = graph.product(&value, &gate);
    let value = Layer::pointwise(graph.weights, &format!("{name}.fc2"), half)?.apply(graph, &value)?;
    Ok(graph.sum(input, &value))
}
