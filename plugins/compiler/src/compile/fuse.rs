//! Fusing operations into the operation before them: factors, summands, slopes, sums, the order of channels.
//!
//! Each function returns `None` if it cannot fuse; the caller then adds an operation. An operation must never be changed
//! while anything else reads its result.

use crate::compiled_graph::{Convolution3x3, Map, OperationKind, Shuffle, ValueId};
use crate::graph::Node;

use super::{Compiler, Symbol};

impl<'a> Compiler<'a> {
    /// The operation that computes what a node reads at this input, if that is one value with no other reader.
    fn sole_producer(&self, node: &'a Node, input: usize) -> Option<usize> {
        let name = self.original(node.inputs.get(input)?);
        let (Some(Symbol::Values(values)), Some(1)) = (self.symbols.get(name), self.uses.get(name)) else {
            return None;
        };
        let [value] = **values else { return None };
        // Another name that includes the value, such as a concatenation, is another reader.
        let holds = |symbol: &&Symbol<'_>| matches!(symbol, Symbol::Values(values) if values.contains(&value));
        if self.symbols.values().filter(holds).count() == 1 { self.producer(value) } else { None }
    }

    /// Removes the name of what a node reads at this input, because its value now means something else.
    fn forget(&mut self, node: &'a Node, input: usize) {
        let name = self.original(&node.inputs[input]);
        self.symbols.remove(name);
    }

    /// Adds slopes to the convolution that a node reads first.
    pub(super) fn fuse_slopes(&mut self, node: &'a Node, slopes: &[f32]) -> Option<ValueId> {
        let operation = self.sole_producer(node, 0)?;
        let operation = &mut self.operations[operation];
        let fused = match &mut operation.kind {
            OperationKind::Convolution3x3 { layer, residuals } if residuals.is_empty() && layer.gate.is_none() => {
                &mut layer.slopes
            }
            OperationKind::DirectConvolution(direct) => &mut direct.slopes,
            _ => return None,
        };
        if !fused.is_empty() {
            return None;
        }
        *fused = slopes.to_vec();
        let output = operation.output;
        self.forget(node, 0);
        Some(output)
    }

    /// Multiplies what a node reads at this input by a factor for each channel, and then adds a summand. Slopes commute
    /// only with positive factors, and residuals only with equal ones.
    pub(super) fn fuse_affine(&mut self, node: &'a Node, input: usize, affine: &[(f32, f32)]) -> Option<ValueId> {
        let operation = self.sole_producer(node, input)?;
        if self.channels[self.operations[operation].output] != affine.len() {
            return None;
        }
        let operation = &mut self.operations[operation];
        let commutes = |slopes: &[f32]| {
            slopes.is_empty() || affine.iter().all(|(factor, summand)| *factor > 0.0 && *summand == 0.0)
        };
        match &mut operation.kind {
            OperationKind::Convolution3x3 { layer, residuals } => {
                let (first, equal) = (affine[0].0, affine.windows(2).all(|pair| pair[0].0 == pair[1].0));
                if !commutes(&layer.slopes) || layer.gate.is_some() || !(residuals.is_empty() || equal) {
                    return None;
                }
                scale(&mut layer.weights.taps, &mut layer.bias, affine);
                residuals.iter_mut().for_each(|(_, residual)| *residual *= first);
            }
            OperationKind::DirectConvolution(direct) if commutes(&direct.slopes) => {
                scale(&mut direct.taps, &mut direct.bias, affine);
            }
            OperationKind::Map(Map::Affine(list)) => {
                for ((factor, summand), (by, plus)) in list.iter_mut().zip(affine) {
                    (*factor, *summand) = (*factor * by, *summand * by + plus);
                }
            }
            _ => return None,
        }
        let output = operation.output;
        self.forget(node, input);
        Some(output)
    }

    /// Makes a convolution add the other operand of a sum, if that is computed before it. Each operand has a factor.
    pub(super) fn fuse_sum(&mut self, node: &'a Node, [a, b]: [ValueId; 2], [of_a, of_b]: [f32; 2]) -> Option<ValueId> {
        // If both operands are convolutions, the later one adds.
        let mut candidates =
            [(self.sole_producer(node, 0), 0, of_a, (b, of_b)), (self.sole_producer(node, 1), 1, of_b, (a, of_a))];
        candidates.sort_by_key(|(operation, ..)| std::cmp::Reverse(*operation));
        for (operation, input, factor, (other, of_other)) in candidates {
            let Some(index) = operation else { continue };
            let fits = self.can_add(index, other);
            let OperationKind::Convolution3x3 { layer, residuals } = &mut self.operations[index].kind else { continue };
            if !fits || layer.gate.is_some() || factor != 1.0 && !layer.slopes.is_empty() {
                continue;
            }
            if factor != 1.0 {
                layer.weights.taps.iter_mut().chain(&mut layer.bias).for_each(|value| *value *= factor);
                residuals.iter_mut().for_each(|(_, residual)| *residual *= factor);
            }
            residuals.push((other, of_other));
            self.forget(node, input);
            return Some(self.operations[index].output);
        }
        None
    }

    /// Whether an operation can add a value to its result: the value is computed before, and has the same shape.
    pub(super) fn can_add(&self, operation: usize, value: ValueId) -> bool {
        self.producer(value).is_none_or(|producer| producer < operation)
            && self.channels[self.operations[operation].output] == self.channels[value]
            && !self.single[value]
    }

    /// Reorders the outputs of the convolution that a node reads first, so that those of each pixel of a square follow
    /// one another. Rearranging them then copies whole blocks. `channels` are those of a pixel.
    pub(super) fn fuse_order(&mut self, node: &'a Node, shuffle: Shuffle, channels: usize) -> Option<()> {
        let operation = self.sole_producer(node, 0)?;
        let pixels = shuffle.factor * shuffle.factor;
        let from = |output: usize| {
            shuffle.from(
                channels,
                output % channels,
                output / channels / shuffle.factor,
                output / channels % shuffle.factor,
            )
        };
        let reorder = |values: &mut Vec<f32>| {
            let each = values.len() / (channels * pixels);
            *values = (0..values.len()).map(|i| values[from(i / each) * each + i % each]).collect();
        };
        match &mut self.operations[operation].kind {
            OperationKind::Convolution3x3 { layer, residuals } if residuals.is_empty() => {
                let Convolution3x3 { weights, bias, slopes, .. } = layer;
                [&mut weights.taps, bias, slopes].into_iter().for_each(reorder);
            }
            OperationKind::DirectConvolution(direct) => {
                [&mut direct.taps, &mut direct.bias, &mut direct.slopes].into_iter().for_each(reorder);
            }
            _ => return None,
        }
        self.forget(node, 0);
        Some(())
    }
}

/// Multiplies the outputs of a convolution by factors, and then adds summands.
fn scale(taps: &mut [f32], bias: &mut [f32], affine: &[(f32, f32)]) {
    let each = taps.len() / affine.len();
    for ((taps, bias), (factor, summand)) in taps.chunks_exact_mut(each).zip(bias).zip(affine) {
        taps.iter_mut().for_each(|tap| *tap *= factor);
        *bias = *bias * factor + summand;
    }
}
