//! What a file is, by its first bytes.
//!
//! The names of checkpoints say nothing: `.pth` is a ZIP file, a stream of pickles, or a web page.

use enlarger::Error;

use super::{legacy_stream, pickle, safetensors, zip_file};
use crate::errors::invalid;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Content {
    /// A ZIP file, which PyTorch writes since 1.6.
    Zip,
    /// Pickles and storages, which PyTorch wrote before.
    LegacyStream,
    /// A safetensors file.
    Safetensors,
    /// A pickle without PyTorch's marks.
    Pickle,
    /// A file of another kind that people save as a model: a noun, and what to do.
    Other(&'static str, &'static str),
    /// A text.
    Text,
    /// Anything else.
    Unknown,
}

const ARCHIVE: &str = "extract the model first, then import that file";
const OTHER_FORM: &str = "get the model as .pth, .safetensors or .onnx";

/// First bytes, what the file is, and what to do.
const MARKS: &[(&[u8], &str, &str)] = &[
    (b"\x1f\x8b", "a compressed file (gzip)", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", ARCHIVE),
    (b"Rar!\x1a\x07", "a RAR archive", ARCHIVE),
    (b"\xfd7zXZ\0", "a compressed file (xz)", ARCHIVE),
    (b"\x28\xb5\x2f\xfd", "a compressed file (Zstandard)", ARCHIVE),
    (b"BZh", "a compressed file (bzip2)", ARCHIVE),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, which Keras and TensorFlow write", OTHER_FORM),
    (b"GGUF", "a GGUF file, which language models use", OTHER_FORM),
    (
        b"version https://git-lfs.github.com/",
        "a pointer of Git LFS, not the file itself",
        "download the file from the repository's page, or run `git lfs pull`",
    ),
    (b"PK\x05\x06", "an empty ZIP archive", "fetch it again, or get the model from another source"),
];

/// Finds out what a file is.
pub(super) fn recognise(file: &[u8]) -> Content {
    if file.starts_with(zip_file::LOCAL) {
        return Content::Zip;
    }
    if let Some((_, what, remedy)) = MARKS.iter().find(|(mark, _, _)| file.starts_with(mark)) {
        return Content::Other(what, remedy);
    }
    if file.get(257..262) == Some(b"ustar") {
        let old = file.starts_with(b"./")
            || file.starts_with(b"sys_info")
            || file.starts_with(b"storages")
            || file.starts_with(b"pickle");
        return if old {
            Content::Other(
                "a tar archive, or a checkpoint of PyTorch before 0.1.10, which is one",
                "extract the model, or save it again with a newer PyTorch",
            )
        } else {
            Content::Other("a tar archive", ARCHIVE)
        };
    }
    if legacy_stream::recognises(file) {
        return Content::LegacyStream;
    }
    if safetensors::recognises(file) {
        return Content::Safetensors;
    }
    if begins_pickle(file) {
        return Content::Pickle;
    }
    let start = &file[..file.len().min(512)];
    let text = start.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return Content::Other(
            "a web page saved under the name of a model",
            "open the link in a browser, and save the file that its download button gives",
        );
    }
    // A letter may be cut off at the end of the first bytes.
    let valid = start.utf8_chunks().next().is_some_and(|chunk| chunk.valid().len() + 4 > start.len());
    let plain = !text.chars().any(|letter| letter.is_control() && !letter.is_whitespace());
    if valid && plain && !text.is_empty() { Content::Text } else { Content::Unknown }
}

/// Whether a file begins as a pickle does.
fn begins_pickle(file: &[u8]) -> bool {
    match file {
        [0x80, 2..=5, ..] => true,
        // The older protocols have no mark. These begin a function's name, a map or a list.
        [b'c' | b'(' | b'}' | b']', ..] => {
            pickle::examine(file).map_or_else(|failure| failure.dangerous, |pickle| pickle.length > 2)
        }
        _ => false,
    }
}

impl Content {
    /// The refusal of a file that is no checkpoint.
    pub(super) fn refusal(self, file: &[u8]) -> Error {
        match self {
            Content::Other(what, remedy) => invalid(format!("this is {what}; {remedy}")),
            Content::Pickle => match pickle::read(file) {
                Err(error) => error,
                Ok(_) => {
                    invalid(format!("this is a plain Python pickle, not a checkpoint that PyTorch saved; {OTHER_FORM}"))
                }
            },
            Content::Text => invalid(format!("this is a text file, not a model; {OTHER_FORM}")),
            _ if file.is_empty() => invalid("the file is empty; fetch it again"),
            _ => invalid(format!("this is not a checkpoint of PyTorch or safetensors; {OTHER_FORM}")),
        }
    }
}
