//! Runs a plan: rows flow through its steps, on all threads.
//!
//! A thread takes the next piece of work, does it without a lock, and gives back what it made; no thread waits for another
//! while there is anything to do. A cancel is noticed within a batch of tiles. Rows that were read are written again, by
//! the next run too. It must never write to the output before the output's shape is known to be right.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use enlarger::{Cancel, Error, ErrorKind, Result, Tensor, TensorMut};

use crate::convolution::{Prepared, Scratch, Strip};
use crate::direct::PreparedDirect;
use crate::flow::{Flow, Stage, Task};
use crate::kernels::isa::Isa;
use crate::kernels::output::Residual;
use crate::kernels::plane::{Plane, Size};
use crate::kernels::simd::Element;
use crate::loaded::Arithmetic;
use crate::output::{Output, Part};
use crate::plan::{LARGEST_SIDE, Op, Plan, Step, ValueId};
use crate::rows::{Row, View, length};
use crate::threads::Threads;
use crate::{borders, simple};

/// Pieces of work of a stage that rows should come for in one go.
pub(crate) const MANY: usize = 8;

/// A plan with its weights in the form that kernels want.
pub(crate) struct Program<E> {
    plan: Plan,
    /// For each step, its weights.
    weights: Vec<Weights>,
    isa: Isa,
    /// What runs before this one have left.
    spare: Mutex<Vec<Vec<Row<E>>>>,
    scratch: Mutex<Vec<Scratch>>,
}

/// What a step needs besides its inputs.
enum Weights {
    None,
    Convolution(Prepared),
    Direct(PreparedDirect),
}

/// A picture on its way through a program.
pub(crate) struct Passage<'a, E> {
    flow: Flow<Row<E>>,
    free: Vec<Row<E>>,
    pub(crate) output: Output<'a>,
    /// The largest magnitude of all activations, where somebody wants to know.
    watch: Option<f32>,
}

/// A piece of work, and the place of what it makes: rows, or for the last stage a part of the output.
struct Job<'a, E> {
    task: Task<Row<E>>,
    made: Vec<Row<E>>,
    part: Option<Part<'a>>,
}

