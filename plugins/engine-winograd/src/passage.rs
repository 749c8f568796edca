//! A picture on its way through a program: the rows that are there, and the threads that make others of them.
//!
//! A thread takes the next piece of work, does it without a lock, and gives back what it made; no thread waits for another
//! while there is anything to do. A cancel is noticed within a batch of tiles. Rows that were read are written again. No
//! piece of work must ever be given out twice.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, PoisonError};

use enlarger::{Cancel, Error, ErrorKind, Result};

use crate::borders;
use crate::flow::Flow;
use crate::kernels::plane::Size;
use crate::kernels::simd::Element;
use crate::output::Output;
use crate::plan::ValueId;
use crate::program::{Job, Program};
use crate::rows::{Row, length};
use crate::store::lock;
use crate::threads::Threads;

/// Pieces of work of a stage that rows should come for in one go: all threads have something to do, and no more waits than that
/// takes.
pub(crate) fn pieces(threads: usize) -> usize {
    2 * threads + 2
}

/// A picture on its way through a program.
pub(crate) struct Passage<'a, E> {
    flow: Flow<Row<E>>,
    free: Vec<Row<E>>,
    /// How many rows of an input a piece of work goes through, and how many should come in one go.
    pub(crate) chunk: usize,
    pub(crate) many: usize,
    pub(crate) output: Output<'a>,
    /// The largest magnitude of all activations, where somebody wants to know.
    pub(crate) watch: Option<f32>,
}

/// A passage while threads work on it.
struct Work<'w, 'a, E, F> {
    passage: &'w mut Passage<'a, E>,
    /// Pushes more rows, if there are any.
    feed: F,
    running: usize,
    outcome: Result<()>,
}

impl<E: Element> Program<E> {
    /// A picture, of which no row is there yet.
    pub(crate) fn passage<'a>(
        &self,
        sizes: Vec<Size>,
        threads: usize,
        output: Output<'a>,
        watch: bool,
    ) -> Passage<'a, E> {
        let lengths = sizes.iter().zip(&self.plan().channels).map(|(size, channels)| length(*size, *channels));
        let (lengths, mut free): (Vec<usize>, _) = (lengths.collect(), self.spare.take());
        // Nobody would ever take those of other widths.
        free.retain(|row| lengths.iter().any(|length| fits(row, *length)));
        let flow = Flow::new(self.stages(&sizes), sizes, threads);
        let chunk = self.plan().inputs.iter().map(|given| flow.chunk(given.value)).max().unwrap_or(1);
        Passage { flow, free, chunk, many: pieces(threads) * chunk, output, watch: watch.then_some(0.0) }
    }

    /// A picture has gone, and leaves its rows to the next one.
    pub(crate) fn leave(&self, passage: &mut Passage<'_, E>) {
        self.spare.give(std::mem::take(&mut passage.free));
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
        let mut row = passage.row(length(passage.flow.size(value), self.plan().channels[value]))?;
        borders::load(lines, &mut row);
        let Passage { flow, free, .. } = passage;
        flow.push(value, row, |row| free.push(row));
        Ok(())
    }

    /// Does all that can be done, until so many rows of the output wait. A thread that finds nothing to do calls `feed`,
    /// which pushes more rows and says whether there were any.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn work<'a>(
        &self,
        threads: &Threads,
        passage: &mut Passage<'a, E>,
        feed: impl FnMut(&mut Passage<'a, E>) -> Result<bool> + Send,
        enough: usize,
        cancel: &Cancel,
    ) -> Result<()> {
        let (work, changed) = (Mutex::new(Work { passage, feed, running: 0, outcome: Ok(()) }), Condvar::new());
        threads.all(|| self.worker(&work, &changed, enough, cancel));
        work.into_inner().unwrap_or_else(PoisonError::into_inner).outcome
    }

    /// What each thread does.
    fn worker<'a>(
        &self,
        work: &Mutex<Work<'_, 'a, E, impl FnMut(&mut Passage<'a, E>) -> Result<bool>>>,
        changed: &Condvar,
        enough: usize,
        cancel: &Cancel,
    ) {
        let mut scratch = self.scratch.take();
        let mut state = lock(work);
        while state.outcome.is_ok() && state.passage.output.ready() < enough {
            match self.next(&mut state) {
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
        self.scratch.give(scratch);
    }

    /// The next piece of work, after more rows came if they had to.
    fn next<'a>(
        &self,
        work: &mut Work<'_, 'a, E, impl FnMut(&mut Passage<'a, E>) -> Result<bool>>,
    ) -> Result<Option<Job<'a, E>>> {
        loop {
            let job = self.begin(work.passage)?;
            if job.is_some() || !(work.feed)(work.passage)? {
                return Ok(job);
            }
        }
    }

    /// The next piece of work with the memory for what it makes.
    fn begin<'a>(&self, passage: &mut Passage<'a, E>) -> Result<Option<Job<'a, E>>> {
        let Passage { flow, free, output, .. } = passage;
        let Some(task) = flow.take(|row| free.push(row)) else { return Ok(None) };
        let Some(step) = self.plan().steps.get(task.stage) else {
            let factor = self.plan().emit.shuffle.factor;
            let part = output.part(task.rows.start * factor..task.rows.end * factor);
            return Ok(Some(Job { task, made: Vec::new(), part: Some(part) }));
        };
        let length = length(task.size, self.plan().channels[step.output]);
        let made = task.rows.clone().map(|_| passage.row(length)).collect::<Result<_>>()?;
        Ok(Some(Job { task, made, part: None }))
    }

    /// Takes back what was made.
    fn end<'a>(&self, passage: &mut Passage<'a, E>, job: Job<'a, E>, largest: f32) {
        let Passage { flow, free, output, watch, .. } = passage;
        if let Some(watch) = watch {
            *watch = watch.max(largest);
        }
        if let Some(part) = job.part {
            output.made(job.task.rows.start * self.plan().emit.shuffle.factor, part);
        }
        flow.put(job.task, job.made, |row| free.push(row));
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
        let mut row = match self.free.iter().rposition(|row| fits(row, length)) {
            Some(i) => self.free.swap_remove(i),
            None => Row::new(0)?,
        };
        row.resize(length)?;
        Ok(row)
    }
}

/// Whether a row's memory is what another one needs. More than that would never be there for those that need it.
fn fits<E: Element>(row: &Row<E>, length: usize) -> bool {
    (length..length + 64 / size_of::<E>()).contains(&row.room())
}
