//! Convolutions: their attributes and weights, and the values that they read.
//!
//! Weights are put into one order, whatever the kind of convolution. Groups, dilations and automatic padding are refused;
//! none of them may be ignored.

use enlarger::Result;

use crate::compiled_graph::{BLOCK, Convolution3x3, ConvolutionWeights, DirectConvolution, OperationKind, ValueId};
use crate::graph::Node;

use super::operators::padding;
use super::{Compiler, refused};

impl<'a> Compiler<'a> {
    pub(super) fn convolution(&mut self, node: &'a Node) -> Result<ValueId> {
        let transposed = node.kind == "ConvTranspose";
        let inputs = self.values(node, 0)?;
        let weights = self.constant(node, 1).ok_or_else(|| refused("its weights are not constants"))?;
        let (Some(taps), [first, second, rows, columns]) = (weights.floats(), weights.shape.as_slice()) else {
            return Err(refused("its weights are not a four-dimensional tensor of floats"));
        };
        let (outputs, channels) = if transposed { (*second, *first) } else { (*first, *second) };
        if channels != self.total_channels(&inputs) || outputs == 0 || *rows == 0 || *columns == 0 {
            return Err(refused(format!(
                "its weights are for {channels} channels, but its input has {}",
                self.total_channels(&inputs)
            )));
        }
        let bias = match self.constant(node, 2) {
            Some(bias) => bias.floats().filter(|bias| bias.len() == outputs).map(<[f32]>::to_vec),
            None if node.inputs.len() < 3 || node.inputs[2].is_empty() => Some(vec![0.0; outputs]),
            None => None,
        };
        let bias = bias.ok_or_else(|| refused("its bias is not a constant with one number for each output"))?;
        if taps.iter().chain(&bias).any(|value| !value.is_finite()) {
            return Err(refused("a weight is not a finite number"));
        }
        let plain = node.integer("group", 1) == 1
            && node.integers("dilations", &[1, 1]) == [1, 1]
            && node.integers("output_padding", &[0, 0]) == [0, 0]
            && !node.attributes.contains_key("output_shape")
            && matches!(node.text("auto_pad", "NOTSET"), "NOTSET" | "VALID");
        if !plain {
            return Err(refused("it has groups, dilations or automatic padding"));
        }
        let padding = padding(node.integers("pads", &[0; 4]))?;
        let stride = match node.integers("strides", &[1, 1]) {
            [down @ 1..=16, across @ 1..=16] => [*down as usize, *across as usize],
            _ => return Err(refused("its strides are not whole numbers from 1 to 16")),
        };
        // In the order of outputs, channels and taps; those of a transposed convolution come channel by channel.
        let size = rows * columns;
        let (inputs, places) = self.in_blocks(inputs)?;
        let all = places.last().map_or(0, |last| last + 1);
        let mut ordered = vec![0.0; outputs * all * size];
        for (i, taps) in taps.chunks_exact(size).enumerate() {
            let (output, channel) = if transposed { (i % outputs, i / outputs) } else { (i / channels, i % channels) };
            ordered[(output * all + places[channel]) * size..][..size].copy_from_slice(taps);
        }
        let (taps, slopes, channels) = (ordered, Vec::new(), all);
        let kind = if !transposed && [*rows, *columns] == [3, 3] && stride == [1, 1] {
            let weights = ConvolutionWeights { outputs, channels, taps };
            OperationKind::Convolution3x3 {
                layer: Convolution3x3 { weights, bias, slopes, gate: None, padding },
                residuals: Vec::new(),
            }
        } else {
            let kernel = [*rows, *columns];
            OperationKind::DirectConvolution(DirectConvolution {
                outputs,
                channels,
                taps,
                kernel,
                bias,
                slopes,
                stride,
                padding,
                transposed,
            })
        };
        self.add_operation(kind, inputs, outputs)
    }

    /// The values that a convolution reads, in whole blocks of channels: for each channel of a value, its place among
    /// the channels of all. Values that do not end with a block are followed by channels that are zero; if those were
    /// many, the values are gathered instead.
    fn in_blocks(&mut self, values: Vec<ValueId>) -> Result<(Vec<ValueId>, Vec<usize>)> {
        let [most @ .., last] = values.as_slice() else { return Err(refused("it reads nothing")) };
        let blocks = most.iter().map(|value| self.channels[*value].next_multiple_of(BLOCK)).sum::<usize>();
        let channels = self.total_channels(&values);
        if 2 * (blocks + self.channels[*last]) > 3 * channels {
            return Ok((vec![self.gather(&values)?], (0..channels).collect()));
        }
        let (mut places, mut first) = (Vec::new(), 0);
        for value in &values {
            places.extend(first..first + self.channels[*value]);
            first += self.channels[*value].next_multiple_of(BLOCK);
        }
        Ok((values, places))
    }
}
