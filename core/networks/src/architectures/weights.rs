//! The weights of a checkpoint while an architecture is built: looked up by name, checked for their shape, and crossed off.
//!
//! At the end every tensor must have been used, so each lookup of values counts as use. A look at a shape does not.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use enlarger::Error;

use super::misfit::{Misfit, Outcome};
use crate::checkpoints::{Checkpoint, Hyperparameter, StoredTensor};
use crate::errors::shown;

/// The most values of the constants that are made of weights: this many, and `GROWTH` for each value of the checkpoint. Constants may be
/// larger than the weights that they follow from, but in published networks not by as much.
const VALUES: usize = 8 << 20;
const GROWTH: usize = 4;

/// The most multiplications while a network is built. The widest published networks take some 10⁹, to join convolutions.
const MULTIPLICATIONS: u64 = 1 << 32;

/// The weights of a checkpoint.
pub(super) struct Weights<'c> {
    tensors: &'c [(String, StoredTensor<'c>)],
    /// The index of each name.
    indices: BTreeMap<&'c str, usize>,
    hyperparameters: &'c BTreeMap<String, Hyperparameter>,
    /// Whether each tensor was used.
    used: RefCell<Vec<bool>>,
    most_values: usize,
    /// The multiplications so far.
    multiplications: Cell<u64>,
    /// What was assumed, because the checkpoint does not say it.
    assumed: RefCell<Vec<String>>,
}

impl<'c> Weights<'c> {
    pub(super) fn new(checkpoint: &'c Checkpoint<'c>) -> Self {
        let values = checkpoint.tensors.iter().fold(0usize, |sum, (_, tensor)| sum.saturating_add(tensor.values()));
        Weights {
            tensors: &checkpoint.tensors,
            indices: checkpoint.tensors.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect(),
            hyperparameters: &checkpoint.hyperparameters,
            used: RefCell::new(vec![false; checkpoint.tensors.len()]),
            most_values: values.saturating_mul(GROWTH).saturating_add(VALUES),
            multiplications: Cell::new(0),
            assumed: RefCell::new(Vec::new()),
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

    /// Whether a tensor's name begins with this.
    pub(super) fn has_any(&self, beginning: &str) -> bool {
        self.indices.range(beginning..).next().is_some_and(|(name, _)| name.starts_with(beginning))
    }

    /// The shape of a tensor, if it exists.
    pub(super) fn shape(&self, name: &str) -> Option<&'c [usize]> {
        self.find(name).map(|(_, tensor)| tensor.shape.as_slice())
    }

    /// The shape of a tensor that must have `N` dimensions and values. The lengths are no larger than the number of values in the file.
    pub(super) fn dimensions<const N: usize>(&self, name: &str) -> Outcome<[usize; N]> {
        let found = self.dimensions_or_empty::<N>(name)?;
        match found.contains(&0) {
            false => Ok(found),
            true => Err(Misfit::contradiction(format!("the tensor '{}' is empty", shown(name)))),
        }
    }

    /// As [`dimensions`](Self::dimensions) of a tensor that may be empty. Nothing bounds the other lengths then.
    pub(super) fn dimensions_or_empty<const N: usize>(&self, name: &str) -> Outcome<[usize; N]> {
        let found = self.shape(name).ok_or_else(|| Misfit::Missing(name.to_owned()))?;
        found.try_into().map_err(|_| Misfit::Shape { name: name.to_owned(), found: found.to_vec(), needed: vec![0; N] })
    }

    /// How many of the names `before0after`, `before1after`, … exist without a gap.
    pub(super) fn count(&self, before: &str, after: &str) -> usize {
        (0..).take_while(|at| self.has(&format!("{before}{at}{after}"))).count()
    }

    /// How many numbers 0, 1, … without a gap follow `before` in names such as `before0.anything`.
    pub(super) fn count_groups(&self, before: &str) -> usize {
        (0..).take_while(|at| self.has_any(&format!("{before}{at}."))).count()
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
            let message = format!("the tensor '{}' is unusable: {}", shown(name), error.message());
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

    /// The most values of constants that may be made of this checkpoint, all together.
    pub(super) fn most_values(&self) -> usize {
        self.most_values
    }

    /// The number of values of a constant of this shape.
    ///
    /// # Errors
    /// If a checkpoint of this size cannot need as many. Lengths come from the file, and their product may exceed every memory.
    pub(super) fn room(&self, shape: &[usize]) -> Outcome<usize> {
        let values = shape.iter().try_fold(1usize, |values, length| values.checked_mul(*length));
        values.filter(|values| *values <= self.most_values()).ok_or_else(|| {
            let shape = shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×");
            Misfit::contradiction(format!("it needs a constant of {shape} values, too many for the size of its file"))
        })
    }

    /// Counts multiplications that are about to be done for the network's constants: the product of these numbers.
    ///
    /// # Errors
    /// If there are more than any network for pictures needs.
    pub(super) fn count_multiplications(&self, factors: &[usize]) -> Outcome<()> {
        let more = factors.iter().try_fold(1u64, |product, factor| product.checked_mul(*factor as u64));
        let all = more.and_then(|more| self.multiplications.get().checked_add(more));
        let all = all.filter(|all| *all <= MULTIPLICATIONS).ok_or_else(|| {
            Misfit::contradiction(format!("its constants take more than {MULTIPLICATIONS} multiplications"))
        })?;
        self.multiplications.set(all);
        Ok(())
    }

    /// Notes what is assumed about the network, because neither its shapes nor the training program tell it: a noun with its number. What
    /// alternatives are built for is not assumed: a picture tells it.
    pub(super) fn assume(&self, what: impl Into<String>) {
        let (mut assumed, what) = (self.assumed.borrow_mut(), what.into());
        if !assumed.contains(&what) {
            assumed.push(what);
        }
    }

    /// What was assumed so far.
    pub(super) fn assumed(&self) -> Vec<String> {
        self.assumed.borrow().clone()
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

    /// Forgets which tensors were used, and what else was counted and noted.
    pub(super) fn reset(&self) {
        self.used.borrow_mut().fill(false);
        self.multiplications.set(0);
        self.assumed.borrow_mut().clear();
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
