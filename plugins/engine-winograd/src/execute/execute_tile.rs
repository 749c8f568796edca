//! Running the network on one tile: from tensors into a tensor.
//!
//! A tile's rows take the same way as those of a row stream. The output must never be written before its shape is known
//! to be right.

use enlarger::{Cancel, Result, Tensor, TensorMut};

use crate::kernels::element::Element;
use crate::kernels::plane::Size;

use super::output_target::OutputTarget;
use super::prepared_graph::PreparedGraph;
use super::task_loop::Execution;
use super::threads::Threads;

impl<E: Element> PreparedGraph<E> {
    /// Runs the network once. Stores the largest magnitude of all activations in `largest`, if given.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn execute_tile(
        &self,
        threads: &Threads,
        inputs: &[Tensor<'_>],
        output: TensorMut<'_>,
        cancel: &Cancel,
        largest: Option<&mut f32>,
    ) -> Result<()> {
        output.check()?;
        let tensors = self.compiled().input_tensors(inputs)?;
        let sizes = self.compiled().sizes(tensors.iter().map(|tensor| Size::of(tensor)))?;
        self.compiled().check_output(&sizes, &output)?;
        let [.., height, width] = output.shape;
        let target = OutputTarget::tensor(output.data, height, width);
        let mut execution = self.begin_execution(sizes, threads.count(), target, largest.is_some());
        let tallest = tensors.iter().map(|tensor| Size::of(tensor).height).max().unwrap_or(0);
        let mut top = 0;
        let feed = |execution: &mut Execution<'_, E>| {
            let bottom = (top + execution.rows_per_task).min(tallest);
            for (input, tensor) in self.compiled().inputs.iter().zip(&tensors) {
                let Size { height, width } = Size::of(tensor);
                for y in top..bottom.min(height) {
                    let lines = tensor.data.chunks_exact(height * width).map(|plane| &plane[y * width..][..width]);
                    self.push_row(execution, input.value, lines)?;
                }
            }
            Ok(std::mem::replace(&mut top, bottom) < bottom)
        };
        self.execute_tasks(threads, &mut execution, feed, usize::MAX, cancel)?;
        cancel.check()?;
        if let (Some(largest), Some(found)) = (largest, execution.largest) {
            *largest = found;
        }
        self.end_execution(&mut execution);
        Ok(())
    }
}
