//! Running the network on a picture of any height, row by row.
//!
//! The rows are computed as those of a tile of the whole picture, with the same result to the last bit; only the height
//! is unknown until the last row. The number of rows in memory must stay bounded, whatever the height.

use std::sync::Arc;

use enlarger::{Cancel, Error, ErrorKind, Result, RowStream};
use enlarger_compiler::Operation;

use crate::kernels::element::Element;
use crate::kernels::plane::Size;

use super::memory_estimate;
use super::output_target::OutputTarget;
use super::prepared_graph::PreparedGraph;
use super::task_loop::Execution;
use super::threads::Threads;

/// The most rows of a picture. Until `finish` is called, the picture is treated as this high.
const MAX_HEIGHT: usize = 1 << 20;

/// A row stream over a prepared graph.
pub(crate) struct GraphStream<E: Element> {
    prepared: Arc<PreparedGraph<E>>,
    threads: Arc<Threads>,
    execution: Execution<'static, E>,
    width: usize,
    /// Rows pushed so far.
    pushed: usize,
    /// Rows pushed since the threads last ran.
    waiting: usize,
    /// Whether tasks remain that were put off until the caller takes the finished rows.
    busy: bool,
    ended: bool,
}

impl<E: Element> Drop for GraphStream<E> {
    fn drop(&mut self) {
        self.prepared.end_execution(&mut self.execution);
    }
}

impl<E: Element> GraphStream<E> {
    /// A stream over pictures of this width; `None` if the network needs a picture's end before it can begin.
    ///
    /// # Errors
    /// `Inference` if the width is too small for this network.
    pub(crate) fn open(prepared: &Arc<PreparedGraph<E>>, threads: &Arc<Threads>, width: usize) -> Result<Option<Self>> {
        let Some(sizes) = sizes(prepared, width)? else { return Ok(None) };
        let assembly = &prepared.compiled().assembly;
        let output = OutputTarget::queue(assembly.channels * sizes[assembly.from].width * assembly.shuffle.factor);
        let execution = prepared.begin_execution(sizes, threads.count(), output, false);
        let (prepared, threads) = (prepared.clone(), threads.clone());
        Ok(Some(GraphStream { prepared, threads, execution, width, pushed: 0, waiting: 0, busy: false, ended: false }))
    }
}

/// The sizes of all values for a picture of the greatest height; `None` if the network cannot be streamed.
fn sizes<E: Element>(prepared: &PreparedGraph<E>, width: usize) -> Result<Option<Vec<Size>>> {
    let compiled = prepared.compiled();
    let whole_picture = compiled.operations.iter().any(Operation::needs_height);
    if compiled.inputs.len() != 1 || whole_picture {
        return Ok(None);
    }
    compiled.sizes(std::iter::once(Size { height: MAX_HEIGHT, width })).map(Some)
}

#[cfg(test)]
impl<E: Element> GraphStream<E> {
    /// The samples of an output row.
    pub(crate) fn samples_per_row(&self) -> usize {
        let assembly = &self.prepared.compiled().assembly;
        assembly.channels * assembly.shuffle.factor * self.execution.size(assembly.from).width
    }

    /// The bytes in use, without the scratch matrices of the threads.
    pub(crate) fn bytes(&self) -> usize {
        self.execution.bytes() + self.execution.output.ready() * self.samples_per_row() * size_of::<f32>()
    }
}

impl<E: Element> RowStream for GraphStream<E> {
    fn push(&mut self, row: &[f32], cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        if self.ended {
            return Err(Error::new(ErrorKind::Argument, "this stream has been finished; open another one"));
        }
        let input = self.prepared.compiled().inputs[0].value;
        let expected = self.prepared.compiled().channels[input] * self.width;
        if row.len() != expected {
            let message = format!("a row of {} samples was pushed; this stream takes rows of {expected}", row.len());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        if self.pushed >= MAX_HEIGHT {
            let message = format!("a row stream takes at most {MAX_HEIGHT} rows; enlarge this picture in tiles");
            return Err(Error::new(ErrorKind::Memory, message));
        }
        self.prepared.push_row(&mut self.execution, input, row.chunks_exact(self.width))?;
        self.pushed += 1;
        self.waiting += 1;
        Ok(())
    }

    fn finish(&mut self, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        let size = Size { height: self.pushed, width: self.width };
        self.execution.set_sizes(self.prepared.compiled().sizes(std::iter::once(size))?);
        self.ended = true;
        Ok(())
    }

    fn pull(&mut self, row: &mut [f32], cancel: &Cancel) -> Result<bool> {
        let due = self.ended || self.busy || self.waiting >= self.execution.rows_per_batch;
        if self.execution.output.ready() == 0 && due {
            // Once this many output rows are finished, no more are computed until the caller takes them.
            let enough = self.execution.rows_per_task * self.prepared.compiled().assembly.shuffle.factor;
            self.waiting = 0;
            self.prepared.execute_tasks(&self.threads, &mut self.execution, |_| Ok(false), enough, cancel)?;
            self.busy = self.execution.output.ready() > 0;
        }
        let copied = |finished: &[f32]| {
            let fits = finished.len() == row.len();
            if fits {
                row.copy_from_slice(finished);
            }
            fits.then_some(()).ok_or(finished.len())
        };
        match self.execution.output.pop(copied) {
            None => Ok(false),
            Some(Ok(())) => Ok(true),
            Some(Err(samples)) => {
                let message =
                    format!("an output row has {samples} samples; pass a buffer of that size, not {}", row.len());
                Err(Error::new(ErrorKind::Argument, message))
            }
        }
    }
}

/// The most bytes that a stream of this width takes, without the weights; `None` if the network cannot be streamed.
///
/// # Errors
/// As [`GraphStream::open`].
pub(crate) fn memory<E: Element>(prepared: &PreparedGraph<E>, threads: usize, width: usize) -> Result<Option<u64>> {
    Ok(sizes(prepared, width)?.map(|sizes| memory_estimate::of_stream(prepared, sizes, threads)))
}
