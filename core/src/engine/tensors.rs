//! What a network must have in common with its manifest, and tensors with their shapes.
//!
//! Every engine asks these questions, so the answers and their sentences are here once.
//! Nothing here looks at a value, only at names and shapes.

use crate::engine::engine::{Tensor, TensorMut};
use crate::error::{Error, ErrorKind, Location, Result};
use crate::models::manifest::Manifest;

impl Manifest {
    /// Compares the names of a network's inputs and outputs with the manifest's.
    ///
    /// # Errors
    /// `ModelContract` if an input has no meaning, is missing, or the output is not there.
    pub fn check_tensors(&self, inputs: &[&str], outputs: &[&str]) -> Result<()> {
        let mut expected: Vec<&str> = vec![&self.input.name];
        expected.extend(self.extra.iter().map(|extra| extra.name.as_str()));
        let same = expected.len() == inputs.len() && expected.iter().all(|name| inputs.contains(name));
        let wrong = if !same {
            format!("the network's inputs are {}, its manifest names {}", list(inputs), list(&expected))
        } else if !outputs.contains(&self.output.name.as_str()) {
            format!("the network's outputs are {}, its manifest names '{}'", list(outputs), self.output.name)
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::ModelContract, format!("{wrong}; mend the manifest or import the model again"))
            .at(Location::Model(self.id.clone())))
    }
}

impl Tensor<'_> {
    /// # Errors
    /// `Argument` unless there are as many values as the shape says, and one at least.
    pub fn check(&self) -> Result<()> {
        check(self.name, self.shape, self.data.len())
    }
}

impl TensorMut<'_> {
    /// # Errors
    /// `Argument` unless there are as many values as the shape says, and one at least.
    pub fn check(&self) -> Result<()> {
        check(self.name, self.shape, self.data.len())
    }

    /// Compares what the network made with what the model promises.
    ///
    /// # Errors
    /// `ModelContract` if they differ.
    pub fn check_made(&self, shape: &[usize]) -> Result<()> {
        if shape == self.shape {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::ModelContract,
            format!(
                "the network made '{}' of shape {shape:?} where its manifest promises {:?}; mend the manifest's scale or import the model again",
                self.name, self.shape
            ),
        ))
    }
}

fn check(name: &str, shape: [usize; 4], values: usize) -> Result<()> {
    let expected = shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side));
    if expected == Some(values) && values > 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Argument,
        format!("tensor '{name}' has shape {shape:?} and {values} values; pass as many values as the shape says"),
    ))
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}
