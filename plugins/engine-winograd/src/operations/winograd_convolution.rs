//! A 3×3 convolution by Winograd's method, including what is applied to its result before another operation reads it.
//!
//! Some rows are computed in batches of patches: transform, multiply, transform back. The matrices of a batch stay in the
//! second-level cache. This code must never touch a pixel itself; the kernels do.

use std::marker::PhantomData;

use enlarger::{Cancel, Result};
use enlarger_compiler::Convolution3x3;

use crate::kernels::aligned_buffer::{AlignedBuffer, PlainData};
use crate::kernels::element::{BLOCK, Element};
use crate::kernels::input_transform::{FloatInputTransform, PatchSource};
use crate::kernels::matrix_product::{FloatProducts, IntegerProducts, PATCH_MULTIPLE, ProductShape};
use crate::kernels::output_transform::{OutputTransform, Residual};
use crate::kernels::patch_batch::PatchBatch;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::quantised_input_transform::{self as quantised, FACTORS, IntegerInputTransform};
use crate::kernels::simd::{InstructionSet, Kernel};
use crate::kernels::winograd_forms::{F4, F6};

use super::activation_rows::ActivationRow;
use super::arithmetic::{FormKind, Operands};
use super::winograd_filter::{WinogradFilter, pairs};

/// The bytes that the matrices of a batch may take. Together with the filter they fit into a second-level cache.
const BATCH_BYTES: usize = 340 << 10;

/// A 3×3 convolution, ready to execute.
pub(crate) struct WinogradConvolution {
    isa: InstructionSet,
    form: FormKind,
    filter: WinogradFilter,
    channels: usize,
    /// One for each output; as `slopes` padded to whole blocks of channels.
    bias: Vec<f32>,
    slopes: Vec<f32>,
    gate: Option<f32>,
    /// Rows above and columns left of the input that count as zero.
    padding: (usize, usize),
}

/// The matrices of a batch. Each thread has its own.
#[derive(Default)]
pub(crate) struct Scratch {
    floats: Option<AlignedBuffer<f32>>,
    pairs: Option<AlignedBuffer<i32>>,
    factors: Option<AlignedBuffer<f32>>,
    products: Option<AlignedBuffer<f32>>,
}

/// The number of values in each matrix of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ScratchSizes {
    floats: usize,
    pairs: usize,
    factors: usize,
    products: usize,
}

/// How the matrices of a batch are laid out.
struct BatchLayout {
    /// The most patches of a batch.
    patches: usize,
    /// Values, or pairs of values, from one patch to the next.
    patch_stride: usize,
    /// Values, or pairs of values, from one position to the next.
    position_stride: usize,
    /// Products from one position to the next.
    product_stride: usize,
    sizes: ScratchSizes,
}

/// Rows to compute, and what they are computed from.
pub(crate) struct ConvolutionRows<'a, E> {
    /// One plane for each block of input channels.
    pub(crate) planes: &'a [Plane<'a, E>],
    pub(crate) residuals: &'a [Residual<'a, E>],
    /// The size of the whole result.
    pub(crate) size: Size,
    /// The first row to compute; a multiple of the patch side.
    pub(crate) top: usize,
    /// The memory of the rows to compute.
    pub(crate) to: &'a mut [ActivationRow<E>],
}

impl WinogradConvolution {
    pub(crate) fn new(
        convolution: &Convolution3x3,
        isa: InstructionSet,
        form: FormKind,
        operands: Operands,
    ) -> Result<Self> {
        let Convolution3x3 { weights, bias, slopes, gate, padding } = convolution;
        let filter = match operands {
            Operands::Floats => WinogradFilter::floats(weights, form, isa.panel_width()),
            Operands::Integers { group } => WinogradFilter::integers(weights, form, isa.panel_width(), group),
        }?;
        let outputs = weights.outputs.next_multiple_of(BLOCK);
        let padded = |values: &[f32], filler| {
            let mut values = values.to_vec();
            values.resize(outputs, filler);
            values
        };
        Ok(WinogradConvolution {
            isa,
            form,
            filter,
            channels: weights.channels,
            bias: padded(bias, 0.0),
            slopes: padded(slopes, 1.0),
            gate: *gate,
            padding: (padding[0], padding[1]),
        })
    }

    /// The side of a patch of results. Rows should be computed in multiples of it.
    pub(crate) fn patch_side(&self) -> usize {
        self.form.patch_side()
    }

    /// The largest sizes of the matrices of a batch.
    pub(crate) fn scratch_sizes(&self) -> ScratchSizes {
        self.batch_layout(self.channels.div_ceil(BLOCK), usize::MAX).sizes
    }

