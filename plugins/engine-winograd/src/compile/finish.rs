//! The end of a plan: what the network's output is made of, and which steps are needed for it.
//!
//! Shuffling pixels, adding the enlarged input and clipping are done in one go while the output is written. Steps that
//! nothing reads must not stay.

use enlarger::Result;

use crate::plan::{Emit, Given, Map, Op, Plan, Shuffle, Step, ValueId};

use super::{Compiler, Symbol, refused};

impl Compiler<'_> {
    pub(super) fn finish(mut self, inputs: Vec<Given>, output: &str) -> Result<Plan> {
        let output = self.originals.get(output).copied().unwrap_or(output);
        let values = match self.symbols.get(output) {
            Some(Symbol::Values(values)) => values.clone(),
            _ => return Err(refused(format!("its output '{output}' is not made by a node"))),
        };
        let from = if let [value] = *values { value } else { self.gather(&values)? };
        let mut emit = Emit {
            from,
            shuffle: Shuffle { factor: 1, pixels_first: false },
            base: None,
            clip: None,
            channels: self.channels[from],
        };
        // Nothing is lost if another step reads one of these values too: what it needs stays.
        if let Some(Step { op: Op::Map(Map::Clip(least, greatest)), inputs, .. }) = self.made(emit.from) {
            (emit.clip, emit.from) = (Some((*least, *greatest)), inputs[0]);
        }
        if let Some(Step { op: Op::Add, inputs, .. }) = self.made(emit.from) {
            let upsampled = |value| match self.made(value) {
                Some(Step { op: Op::Upsample(factor), inputs, .. }) => Some((inputs[0], *factor)),
                _ => None,
            };
            let (a, b) = (inputs[0], inputs[1]);
            let found = upsampled(b).map(|base| (a, base)).or(upsampled(a).map(|base| (b, base)));
            if let Some((from, base)) = found.filter(|(from, base)| self.channels[*from] == self.channels[base.0]) {
                (emit.from, emit.base) = (from, Some(base));
            }
        }
        if let Some(Step { op: Op::Shuffle(shuffle), inputs, .. }) = self.made(emit.from) {
            (emit.shuffle, emit.from) = (*shuffle, inputs[0]);
        }
        let mut needed: Vec<ValueId> = [emit.from].into_iter().chain(emit.base.map(|(value, _)| value)).collect();
        let mut steps = Vec::new();
        while let Some(step) = self.steps.pop() {
            if needed.contains(&step.output) {
                needed.extend(step.reads());
                steps.push(step);
            }
        }
        steps.reverse();
        Ok(Plan { inputs, steps, emit, channels: self.channels })
    }

    fn made(&self, value: ValueId) -> Option<&Step> {
        self.maker(value).map(|step| &self.steps[step])
    }
}
