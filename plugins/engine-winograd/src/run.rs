//! Runs a plan on a tile.
//!
//! Step by step, each on all threads; a cancel is noticed within a batch of tiles. What a run needs besides its pictures
//! is kept for the next one. It must never write to the output before the output's shape is known to be right.

use std::iter::zip;
use std::sync::{Mutex, PoisonError};

use enlarger::{Cancel, Error, ErrorKind, Result, Tensor, TensorMut};

use crate::convolution::{Prepared, Scratch, Stored, Strip};
use crate::direct::PreparedDirect;
use crate::kernels::isa::Isa;
use crate::kernels::output::Residual;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::simd::BLOCK;
use crate::loaded::Arithmetic;
use crate::pictures::{Picture, Pictures};
use crate::plan::{LARGEST_SIDE, Op, Plan, Step};
use crate::threads::Threads;
use crate::{borders, simple};

/// A plan with its weights in the form that kernels want.
pub(crate) struct Program<E> {
    plan: Plan,
    /// For each step, its weights.
    weights: Vec<Weights>,
    /// For each step, the values that nothing reads after it.
    spent: Vec<Vec<usize>>,
    isa: Isa,
    pictures: Mutex<Vec<Pictures<E>>>,
    scratch: Mutex<Vec<Scratch>>,
}

/// What a step needs besides its inputs.
enum Weights {
    None,
    Convolution(Prepared),
    Direct(PreparedDirect),
}

impl<E: Stored> Program<E> {
    pub(crate) fn new(plan: &Plan, isa: Isa, arithmetic: Arithmetic, threads: &Threads) -> Result<Self> {
        let mut convolutions = 0..;
        let numbered = plan.steps.iter().map(|step| match step.op {
            Op::Convolution { .. } => (step, convolutions.next().unwrap_or(usize::MAX)),
            _ => (step, 0),
        });
        let numbered: Vec<(&Step, usize)> = numbered.collect();
        let prepare = |(step, index): &(&Step, usize)| match &step.op {
            Op::Convolution { layer, .. } => {
                Prepared::new(layer, isa, arithmetic.kind(*index), arithmetic.is_fast(*index)).map(Weights::Convolution)
            }
            Op::Direct(layer) => Ok(Weights::Direct(PreparedDirect::new(layer, isa))),
            _ => Ok(Weights::None),
        };
        let weights = threads.map(&numbered, prepare)?;
        Ok(Program {
            weights,
            spent: spent(plan),
            plan: plan.without_weights(),
            isa,
            pictures: Mutex::default(),
            scratch: Mutex::default(),
        })
    }

    /// Bytes of memory that a pixel of a tile takes at most while it runs, but for the output.
    pub(crate) fn bytes_per_pixel(&self) -> usize {
        const SIDE: usize = 96;
        let mut sizes = vec![Size { height: SIDE, width: SIDE }; self.plan.channels.len()];
        let bytes = |value: usize, size: Size| {
            size.height * size.pitch() * self.plan.channels[value].next_multiple_of(BLOCK) * size_of::<E>()
        };
        let mut live: usize = self.plan.inputs.iter().map(|given| bytes(given.value, sizes[given.value])).sum();
        let mut most = live;
        for (step, spent) in zip(&self.plan.steps, &self.spent) {
            // Tiles too small for this network cost what the steps before cost.
            let Ok(size) = step.size(|value| sizes[value]) else { break };
            sizes[step.output] = size;
            live += bytes(step.output, size);
            most = most.max(live);
            live -= spent.iter().map(|value| bytes(*value, sizes[*value])).sum::<usize>();
        }
        most / (SIDE * SIDE)
    }

    /// Runs the network once. Whoever watches is told the largest magnitude of all activations.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn run(
        &self,
        threads: &Threads,
        inputs: &[Tensor<'_>],
        output: TensorMut<'_>,
        cancel: &Cancel,
        watch: Option<&mut f32>,
    ) -> Result<()> {
        output.check()?;
        let mut pictures = take(&self.pictures);
        let outcome = self.run_with(threads, inputs, output, cancel, watch, &mut pictures);
        pictures.clear();
        give(&self.pictures, pictures);
        outcome
    }

