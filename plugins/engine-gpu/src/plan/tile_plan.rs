//! The plan of a tile: all steps in order, and the buffers that they share.

use enlarger::{Error, ErrorKind, Result};
use enlarger_compiler::{CompiledGraph, Operation, OperationKind, Size, ValueId};

use crate::arithmetic::Arithmetic;

use super::buffers::{Buffers, ends};
use super::operations::{Context, Work};
use super::step::{Place, Step};
use super::{LARGEST_BINDING, Packed, vectors};

/// What a device does for tiles of one size.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TilePlan {
    /// The bytes of each buffer.
    pub(crate) buffers: Vec<u64>,
    /// For each input, the buffer that takes its planes of 32-bit floats.
    pub(crate) inputs: Vec<usize>,
    /// The buffer with the planes of the result.
    pub(crate) output: usize,
    /// How many numbers the result has.
    pub(crate) output_length: usize,
    pub(crate) steps: Vec<Step>,
}

impl TilePlan {
    /// Plans a tile whose values have these sizes.
    ///
    /// # Errors
    /// `Memory` if a value is too large for a binding; `ModelInvalid` if an operation reads too many values for any tile.
    pub(crate) fn new(graph: &CompiledGraph, packed: &Packed, arithmetic: Arithmetic, sizes: &[Size]) -> Result<Self> {
        let context = Context { graph, sizes, arithmetic };
        let reads = graph.operations.iter().map(|operation| operation.values_read().collect::<Vec<_>>());
        let last = [graph.assembly.from].into_iter().chain(graph.assembly.base.map(|(value, _)| value)).collect();
        let mut builder = Builder {
            context,
            buffers: Buffers::default(),
            of_value: vec![usize::MAX; graph.channels.len()],
            ends: ends(graph.channels.len(), reads.chain([last])),
            steps: Vec::new(),
        };
        let inputs = graph.inputs.iter().map(|input| builder.load(input.value)).collect::<Result<_>>()?;
        for (index, operation) in graph.operations.iter().enumerate() {
            builder.add(index, operation, &packed.of_operation[index])?;
        }
        let (output, output_length) = builder.emit()?;
        let plan = TilePlan { buffers: builder.buffers.bytes, inputs, output, output_length, steps: builder.steps };
        plan.check(sizes.first().copied())?;
        Ok(plan)
    }

    /// The bytes that a tile takes on the device, with the buffer from which the result is read.
    pub(crate) fn bytes(&self) -> u64 {
        self.buffers.iter().sum::<u64>() + self.buffers[self.output]
    }

    fn check(&self, size: Option<Size>) -> Result<()> {
        let largest = self.buffers.iter().max().copied().unwrap_or(0);
        if largest <= LARGEST_BINDING {
            return Ok(());
        }
        let Size { height, width } = size.unwrap_or(Size { height: 0, width: 0 });
        let message = format!(
            "a tile of {width}×{height} pixels takes {} MiB in one piece, but the gpu engine uses at most {}; choose a smaller tile",
            largest.div_ceil(1 << 20),
            LARGEST_BINDING >> 20
        );
        Err(Error::new(ErrorKind::Memory, message))
    }
}

/// A plan under construction.
struct Builder<'a> {
    context: Context<'a>,
    buffers: Buffers,
    /// The buffer of each value.
    of_value: Vec<usize>,
    /// For each value, the number of operations after which it is not needed.
    ends: Vec<usize>,
    steps: Vec<Step>,
}

impl Builder<'_> {
    fn push(&mut self, work: Work, reads: Vec<Place>, writes: usize) {
        let Work { kernel, immediates, workgroups, row_cost } = work;
        self.steps.push(Step { kernel, reads, writes: Place::Buffer(writes), immediates, workgroups, row_cost });
    }

    fn place(&self, value: ValueId) -> Place {
        Place::Buffer(self.of_value[value])
    }

    /// Adds the step that reads an input; returns the buffer for its planes.
    fn load(&mut self, value: ValueId) -> Result<usize> {
        let Size { height, width } = self.context.size(value);
        let planes = self.buffers.own((4 * height * width * self.context.graph.channels[value]) as u64);
        let work = self.context.load(value)?;
        self.of_value[value] = self.buffers.take(self.context.bytes(value));
        self.push(work, vec![Place::Buffer(planes)], self.of_value[value]);
        Ok(planes)
    }

    /// Adds the steps of an operation.
    fn add(&mut self, index: usize, operation: &Operation, constants: &[usize]) -> Result<()> {
        let to = self.buffers.take(self.context.bytes(operation.output));
        self.of_value[operation.output] = to;
        if operation.kind == OperationKind::Mean {
            let (parts, [sums, mean]) = self.context.mean(operation)?;
            let bytes = 16 * parts * vectors(self.context.graph.channels[operation.output]);
            let partial = self.buffers.take(bytes as u64);
            self.push(sums, vec![self.place(operation.inputs[0])], partial);
            self.push(mean, vec![Place::Buffer(partial)], to);
            self.buffers.free(partial);
        } else {
            let work = self.context.of(operation)?;
            // Its inputs, then its constants, then what is added to its result.
            let (inputs, residuals): (Vec<_>, Vec<_>) =
                operation.values_read().enumerate().partition(|(i, _)| *i < operation.inputs.len());
            let mut reads: Vec<Place> = inputs.into_iter().map(|(_, value)| self.place(value)).collect();
            reads.extend(constants.iter().map(|constant| Place::Constants(*constant)));
            reads.extend(residuals.into_iter().map(|(_, value)| self.place(value)));
            self.push(work, reads, to);
        }
        let mut ended: Vec<ValueId> = operation.values_read().filter(|value| self.ends[*value] == index + 1).collect();
        ended.sort_unstable();
        ended.dedup();
        ended.into_iter().for_each(|value| self.buffers.free(self.of_value[value]));
        Ok(())
    }

    /// Adds the step that writes the output; returns the buffer and how many numbers are in it.
    fn emit(&mut self) -> Result<(usize, usize)> {
        let assembly = &self.context.graph.assembly;
        let (Size { height, width }, factor) = (self.context.size(assembly.from), assembly.shuffle.factor);
        let length = height * factor * width * factor * assembly.channels;
        let element = self.context.arithmetic.element().bytes();
        // Buffers are copied in whole words.
        let output = self.buffers.own(((length * element) as u64).next_multiple_of(4));
        let mut reads = vec![self.place(assembly.from)];
        reads.extend(assembly.base.map(|(base, _)| self.place(base)));
        let work = self.context.emit()?;
        self.push(work, reads, output);
        Ok((output, length))
    }
}
