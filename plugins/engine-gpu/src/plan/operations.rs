//! The steps of each operation: its kernels, their immediates and workgroups.

use enlarger::{Error, ErrorKind, Result};
use enlarger_compiler::{Border, CompiledGraph, Map, Operation, OperationKind, Shuffle, Size, ValueId};

use crate::arithmetic::Arithmetic;
use crate::kernels::{
    CHANNELS_AT_ONCE, Convolution3x3, DirectConvolution, Function, Kernel, Kind, MAX_INPUTS, PIXELS, PIXELS_ACROSS,
    PIXELS_OF_A_PART, THREADS,
};

use super::packed::vectors_read;
use super::vectors;

/// About how many products take as long as one vector that is only copied.
const COPY_COST: usize = 16;

/// A step without its buffers.
pub(super) struct Work {
    pub(super) kernel: Kernel,
    pub(super) immediates: Vec<u32>,
    pub(super) workgroups: [u32; 3],
    pub(super) row_cost: u64,
}

/// What the steps of a graph are made of.
pub(super) struct Context<'a> {
    pub(super) graph: &'a CompiledGraph,
    pub(super) sizes: &'a [Size],
    pub(super) arithmetic: Arithmetic,
}

/// The vectors of a row, each of which a thread makes, and the rows.
fn per_vector(of_row: usize, rows: usize) -> [usize; 3] {
    [of_row.div_ceil(THREADS), rows, 1]
}

