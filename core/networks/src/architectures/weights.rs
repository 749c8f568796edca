//! The weights of a checkpoint while an architecture is built: looked up by name, checked for their shape, and crossed off.
//!
//! At the end every tensor must have been used, so each lookup of values counts as use. A look at a shape does not.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use enlarger::Error;

use super::misfit::{Misfit, Outcome, short};
use crate::checkpoints::{Checkpoint, Hyperparameter, StoredTensor};

/// The weights of a checkpoint.
pub(super) struct Weights<'c> {
    tensors: &'c [(String, StoredTensor<'c>)],
    /// The index of each name.
    indices: HashMap<&'c str, usize>,
    hyperparameters: &'c BTreeMap<String, Hyperparameter>,
    /// Whether each tensor was used.
    used: RefCell<Vec<bool>>,
}

impl<'c> Weights<'c> {
    pub(super) fn new(checkpoint: &'c Checkpoint<'c>) -> Self {
        Weights {
            tensors: &checkpoint.tensors,
            indices: checkpoint.tensors.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect(),
            hyperparameters: &checkpoint.hyperparameters,
            used: RefCell::new(vec![false; checkpoint.tensors.len()]),
        }
    }

    fn find(&self, name: &str) -> Option<(usize, &'c StoredTensor<'c>)> {
        let at = *self.indices.get(name)?;
        self.tensors.get(at).map(|(_, tensor)| (at, tensor))
    }

    /// Whether there is a tensor of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.indices.contains_key(name)
    }

    /// The names of all tensors, in the file's order.
    pub(super) fn names(&self) -> impl Iterator<Item = &'c str> + use<'c> {
        self.tensors.iter().map(|(name, _)| name.as_str())
    }

    /// The shape of a tensor, if it exists.
    pub(super) fn shape(&self, name: &str) -> Option<&'c [usize]> {
        self.find(name).map(|(_, tensor)| tensor.shape.as_slice())
    }

    /// The shape of a tensor that must have `N` dimensions.
    pub(super) fn dimensions<const N: usize>(&self, name: &str) -> Outcome<[usize; N]> {
        let found = self.shape(name).ok_or_else(|| Misfit::Missing(name.to_owned()))?;
        found.try_into().map_err(|_| Misfit::Shape { name: name.to_owned(), found: found.to_vec(), needed: vec![0; N] })
    }

    /// How many of the names `before0after`, `before1after`, … exist without a gap.
    pub(super) fn count(&self, before: &str, after: &str) -> usize {
        (0..).take_while(|at| self.has(&format!("{before}{at}{after}"))).count()
    }

    /// How many numbers 0, 1, … without a gap follow `before` in names such as `before0.anything`.
    pub(super) fn count_groups(&self, before: &str) -> usize {
        let numbers: HashSet<usize> =
            self.names().filter_map(|name| name.strip_prefix(before)?.split_once('.')?.0.parse().ok()).collect();
        (0..).take_while(|at| numbers.contains(at)).count()
    }

    /// What the training program says about the network under this key.
    pub(super) fn hyperparameter(&self, key: &str) -> Option<&'c Hyperparameter> {
        self.hyperparameters.get(key)
    }

    /// The values of a tensor, which must have this shape.
    pub(super) fn values(&self, name: &str, shape: &[usize]) -> Outcome<Vec<f32>> {
        let (at, tensor) = self.find(name).ok_or_else(|| Misfit::Missing(name.to_owned()))?;
        if tensor.shape != shape {
            return Err(Misfit::Shape { name: name.to_owned(), found: tensor.shape.clone(), needed: shape.to_vec() });
        }
        self.used.borrow_mut()[at] = true;
        tensor.floats().map_err(|error| {
            let message = format!("the tensor '{}' is unusable: {}", short(name), error.message());
            Misfit::File(Error::new(error.kind(), message))
        })
    }

    /// The values of a tensor with as many dimensions as there are in `shape`, of any length where that is 0, and its shape.
    pub(super) fn values_of<const N: usize>(&self, name: &str, shape: [usize; N]) -> Outcome<(Vec<f32>, [usize; N])> {
        let found = self.dimensions::<N>(name)?;
        if found.iter().zip(shape).any(|(found, needed)| needed != 0 && *found != needed) {
            return Err(Misfit::Shape { name: name.to_owned(), found: found.to_vec(), needed: shape.to_vec() });
        }
        Ok((self.values(name, &found)?, found))
    }

    /// Crosses off a tensor that follows from shapes or that only training uses. It need not exist.
    pub(super) fn ignore(&self, name: &str) {
        if let Some(at) = self.indices.get(name) {
            self.used.borrow_mut()[*at] = true;
        }
    }

    /// Crosses off all tensors for whose names the test is true.
    pub(super) fn ignore_where(&self, test: impl Fn(&str) -> bool) {
        let mut used = self.used.borrow_mut();
        for (used, name) in used.iter_mut().zip(self.names()) {
            *used |= test(name);
        }
    }

    /// The number of tensors used so far.
    pub(super) fn used(&self) -> usize {
        self.used.borrow().iter().filter(|used| **used).count()
    }

    /// Forgets which tensors were used.
    pub(super) fn reset(&self) {
        self.used.borrow_mut().fill(false);
    }

    /// # Errors
    /// The first tensor that was not used.
    pub(super) fn check_all_used(&self) -> Outcome<()> {
        match self.used.borrow().iter().zip(self.names()).find(|(used, _)| !**used) {
            Some((_, name)) => Err(Misfit::Unused(name.to_owned())),
            None => Ok(()),
        }
    }
}
