//! Lengths that a network computes from the shape of its input.
//!
//! Only the input's own shape is known without running the network, so the shape of any other value is refused, unless that
//! value surely has the same size.

use enlarger::Result;

use crate::compiled_graph::{Length, OperationKind, Rule, ValueId};
use crate::graph::{Constant, Node};

use super::{Compiler, Symbol, refused};

impl<'a> Compiler<'a> {
    /// The lengths that a node computes; `None` if it computes something else.
    pub(super) fn lengths_of(&self, node: &'a Node) -> Result<Option<Vec<Length>>> {
        let rule = match node.kind.as_str() {
            "Shape" => return self.shape(node).map(Some),
            "Gather" => return self.picked(node).map(Some),
            "Concat" if self.reads_lengths(node) => {
                let parts = (0..node.inputs.len()).map(|input| self.lengths(node, input));
                return Ok(Some(parts.collect::<Result<Vec<_>>>()?.concat()));
            }
            "Add" => Rule::Add,
            "Sub" => Rule::Subtract,
            "Mul" => Rule::Multiply,
            "Div" => Rule::Divide,
            "Mod" if node.integer("fmod", 0) == 0 => Rule::Remainder,
            _ => return Ok(None),
        };
        if !self.reads_lengths(node) {
            return Ok(None);
        }
        let (a, b) = (self.lengths(node, 0)?, self.lengths(node, 1)?);
        let count = a.len().max(b.len());
        if [&a, &b].iter().any(|list| list.len() != 1 && list.len() != count) {
            return Err(refused("its lists of lengths differ in number"));
        }
        let at = |list: &[Length], i: usize| list[if list.len() == 1 { 0 } else { i }].clone();
        let lengths = (0..count).map(|i| Length::calculated(rule, at(&a, i), at(&b, i)));
        let lengths: Option<Vec<Length>> = lengths.collect();
        lengths.map(Some).ok_or_else(|| refused("its length cannot be computed"))
    }

    /// The lengths that a node reads at this input, which may be constants.
    pub(super) fn lengths(&self, node: &'a Node, input: usize) -> Result<Vec<Length>> {
        let name = node.inputs.get(input).ok_or_else(|| refused("an input is missing"))?;
        match self.symbol(name)? {
            Symbol::Lengths(lengths) => Ok(lengths.clone()),
            Symbol::Constant(constant) if constant.integers().is_some_and(|list| !list.is_empty()) => {
                Ok(constant.integers().unwrap_or_default().iter().copied().map(Length::Number).collect())
            }
            _ => Err(refused(format!("its input '{name}' is neither a constant nor made of the picture's size"))),
        }
    }

    /// Whether one of a node's inputs is a list of lengths.
    fn reads_lengths(&self, node: &'a Node) -> bool {
        node.inputs.iter().any(|name| matches!(self.symbol(name), Ok(Symbol::Lengths(_))))
    }

    fn shape(&self, node: &'a Node) -> Result<Vec<Length>> {
        let plain = !node.attributes.contains_key("start") && !node.attributes.contains_key("end");
        match *self.values(node, 0)? {
            [value] if plain => {
                let channels = self.channels[value];
                let input = self.input_of_same_size(value);
                let input = input.ok_or_else(|| refused("it asks for the size of a value that is not the picture"))?;
                Ok(vec![
                    Length::Number(1),
                    Length::Number(channels as i64),
                    Length::Height(input),
                    Length::Width(input),
                ])
            }
            _ => Err(refused("it asks for the size of several values, or for a part of a shape")),
        }
    }

    /// The input of the network that a value surely is as large as.
    fn input_of_same_size(&self, mut value: ValueId) -> Option<ValueId> {
        while let Some(operation) = self.producer(value) {
            let operation = &self.operations[operation];
            let keeps_size = match &operation.kind {
                OperationKind::Map(_) | OperationKind::Gather(_) => true,
                // Such as the luminance of a picture in colour, which gray networks are given.
                OperationKind::DirectConvolution(direct) => {
                    let of_pixels = [direct.kernel, direct.stride] == [[1, 1]; 2] && direct.padding == [0; 4];
                    of_pixels && !direct.transposed
                }
                _ => false,
            };
            value = *operation.inputs.first().filter(|_| keeps_size)?;
        }
        Some(value)
    }

    fn picked(&self, node: &'a Node) -> Result<Vec<Length>> {
        if !self.reads_lengths(node) || node.integer("axis", 0) != 0 {
            return Err(refused(""));
        }
        let from = self.lengths(node, 0)?;
        let places = self.constant(node, 1).and_then(Constant::integers);
        let places = places.ok_or_else(|| refused("its places are not constants"))?;
        let pick = |place: &i64| {
            let place = if *place < 0 { *place + from.len() as i64 } else { *place };
            usize::try_from(place).ok().and_then(|place| from.get(place)).cloned()
        };
        let picked: Option<Vec<Length>> = places.iter().map(pick).collect();
        picked.ok_or_else(|| refused("it picks a length that is not there"))
    }
}
