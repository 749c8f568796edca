//! Checkpoints: files of weights that PyTorch and safetensors write, read without running anything in them.
//!
//! A checkpoint holds named tensors and no network; [`architectures`](crate::architectures) makes the network from the names and
//! shapes. Nothing here knows an architecture.

mod hyperparameter;
mod tensor;

pub use hyperparameter::Hyperparameter;
pub use tensor::{Element, StoredTensor};

use std::collections::BTreeMap;

/// The content of a checkpoint.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint<'a> {
    /// The tensors, in the file's order. Names are unwrapped: without `params_ema`, `module.` and the like.
    pub tensors: Vec<(String, StoredTensor<'a>)>,
    /// What the training program says about the network, if it says anything.
    pub hyperparameters: BTreeMap<String, Hyperparameter>,
}
