//! One tile: it flows through a program as a row stream does, from a tensor into a tensor.
//!
//! It must never write to the output before the output's shape is known to be right.

use enlarger::{Cancel, Error, ErrorKind, Result, Tensor, TensorMut};

use crate::borders;
use crate::kernels::plane::Size;
use crate::kernels::simd::Element;
use crate::output::Output;
use crate::passage::Passage;
use crate::plan::LARGEST_SIDE;
use crate::program::Program;
use crate::threads::Threads;

impl<E: Element> Program<E> {
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
        borders::check(&self.plan().emit, &sizes, &output)?;
        let [.., height, width] = output.shape;
        let mut passage =
            self.passage(sizes, threads.count(), Output::tensor(output.data, height, width), watch.is_some());
        let tallest = tensors.iter().map(|tensor| pixels_of(tensor).height).max().unwrap_or(0);
        let mut top = 0;
        let feed = |passage: &mut Passage<'_, E>| {
            let bottom = (top + passage.chunk).min(tallest);
            for (given, tensor) in self.plan().inputs.iter().zip(&tensors) {
                let Size { height, width } = pixels_of(tensor);
                for y in top..bottom.min(height) {
                    let lines = tensor.data.chunks_exact(height * width).map(|plane| &plane[y * width..][..width]);
                    self.push(passage, given.value, lines)?;
                }
            }
            Ok(std::mem::replace(&mut top, bottom) < bottom)
        };
        self.work(threads, &mut passage, feed, usize::MAX, cancel)?;
        cancel.check()?;
        if let (Some(watch), Some(largest)) = (watch, passage.watch) {
            *watch = largest;
        }
        self.leave(&mut passage);
        Ok(())
    }

    /// The tensors of the plan's inputs, in the plan's order.
    fn given<'t, 'd>(&self, inputs: &'t [Tensor<'d>]) -> Result<Vec<&'t Tensor<'d>>> {
        if let Some(other) =
            inputs.iter().find(|tensor| self.plan().inputs.iter().all(|given| given.name != tensor.name))
        {
            let sentence = format!("the network has no input '{}'; name it as the manifest does", other.name);
            return Err(Error::new(ErrorKind::Argument, sentence));
        }
        let tensor = |given: &crate::plan::Given| {
            let tensor = inputs.iter().find(|tensor| tensor.name == given.name).ok_or_else(|| {
                Error::new(ErrorKind::Argument, format!("the network's input '{}' is missing; pass it", given.name))
            })?;
            tensor.check()?;
            let ([batch, channels, height, width], expected) = (tensor.shape, self.plan().channels[given.value]);
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
        self.plan().inputs.iter().map(tensor).collect()
    }
}

fn pixels_of(tensor: &Tensor<'_>) -> Size {
    let [.., height, width] = tensor.shape;
    Size { height, width }
}
