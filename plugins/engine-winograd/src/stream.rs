//! A picture of any height, row by row.
//!
//! Rows flow through the network as those of a tile do, and are computed as there, to the last bit; only how many there
//! will be is not known before the last one. Rows in memory are bounded, whatever the height.

use std::sync::Arc;

use enlarger::{Cancel, Error, ErrorKind, Result, RowStream};

use crate::kernels::plane::Size;
use crate::kernels::simd::Element;
use crate::memory;
use crate::output::Output;
use crate::passage::Passage;
use crate::plan::Op;
use crate::program::Program;
use crate::threads::Threads;

/// The most rows of a picture. Until it ends it counts as this high.
const TALLEST: usize = 1 << 20;

/// A stream at work.
pub(crate) struct Stream<E: Element> {
    program: Arc<Program<E>>,
    threads: Arc<Threads>,
    passage: Passage<'static, E>,
    width: usize,
    pushed: usize,
    /// Rows pushed since all was done that could be.
    waiting: usize,
    /// Whether there is work that was put off until the rows made before are taken.
    busy: bool,
    ended: bool,
}

impl<E: Element> Drop for Stream<E> {
    fn drop(&mut self) {
        self.program.leave(&mut self.passage);
    }
}

impl<E: Element> Stream<E> {
    /// A stream over pictures of this width; none where the network must see a picture's end before it can begin.
    ///
    /// # Errors
    /// `Inference` for a width that is too small for this network.
    pub(crate) fn open(program: &Arc<Program<E>>, threads: &Arc<Threads>, width: usize) -> Result<Option<Self>> {
        let Some(sizes) = sizes(program, width)? else { return Ok(None) };
        let emit = &program.plan().emit;
        let output = Output::queue(emit.channels * sizes[emit.from].width * emit.shuffle.factor);
        let passage = program.passage(sizes, threads.count(), output, false);
        let (program, threads) = (program.clone(), threads.clone());
        Ok(Some(Stream { program, threads, passage, width, pushed: 0, waiting: 0, busy: false, ended: false }))
    }
}

/// The sizes of all values of a picture that goes on and on.
fn sizes<E: Element>(program: &Program<E>, width: usize) -> Result<Option<Vec<Size>>> {
    let plan = program.plan();
    if plan.inputs.len() != 1 || plan.steps.iter().any(|step| matches!(step.op, Op::Mean)) {
        return Ok(None);
    }
    program.sizes(std::iter::once(Size { height: TALLEST, width })).map(Some)
}

#[cfg(test)]
impl<E: Element> Stream<E> {
    /// Samples of a row that comes out.
    pub(crate) fn row(&self) -> usize {
        let emit = &self.program.plan().emit;
        emit.channels * emit.shuffle.factor * self.passage.size(emit.from).width
    }

    /// Bytes that it has now, but for the matrices of threads.
    pub(crate) fn bytes(&self) -> usize {
        self.passage.bytes() + self.passage.output.ready() * self.row() * size_of::<f32>()
    }
}

impl<E: Element> RowStream for Stream<E> {
    fn push(&mut self, row: &[f32], cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        let given = self.program.plan().inputs[0].value;
        if row.len() != self.program.plan().channels[given] * self.width || self.ended {
            let sentence = format!("a row of {} samples is not one of this stream; open another", row.len());
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
        if self.pushed >= TALLEST {
            return Err(Error::new(ErrorKind::Memory, "a picture of too many rows for a stream; enlarge it in tiles"));
        }
        self.program.push(&mut self.passage, given, row.chunks_exact(self.width))?;
        self.pushed += 1;
        self.waiting += 1;
        Ok(())
    }

    fn finish(&mut self, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        let size = Size { height: self.pushed, width: self.width };
        self.passage.resize(self.program.sizes(std::iter::once(size))?);
        self.ended = true;
        Ok(())
    }

    fn pull(&mut self, row: &mut [f32], cancel: &Cancel) -> Result<bool> {
        if self.passage.output.ready() == 0 && (self.ended || self.busy || self.waiting >= self.passage.many) {
            // After as many rows of the output no more are made until they are taken.
            let enough = self.passage.chunk * self.program.plan().emit.shuffle.factor;
            self.waiting = 0;
            self.program.work(&self.threads, &mut self.passage, |_| Ok(false), enough, cancel)?;
            self.busy = self.passage.output.ready() > 0;
        }
        let copied = |made: &[f32]| {
            let fits = made.len() == row.len();
            if fits {
                row.copy_from_slice(made);
            }
            fits.then_some(()).ok_or(made.len())
        };
        match self.passage.output.pop(copied) {
            None => Ok(false),
            Some(Ok(())) => Ok(true),
            Some(Err(samples)) => {
                let sentence = format!("a row has {samples} samples, not {}; pass as many", row.len());
                Err(Error::new(ErrorKind::Argument, sentence))
            }
        }
    }
}

/// Bytes that a stream of this width takes at most, but for the weights.
///
/// # Errors
/// As [`Stream::open`].
pub(crate) fn memory<E: Element>(program: &Program<E>, threads: usize, width: usize) -> Result<Option<u64>> {
    Ok(sizes(program, width)?.map(|sizes| memory::of_stream(program, sizes, threads)))
}
