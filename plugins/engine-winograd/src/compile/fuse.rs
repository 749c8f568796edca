//! What a convolution can do besides: scaling, slopes, sums.
//!
//! Each function says whether it could; where not, the caller makes a step. A convolution is only changed while nothing
//! else reads its result.

use crate::network::Node;
use crate::plan::{Op, ValueId};

use super::{Compiler, Symbol};

impl<'a> Compiler<'a> {
    /// The step that makes what a node reads at this place, if it reads one value and nobody else does.
    fn sole(&self, node: &'a Node, place: usize) -> Option<usize> {
        let name = self.original(node.inputs.get(place)?);
        let (Some(Symbol::Values(values)), Some(1)) = (self.symbols.get(name), self.uses.get(name)) else {
            return None;
        };
        let [value] = **values else { return None };
        // Another name for the same value, such as a part of a longer list, is another reader.
        let holds = |symbol: &&Symbol<'_>| matches!(symbol, Symbol::Values(values) if values.contains(&value));
        if self.symbols.values().filter(holds).count() == 1 { self.maker(value) } else { None }
    }

    /// Forgets the name of what was read at this place: from now on its value is something else.
    fn forget(&mut self, node: &'a Node, place: usize) {
        let name = self.original(&node.inputs[place]);
        self.symbols.remove(name);
    }

    /// Puts slopes into the convolution that a node reads first.
    pub(super) fn fuse_slopes(&mut self, node: &'a Node, slopes: &[f32]) -> Option<ValueId> {
        let step = self.sole(node, 0)?;
        let step = &mut self.steps[step];
        let fused = match &mut step.op {
            Op::Convolution { layer, residuals } if residuals.is_empty() => &mut layer.slopes,
            Op::Direct(direct) => &mut direct.slopes,
            _ => return None,
        };
        if !fused.is_empty() {
            return None;
        }
        *fused = slopes.to_vec();
        let output = step.output;
        self.forget(node, 0);
        Some(output)
    }

    /// Multiplies all that the convolution makes which a node reads at this place. Slopes commute with what is positive.
    pub(super) fn fuse_scale(&mut self, node: &'a Node, place: usize, factor: f32) -> Option<ValueId> {
        let step = self.sole(node, place)?;
        let step = &mut self.steps[step];
        let Op::Convolution { layer, residuals } = &mut step.op else { return None };
        if !layer.slopes.is_empty() && factor <= 0.0 {
            return None;
        }
        layer.weights.taps.iter_mut().chain(&mut layer.bias).for_each(|value| *value *= factor);
        residuals.iter_mut().for_each(|(_, residual)| *residual *= factor);
        let output = step.output;
        self.forget(node, place);
        Some(output)
    }

    /// Lets a convolution add the other picture of a sum, if that is made before it.
    pub(super) fn fuse_sum(&mut self, node: &'a Node, [a, b]: [ValueId; 2]) -> Option<ValueId> {
        // Of two convolutions the later one adds.
        let mut candidates = [(self.sole(node, 0), 0, b), (self.sole(node, 1), 1, a)];
        candidates.sort_by_key(|(step, ..)| std::cmp::Reverse(*step));
        for (step, place, other) in candidates {
            let Some(index) = step else { continue };
            let ready = self.maker(other).is_none_or(|maker| maker < index);
            let alike = self.channels[self.steps[index].output] == self.channels[other] && !self.single[other];
            if let (Op::Convolution { residuals, .. }, true) = (&mut self.steps[index].op, ready && alike) {
                residuals.push((other, 1.0));
                self.forget(node, place);
                return Some(self.steps[index].output);
            }
        }
        None
    }
}