    fn run_with(
        &self,
        threads: &Threads,
        inputs: &[Tensor<'_>],
        output: TensorMut<'_>,
        cancel: &Cancel,
        mut watch: Option<&mut f32>,
        pictures: &mut Pictures<E>,
    ) -> Result<()> {
        let mut sizes = vec![Size { height: 0, width: 0 }; self.plan.channels.len()];
        for given in &self.plan.inputs {
            let tensor = inputs.iter().find(|tensor| tensor.name == given.name).ok_or_else(|| {
                Error::new(ErrorKind::Argument, format!("the network's input '{}' is missing; pass it", given.name))
            })?;
            tensor.check()?;
            let ([batch, channels, height, width], expected) = (tensor.shape, self.plan.channels[given.value]);
            if batch != 1 || channels != expected {
                let sentence =
                    format!("'{}' has shape {:?}; pass one picture of {expected} channels", given.name, tensor.shape);
                return Err(Error::new(ErrorKind::Argument, sentence));
            }
            if height.max(width) > LARGEST_SIDE {
                return Err(Error::new(ErrorKind::Memory, "a tile beyond all bounds; choose a smaller one"));
            }
            sizes[given.value] = Size { height, width };
        }
        if let Some(other) = inputs.iter().find(|tensor| self.plan.inputs.iter().all(|given| given.name != tensor.name))
        {
            let sentence = format!("the network has no input '{}'; name it as the manifest does", other.name);
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
        for step in &self.plan.steps {
            sizes[step.output] = step.size(|value| sizes[value])?;
        }
        borders::check(&self.plan.emit, &sizes, &output)?;

        for given in &self.plan.inputs {
            let Some(tensor) = inputs.iter().find(|tensor| tensor.name == given.name) else { continue };
            let mut picture = pictures.picture(sizes[given.value], self.plan.channels[given.value])?;
            borders::load(threads, tensor.data, &mut picture)?;
            pictures.keep(given.value, picture);
        }
        for (i, step) in self.plan.steps.iter().enumerate() {
            cancel.check()?;
            let mut made = pictures.picture(sizes[step.output], self.plan.channels[step.output])?;
            match &self.weights[i] {
                Weights::Convolution(convolution) => {
                    self.convolve(threads, step, convolution, pictures, &mut made, cancel)?;
                }
                Weights::Direct(direct) => direct.run(threads, &planes(step, pictures)?, &mut made)?,
                Weights::None => simple::run(threads, self.isa, step, pictures, &mut made)?,
            }
            if let Some(largest) = &mut watch {
                **largest = made.data.iter().fold(**largest, |largest, value| largest.max(value.to_f32().abs()));
            }
            pictures.keep(step.output, made);
            self.spent[i].iter().for_each(|value| pictures.drop(*value));
        }
        cancel.check()?;
        borders::emit(threads, self.isa, &self.plan.emit, pictures, output)
    }

    fn convolve(
        &self,
        threads: &Threads,
        step: &Step,
        convolution: &Prepared,
        pictures: &Pictures<E>,
        made: &mut Picture<E>,
        cancel: &Cancel,
    ) -> Result<()> {
        let planes = planes(step, pictures)?;
        let mut residuals = Vec::new();
        if let Op::Convolution { residuals: list, .. } = &step.op {
            for (value, factor) in list {
                residuals.extend(pictures.get(*value)?.planes().map(|plane| Residual { plane, factor: *factor }));
            }
        }
        let (size, row) = (made.size, made.row());
        threads.strips(&mut made.data, row, convolution.side(), |top, rows| {
            let mut scratch = take(&self.scratch);
            let strip = Strip { planes: &planes, residuals: &residuals, size, top, rows };
            let outcome = convolution.run(strip, &mut scratch, cancel);
            give(&self.scratch, scratch);
            outcome
        })
    }
}

/// All blocks of channels that a step reads.
fn planes<'a, E: Stored>(step: &Step, pictures: &'a Pictures<E>) -> Result<Vec<Plane<'a, E>>> {
    let mut planes = Vec::new();
    for value in &step.inputs {
        planes.extend(pictures.get(*value)?.planes());
    }
    Ok(planes)
}

/// For each step, the values that nothing reads after it.
fn spent(plan: &Plan) -> Vec<Vec<usize>> {
    let mut spent = vec![Vec::new(); plan.steps.len()];
    let mut seen = vec![false; plan.channels.len()];
    for value in [Some(plan.emit.from), plan.emit.base.map(|(value, _)| value)].into_iter().flatten() {
        seen[value] = true;
    }
    for (spent, step) in zip(&mut spent, &plan.steps).rev() {
        for value in step.reads() {
            if !std::mem::replace(&mut seen[value], true) {
                spent.push(value);
            }
        }
    }
    spent
}

/// Something out of a store, or a new one.
fn take<T: Default>(store: &Mutex<Vec<T>>) -> T {
    store.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
}

fn give<T>(store: &Mutex<Vec<T>>, thing: T) {
    store.lock().unwrap_or_else(PoisonError::into_inner).push(thing);
}
