//! The state of one conversion: the weights still to be read, the ONNX network being written, and ncnn's values by name.

use std::collections::HashMap;

use enlarger::Result;

use super::bin_file::Weights;
use crate::errors::invalid;
use crate::onnx::Builder;

/// A value between layers; ncnn calls it a blob.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    /// Its name in the ONNX file.
    pub(super) name: String,
    /// Whether it is only one pixel large.
    pub(super) single: bool,
}

/// A conversion in progress.
pub(super) struct Conversion<'a> {
    pub(super) weights: Weights<'a>,
    pub(super) builder: Builder,
    blobs: HashMap<&'a str, Blob>,
    /// The ONNX name of the network's input, once its layer has been read.
    pub(super) input: Option<String>,
    /// The input's channels, once a layer that reads it has told them.
    pub(super) channels: Option<u64>,
}

impl<'a> Conversion<'a> {
    pub(super) fn new(bin: &'a [u8]) -> Self {
        Conversion {
            weights: Weights::new(bin),
            builder: Builder::new(),
            blobs: HashMap::new(),
            input: None,
            channels: None,
        }
    }

    /// The value of this ncnn name.
    ///
    /// # Errors
    /// `ModelInvalid` if no layer so far has made it.
    pub(super) fn blob(&self, name: &str) -> Result<&Blob> {
        self.blobs.get(name).ok_or_else(|| {
            invalid(format!("the value '{name}' is used before any layer makes it; fetch the .param file again"))
        })
    }

    /// Adds a value of this ncnn name and returns its ONNX name. ONNX has one namespace for values and constants, so values
    /// get the prefix `blob/`.
    pub(super) fn add(&mut self, name: &'a str, single: bool) -> String {
        let onnx_name = format!("blob/{name}");
        self.blobs.insert(name, Blob { name: onnx_name.clone(), single });
        onnx_name
    }

    /// Adds another ncnn name for an existing value.
    pub(super) fn alias(&mut self, name: &'a str, blob: &Blob) {
        self.blobs.insert(name, blob.clone());
    }
}
