//! One input on its way through a prepared graph: the rows in memory, and the threads that compute more of them.
//!
//! A thread takes the next task, executes it without holding a lock, and hands in the rows that it produced; it waits for
//! other threads only if no task is ready. Cancellation is noticed within a batch of patches. Row buffers are used again.
//! A task must never be handed out twice.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, PoisonError};

use enlarger::{Cancel, Error, ErrorKind, Result};
use enlarger_compiler::ValueId;

use crate::kernels::element::Element;
use crate::kernels::plane::Size;
use crate::operations::activation_rows::{ActivationRow, row_length};
use crate::operations::tensor_conversion;
use crate::schedule::RowScheduler;

use super::buffer_recycler::lock;
use super::output_target::OutputTarget;
use super::prepared_graph::{PreparedGraph, RunningTask};
use super::threads::Threads;

/// How many tasks' worth of input rows a stream collects before it computes anything. With fewer, threads would wait for
/// each other more often.
pub(super) fn tasks_per_batch(threads: usize) -> usize {
    2 * threads + 2
}

/// One input on its way through a prepared graph.
pub(super) struct Execution<'a, E> {
    scheduler: RowScheduler<ActivationRow<E>>,
    /// Row buffers that are not in use.
    free: Vec<ActivationRow<E>>,
    /// The input rows of a task.
    pub(super) rows_per_task: usize,
    /// The input rows that should arrive before anything is computed.
    pub(super) rows_per_batch: usize,
    pub(super) output: OutputTarget<'a>,
    /// The largest magnitude of all activations, if the caller wants to know it.
    pub(super) largest: Option<f32>,
}

/// An execution while threads work on it.
struct SharedExecution<'w, 'a, E, F> {
    execution: &'w mut Execution<'a, E>,
    /// Pushes more input rows; returns whether there were any.
    feed: F,
    running_tasks: usize,
    outcome: Result<()>,
}

