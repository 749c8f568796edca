//! Checkpoints: files of weights that PyTorch and safetensors write, read without running anything in them.
//!
//! A checkpoint holds named tensors and no network; [`architectures`](crate::architectures) makes the network from the names and
//! shapes. Nothing here knows an architecture.

mod content;
mod hyperparameter;
mod kinds;
mod legacy_stream;
mod limits;
mod metadata;
mod names;
mod pickle;
mod pickled_checkpoint;
mod refusals;
mod safetensors;
mod safetensors_header;
mod tensor;
mod unwrap;
mod wrappers;
mod zip_checkpoint;
mod zip_file;

pub use hyperparameter::Hyperparameter;
pub use tensor::{Element, StoredTensor};

use std::collections::BTreeMap;

use content::Content;
use enlarger::Result;

/// The content of a checkpoint.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint<'a> {
    /// The tensors, in the file's order. Names are unwrapped: without `params_ema`, `module.` and the like.
    pub tensors: Vec<(String, StoredTensor<'a>)>,
    /// What the training program says about the network, if it says anything. The keys of maps inside are joined by dots.
    pub hyperparameters: BTreeMap<String, Hyperparameter>,
    /// What was chosen or left out, in sentences for people.
    pub notes: Vec<String>,
}

impl<'a> Checkpoint<'a> {
    /// Reads a checkpoint, whatever the name of its file. The tensors borrow the file's bytes.
    ///
    /// # Errors
    /// `ModelInvalid` with a sentence on what the file is, if it is no checkpoint of a network, is damaged, or would run a
    /// program elsewhere; `Limit`.
    pub fn read(file: &'a [u8]) -> Result<Self> {
        match content::recognise(file) {
            Content::Zip => zip_checkpoint::read(file),
            Content::LegacyStream => legacy_stream::read(file),
            Content::Safetensors => safetensors::read(file),
            other => Err(other.refusal(file)),
        }
    }
}

/// Whether [`Checkpoint::read`] is the reader for a file: it is a checkpoint, or something that people save as one, such as an
/// archive, a web page or another text, which gets a sentence of its own there. An ONNX network is not meant. The `.param` file of
/// an ncnn network is a text, so ask for it first.
pub fn is_checkpoint(file: &[u8]) -> bool {
    content::recognise(file) != Content::Unknown
}
