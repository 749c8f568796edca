//! The end of a compiled graph: how the network's output is assembled, and which operations are needed for it.
//!
//! Rearranging channels to pixels, adding the enlarged input and clipping are done in one pass while the output is
//! written. Operations whose result nothing reads must not stay.

use enlarger::Result;

use crate::compiled_graph::{
    CompiledGraph, InputValue, Map, Operation, OperationKind, OutputAssembly, Shuffle, ValueId,
};

use super::{Compiler, Symbol, refused};

impl Compiler<'_> {
    pub(super) fn finish(mut self, inputs: Vec<InputValue>, output: &str) -> Result<CompiledGraph> {
        let output = self.originals.get(output).copied().unwrap_or(output);
        let values = match self.symbols.get(output) {
            Some(Symbol::Values(values)) => values.clone(),
            _ => return Err(refused(format!("no node computes its output '{output}'"))),
        };
        let from = if let [value] = *values { value } else { self.gather(&values)? };
        let mut assembly = OutputAssembly {
            from,
            shuffle: Shuffle { factor: 1, pixels_first: false },
            base: None,
            clip: None,
            channels: self.channels[from],
        };
        // Nothing is lost if another operation also reads one of these values: the operations that it needs stay.
        if let Some(Operation { kind: OperationKind::Map(Map::Clip(least, greatest)), inputs, .. }) =
            self.operation_producing(assembly.from)
        {
            (assembly.clip, assembly.from) = (Some((*least, *greatest)), inputs[0]);
        }
        if let Some(Operation { kind: OperationKind::Add([1.0, 1.0]), inputs, .. }) =
            self.operation_producing(assembly.from)
        {
            let upsampled = |value| match self.operation_producing(value) {
                Some(Operation { kind: OperationKind::Upsample(factor), inputs, .. }) => Some((inputs[0], *factor)),
                _ => None,
            };
            let (a, b) = (inputs[0], inputs[1]);
            let found = upsampled(b).map(|base| (a, base)).or(upsampled(a).map(|base| (b, base)));
            if let Some((from, base)) = found.filter(|(from, base)| self.channels[*from] == self.channels[base.0]) {
                (assembly.from, assembly.base) = (from, Some(base));
            }
        }
        if let Some(Operation { kind: OperationKind::Shuffle(shuffle), inputs, .. }) =
            self.operation_producing(assembly.from)
        {
            (assembly.shuffle, assembly.from) = (*shuffle, inputs[0]);
        }
        let mut needed: Vec<ValueId> =
            [assembly.from].into_iter().chain(assembly.base.map(|(value, _)| value)).collect();
        let mut operations = Vec::new();
        while let Some(operation) = self.operations.pop() {
            if needed.contains(&operation.output) {
                needed.extend(operation.values_read());
                operations.push(operation);
            }
        }
        operations.reverse();
        Ok(CompiledGraph { inputs, operations, assembly, channels: self.channels })
    }

    fn operation_producing(&self, value: ValueId) -> Option<&Operation> {
        self.producer(value).map(|operation| &self.operations[operation])
    }
}
