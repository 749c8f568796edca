//! The constants of a network in the form that kernels read: filters, parameters of outputs, tables of channels.
//!
//! They do not depend on the size of a tile, so they are uploaded once. Channels are numbered as kernels see them: those of each value
//! that an operation reads fill whole vectors.

use enlarger_compiler::{BLOCK, CompiledGraph, Map, Operation, OperationKind};
use half::f16;

use crate::arithmetic::Element;
use crate::kernels::{CHANNELS_AT_ONCE, NOTHING};

use super::vectors;

/// The constants of all operations.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    /// The contents of buffers.
    pub(crate) buffers: Vec<Vec<u8>>,
    /// For each operation, the buffers of its constants in the order of the kernel's bindings.
    pub(crate) of_operation: Vec<Vec<usize>>,
}

/// Packs the constants of all operations.
pub(crate) fn pack(graph: &CompiledGraph, element: Element) -> Packed {
    let mut packed = Packed::default();
    for operation in &graph.operations {
        let buffers = constants(graph, operation, element);
        let first = packed.buffers.len();
        packed.of_operation.push((first..first + buffers.len()).collect());
        packed.buffers.extend(buffers);
    }
    packed
}

/// The vectors of all channels that an operation reads.
pub(super) fn vectors_read(graph: &CompiledGraph, operation: &Operation) -> usize {
    operation.inputs.iter().map(|value| vectors(graph.channels[*value])).sum()
}

fn constants(graph: &CompiledGraph, operation: &Operation, element: Element) -> Vec<Vec<u8>> {
    match &operation.kind {
        OperationKind::Convolution3x3 { layer, .. } => {
            let channels = (4 * vectors_read(graph, operation)).next_multiple_of(CHANNELS_AT_ONCE);
            let filter = Filter { taps: &layer.weights.taps, size: 9, outputs: layer.weights.outputs, channels };
            vec![filter.packed(&places(graph, operation), element), outputs(&layer.bias, &layer.slopes)]
        }
        OperationKind::DirectConvolution(direct) => {
            let (size, channels) = (direct.kernel[0] * direct.kernel[1], 4 * vectors_read(graph, operation));
            let filter = Filter { taps: &direct.taps, size, outputs: direct.outputs, channels };
            vec![filter.packed(&places(graph, operation), element), outputs(&direct.bias, &direct.slopes)]
        }
        OperationKind::Map(Map::Affine(list)) => {
            let factors = list.iter().map(|(factor, _)| *factor);
            let summands = list.iter().map(|(_, summand)| *summand);
            vec![floats(whole_vectors(factors).chain(whole_vectors(summands)))]
        }
        OperationKind::Map(Map::Leaky(slopes)) => vec![floats(whole_vectors(slopes.iter().copied()))],
        OperationKind::Gather(list) => {
            let begins: Vec<usize> = operation
                .inputs
                .iter()
                .scan(0, |next, value| Some(std::mem::replace(next, *next + 4 * vectors(graph.channels[*value]))))
                .collect();
            let mut table: Vec<u32> = list.iter().map(|(input, channel)| (begins[*input] + channel) as u32).collect();
            table.resize(table.len().next_multiple_of(4), NOTHING);
            vec![table.into_iter().flat_map(u32::to_ne_bytes).collect()]
        }
        _ => Vec::new(),
    }
}

/// For each channel of a convolution's weights, its place among the channels that the kernel reads; none for those that only fill a
/// block.
fn places(graph: &CompiledGraph, operation: &Operation) -> Vec<Option<usize>> {
    let (mut places, mut first) = (Vec::new(), 0);
    for value in &operation.inputs {
        // Every value but the last takes whole blocks of the weights' channels.
        places.resize(places.len().next_multiple_of(BLOCK), None);
        let channels = graph.channels[*value];
        places.extend((first..first + channels).map(Some));
        first += 4 * vectors(channels);
    }
    places
}

/// The filter of a convolution.
struct Filter<'a> {
    /// For each output and each channel of the weights, the taps.
    taps: &'a [f32],
    /// The number of taps.
    size: usize,
    outputs: usize,
    /// The channels that the kernel reads.
    channels: usize,
}

impl Filter<'_> {
    /// For each tap and each channel, the numbers of all outputs.
    fn packed(&self, places: &[Option<usize>], element: Element) -> Vec<u8> {
        let wide = 4 * vectors(self.outputs);
        let mut packed = vec![0.0; self.size * self.channels * wide];
        let known = self.taps.len() / (self.size * self.outputs);
        for output in 0..self.outputs {
            for (channel, place) in places.iter().enumerate().take(known) {
                let Some(place) = place else { continue };
                let taps = &self.taps[(output * known + channel) * self.size..][..self.size];
                for (tap, value) in taps.iter().enumerate() {
                    packed[(tap * self.channels + place) * wide + output] = *value;
                }
            }
        }
        match element {
            Element::Float => floats(packed.into_iter()),
            Element::Half => packed.into_iter().flat_map(|value| f16::from_f32(value).to_ne_bytes()).collect(),
        }
    }
}

/// The bias and the slope of each output. There is room for pairs of vectors, because a thread makes two.
fn outputs(bias: &[f32], slopes: &[f32]) -> Vec<u8> {
    let room = bias.len().next_multiple_of(8);
    let padded = |values: &[f32]| {
        let mut values = values.to_vec();
        let filler = if values.is_empty() { 1.0 } else { 0.0 };
        values.resize(room, filler);
        values
    };
    floats(padded(bias).into_iter().chain(padded(slopes)))
}

fn whole_vectors(values: impl ExactSizeIterator<Item = f32>) -> impl Iterator<Item = f32> {
    let missing = values.len().next_multiple_of(4) - values.len();
    values.chain(std::iter::repeat_n(0.0, missing))
}

fn floats(values: impl Iterator<Item = f32>) -> Vec<u8> {
    values.flat_map(f32::to_ne_bytes).collect()
}
