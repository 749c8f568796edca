//! The tensors of a run: those of the inputs, the sizes that follow from them, the shape of the output.
//!
//! Every engine checks these before it computes anything. Only shapes are looked at; nothing here may read a value.

use enlarger::{Error, ErrorKind, Result, Tensor, TensorMut};

use crate::size::Size;

use super::operation::LARGEST_SIDE;
use super::{CompiledGraph, InputValue};

impl Size {
    /// The height and width of a tensor.
    pub fn of(tensor: &Tensor<'_>) -> Self {
        let [.., height, width] = tensor.shape;
        Size { height, width }
    }
}

impl CompiledGraph {
    /// The tensors of the network's inputs, in the order of [`CompiledGraph::inputs`].
    ///
    /// # Errors
    /// `Argument` if one is missing, unknown, or of another shape than a picture of the right number of channels; `Memory` if
    /// one is larger than [`LARGEST_SIDE`].
    pub fn input_tensors<'t, 'd>(&self, inputs: &'t [Tensor<'d>]) -> Result<Vec<&'t Tensor<'d>>> {
        if let Some(other) = inputs.iter().find(|tensor| self.inputs.iter().all(|input| input.name != tensor.name)) {
            let message = format!("the network has no input '{}'; use the names in the manifest", other.name);
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let tensor = |input: &InputValue| {
            let tensor = inputs.iter().find(|tensor| tensor.name == input.name).ok_or_else(|| {
                Error::new(ErrorKind::Argument, format!("the network's input '{}' is missing; pass it", input.name))
            })?;
            tensor.check()?;
            let ([batch, channels, height, width], expected) = (tensor.shape, self.channels[input.value]);
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
        self.inputs.iter().map(tensor).collect()
    }

    /// The sizes of all values, given those of the inputs in the order of [`CompiledGraph::inputs`].
    ///
    /// # Errors
    /// As [`Operation::size`](super::Operation::size).
    pub fn sizes(&self, inputs: impl Iterator<Item = Size>) -> Result<Vec<Size>> {
        let mut sizes = vec![Size { height: 0, width: 0 }; self.channels.len()];
        for (input, size) in self.inputs.iter().zip(inputs) {
            sizes[input.value] = size;
        }
        for operation in &self.operations {
            sizes[operation.output] = operation.size(|value| sizes[value])?;
        }
        Ok(sizes)
    }

    /// The sizes of all values for a tile: the input of this name has the size of the tile, all others have one pixel.
    ///
    /// # Errors
    /// As [`Operation::size`](super::Operation::size).
    pub fn sizes_of_tile(&self, input: &str, tile: Size) -> Result<Vec<Size>> {
        let of = |name: &str| if name == input { tile } else { Size { height: 1, width: 1 } };
        self.sizes(self.inputs.iter().map(|value| of(&value.name)))
    }

    /// Compares the shape that the network computes, from values of these sizes, with that of the output tensor.
    ///
    /// # Errors
    /// `ModelContract` if they differ.
    pub fn check_output(&self, sizes: &[Size], output: &TensorMut<'_>) -> Result<()> {
        let check = |size: Size, factor: usize| {
            let (height, width) = (size.height.saturating_mul(factor), size.width.saturating_mul(factor));
            output.check_made(&[1, self.assembly.channels, height, width])
        };
        check(sizes[self.assembly.from], self.assembly.shuffle.factor)?;
        self.assembly.base.map_or(Ok(()), |(base, times)| check(sizes[base], times))
    }
}