/// A passage while threads work on it.
struct Work<'w, 'a, E> {
    passage: &'w mut Passage<'a, E>,
    running: usize,
    outcome: Result<()>,
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
                Prepared::new(layer, isa, arithmetic.kind(*index), arithmetic.is_fast(*index)).map(Weights::Convolution)
            }
            Op::Direct(layer) => Ok(Weights::Direct(PreparedDirect::new(layer, isa))),
            _ => Ok(Weights::None),
        };
        let weights = threads.map(&numbered, prepare)?;
        Ok(Program { weights, plan: plan.without_weights(), isa, spare: Mutex::default(), scratch: Mutex::default() })
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

    /// A picture, of which no row is there yet.
    pub(crate) fn passage<'a>(
        &self,
        sizes: Vec<Size>,
        threads: usize,
        output: Output<'a>,
        watch: bool,
    ) -> Passage<'a, E> {
        let flow = Flow::new(self.stages(&sizes), sizes, threads);
        Passage { flow, free: take(&self.spare), output, watch: watch.then_some(0.0) }
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
        let tensors = self.given(inputs)?;
        let sizes = self.sizes(tensors.iter().map(|tensor| pixels_of(tensor)))?;
        borders::check(&self.plan.emit, &sizes, &output)?;
        let [.., height, width] = output.shape;
        let mut passage =
            self.passage(sizes, threads.count(), Output::tensor(output.data, height, width), watch.is_some());
        let tallest = tensors.iter().map(|tensor| pixels_of(tensor).height).max().unwrap_or(0);
        let some = self.many(&passage);
        for top in (0..tallest).step_by(some) {
            for (given, tensor) in self.plan.inputs.iter().zip(&tensors) {
                let Size { height, width } = pixels_of(tensor);
                for y in top..(top + some).min(height) {
                    let lines = tensor.data.chunks_exact(height * width).map(|plane| &plane[y * width..][..width]);
                    self.push(&mut passage, given.value, lines)?;
                }
            }
            self.work(threads, &mut passage, usize::MAX, cancel)?;
        }
        cancel.check()?;
        if let (Some(watch), Some(largest)) = (watch, passage.watch) {
            *watch = largest;
        }
        give(&self.spare, passage.free);
        Ok(())
    }

    /// The tensors of the plan's inputs, in the plan's order.
    fn given<'t, 'd>(&self, inputs: &'t [Tensor<'d>]) -> Result<Vec<&'t Tensor<'d>>> {
        if let Some(other) = inputs.iter().find(|tensor| self.plan.inputs.iter().all(|given| given.name != tensor.name))
        {
            let sentence = format!("the network has no input '{}'; name it as the manifest does", other.name);
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
        let tensor = |given: &crate::plan::Given| {
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
            Ok(tensor)
        };
        self.plan.inputs.iter().map(tensor).collect()
    }

    /// Takes the next row of an input: a line for each channel.
    ///
    /// # Errors
    /// `Memory`.
    pub(crate) fn push<'l>(
        &self,
        passage: &mut Passage<'_, E>,
        value: ValueId,
        lines: impl Iterator<Item = &'l [f32]>,
    ) -> Result<()> {
        let mut row = passage.row(length(passage.flow.size(value), self.plan.channels[value]))?;
        borders::load(lines, &mut row);
        let Passage { flow, free, .. } = passage;
        flow.push(value, row, |row| free.push(row));
        Ok(())
    }

    /// Rows of an input that should come in one go, so that all threads have work.
    pub(crate) fn many(&self, passage: &Passage<'_, E>) -> usize {
        MANY * self.plan.inputs.iter().map(|given| passage.flow.chunk(given.value)).max().unwrap_or(1)
    }

    /// Does all that can be done, until so many rows of the output wait.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn work(
        &self,
        threads: &Threads,
        passage: &mut Passage<'_, E>,
        enough: usize,
        cancel: &Cancel,
    ) -> Result<()> {
        let (work, changed) = (Mutex::new(Work { passage, running: 0, outcome: Ok(()) }), Condvar::new());
        threads.all(|| self.worker(&work, &changed, enough, cancel));
        work.into_inner().unwrap_or_else(PoisonError::into_inner).outcome
    }

    /// What each thread does.
    fn worker(&self, work: &Mutex<Work<'_, '_, E>>, changed: &Condvar, enough: usize, cancel: &Cancel) {
        let mut scratch = take(&self.scratch);
        let mut state = lock(work);
        while state.outcome.is_ok() && state.passage.output.ready() < enough {
            match self.begin(state.passage) {
                Ok(Some(mut job)) => {
                    state.running += 1;
                    let watched = state.passage.watch.is_some();
                    drop(state);
                    let made = catch_unwind(AssertUnwindSafe(|| self.make(&mut job, &mut scratch, watched, cancel)));
                    state = lock(work);
                    state.running -= 1;
                    match made {
                        Ok(Ok(largest)) => self.end(state.passage, job, largest),
                        Ok(Err(error)) => state.outcome = Err(error),
                        Err(panic) => {
                            // The others must not wait for this thread.
                            state.outcome = Err(Error::new(ErrorKind::Panic, "a thread of the engine panicked"));
                            changed.notify_all();
                            drop(state);
                            resume_unwind(panic);
                        }
                    }
                    changed.notify_all();
                }
                Ok(None) if state.running == 0 => break,
                Ok(None) => state = changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Err(error) => state.outcome = Err(error),
            }
        }
        changed.notify_all();
        drop(state);
        give(&self.scratch, scratch);
    }

    /// The next piece of work with the memory for what it makes.
    fn begin<'a>(&self, passage: &mut Passage<'a, E>) -> Result<Option<Job<'a, E>>> {
        let Passage { flow, free, output, .. } = passage;
        let Some(task) = flow.take(|row| free.push(row)) else { return Ok(None) };
        let Some(step) = self.plan.steps.get(task.stage) else {
            let factor = self.plan.emit.shuffle.factor;
            let part = output.part(task.rows.start * factor..task.rows.end * factor);
            return Ok(Some(Job { task, made: Vec::new(), part: Some(part) }));
        };
        let length = length(task.size, self.plan.channels[step.output]);
        let made = task.rows.clone().map(|_| passage.row(length)).collect::<Result<_>>()?;
        Ok(Some(Job { task, made, part: None }))
    }

    /// Takes back what was made.
    fn end<'a>(&self, passage: &mut Passage<'a, E>, job: Job<'a, E>, largest: f32) {
        let Passage { flow, free, output, watch } = passage;
        if let Some(watch) = watch {
            *watch = watch.max(largest);
        }
        if let Some(part) = job.part {
            output.made(job.task.rows.start * self.plan.emit.shuffle.factor, part);
        }
        flow.put(job.task, job.made, |row| free.push(row));
    }

    /// Does a piece of work. Gives the largest magnitude of what it made, if that is watched.
    fn make(&self, job: &mut Job<'_, E>, scratch: &mut Scratch, watched: bool, cancel: &Cancel) -> Result<f32> {
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

impl<E: Element> Passage<'_, E> {
    #[cfg(test)]
    pub(crate) fn size(&self, value: ValueId) -> Size {
        self.flow.size(value)
    }

    /// Bytes of all rows.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        let rooms = self.free.iter().chain(self.flow.rows()).map(Row::room);
        size_of::<E>() * rooms.sum::<usize>()
    }

    /// How high the values are has turned out.
    pub(crate) fn resize(&mut self, sizes: Vec<Size>) {
        self.flow.resize(sizes);
    }

    /// Memory for a row. What it holds is of no meaning.
    fn row(&mut self, length: usize) -> Result<Row<E>> {
        // The one that was freed last of those that fit is likeliest to be in a cache.
        let fits = |row: &Row<E>| (length..=2 * length).contains(&row.room());
        let mut row = match self.free.iter().rposition(fits) {
            Some(i) => self.free.swap_remove(i),
            None => Row::new(0)?,
        };
        row.resize(length)?;
        Ok(row)
    }
}

fn pixels_of(tensor: &Tensor<'_>) -> Size {
    let [.., height, width] = tensor.shape;
    Size { height, width }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something out of a store, or a new one.
fn take<T: Default>(store: &Mutex<Vec<T>>) -> T {
    lock(store).pop().unwrap_or_default()
}

fn give<T>(store: &Mutex<Vec<T>>, thing: T) {
    lock(store).push(thing);
}