impl<E: Element> PreparedGraph<E> {
    /// Begins an execution, which has no input rows yet.
    pub(super) fn begin_execution<'a>(
        &self,
        sizes: Vec<Size>,
        threads: usize,
        output: OutputTarget<'a>,
        watch: bool,
    ) -> Execution<'a, E> {
        let lengths = sizes.iter().zip(&self.compiled().channels).map(|(size, channels)| row_length(*size, *channels));
        let (lengths, mut free): (Vec<usize>, _) = (lengths.collect(), self.spare_rows.take());
        // This execution would never use rows of other widths.
        free.retain(|row| lengths.iter().any(|length| fits(row, *length)));
        let scheduler = RowScheduler::new(self.scheduled_operations(&sizes), sizes, threads);
        let inputs = self.compiled().inputs.iter();
        let rows_per_task = inputs.map(|input| scheduler.rows_per_task(input.value)).max().unwrap_or(1);
        let rows_per_batch = tasks_per_batch(threads) * rows_per_task;
        Execution { scheduler, free, rows_per_task, rows_per_batch, output, largest: watch.then_some(0.0) }
    }

    /// Ends an execution and keeps its row buffers for the next one.
    pub(super) fn end_execution(&self, execution: &mut Execution<'_, E>) {
        self.spare_rows.put_back(std::mem::take(&mut execution.free));
    }

    /// Adds the next row of an input, given as one line of samples per channel.
    ///
    /// # Errors
    /// `Memory`.
    pub(super) fn push_row<'l>(
        &self,
        execution: &mut Execution<'_, E>,
        value: ValueId,
        lines: impl Iterator<Item = &'l [f32]>,
    ) -> Result<()> {
        let length = row_length(execution.scheduler.size(value), self.compiled().channels[value]);
        let mut row = execution.row_buffer(length)?;
        tensor_conversion::load_row(lines, &mut row);
        let Execution { scheduler, free, .. } = execution;
        scheduler.push_input_row(value, row, |row| free.push(row));
        Ok(())
    }

    /// Executes tasks until none is ready, or until the output has `enough` rows waiting. A thread that finds no task
    /// calls `feed`, which pushes more input rows and returns whether there were any.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(super) fn execute_tasks<'a>(
        &self,
        threads: &Threads,
        execution: &mut Execution<'a, E>,
        feed: impl FnMut(&mut Execution<'a, E>) -> Result<bool> + Send,
        enough: usize,
        cancel: &Cancel,
    ) -> Result<()> {
        let shared = Mutex::new(SharedExecution { execution, feed, running_tasks: 0, outcome: Ok(()) });
        let changed = Condvar::new();
        threads.on_all(|| self.execute_on_thread(&shared, &changed, enough, cancel));
        shared.into_inner().unwrap_or_else(PoisonError::into_inner).outcome
    }

    /// What each thread does.
    fn execute_on_thread<'a>(
        &self,
        shared: &Mutex<SharedExecution<'_, 'a, E, impl FnMut(&mut Execution<'a, E>) -> Result<bool>>>,
        changed: &Condvar,
        enough: usize,
        cancel: &Cancel,
    ) {
        let mut scratch = self.scratch.take();
        let mut state = lock(shared);
        while state.outcome.is_ok() && state.execution.output.ready() < enough {
            match self.next_task(&mut state) {
                Ok(Some(mut running)) => {
                    state.running_tasks += 1;
                    let watched = state.execution.largest.is_some();
                    drop(state);
                    let result = catch_unwind(AssertUnwindSafe(|| {
                        self.execute_task(&mut running, &mut scratch, watched, cancel)
                    }));
                    state = lock(shared);
                    state.running_tasks -= 1;
                    match result {
                        Ok(Ok(largest)) => self.complete_task(state.execution, running, largest),
                        Ok(Err(error)) => state.outcome = Err(error),
                        Err(panic) => {
                            // The other threads must not wait for this one.
                            let message = "a thread of the winograd engine panicked; please report this";
                            state.outcome = Err(Error::new(ErrorKind::Panic, message));
                            changed.notify_all();
                            drop(state);
                            resume_unwind(panic);
                        }
                    }
                    changed.notify_all();
                }
                Ok(None) if state.running_tasks == 0 => break,
                Ok(None) => state = changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Err(error) => state.outcome = Err(error),
            }
        }
        changed.notify_all();
        drop(state);
        self.scratch.put_back(scratch);
    }

    /// The next task; pushes more input rows if none is ready without them.
    fn next_task<'a>(
        &self,
        shared: &mut SharedExecution<'_, 'a, E, impl FnMut(&mut Execution<'a, E>) -> Result<bool>>,
    ) -> Result<Option<RunningTask<'a, E>>> {
        loop {
            let running = self.begin_task(shared.execution)?;
            if running.is_some() || !(shared.feed)(shared.execution)? {
                return Ok(running);
            }
        }
    }

    /// The next task that is ready, with memory for its results.
    fn begin_task<'a>(&self, execution: &mut Execution<'a, E>) -> Result<Option<RunningTask<'a, E>>> {
        let Execution { scheduler, free, output, .. } = execution;
        let Some(task) = scheduler.next_task(|row| free.push(row)) else { return Ok(None) };
        let Some(operation) = self.compiled().operations.get(task.operation) else {
            let factor = self.compiled().assembly.shuffle.factor;
            let part = output.hand_out(task.rows.start * factor..task.rows.end * factor);
            return Ok(Some(RunningTask { task, produced: Vec::new(), part: Some(part) }));
        };
        let length = row_length(task.size, self.compiled().channels[operation.output]);
        let produced = task.rows.clone().map(|_| execution.row_buffer(length)).collect::<Result<_>>()?;
        Ok(Some(RunningTask { task, produced, part: None }))
    }

    /// Hands in the results of a task.
    fn complete_task<'a>(&self, execution: &mut Execution<'a, E>, running: RunningTask<'a, E>, task_largest: f32) {
        let Execution { scheduler, free, output, largest, .. } = execution;
        if let Some(largest) = largest {
            *largest = largest.max(task_largest);
        }
        if let Some(part) = running.part {
            output.take_back(running.task.rows.start * self.compiled().assembly.shuffle.factor, part);
        }
        scheduler.complete(running.task, running.produced, |row| free.push(row));
    }
}

impl<E: Element> Execution<'_, E> {
    #[cfg(test)]
    pub(super) fn size(&self, value: ValueId) -> Size {
        self.scheduler.size(value)
    }

    /// The bytes of all row buffers.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let capacities = self.free.iter().chain(self.scheduler.rows()).map(ActivationRow::capacity);
        size_of::<E>() * capacities.sum::<usize>()
    }

    /// Replaces the sizes of all values, once the height of a stream is known.
    pub(super) fn set_sizes(&mut self, sizes: Vec<Size>) {
        self.scheduler.set_sizes(sizes);
    }

    /// A buffer for a row, with any content.
    fn row_buffer(&mut self, length: usize) -> Result<ActivationRow<E>> {
        // Of the buffers that fit, the one freed last is the most likely to be in a cache.
        let mut row = match self.free.iter().rposition(|row| fits(row, length)) {
            Some(i) => self.free.swap_remove(i),
            None => ActivationRow::new(0)?,
        };
        row.resize(length)?;
        Ok(row)
    }
}

/// Whether a buffer has the size that a row of this length needs. A larger buffer would be missing where it is needed.
fn fits<E: Element>(row: &ActivationRow<E>, length: usize) -> bool {
    (length..length + 64 / size_of::<E>()).contains(&row.capacity())
}
