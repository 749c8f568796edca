//! ATD: attention in windows, to a dictionary of tokens, and among pixels that are near to the same token of it.
//!
//! Source: Zhang et al., "Transcending the Limit of Local Window: Advanced Super-Resolution Transformer with Adaptive Token Dictionary",
//! 2024.

use super::frame::Frame;
use super::graph::{EPSILON, Length, Positions, REST, Side};
use super::reconstruction::Reconstruction;
use super::swin::{self, Divisions};
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights};
use crate::checkpoints::Hyperparameter;
use crate::onnx::Setting;

/// How many pixels attend to each other, which shapes do not tell: the usual number, and that of the published light network, which is
/// known by its width.
const CATEGORY: usize = 256;
const LIGHT_CATEGORY: usize = 128;
const LIGHT_FEATURES: usize = 48;

/// The greatest logarithm of the factor of scores: that of 100.
const MAX_LOGARITHM: f32 = 4.605_170_2;

/// The table of biases of the first layer.
const TABLE: &str = "layers.0.residual_group.layers.0.attn_win.relative_position_bias_table";

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has(TABLE)
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    weights.ignore_where(|name| name == "relative_position_index_SA" || name == "no_norm");
    let side = swin::window_side(weights, TABLE)?;
    let frame = Frame { centred: !weights.has("no_norm"), repeats_border: true, ..Frame::new(side, Reach::Whole) };
    frame.build(weights, |graph, shallow| {
        let divisions = Divisions::new(graph, shallow, side)?;
        let positions = graph.positions([side; 2])?;
        let categories = Categories::new(graph, &divisions, category(weights, shallow.channels));
        swin::groups(graph, shallow, &divisions, false, |graph, tokens, group| {
            let count = weights.count_groups(&format!("{group}.layers."));
            let (dictionary, [rows, channels]) = weights.values_of(&format!("{group}.td"), [0, tokens.channels])?;
            let mut dictionary = Value { name: graph.floats(&[rows, channels], &dictionary), channels };
            let mut tokens = tokens.clone();
            for at in 0..count {
                let name = format!("{group}.layers.{at}");
                let layer = Layer { name: &name, rows, divisions: &divisions, positions: &positions };
                (tokens, dictionary) = layer.build(graph, &tokens, &dictionary, &categories, at)?;
            }
            Ok((tokens, count))
        })
    })
}

fn category(weights: &Weights<'_>, features: usize) -> usize {
    match weights.hyperparameter("category_size") {
        Some(Hyperparameter::Integer(told @ 1..=65_536)) => *told as usize,
        _ => {
            let light = Reconstruction::of(weights) == Reconstruction::Direct && features == LIGHT_FEATURES;
            let usual = if light { LIGHT_CATEGORY } else { CATEGORY };
            weights.assume(format!("categories of {usual} pixels"));
            usual
        }
    }
}

/// How pixels are put into groups, as far as it follows from the picture's size.
struct Categories {
    /// The number of pixels.
    pixels: Length,
    /// The pixels of a group.
    group: Length,
    /// The numbers of the pixels.
    numbers: Length,
    /// For each place in the groups, the place in the sorted list. The last group is filled up from the end backwards.
    filled: Length,
}

impl Categories {
    fn new(graph: &mut Graph<'_>, divisions: &Divisions, category: usize) -> Self {
        let pixels = graph.calculated("Mul", &divisions.size.height, &divisions.size.width);
        let group = graph.calculated("Min", &pixels, category);
        let above = graph.calculated("Add", &pixels, &group);
        let above = graph.calculated("Sub", &above, 1);
        let groups = graph.calculated("Div", &above, &group);
        let places = graph.calculated("Mul", &groups, &group);
        let filled = graph.there_and_back(&pixels, &places);
        let numbers = Length(graph.counted(&pixels));
        Categories { pixels, group, numbers, filled }
    }
}

/// A layer of a group.
struct Layer<'l> {
    name: &'l str,
    /// The tokens of the dictionary.
    rows: usize,
    divisions: &'l Divisions,
    positions: &'l Positions,
}

