//! The files that somebody gives: what they are is told by what is in them.
//!
//! Sizes are looked at before anything is read.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Location, Result};
use enlarger_networks::{ncnn, onnx};

use crate::invalid;

/// A network as ONNX, in one piece.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The file.
    pub network: Vec<u8>,
    /// What was done to it, for the model's card.
    pub conversion: &'static str,
    /// The file's name without its ending.
    pub stem: String,
}

/// Reads a network from an ONNX file, or from a `.param` file with the `.bin` beside it.
///
/// # Errors
/// `Io`, `Limit`, or `ModelInvalid` with a sentence on what is wrong.
pub fn read(path: &Path) -> Result<Given> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // Weights cannot be told from anything else; their other half can.
    let path = if path.extension().is_some_and(|ending| ending == "bin") && path.with_extension("param").is_file() {
        &path.with_extension("param")
    } else {
        path
    };
    let bytes = load(path)?;
    if bytes.starts_with(b"7767517") {
        let text = String::from_utf8(bytes).map_err(|_| invalid("the .param file is not text; fetch it again"))?;
        let weights = path.with_extension("bin");
        if !weights.is_file() {
            return Err(invalid(format!(
                "the weights of this network should be in {}, which is not there; put both files into one folder",
                weights.display()
            )));
        }
        let network = ncnn::convert(&text, &load(&weights)?).map_err(|e| e.at(Location::File(path.to_owned())))?;
        return Ok(Given { network, conversion: "converted from ncnn to ONNX", stem });
    }
    let folder = path.parent().map(Path::to_owned).filter(|p| !p.as_os_str().is_empty()).unwrap_or(PathBuf::from("."));
    let whole = onnx::inline(&bytes, &folder).map_err(|e| e.at(Location::File(path.to_owned())))?;
    let network = match whole {
        std::borrow::Cow::Owned(whole) => whole,
        std::borrow::Cow::Borrowed(_) => bytes,
    };
    Ok(Given { network, conversion: "", stem })
}

fn load(path: &Path) -> Result<Vec<u8>> {
    let read = || -> Result<Vec<u8>> {
        let size = fs::metadata(path)?;
        if !size.is_file() {
            return Err(Error::new(ErrorKind::Io, "this is no file; name a network's file"));
        }
        if size.len() > onnx::MAX_NETWORK {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("the file has {} MiB; a network may have {}", size.len() >> 20, onnx::MAX_NETWORK >> 20),
            ));
        }
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(size.len() as usize)
            .map_err(|_| Error::new(ErrorKind::Memory, format!("{} MiB do not fit into memory", size.len() >> 20)))?;
        File::open(path)?.take(onnx::MAX_NETWORK).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|e| e.at(Location::File(path.to_owned())))
}
