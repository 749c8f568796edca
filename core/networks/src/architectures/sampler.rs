//! The part that enlarges in networks of recent training programs, which write its method beside its weights.
//!
//! The tensor `MetaUpsample` has the version, the method, the scale, the channels before, after and in the middle, and the groups.
//! What it says is checked: the weights of another method would have other names or shapes.

use super::graph::Layer;
use super::{Graph, Misfit, Outcome, Value, channels_and_factor};

/// The slopes of leaky ReLUs: after the first convolution, and between the steps of an enlargement to nearest neighbours.
const FIRST_SLOPE: f32 = 0.01;
const SLOPE: f32 = 0.2;

/// The methods, by their numbers.
const CONVOLUTION: usize = 0;
const ONE_SHUFFLE: usize = 1;
const SHUFFLES: usize = 2;
const NEAREST: usize = 3;
const DYSAMPLE: usize = 4;
const TRANSPOSED: usize = 5;
const LOCAL_ATTENTION: usize = 6;
const PIXEL_ATTENTION: usize = 7;

/// The largest number that it says, below which floats hold every whole number.
const MAX_NUMBER: f32 = (1 << 24) as f32;

/// The method and its numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sampler {
    method: usize,
    pub(super) scale: usize,
    pub(super) channels: usize,
    groups: usize,
}

impl Sampler {
    /// What `name.MetaUpsample` says.
    pub(super) fn read(graph: &Graph<'_>, name: &str) -> Outcome<Self> {
        let numbers = graph.weights.values(&format!("{name}.MetaUpsample"), &[7])?;
        if let Some(number) =
            numbers.iter().find(|number| !(0.0..=MAX_NUMBER).contains(*number) || number.fract() != 0.0)
        {
            return Err(Misfit::contradiction(format!("'{name}.MetaUpsample' has {number} for a whole number")));
        }
        let whole: Vec<usize> = numbers.iter().map(|number| *number as usize).collect();
        let [_, method, scale, _, channels, _, groups] = whole[..] else {
            return Err(Misfit::Missing(format!("{name}.MetaUpsample")));
        };
        let scale = if method == CONVOLUTION { 1 } else { scale };
        let sampler = Sampler { method, scale, channels, groups };
        match sampler {
            Sampler { scale: 1..=16, channels: 1.., .. } => Ok(sampler),
            _ => Err(Misfit::contradiction(format!("it enlarges {scale} times to {channels} channels"))),
        }
    }

    /// The factors of the steps by which it enlarges.
    fn steps(self) -> Outcome<Vec<usize>> {
        match self.scale {
            3 => Ok(vec![3]),
            scale if scale.is_power_of_two() => Ok(vec![2; scale.ilog2() as usize]),
            scale => Err(Misfit::contradiction(format!("it enlarges {scale} times, which is no power of 2 and not 3"))),
        }
    }

    /// Adds it to the network. Its tensors begin with `name`.
    pub(super) fn build(self, graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<Value> {
        let at = |number: usize| format!("{name}.{number}");
        let value = match self.method {
            _ if self.scale == 1 => graph.convolution(input, &at(0))?,
            ONE_SHUFFLE => {
                let squares = graph.convolution(input, &at(0))?;
                let (_, factor) = channels_and_factor(squares.channels, self.channels)?;
                if factor != self.scale {
                    return Err(Misfit::contradiction(format!(
                        "its last convolution enlarges {factor} times, not {}",
                        self.scale
                    )));
                }
                graph.shuffled(&squares, factor)?
            }
            SHUFFLES => {
                let value = graph.convolution(input, &at(0))?;
                let mut value = graph.leaky_relu(&value, FIRST_SLOPE);
                let steps = self.steps()?;
                for (step, factor) in steps.iter().enumerate() {
                    value = graph.convolution(&value, &at(2 + 2 * step))?;
                    value = graph.shuffled(&value, *factor)?;
                }
                graph.convolution(&value, &at(2 + 2 * steps.len()))?
            }
            NEAREST => {
                let (mut value, mut number) = (input.clone(), 0);
                for factor in self.steps()? {
                    value = graph.convolution(&value, &at(number))?;
                    value = graph.nearest(&value, factor);
                    value = graph.leaky_relu(&value, SLOPE);
                    number += 3;
                }
                value = graph.convolution(&value, &at(number))?;
                value = graph.leaky_relu(&value, SLOPE);
                graph.convolution(&value, &at(number + 2))?
            }
            DYSAMPLE => {
                // With as many channels as before, the features themselves are sampled.
                let (value, place) = if graph.weights.has(&format!("{}.init_pos", at(0))) {
                    (input.clone(), 0)
                } else {
                    let value = graph.convolution(input, &at(0))?;
                    (graph.leaky_relu(&value, FIRST_SLOPE), 2)
                };
                let (value, factor) = graph.dysampled(&value, &at(place), self.groups)?;
                if factor != self.scale {
                    return Err(Misfit::contradiction(format!("it samples {factor} times, not {}", self.scale)));
                }
                value
            }
            TRANSPOSED => match self.scale {
                3 => {
                    let value = graph.transposed_convolution(input, &at(0))?;
                    graph.convolution(&value, &at(1))?
                }
                2 => {
                    let value = graph.overlapping_transposed_convolution(input, &at(0))?;
                    graph.convolution(&value, &at(1))?
                }
                4 => {
                    let value = graph.overlapping_transposed_convolution(input, &at(0))?;
                    let value = graph.gelu(&value);
                    let value = graph.overlapping_transposed_convolution(&value, &at(2))?;
                    graph.convolution(&value, &at(3))?
                }
                scale => {
                    return Err(Misfit::contradiction(format!("transposed convolutions do not enlarge {scale} times")));
                }
            },
            LOCAL_ATTENTION => {
                let (value, place) = if graph.weights.has(&format!("{}.proj_q.weight", at(0))) {
                    (input.clone(), 0)
                } else {
                    let value = graph.convolution(input, &at(0))?;
                    (graph.leaky_relu(&value, FIRST_SLOPE), 2)
                };
                let value = graph.locally_attended(&value, &at(place), self.scale)?;
                graph.convolution(&value, &at(place + 1))?
            }
            PIXEL_ATTENTION => {
                let (mut value, mut number) = (input.clone(), 1);
                for factor in self.steps()? {
                    value = graph.nearest(&value, factor);
                    value = graph.convolution(&value, &at(number))?;
                    let gate = Layer::pointwise(graph.weights, &format!("{}.conv.0", at(number + 1)), value.channels)?
                        .apply(graph, &value)?;
                    let gate = graph.sigmoid(&gate);
                    value = graph.product(&value, &gate);
                    value = graph.leaky_relu(&value, SLOPE);
                    value = graph.convolution(&value, &at(number + 3))?;
                    value = graph.leaky_relu(&value, SLOPE);
                    number += 6;
                }
                graph.convolution(&value, &at(number - 1))?
            }
            method => return Err(Misfit::contradiction(format!("it enlarges by the unknown method {method}"))),
        };
        if value.channels != self.channels {
            return Err(Misfit::contradiction(format!("it makes {} channels, not {}", value.channels, self.channels)));
        }
        Ok(value)
    }
}
