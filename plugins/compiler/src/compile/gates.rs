//! Recognising gates: a value, or its sum with another one, times the value's sigmoid plus a number.
//!
//! SiLU, x·σ(x), is one; the attention of SPAN, (x + y)·(σ(x) - ½), is another. A convolution applies its gate while its
//! result is in a register. Nothing may be fused whose parts have other readers.

use enlarger::Result;

use crate::compiled_graph::{Map, OperationKind, ValueId};

use super::{Compiler, Symbol};

/// The factors of a product that are a gate.
struct Gate {
    value: ValueId,
    /// What is added to the value in the first factor.
    addend: Option<ValueId>,
    offset: f32,
    /// The values between, which nothing else reads.
    between: Vec<ValueId>,
}

impl Compiler<'_> {
    /// The product of two values, if it is a gate.
    pub(super) fn gate(&mut self, [a, b]: [ValueId; 2]) -> Result<Option<ValueId>> {
        let Some(gate) = self.recognised(a, b).or_else(|| self.recognised(b, a)) else { return Ok(None) };
        let Gate { value, addend, offset, between } = gate;
        if let Some(operation) = self.producer(value).filter(|_| self.readers(value) == 2)
            && addend.is_none_or(|addend| self.can_add(operation, addend))
            && let OperationKind::Convolution3x3 { layer, residuals } = &mut self.operations[operation].kind
            && residuals.is_empty()
            && layer.gate.is_none()
        {
            layer.gate = Some(offset);
            residuals.extend(addend.map(|addend| (addend, 1.0)));
            // The value now means something else. The operations between are left out, because nothing reads them.
            self.symbols.retain(|_, symbol| match symbol {
                Symbol::Values(values) => !values.iter().any(|held| *held == value || between.contains(held)),
                Symbol::Constant(_) | Symbol::Lengths(_) => true,
            });
            return Ok(Some(value));
        }
        let inputs = [value].into_iter().chain(addend).collect();
        self.add_operation(OperationKind::Gate(offset), inputs, self.channels[value]).map(Some)
    }

    fn recognised(&self, summed: ValueId, gating: ValueId) -> Option<Gate> {
        let (mut sigmoid, mut offset, mut between) = (gating, 0.0, vec![gating]);
        if let Some(OperationKind::Map(Map::Affine(list))) = self.kind_producing(gating) {
            let same = list.iter().all(|(factor, summand)| *factor == 1.0 && *summand == list[0].1);
            (offset, sigmoid) = (list[0].1, self.input_of(gating, 0).filter(|_| same)?);
            between.push(sigmoid);
        }
        let Some(OperationKind::Map(Map::Sigmoid)) = self.kind_producing(sigmoid) else { return None };
        let value = self.input_of(sigmoid, 0)?;
        let addend = match self.kind_producing(summed) {
            _ if summed == value => None,
            Some(OperationKind::Add([1.0, 1.0])) => {
                let (a, b) = (self.input_of(summed, 0)?, self.input_of(summed, 1)?);
                let other = if a == value { b } else { a };
                let alike = self.channels[other] == self.channels[value] && self.single[other] == self.single[value];
                if ![a, b].contains(&value) || !alike {
                    return None;
                }
                between.push(summed);
                Some(other)
            }
            _ => return None,
        };
        between.iter().all(|value| self.readers(*value) == 1).then_some(Gate { value, addend, offset, between })
    }

    fn kind_producing(&self, value: ValueId) -> Option<&OperationKind> {
        self.producer(value).map(|operation| &self.operations[operation].kind)
    }

    /// What the operation that produces a value reads at this input.
    fn input_of(&self, value: ValueId, input: usize) -> Option<ValueId> {
        self.operations[self.producer(value)?].inputs.get(input).copied()
    }

    /// How often nodes read a value, by any name.
    fn readers(&self, value: ValueId) -> usize {
        let holds = |symbol: &Symbol<'_>| matches!(symbol, Symbol::Values(values) if values.contains(&value));
        let names = self.symbols.iter().filter(|(_, symbol)| holds(symbol)).map(|(name, _)| name);
        names.map(|name| self.uses.get(name).copied().unwrap_or(0)).sum()
    }
}
