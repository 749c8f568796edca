//! Reads a network from the file that the user names: ONNX, a checkpoint, or ncnn's `.param` with the `.bin` beside it.
//!
//! The format is recognised by the content, not by the name. The size is checked before the file is read.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};
use enlarger_networks::checkpoints::{self, Checkpoint};
use enlarger_networks::onnx::{Wrapping, wrap};
use enlarger_networks::{architectures, ncnn, onnx};

use crate::errors::invalid;
use crate::known::Known;
use crate::sha256::sha256;

/// A network as ONNX, with all of its weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadedNetwork {
    /// The ONNX file.
    pub network: Vec<u8>,
    /// Other networks that the shapes of a checkpoint allow, in ONNX. Which is right shows on a picture.
    pub alternatives: Vec<Vec<u8>>,
    /// What the architecture tells, if the network was made from a checkpoint.
    pub known: Option<Known>,
    /// How it was converted, for the model's card; empty if it was not.
    pub conversion: String,
    /// The file's name without its extension.
    pub stem: String,
    /// The SHA-256 of each file that it was read from.
    pub files: Vec<String>,
    /// The SHA-256 of `network`, before anything was added around it. It is the same whenever the same file is read.
    pub sha256: String,
}

impl LoadedNetwork {
    /// Adds operations around the network, and around those that the shapes allow as well.
    ///
    /// # Errors
    /// As [`wrap`].
    pub fn wrapped(self, wrapping: &Wrapping) -> Result<Self> {
        let alternatives = self.alternatives.iter().map(|network| wrap(network, wrapping)).collect::<Result<_>>()?;
        Ok(LoadedNetwork { network: wrap(&self.network, wrapping)?, alternatives, ..self })
    }
}

/// Changes a network where it has to be.
type Convert = fn(&[u8]) -> Result<Cow<'_, [u8]>>;

/// What an ONNX network may need before the engines and the pipeline can use it, and its name.
const CONVERSIONS: [(Convert, &str); 4] = [
    (onnx::widened, "16-bit floats converted to 32-bit"),
    (onnx::single, "one picture at a time"),
    (onnx::adapted, "input and output converted to 32-bit floats with the channels first"),
    (|network| onnx::three_channels(network, None), "input and output converted to red, green and blue"),
];

/// Reads a network from an ONNX file, a checkpoint, or a `.param` file with the `.bin` beside it.
///
/// # Errors
/// `Io`, `Limit`, or `ModelInvalid` with a message on what is wrong.
pub fn load_network(path: &Path) -> Result<LoadedNetwork> {
    // A .bin file has no signature, so its .param file is read instead.
    let path = if path.extension().is_some_and(|ending| ending == "bin") && path.with_extension("param").is_file() {
        &path.with_extension("param")
    } else {
        path
    };
    read_network(load(path)?, path)
}

/// Reads a network from the bytes of the file at `path`, beside which its other files are.
///
/// # Errors
/// As [`load_network`].
pub(crate) fn read_network(bytes: Vec<u8>, path: &Path) -> Result<LoadedNetwork> {
    let at = |error: Error| error.at(Location::File(path.to_owned()));
    let file = sha256(&bytes);
    let given = if bytes.starts_with(b"7767517") {
        let weights = path.with_extension("bin");
        if !weights.is_file() {
            return Err(invalid(format!(
                "the weights of this network should be in {}, which does not exist; put both files into one folder",
                weights.display()
            )));
        }
        from_ncnn(&bytes, &load(&weights)?).map_err(at)?
    } else if checkpoints::is_checkpoint(&bytes) {
        LoadedNetwork { files: vec![file], ..from_checkpoint(&bytes).map_err(at)? }
    } else {
        LoadedNetwork { files: vec![file], ..from_onnx(bytes, path).map_err(at)? }
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(LoadedNetwork { stem, sha256: sha256(&given.network), ..given })
}

/// Converts a network of ncnn.
///
/// # Errors
/// As [`ncnn::convert`].
pub(crate) fn from_ncnn(param: &[u8], weights: &[u8]) -> Result<LoadedNetwork> {
    let text = std::str::from_utf8(param).map_err(|_| invalid("the .param file is not text; fetch it again"))?;
    let network = ncnn::convert(text, weights)?;
    Ok(LoadedNetwork {
        sha256: sha256(&network),
        network,
        conversion: "converted from ncnn to ONNX".to_owned(),
        files: vec![sha256(param), sha256(weights)],
        ..LoadedNetwork::default()
    })
}

/// Completes an ONNX network, and changes it where the engines or the pipeline need that.
fn from_onnx(bytes: Vec<u8>, path: &Path) -> Result<LoadedNetwork> {
    let folder = path.parent().map(Path::to_owned).filter(|p| !p.as_os_str().is_empty()).unwrap_or(PathBuf::from("."));
    let whole = match onnx::inline(&bytes, &folder)? {
        Cow::Owned(whole) => Some(whole),
        Cow::Borrowed(_) => None,
    };
    let mut network = whole.unwrap_or(bytes);
    let mut conversion = Vec::new();
    for (convert, what) in CONVERSIONS {
        if let Cow::Owned(converted) = convert(&network)? {
            network = converted;
            conversion.push(what);
        }
    }
    Ok(LoadedNetwork { network, conversion: conversion.join(", "), ..LoadedNetwork::default() })
}

/// Builds the network of a checkpoint.
fn from_checkpoint(file: &[u8]) -> Result<LoadedNetwork> {
    let checkpoint = Checkpoint::read(file)?;
    let recognised = architectures::recognise(&checkpoint)?;
    let scale = Some(recognised.design().scale);
    let colour = |network: Vec<u8>| match onnx::three_channels(&network, scale)? {
        Cow::Owned(coloured) => Ok(coloured),
        Cow::Borrowed(_) => Ok(network),
    };
    let others = 1..recognised.design().alternatives;
    let alternatives = others.map(|number| colour(recognised.alternative(number)?.network)).collect::<Result<_>>()?;
    let known = Known::of(recognised.architecture(), recognised.design());
    let summary = &recognised.design().summary;
    let mut conversion = format!("{} with {summary}, converted to ONNX", known.architecture);
    checkpoint.notes.iter().for_each(|note| conversion.extend(["; ", note]));
    let network = colour(recognised.into_design().network)?;
    Ok(LoadedNetwork { network, alternatives, known: Some(known), conversion, ..LoadedNetwork::default() })
}

/// Reads a file of at most [`onnx::MAX_NETWORK`] bytes.
fn load(path: &Path) -> Result<Vec<u8>> {
    let read = || -> Result<Vec<u8>> {
        let size = fs::metadata(path)?;
        if !size.is_file() {
            return Err(Error::new(ErrorKind::Io, "this is not a file; name a network's file"));
        }
        if size.len() > onnx::MAX_NETWORK {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "the file has {} MiB, more than the limit of {} MiB; use a smaller model",
                    size.len() >> 20,
                    onnx::MAX_NETWORK >> 20
                ),
            ));
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size.len() as usize).map_err(|_| {
            Error::new(
                ErrorKind::Memory,
                format!("the file's {} MiB do not fit into memory; close other programs", size.len() >> 20),
            )
        })?;
        File::open(path)?.take(onnx::MAX_NETWORK).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|e| e.at(Location::File(path.to_owned())))
}
