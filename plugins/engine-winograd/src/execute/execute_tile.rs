//! Running the network on one tile: from tensors into a tensor.
//!
//! A tile's rows take the same way as those of a row stream. The output must never be written before its shape is known
//! to be right.

use enlarger::{Cancel, Error, ErrorKind, Result, Tensor, TensorMut};

use crate::kernels::element::Element;
use crate::kernels::plane::Size;
use crate::operations::tensor_conversion;
use enlarger_compiler::{InputValue, LARGEST_SIDE};

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
        let tensors = self.checked_inputs(inputs)?;
        let sizes = self.sizes(tensors.iter().map(|tensor| size_of_tensor(tensor)))?;
        tensor_conversion::check_output(&self.compiled().assembly, &sizes, &output)?;
        let [.., height, width] = output.shape;
        let target = OutputTarget::tensor(output.data, height, width);
        let mut execution = self.begin_execution(sizes, threads.count(), target, largest.is_some());
        let tallest = tensors.iter().map(|tensor| size_of_tensor(tensor).height).max().unwrap_or(0);
        let mut top = 0;
        let feed = |execution: &mut Execution<'_, E>| {
            let bottom = (top + execution.rows_per_task).min(tallest);
            for (input, tensor) in self.compiled().inputs.iter().zip(&tensors) {
                let Size { height, width } = size_of_tensor(tensor);
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

    /// The tensors of the network's inputs, in the compiled graph's order.
    fn checked_inputs<'t, 'd>(&self, inputs: &'t [Tensor<'d>]) -> Result<Vec<&'t Tensor<'d>>> {
        if let Some(other) =
            inputs.iter().find(|tensor| self.compiled().inputs.iter().all(|input| input.name != tensor.name))
        {
            let message = format!("the network has no input '{}'; use the names in the manifest", other.name);
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let tensor = |input: &InputValue| {
            let tensor = inputs.iter().find(|tensor| tensor.name == input.name).ok_or_else(|| {
                Error::new(ErrorKind::Argument, format!("the network's input '{}' is missing; pass it", input.name))
            })?;
            tensor.check()?;
            let ([batch, channels, height, width], expected) = (tensor.shape, self.compiled().channels[input.value]);
            if batch != 1 || channels != expected {
                let message = format!(
                    "the tensor '{}' has the shape {:?}; pass one picture of {expected} channels",
                    input.name, tensor.shape
                );
                return Err(Error::new(ErrorKind::Argument, message));
            }
            if height.max(width) > LARGEST_SIDE {
                let message = format!("a tile of {width}×{height} pixels is too large; choose a smaller tile");
                return Err(Error::new(ErrorKind::Memory, message));
            }
            Ok(tensor)
        };
        self.compiled().inputs.iter().map(tensor).collect()
    }
}

fn size_of_tensor(tensor: &Tensor<'_>) -> Size {
    let [.., height, width] = tensor.shape;
    Size { height, width }
}
