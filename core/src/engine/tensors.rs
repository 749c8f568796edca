//! Checks that a network matches its manifest, and that tensors match their shapes.
//!
//! Every engine needs these checks, so they and their messages are here once. Only names and shapes are compared;
//! nothing here may read a value.

use crate::engine::engine::{Tensor, TensorMut};
use crate::error::{Error, ErrorKind, Location, Result};
use crate::models::manifest::Manifest;

impl Manifest {
    /// Checks the names of a network's inputs and outputs against the manifest.
    ///
    /// # Errors
    /// `ModelContract` if an input is unknown or missing, or the output is missing.
    pub fn check_tensors(&self, inputs: &[&str], outputs: &[&str]) -> Result<()> {
        let mut expected: Vec<&str> = vec![&self.input.name];
        expected.extend(self.extra.iter().map(|extra| extra.name.as_str()));
        let same = expected.len() == inputs.len() && expected.iter().all(|name| inputs.contains(name));
        let wrong = if !same {
            format!("the network's inputs are {}, but its manifest names {}", list(inputs), list(&expected))
        } else if !outputs.contains(&self.output.name.as_str()) {
            format!("the network's outputs are {}, but its manifest names '{}'", list(outputs), self.output.name)
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::ModelContract, format!("{wrong}; correct the manifest or import the model again"))
            .at(Location::Model(self.id.clone())))
    }
}

impl Tensor<'_> {
    /// Checks that there are as many values as the shape says.
    ///
    /// # Errors
    /// `Argument` if there are not, or if there are none.
    pub fn check(&self) -> Result<()> {
        check(self.name, self.shape, self.data.len())
    }
}

impl TensorMut<'_> {
    /// Checks that there are as many values as the shape says.
    ///
    /// # Errors
    /// `Argument` if there are not, or if there are none.
    pub fn check(&self) -> Result<()> {
        check(self.name, self.shape, self.data.len())
    }

    /// Checks the shape of what the network gave against the shape that the manifest promises.
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
                "the network gave '{}' the shape {shape:?}, but its manifest promises {:?}; correct the scale in the manifest or import the model again",
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
