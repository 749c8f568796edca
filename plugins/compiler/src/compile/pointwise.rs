//! Functions of each sample, and arithmetic of two values or of a value and a constant.
//!
//! Whatever the operation before can do is fused into it. A constant must have one number, or one for each channel.

use enlarger::Result;

use crate::compiled_graph::{Map, OperationKind, ValueId};
use crate::graph::{Constant, Node};

use super::{Compiler, per_channel, refused};

impl<'a> Compiler<'a> {
    pub(super) fn leaky(&mut self, node: &'a Node, slopes: impl FnOnce(usize) -> Option<Vec<f32>>) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        let channels = self.channels[value];
        let mut slopes =
            slopes(channels).ok_or_else(|| refused("its slopes are not constants, one for each channel"))?;
        slopes.resize(channels, slopes[0]);
        match self.fuse_slopes(node, &slopes) {
            Some(fused) => Ok(fused),
            None => self.add_operation(OperationKind::Map(Map::Leaky(slopes)), vec![value], channels),
        }
    }

    pub(super) fn map(&mut self, node: &'a Node, map: Map) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        self.add_operation(OperationKind::Map(map), vec![value], self.channels[value])
    }

    pub(super) fn clip(&mut self, node: &'a Node) -> Result<ValueId> {
        let mut bounds = [("min", f32::MIN), ("max", f32::MAX)].map(|(name, default)| node.float(name, default));
        for (i, bound) in bounds.iter_mut().enumerate() {
            if node.inputs.get(i + 1).is_some_and(|name| !name.is_empty()) {
                let constant = self.constant(node, i + 1).and_then(Constant::floats);
                let Some([value]) = constant else { return Err(refused("its bounds are not constants")) };
                *bound = *value;
            }
        }
        self.map(node, Map::Clip(bounds[0], bounds[1]))
    }

    pub(super) fn arithmetic(&mut self, node: &'a Node) -> Result<ValueId> {
        if let Some(input) = (0..2).find(|input| self.constant(node, *input).is_some()) {
            return self.with_constant(node, input);
        }
        let factors = match node.kind.as_str() {
            "Add" => Some([1.0, 1.0]),
            "Sub" => Some([1.0, -1.0]),
            "Mul" => None,
            _ => return Err(refused("it divides by a value that is not a constant")),
        };
        let (mut a, mut b) = (self.single_value(node, 0)?, self.single_value(node, 1)?);
        let fused = match factors {
            Some(factors) => self.fuse_sum(node, [a, b], factors),
            None => self.gate([a, b])?,
        };
        if let Some(fused) = fused {
            return Ok(fused);
        }
        let swapped = self.single[a] && !self.single[b] || self.channels[a] < self.channels[b];
        if swapped {
            (a, b) = (b, a);
        }
        if self.channels[b] != self.channels[a] && self.channels[b] != 1 || self.single[a] && !self.single[b] {
            return Err(refused("its operands do not have the same number of channels"));
        }
        let kind = match factors {
            Some([first, second]) => OperationKind::Add(if swapped { [second, first] } else { [first, second] }),
            None => OperationKind::Multiply,
        };
        self.add_operation(kind, vec![a, b], self.channels[a])
    }

    /// Arithmetic of a value and the constant that a node reads at this input.
    fn with_constant(&mut self, node: &'a Node, input: usize) -> Result<ValueId> {
        let constant = self.constant(node, input).ok_or_else(|| refused("it has no constant operand"))?;
        let first = input == 0;
        let affine = match (node.kind.as_str(), first) {
            ("Add", _) => |value: f32| (1.0, value),
            ("Sub", false) => |value: f32| (1.0, -value),
            ("Sub", true) => |value: f32| (-1.0, value),
            ("Mul", _) => |value: f32| (value, 0.0),
            ("Div", false) => |value: f32| (value.recip(), 0.0),
            _ => return Err(refused("it divides by a value that is not a constant")),
        };
        let many = constant.shape.iter().product::<usize>();
        let numbers = |channels| Some(per_channel(constant, channels)?.into_iter().map(affine).collect());
        self.affine(node, 1 - input, numbers, many)
    }

    /// Multiplies what a node reads at this input by a factor for each channel, and adds a summand. `numbers` gives both
    /// for this many channels; a single channel becomes `many`.
    pub(super) fn affine(
        &mut self,
        node: &'a Node,
        input: usize,
        numbers: impl Fn(usize) -> Option<Vec<(f32, f32)>>,
        many: usize,
    ) -> Result<ValueId> {
        let finite = |list: &Vec<(f32, f32)>| list.iter().all(|(by, plus)| by.is_finite() && plus.is_finite());
        let mut channels = self.total_channels(&self.values(node, input)?);
        if let Some(list) = numbers(channels).filter(finite)
            && let Some(fused) = self.fuse_affine(node, input, &list)
        {
            return Ok(fused);
        }
        let mut value = self.single_value(node, input)?;
        if channels == 1 && many > 1 {
            channels = many;
            value = self.add_operation(OperationKind::Gather(vec![(0, 0); many]), vec![value], many)?;
        }
        let list = numbers(channels).filter(finite);
        let list =
            list.ok_or_else(|| refused("its constant has neither one finite number nor one for each channel"))?;
        self.add_operation(OperationKind::Map(Map::Affine(list)), vec![value], channels)
    }
}