    /// The layout of a batch for this many blocks of channels, when `all` patches are to be computed.
    fn batch_layout(&self, blocks: usize, all: usize) -> BatchLayout {
        let (positions, outputs) = (self.form.positions(), self.bias.len());
        let patch_stride = match self.filter {
            WinogradFilter::Floats(_) => blocks * BLOCK,
            WinogradFilter::Integers { .. } => quantised::pairs(blocks),
        };
        let most = BATCH_BYTES / (4 * positions * (patch_stride + outputs)) / PATCH_MULTIPLE * PATCH_MULTIPLE;
        let patches = most.max(PATCH_MULTIPLE).min(all);
        let padded = patches.next_multiple_of(PATCH_MULTIPLE);
        // One block more than needed, so that the positions do not all fall into the same sets of a cache.
        let (position_stride, product_stride) = (padded * patch_stride + BLOCK, padded * outputs + BLOCK);
        let (floats, pairs, factors) = match self.filter {
            WinogradFilter::Floats(_) => (positions * position_stride, 0, 0),
            WinogradFilter::Integers { group, .. } => {
                (0, positions * position_stride, padded * quantised::groups(blocks, group) * FACTORS)
            }
        };
        let sizes = ScratchSizes { floats, pairs, factors, products: positions * product_stride };
        BatchLayout { patches, patch_stride, position_stride, product_stride, sizes }
    }

    /// Computes some rows.
    ///
    /// # Errors
    /// `Cancelled`, or `Memory`.
    pub(crate) fn execute<E: Element>(
        &self,
        rows: ConvolutionRows<'_, E>,
        scratch: &mut Scratch,
        cancel: &Cancel,
    ) -> Result<()> {
        match self.form {
            FormKind::F4 => self.execute_batches(PhantomData::<F4>, rows, scratch, cancel),
            FormKind::F6 => self.execute_batches(PhantomData::<F6>, rows, scratch, cancel),
        }
    }

    fn execute_batches<E: Element, F>(
        &self,
        form: PhantomData<F>,
        rows: ConvolutionRows<'_, E>,
        scratch: &mut Scratch,
        cancel: &Cancel,
    ) -> Result<()>
    where
        for<'a> FloatInputTransform<'a, E, F>: Kernel<Output = ()>,
        for<'a> IntegerInputTransform<'a, E, F>: Kernel<Output = ()>,
        for<'a> OutputTransform<'a, E, F>: Kernel<Output = ()>,
    {
        let ConvolutionRows { planes, residuals, size, top, to } = rows;
        let (side, positions, outputs) = (self.patch_side(), self.form.positions(), self.bias.len());
        let across = size.width.div_ceil(side);
        let all = across * to.len().div_ceil(side);

        let layout = self.batch_layout(planes.len(), all);
        let BatchLayout { patches: batch, patch_stride, position_stride, product_stride, sizes } = layout;
        let products = resized(&mut scratch.products, sizes.products)?;

        for first in (0..all).step_by(batch) {
            cancel.check()?;
            let count = batch.min(all - first);
            let patches = PatchBatch { top, across, first, count, side };
            let source = PatchSource { planes, padding: self.padding, patches };
            let integers = matches!(self.filter, WinogradFilter::Integers { .. });
            let depth = if integers { pairs(self.channels) } else { self.channels };
            let shape = ProductShape {
                positions,
                patches: count,
                depth,
                patch_stride,
                position_stride,
                outputs,
                product_stride,
            };
            match &self.filter {
                WinogradFilter::Floats(filter) => {
                    let values = resized(&mut scratch.floats, sizes.floats)?;
                    self.isa.execute(FloatInputTransform { source, form, values, position_stride });
                    self.isa.execute(FloatProducts { shape, values, filter, products });
                }
                WinogradFilter::Integers { pairs, scales, group } => {
                    let values = resized(&mut scratch.pairs, sizes.pairs)?;
                    let factors = resized(&mut scratch.factors, sizes.factors)?;
                    let group = *group;
                    self.isa.execute(IntegerInputTransform { source, form, values, position_stride, group, factors });
                    let (filter, products) = (pairs, &mut *products);
                    self.isa.execute(IntegerProducts { shape, values, filter, group, scales, factors, products });
                }
            }
            self.isa.execute(OutputTransform {
                form,
                patches,
                products,
                product_stride,
                bias: &self.bias,
                slopes: &self.slopes,
                residuals,
                gate: self.gate,
                size,
                to,
            });
        }
        Ok(())
    }
}

impl ScratchSizes {
    /// Sizes that suffice for both, one after the other.
    pub(crate) fn max(self, other: ScratchSizes) -> ScratchSizes {
        ScratchSizes {
            floats: self.floats.max(other.floats),
            pairs: self.pairs.max(other.pairs),
            factors: self.factors.max(other.factors),
            products: self.products.max(other.products),
        }
    }

    pub(crate) fn bytes(self) -> usize {
        let values = [self.floats, self.pairs, self.factors, self.products];
        // Memory is allocated in whole cache lines.
        values.map(|values| (4 * values).next_multiple_of(64)).iter().sum()
    }
}

#[cfg(test)]
impl Scratch {
    pub(crate) fn bytes(&self) -> usize {
        let floats = [&self.floats, &self.factors, &self.products].into_iter().flatten().map(AlignedBuffer::capacity);
        4 * (floats.sum::<usize>() + self.pairs.as_ref().map_or(0, AlignedBuffer::capacity))
    }
}

/// The first `length` values or more of a buffer, which grows if necessary.
fn resized<T: PlainData>(buffer: &mut Option<AlignedBuffer<T>>, length: usize) -> Result<&mut [T]> {
    let buffer = match buffer {
        Some(buffer) => buffer,
        None => buffer.insert(AlignedBuffer::new(length)?),
    };
    if buffer.len() < length {
        buffer.resize(length)?;
    }
    Ok(buffer)
}