impl Context<'_> {
    /// The kernel's work over this many workgroups. `row_cost` is for a row of them.
    pub(super) fn work(
        &self,
        kind: Kind,
        immediates: Vec<u32>,
        workgroups: [usize; 3],
        row_cost: usize,
    ) -> Result<Work> {
        const MOST: usize = 65535;
        if workgroups.iter().any(|count| *count > MOST) {
            return Err(Error::new(ErrorKind::Memory, "this tile has too many rows for a GPU; choose a smaller tile"));
        }
        let kernel = Kernel { kind, element: self.arithmetic.element() };
        Ok(Work { kernel, immediates, workgroups: workgroups.map(|count| count as u32), row_cost: row_cost as u64 })
    }

    pub(super) fn size(&self, value: ValueId) -> Size {
        self.sizes[value]
    }

    /// The bytes of a value.
    pub(super) fn bytes(&self, value: ValueId) -> u64 {
        let Size { height, width } = self.size(value);
        let vector = 4 * self.arithmetic.element().bytes();
        (height as u64 * width as u64).saturating_mul((vectors(self.graph.channels[value]) * vector) as u64)
    }

    fn vectors(&self, value: ValueId) -> usize {
        vectors(self.graph.channels[value])
    }

    /// Where each input ends among the vectors of all.
    fn ends(&self, operation: &Operation) -> Result<Vec<u32>> {
        if operation.inputs.len() > MAX_INPUTS {
            let message = format!(
                "the gpu engine cannot run this network: an operation reads {} values at once, more than {MAX_INPUTS}; choose another engine (--engine ort) or model",
                operation.inputs.len()
            );
            return Err(Error::new(ErrorKind::ModelInvalid, message));
        }
        let mut end = 0;
        Ok(operation
            .inputs
            .iter()
            .map(|value| {
                end += self.vectors(*value) as u32;
                end
            })
            .collect())
    }

    /// The work of an operation with one kernel. The mean has two, and none here.
    ///
    /// # Errors
    /// `Memory` for a tile with too many rows; `ModelInvalid` for an operation with too many inputs.
    pub(super) fn of(&self, operation: &Operation) -> Result<Work> {
        let (first, to) = (operation.inputs[0], operation.output);
        let (from, size, out) = (self.size(first), self.size(to), self.vectors(to));
        let (w, h) = (from.width as u32, from.height as u32);
        let row = size.width * out;
        let copies = |kind: Kind, immediates: Vec<u32>| {
            self.work(kind, immediates, per_vector(row, size.height), row * COPY_COST)
        };
        let moved = |mode: u32, [top, left]: [usize; 2], factor: usize| {
            let (top, left) = (top as u32, left as u32);
            copies(Kind::Move, vec![w, h, left, top, factor as u32, mode, size.width as u32, out as u32])
        };
        match &operation.kind {
            OperationKind::Convolution3x3 { layer, residuals } => {
                let read = 4 * vectors_read(self.graph, operation);
                let kernel = Convolution3x3 {
                    inputs: operation.inputs.len(),
                    residuals: residuals.len(),
                    gate: layer.gate.is_some(),
                    outputs: Convolution3x3::outputs_for(layer.weights.outputs),
                    halves: self.arithmetic == Arithmetic::Halves,
                };
                let [top, left, ..] = layer.padding;
                let mut immediates = vec![w, h, size.width as u32, size.height as u32, left as u32, top as u32];
                immediates.extend([read.div_ceil(CHANNELS_AT_ONCE) as u32, out as u32]);
                immediates.extend(self.ends(operation)?);
                immediates.extend(residuals.iter().map(|(_, factor)| factor.to_bits()));
                immediates.extend(layer.gate.map(f32::to_bits));
                let layers = (4 * out).div_ceil(kernel.outputs);
                let columns = size.width.div_ceil(PIXELS_ACROSS);
                let cost = columns * PIXELS_ACROSS * kernel.rows() * layers * kernel.outputs * read * 9;
                let workgroups = [columns, size.height.div_ceil(kernel.rows()), layers];
                self.work(Kind::Convolution3x3(kernel), immediates, workgroups, cost)
            }
            OperationKind::DirectConvolution(direct) => {
                let kernel = DirectConvolution { inputs: operation.inputs.len(), transposed: direct.transposed };
                let ([rows, columns], [down, across], [top, left, ..]) = (direct.kernel, direct.stride, direct.padding);
                let read = vectors_read(self.graph, operation);
                let mut immediates = vec![w, h, size.width as u32, size.height as u32, left as u32, top as u32];
                immediates.extend([columns, rows, across, down, read, out].map(|number| number as u32));
                immediates.extend(self.ends(operation)?);
                let apart = if direct.transposed { across } else { 1 };
                let groups = apart * size.width.div_ceil(apart).div_ceil(PIXELS);
                let taps = if direct.transposed { (rows * columns).div_ceil(down * across) } else { rows * columns };
                // Without workgroup memory, products take longer.
                let cost = 2 * groups * PIXELS * out * 4 * taps * read * 4;
                let workgroups = [(groups * out).div_ceil(THREADS), size.height, 1];
                self.work(Kind::DirectConvolution(kernel), immediates, workgroups, cost)
            }
            OperationKind::Upsample(factor) => moved(0, [0, 0], *factor),
            OperationKind::Crop([top, left, ..]) | OperationKind::Keep { top_left: [top, left], .. } => {
                moved(0, [*top, *left], 1)
            }
            OperationKind::Extend { border: Border::Mirror, top_left, .. } => moved(1, *top_left, 1),
            OperationKind::Extend { border: Border::Repeat, top_left, .. } => moved(2, *top_left, 1),
            OperationKind::Shuffle(Shuffle { factor, pixels_first }) => {
                let (channels, read) = (self.graph.channels[to], self.vectors(first));
                let numbers = [size.width, *factor, channels, out, read, usize::from(*pixels_first)];
                copies(Kind::Shuffle, std::iter::once(w).chain(numbers.map(|number| number as u32)).collect())
            }
            OperationKind::Gather(_) => {
                let mut immediates = vec![w, out as u32];
                immediates.extend(self.ends(operation)?);
                copies(Kind::Gather(operation.inputs.len()), immediates)
            }
            OperationKind::Map(map) => {
                let (function, [a, b]) = match map {
                    Map::Affine(_) => (Function::Affine, [0.0; 2]),
                    Map::Leaky(_) => (Function::Leaky, [0.0; 2]),
                    Map::Clip(least, greatest) => (Function::Clip, [*least, *greatest]),
                    Map::Sigmoid => (Function::Sigmoid, [0.0; 2]),
                    Map::Tanh => (Function::Tanh, [0.0; 2]),
                    Map::SquareRoot => (Function::SquareRoot, [0.0; 2]),
                };
                self.pointwise(operation, function, [a, b])
            }
            OperationKind::Add(factors) => self.pointwise(operation, Function::Sum, *factors),
            OperationKind::Multiply => self.pointwise(operation, Function::Product, [0.0; 2]),
            OperationKind::Gate(offset) => {
                let second = operation.inputs.len() > 1;
                self.pointwise(operation, Function::Gate { second }, [*offset, 0.0])
            }
            OperationKind::Mean => Err(Error::new(ErrorKind::Internal, "a mean is two kernels; please report this")),
        }
    }

    fn pointwise(&self, operation: &Operation, function: Function, parameters: [f32; 2]) -> Result<Work> {
        let (size, out) = (self.size(operation.output), self.vectors(operation.output));
        let second = operation.inputs.get(1).copied();
        let single = second.is_some_and(|second| self.size(second) != size);
        let one =
            second.is_some_and(|second| self.graph.channels[second] == 1 && self.graph.channels[operation.output] > 1);
        let row = size.width * out;
        let numbers = [row, out, second.map_or(0, |second| self.vectors(second)), single.into(), one.into()];
        let immediates = numbers.map(|number| number as u32).into_iter().chain(parameters.map(f32::to_bits)).collect();
        self.work(Kind::Pointwise(function), immediates, per_vector(row, size.height), row * COPY_COST)
    }

    /// The number of parts whose sums a mean is made of, and the work of both steps.
    pub(super) fn mean(&self, operation: &Operation) -> Result<(usize, [Work; 2])> {
        let Size { height, width } = self.size(operation.inputs[0]);
        let (pixels, out) = (height * width, self.vectors(operation.output));
        let parts = pixels.div_ceil(PIXELS_OF_A_PART);
        let immediates = [pixels, out, parts].map(|number| number as u32);
        let cost = PIXELS_OF_A_PART * out * COPY_COST;
        let sums = self.work(Kind::PartialSums, immediates[..2].to_vec(), [out, parts, 1], cost)?;
        let mean = self.work(Kind::Mean, immediates.to_vec(), [out, 1, 1], parts * out * COPY_COST)?;
        Ok((parts, [sums, mean]))
    }

    /// The work of reading an input.
    pub(super) fn load(&self, value: ValueId) -> Result<Work> {
        let (Size { height, width }, out) = (self.size(value), self.vectors(value));
        let numbers = [width, height * width, self.graph.channels[value], out];
        let immediates = numbers.map(|number| number as u32).to_vec();
        self.work(Kind::Load, immediates, per_vector(width * out, height), width * out * COPY_COST)
    }

    /// The work of writing the output.
    pub(super) fn emit(&self) -> Result<Work> {
        let assembly = &self.graph.assembly;
        let (from, Shuffle { factor, pixels_first }) = (self.size(assembly.from), assembly.shuffle);
        let (width, height) = (from.width * factor, from.height * factor);
        let (base_width, base_vectors, times) =
            assembly.base.map_or((0, 0, 1), |(base, times)| (self.size(base).width, self.vectors(base), times));
        let numbers = [
            from.width,
            width,
            height,
            assembly.channels,
            factor,
            pixels_first.into(),
            self.vectors(assembly.from),
            base_width,
            base_vectors,
            times,
        ];
        let (least, greatest) = assembly.clip.unwrap_or((f32::NEG_INFINITY, f32::INFINITY));
        let immediates =
            numbers.map(|number| number as u32).into_iter().chain([least, greatest].map(f32::to_bits)).collect();
        let workgroups = [width.div_ceil(THREADS), height, assembly.channels];
        let kind = Kind::Emit { base: assembly.base.is_some() };
        self.work(kind, immediates, workgroups, width * assembly.channels * COPY_COST)
    }
}
