//! A compiled graph: the fused operations of a network in execution order, and the values that they read and compute.
//!
//! Pure data. It holds no sizes, because an input can have any; each operation derives the size of its result from the
//! sizes of its inputs. It must never hold an operation that cannot be executed.

mod convolution_layers;
mod length;
mod operation;
mod row_dependency;
mod tensors;

pub use convolution_layers::{Convolution3x3, ConvolutionWeights, DirectConvolution};
pub use length::{Length, Rule};
pub use operation::{Border, LARGEST_SIDE, MAX_PADDING, Map, Operation, OperationKind, Shuffle, ValueId};
pub use row_dependency::RowDependency;

/// The channels in a block. Where a convolution reads several values, each but the last takes whole blocks of the channels that
/// its weights are for.
pub const BLOCK: usize = 16;

/// How the network's output is assembled from the last values.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputAssembly {
    /// The value whose channels become pixels.
    pub from: ValueId,
    /// How they do.
    pub shuffle: Shuffle,
    /// A value that is added to the shuffled one, and how often each of its pixels is repeated in both directions.
    pub base: Option<(ValueId, usize)>,
    /// The least and the greatest value of the output.
    pub clip: Option<(f32, f32)>,
    /// The channels of the output.
    pub channels: usize,
}

/// An input of the network: its name, and the value that it becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct InputValue {
    /// The name in the file.
    pub name: String,
    /// The value.
    pub value: ValueId,
}

/// A compiled graph.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledGraph {
    /// The inputs.
    pub inputs: Vec<InputValue>,
    /// The operations, each after those whose results it reads.
    pub operations: Vec<Operation>,
    /// The output.
    pub assembly: OutputAssembly,
    /// The number of channels of each value.
    pub channels: Vec<usize>,
}

impl CompiledGraph {
    /// The number of 3×3 convolutions.
    pub fn convolutions(&self) -> usize {
        self.operations.iter().filter(|operation| operation.is_convolution_3x3()).count()
    }

    /// The number of 3×3 convolutions that come before the first operation which enlarges.
    pub fn convolutions_before_enlarging(&self) -> usize {
        let enlarges = |kind: &OperationKind| matches!(kind, OperationKind::Upsample(_) | OperationKind::Shuffle(_));
        let operations = self.operations.iter().take_while(|operation| !enlarges(&operation.kind));
        operations.filter(|operation| operation.is_convolution_3x3()).count()
    }

    /// The same graph without the weights of its 3×3 convolutions, once they have been transformed.
    pub fn without_weights(&self) -> CompiledGraph {
        let kind = |kind: &OperationKind| match kind {
            OperationKind::Convolution3x3 { layer, residuals } => {
                let Convolution3x3 { weights, bias, slopes, gate, padding } = layer;
                let weights = ConvolutionWeights { taps: Vec::new(), ..*weights };
                let (bias, slopes) = (bias.clone(), slopes.clone());
                let layer = Convolution3x3 { weights, bias, slopes, gate: *gate, padding: *padding };
                OperationKind::Convolution3x3 { layer, residuals: residuals.clone() }
            }
            other => other.clone(),
        };
        let operation = |operation: &Operation| Operation {
            kind: kind(&operation.kind),
            inputs: operation.inputs.clone(),
            output: operation.output,
        };
        CompiledGraph {
            inputs: self.inputs.clone(),
            operations: self.operations.iter().map(operation).collect(),
            assembly: self.assembly.clone(),
            channels: self.channels.clone(),
        }
    }
}
