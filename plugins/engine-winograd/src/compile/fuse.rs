//! Fusing operations into the convolution before them: scaling, slopes, sums.
//!
//! Each function returns `None` if it cannot fuse; the caller then adds an operation. A convolution must never be
//! changed while anything else reads its result.

use crate::compiled_graph::{OperationKind, ValueId};
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
            OperationKind::Convolution3x3 { layer, residuals } if residuals.is_empty() => &mut layer.slopes,
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

    /// Multiplies the result of the convolution that a node reads at this input. Slopes commute only with a positive
    /// factor.
    pub(super) fn fuse_scale(&mut self, node: &'a Node, input: usize, factor: f32) -> Option<ValueId> {
        let operation = self.sole_producer(node, input)?;
        let operation = &mut self.operations[operation];
        let OperationKind::Convolution3x3 { layer, residuals } = &mut operation.kind else { return None };
        if !layer.slopes.is_empty() && factor <= 0.0 {
            return None;
        }
        layer.weights.taps.iter_mut().chain(&mut layer.bias).for_each(|value| *value *= factor);
        residuals.iter_mut().for_each(|(_, residual)| *residual *= factor);
        let output = operation.output;
        self.forget(node, input);
        Some(output)
    }

    /// Makes a convolution add the other operand of a sum, if that is computed before it.
    pub(super) fn fuse_sum(&mut self, node: &'a Node, [a, b]: [ValueId; 2]) -> Option<ValueId> {
        // If both operands are convolutions, the later one adds.
        let mut candidates = [(self.sole_producer(node, 0), 0, b), (self.sole_producer(node, 1), 1, a)];
        candidates.sort_by_key(|(operation, ..)| std::cmp::Reverse(*operation));
        for (operation, input, other) in candidates {
            let Some(index) = operation else { continue };
            let ready = self.producer(other).is_none_or(|producer| producer < index);
            let alike = self.channels[self.operations[index].output] == self.channels[other] && !self.single[other];
            if let (OperationKind::Convolution3x3 { residuals, .. }, true) =
                (&mut self.operations[index].kind, ready && alike)
            {
                residuals.push((other, 1.0));
                self.forget(node, input);
                return Some(self.operations[index].output);
            }
        }
        None
    }
}
