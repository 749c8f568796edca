//! A program: a plan with its weights in the form that kernels want, and how each of its steps is done.
//!
//! All threads and pictures share it. It must never keep anything of a picture but memory to be used again.

use std::sync::Arc;

use enlarger::{Cancel, Result};

use crate::borders;
use crate::convolution::{Prepared, Room, Scratch, Strip};
use crate::direct::PreparedDirect;
use crate::flow::Task;
use crate::kernels::isa::Isa;
use crate::kernels::output::Residual;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::simd::Element;
use crate::loaded::Arithmetic;
use crate::output::Part;
use crate::plan::{Op, Plan, Step, ValueId};
use crate::rows::{Row, View};
use crate::simple;
use crate::stage::Stage;
use crate::store::Store;
use crate::threads::Threads;

/// A plan, ready to run.
pub(crate) struct Program<E> {
    plan: Plan,
    /// For each step, its weights.
    weights: Vec<Weights>,
    isa: Isa,
    /// What pictures before have left.
    pub(crate) spare: Store<Vec<Row<E>>>,
    pub(crate) scratch: Store<Scratch>,
}

/// What a step needs besides its inputs.
enum Weights {
    None,
    Convolution(Prepared),
    Direct(PreparedDirect),
}

/// A piece of work, and the place of what it makes: rows, or for the last stage a part of the output.
pub(crate) struct Job<'a, E> {
    pub(crate) task: Task<Row<E>>,
    pub(crate) made: Vec<Row<E>>,
    pub(crate) part: Option<Part<'a>>,
}

impl<E: Element> Program<E> {
    pub(crate) fn new(plan: &Plan, isa: Isa, arithmetic: Arithmetic, threads: &Threads) -> Result<Self> {
        let mut convolutions = 0..;
        let numbered = plan.steps.iter().map(|step| match step.op {
            Op::Convolution { .. } => (step, convolutions.next().unwrap_or(usize::MAX)),
            _ => (step, 0),
        });
        let numbered: Vec<(&Step, usize)> = numbered.collect();
        let prepare = |(step, index): &(&Step, usize)| match &step.op {
            Op::Convolution { layer, .. } => {
                Prepared::new(layer, isa, arithmetic.kind(*index), arithmetic.operands(*index))
                    .map(Weights::Convolution)
            }
            Op::Direct(layer) => Ok(Weights::Direct(PreparedDirect::new(layer, isa))),
            _ => Ok(Weights::None),
        };
        let weights = threads.map(&numbered, prepare)?;
        Ok(Program { weights, plan: plan.without_weights(), isa, spare: Store::default(), scratch: Store::default() })
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The sizes of all values, for those of the inputs in their order.
    ///
    /// # Errors
    /// As [`Step::size`].
    pub(crate) fn sizes(&self, inputs: impl Iterator<Item = Size>) -> Result<Vec<Size>> {
        let mut sizes = vec![Size { height: 0, width: 0 }; self.plan.channels.len()];
        for (given, size) in self.plan.inputs.iter().zip(inputs) {
            sizes[given.value] = size;
        }
        for step in &self.plan.steps {
            sizes[step.output] = step.size(|value| sizes[value])?;
        }
        Ok(sizes)
    }

    /// Bytes of a thread's matrices at most.
    pub(crate) fn scratch_bytes(&self) -> usize {
        let room = |weights: &Weights| match weights {
            Weights::Convolution(convolution) => convolution.room(),
            _ => Room::default(),
        };
        self.weights.iter().map(room).fold(Room::default(), Room::or).bytes()
    }

    /// The steps as rows flow through them.
    pub(crate) fn stages(&self, sizes: &[Size]) -> Arc<[Stage]> {
        let single = |value: ValueId| sizes[value] == Size { height: 1, width: 1 };
        let stage = |(step, weights): (&Step, &Weights)| {
            let side = if let Weights::Convolution(convolution) = weights { convolution.side() } else { 1 };
            Stage { reads: step.reaches(single), makes: Some(step.output), side }
        };
        let last = Stage { reads: self.plan.emit.reaches(), makes: None, side: 1 };
        self.plan.steps.iter().zip(&self.weights).map(stage).chain([last]).collect()
    }

    /// Does a piece of work. Gives the largest magnitude of what it made, if that is watched.
    pub(crate) fn make(
        &self,
        job: &mut Job<'_, E>,
        scratch: &mut Scratch,
        watched: bool,
        cancel: &Cancel,
    ) -> Result<f32> {
        cancel.check()?;
        let Job { task, made, part } = job;
        let channels = &self.plan.channels;
        let inputs = task.inputs.iter();
        let views: Vec<View<'_, E>> = inputs.map(|input| View::of(input, channels[input.value])).collect();
        let (size, lines) = (task.size, task.rows.clone());
        let (Some(step), Some(weights)) = (self.plan.steps.get(task.stage), self.weights.get(task.stage)) else {
            let emit = &self.plan.emit;
            if let Some(part) = part {
                borders::emit(self.isa, emit, &views[0], views.get(1), lines, &mut part.lines(emit.channels));
            }
            return Ok(0.0);
        };
        let (inputs, added) = views.split_at(step.inputs.len());
        match weights {
            Weights::Convolution(convolution) => {
                let planes: Vec<Plane<'_, E>> = inputs.iter().flat_map(View::planes).collect();
                let factors = match &step.op {
                    Op::Convolution { residuals, .. } => residuals.as_slice(),
                    _ => &[],
                };
                let mut residuals = Vec::new();
                for (view, (_, factor)) in added.iter().zip(factors) {
                    residuals.extend(view.planes().map(|plane| Residual { plane, factor: *factor }));
                }
                let strip = Strip { planes: &planes, residuals: &residuals, size, top: lines.start, rows: made };
                convolution.run(strip, scratch, cancel)?;
            }
            Weights::Direct(direct) => {
                let planes: Vec<Plane<'_, E>> = inputs.iter().flat_map(View::planes).collect();
                direct.run(&planes, size, lines, made);
            }
            Weights::None => {
                let strip = simple::Strip { size, channels: channels[step.output], lines, rows: made };
                simple::run(self.isa, step, inputs, strip)?;
            }
        }
        let values = made.iter().filter(|_| watched).flat_map(|row| row.iter());
        Ok(values.fold(0.0, |largest, value| largest.max(value.to_f32().abs())))
    }
}