impl Layer<'_> {
    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }

    /// Returns the tokens, and the dictionary for the next layer.
    fn build(
        &self,
        graph: &mut Graph<'_>,
        tokens: &Value,
        dictionary: &Value,
        categories: &Categories,
        at: usize,
    ) -> Outcome<(Value, Value)> {
        let channels = tokens.channels;
        let table = self.part("attn_win.relative_position_bias_table");
        let [_, heads] = graph.weights.dimensions::<2>(&table)?;
        let normal = graph.layer_norm(tokens, &self.part("norm1"), EPSILON)?;
        let layers = swin::queries_keys_values(graph, &self.part("wqkv"), channels, heads)?;
        let made = layers.map(|layer| graph.linear_of(&normal, &layer));
        let (of_dictionary, likeness) = self.dictionary_attention(graph, &normal, dictionary)?;
        let of_category = self.category_attention(graph, &made, &likeness, categories, heads)?;
        let of_windows = self.divisions.within_all(graph, &made, at % 2 == 1, |graph, made, windows| {
            swin::attended(graph, made, &table, windows, self.positions, &self.part("attn_win.proj"))
        })?;
        let mut sum = graph.sum(tokens, &of_windows);
        sum = graph.sum(&sum, &of_dictionary);
        sum = graph.sum(&sum, &of_category);
        let (norm, inner) = (self.part("norm2"), self.part("convffn"));
        let tokens = swin::convolved_perceptron_block(graph, &sum, &norm, &inner, self.divisions)?;
        let dictionary = self.refined(graph, dictionary, &likeness, &tokens)?;
        Ok((tokens, dictionary))
    }

    /// Attention to the dictionary, and how like each pixel is to each of its tokens.
    fn dictionary_attention(
        &self,
        graph: &mut Graph<'_>,
        tokens: &Value,
        dictionary: &Value,
    ) -> Outcome<(Value, Value)> {
        let queries = graph.linear(tokens, &self.part("attn_atd.wq"))?;
        let queries = graph.unit(&queries, -1);
        let keys = graph.linear(dictionary, &self.part("attn_atd.wk"))?;
        let keys = graph.unit(&keys, -1);
        let values = graph.linear(dictionary, &self.part("attn_atd.wv"))?;
        let strength = graph.weights.values(&self.part("attn_atd.scale"), &[self.rows])?;
        let logarithm = (self.rows as f64).ln();
        let strength: Vec<f32> =
            strength.iter().map(|scale| (1.0 + f64::from(scale.clamp(0.0, 1.0)) * logarithm) as f32).collect();
        let keys = graph.transposed(&keys, &[1, 0], self.rows);
        let scores = graph.matrix_product(&queries, &keys, self.rows);
        let strength = graph.floats(&[self.rows], &strength);
        let scores = graph.operator("Mul", &[&scores.name, &strength], self.rows, &[]);
        let likeness = graph.softmax(&scores);
        let attended = graph.matrix_product(&likeness, &values, values.channels);
        if attended.channels != tokens.channels {
            return Err(Misfit::contradiction(format!(
                "attention to its dictionary gives {} channels, not {}",
                attended.channels, tokens.channels
            )));
        }
        Ok((attended, likeness))
    }

    /// Attention among pixels that are likest to the same token: they are sorted by it and cut into groups of equal size.
    fn category_attention(
        &self,
        graph: &mut Graph<'_>,
        made: &[Value; 3],
        likeness: &Value,
        categories: &Categories,
        heads: usize,
    ) -> Outcome<Value> {
        let channels = made[0].channels;
        let settings = [("axis", Setting::Integer(1)), ("keepdims", Setting::Integer(0))];
        let likest = Length(graph.operator("ArgMax", &[&likeness.name], 1, &settings).name);
        // Pixels of the same token stay in the picture's order. As no two keys are equal, all engines sort alike.
        let keys = graph.calculated("Mul", &likest, &categories.pixels);
        let keys = graph.calculated("Add", &keys, &self.divisions.plain.order);
        let keys = graph.sorted(&keys, &categories.pixels);
        let sorted = graph.calculated("Mod", &keys, &categories.pixels);
        let sorted = graph.picked(&self.divisions.plain.back, &sorted);
        let places = graph.picked(&sorted, &categories.filled);
        let back = graph.inverted(&sorted, &categories.numbers);

        let logit = self.part("attn_aca.logit_scale");
        let scale = graph.weights.values(&logit, &[1, 1])?[0].min(MAX_LOGARITHM).exp();
        // Queries are scaled for windows already.
        let scale = scale / swin::score_scale(channels, heads);
        let [queries, keys, values] = made.each_ref().map(|value| graph.rows(value, &places.0));
        let queries = graph.scaled(&queries, scale);
        let group = Side::Of(&categories.group);
        let queries = graph.heads(&queries, group, heads)?;
        let keys = graph.heads_turned(&keys, group, heads)?;
        let values = graph.heads(&values, group, heads)?;
        let attended = graph.attention(&queries, &keys, &values, &[]);
        let attended = graph.headless(&attended, channels);
        let attended = graph.rows(&attended, &back.0);
        graph.linear(&attended, &self.part("attn_aca.proj"))
    }

    /// The dictionary for the next layer: mixed with the pixels that each token is like. The last layer of a group has none.
    fn refined(&self, graph: &mut Graph<'_>, dictionary: &Value, likeness: &Value, tokens: &Value) -> Outcome<Value> {
        if !graph.weights.has(&self.part("sigma")) {
            return Ok(dictionary.clone());
        }
        let rows = self.rows;
        let weights = graph.weights.values(&self.part("norm3.weight"), &[rows])?;
        let bias = graph.weights.values(&self.part("norm3.bias"), &[rows])?;
        let keep = graph.weights.values(&self.part("sigma"), &[rows, 1])?;
        let turned = graph.transposed(likeness, &[1, 0], 0);
        let turned = graph.reshaped(&turned, &[1.into(), rows.into(), REST], rows);
        let [weights, bias] = [weights, bias].map(|values| graph.floats(&[rows], &values));
        let inputs = [turned.name.as_str(), &weights, &bias];
        let normal = graph.operator("InstanceNormalization", &inputs, rows, &[("epsilon", Setting::Float(EPSILON))]);
        let shares = graph.softmax(&normal);
        let shares = graph.reshaped(&shares, &[rows.into(), REST], 0);
        let mixed = graph.matrix_product(&shares, tokens, tokens.channels);
        let keep: Vec<f32> = keep.iter().map(|keep| 1.0 / (1.0 + (-keep).exp())).collect();
        let change: Vec<f32> = keep.iter().map(|keep| 1.0 - keep).collect();
        let [keep, change] = [keep, change].map(|values| graph.floats(&[rows, 1], &values));
        let kept = graph.operator("Mul", &[&dictionary.name, &keep], dictionary.channels, &[]);
        let changed = graph.operator("Mul", &[&mixed.name, &change], mixed.channels, &[]);
        Ok(graph.sum(&kept, &changed))
    }
}
