//! A prepared graph: a compiled graph together with its weights in the form that the kernels read.
//!
//! All threads and all runs share it. It must never keep anything of a picture except buffers to use again.

use std::sync::Arc;

use enlarger::{Cancel, Result};
use enlarger_compiler::{CompiledGraph, Operation, OperationKind};

use crate::kernels::element::Element;
use crate::kernels::output_transform::Residual;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::simd::InstructionSet;
use crate::operations::activation_rows::{ActivationRow, RowsView};
use crate::operations::arithmetic::Arithmetic;
use crate::operations::direct_convolution::PreparedDirectConvolution;
use crate::operations::non_convolutions::{self, RowsToCompute};
use crate::operations::tensor_conversion;
use crate::operations::winograd_convolution::{ConvolutionRows, Scratch, ScratchSizes, WinogradConvolution};
use crate::schedule::{RowTask, ScheduledOperation};

use super::buffer_recycler::BufferRecycler;
use super::output_target::OutputPart;
use super::threads::Threads;

/// A compiled graph, ready to execute.
pub(crate) struct PreparedGraph<E> {
    compiled: CompiledGraph,
    /// The weights of each operation.
    weights: Vec<PreparedWeights>,
    isa: InstructionSet,
    /// Rows that earlier runs have left.
    pub(super) spare_rows: BufferRecycler<Vec<ActivationRow<E>>>,
    pub(crate) scratch: BufferRecycler<Scratch>,
}

/// What an operation needs besides its inputs.
enum PreparedWeights {
    None,
    Convolution3x3(WinogradConvolution),
    DirectConvolution(PreparedDirectConvolution),
}

/// A task and the memory for its results: activation rows, or for the last operation a part of the output.
pub(super) struct RunningTask<'a, E> {
    pub(super) task: RowTask<ActivationRow<E>>,
    pub(super) produced: Vec<ActivationRow<E>>,
    pub(super) part: Option<OutputPart<'a>>,
}

impl<E: Element> PreparedGraph<E> {
    pub(crate) fn new(
        compiled: &CompiledGraph,
        isa: InstructionSet,
        arithmetic: Arithmetic,
        threads: &Threads,
    ) -> Result<Self> {
        let mut convolutions = 0..;
        let numbered = compiled.operations.iter().map(|operation| match operation.kind {
            OperationKind::Convolution3x3 { .. } => (operation, convolutions.next().unwrap_or(usize::MAX)),
            _ => (operation, 0),
        });
        let numbered: Vec<(&Operation, usize)> = numbered.collect();
        let prepare = |(operation, index): &(&Operation, usize)| match &operation.kind {
            OperationKind::Convolution3x3 { layer, .. } => {
                WinogradConvolution::new(layer, isa, arithmetic.form(*index), arithmetic.operands(*index))
                    .map(PreparedWeights::Convolution3x3)
            }
            OperationKind::DirectConvolution(layer) => {
                Ok(PreparedWeights::DirectConvolution(PreparedDirectConvolution::new(layer, isa)))
            }
            _ => Ok(PreparedWeights::None),
        };
        let weights = threads.map(&numbered, prepare)?;
        Ok(PreparedGraph {
            weights,
            compiled: compiled.without_weights(),
            isa,
            spare_rows: BufferRecycler::default(),
            scratch: BufferRecycler::default(),
        })
    }

    pub(crate) fn compiled(&self) -> &CompiledGraph {
        &self.compiled
    }

    /// The most bytes that a thread's scratch matrices take.
    pub(crate) fn scratch_bytes(&self) -> usize {
        let sizes = |weights: &PreparedWeights| match weights {
            PreparedWeights::Convolution3x3(convolution) => convolution.scratch_sizes(),
            _ => ScratchSizes::default(),
        };
        self.weights.iter().map(sizes).fold(ScratchSizes::default(), ScratchSizes::max).bytes()
    }

    /// The most bytes that a thread takes for rows that are converted to floats, for values of these sizes.
    pub(super) fn widened_bytes(&self, sizes: &[Size]) -> usize {
        let bytes = |(operation, weights): (&Operation, &PreparedWeights)| match weights {
            PreparedWeights::DirectConvolution(direct) => {
                direct.widened_bytes(sizes[operation.inputs[0]], sizes[operation.output])
            }
            _ => 0,
        };
        self.compiled.operations.iter().zip(&self.weights).map(bytes).max().unwrap_or(0)
    }

    /// The operations as the row scheduler sees them.
    pub(super) fn scheduled_operations(&self, sizes: &[Size]) -> Arc<[ScheduledOperation]> {
        let scheduled = |(operation, weights): (&Operation, &PreparedWeights)| {
            let granularity =
                if let PreparedWeights::Convolution3x3(convolution) = weights { convolution.patch_side() } else { 1 };
            let reads = operation.row_dependencies(|value| sizes[value]);
            ScheduledOperation { reads, produces: Some(operation.output), granularity }
        };
        let reads = self.compiled.assembly.row_dependencies();
        let last = ScheduledOperation { reads, produces: None, granularity: 1 };
        self.compiled.operations.iter().zip(&self.weights).map(scheduled).chain([last]).collect()
    }

    /// Executes a task. Returns the largest magnitude among its results if `watched`, otherwise 0.
    pub(super) fn execute_task(
        &self,
        running: &mut RunningTask<'_, E>,
        scratch: &mut Scratch,
        watched: bool,
        cancel: &Cancel,
    ) -> Result<f32> {
        cancel.check()?;
        let RunningTask { task, produced, part } = running;
        let channels = &self.compiled.channels;
        let inputs = task.inputs.iter();
        let views: Vec<RowsView<'_, E>> =
            inputs.map(|input| RowsView::new(&input.rows, input.top, input.size, channels[input.value])).collect();
        let (size, rows) = (task.size, task.rows.clone());
        let (Some(operation), Some(weights)) =
            (self.compiled.operations.get(task.operation), self.weights.get(task.operation))
        else {
            let assembly = &self.compiled.assembly;
            if let Some(part) = part {
                let mut lines = part.lines(assembly.channels);
                tensor_conversion::write_output(self.isa, assembly, &views[0], views.get(1), rows, &mut lines);
            }
            return Ok(0.0);
        };
        let (inputs, added) = views.split_at(operation.inputs.len());
        match weights {
            PreparedWeights::Convolution3x3(convolution) => {
                let planes: Vec<Plane<'_, E>> = inputs.iter().flat_map(RowsView::planes).collect();
                let factors = match &operation.kind {
                    OperationKind::Convolution3x3 { residuals, .. } => residuals.as_slice(),
                    _ => &[],
                };
                let mut residuals = Vec::new();
                for (view, (_, factor)) in added.iter().zip(factors) {
                    residuals.extend(view.planes().map(|plane| Residual { plane, factor: *factor }));
                }
                let top = rows.start;
                let rows = ConvolutionRows { planes: &planes, residuals: &residuals, size, top, to: produced };
                convolution.execute(rows, scratch, cancel)?;
            }
            PreparedWeights::DirectConvolution(direct) => {
                let planes: Vec<Plane<'_, E>> = inputs.iter().flat_map(RowsView::planes).collect();
                direct.execute(&planes, size, rows, produced);
            }
            PreparedWeights::None => {
                let rows = RowsToCompute { size, channels: channels[operation.output], rows, to: produced };
                non_convolutions::execute(self.isa, operation, inputs, rows)?;
            }
        }
        let values = produced.iter().filter(|_| watched).flat_map(|row| row.iter());
        Ok(values.fold(0.0, |largest, value| largest.max(value.to_f32().abs())))
    }
}
