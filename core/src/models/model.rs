//! A model: a manifest and a network.
//!
//! The network is read only when it is needed. Its bytes must never be returned unless they match the SHA-256 in the
//! manifest.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Location, Result};
use crate::models::manifest::{MAX_MANIFEST, Manifest};

/// The name of a manifest file.
pub const MANIFEST_FILE: &str = "manifest.toml";

/// The most bytes that a network file may have.
pub const MAX_NETWORK: u64 = 2 << 30;

/// Where a model was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in this library.
    Embedded,
    /// In a folder.
    Folder(PathBuf),
    /// Bytes that the program provided.
    Memory,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Embedded => f.write_str("embedded"),
            Origin::Folder(path) => write!(f, "{}", path.display()),
            Origin::Memory => f.write_str("memory"),
        }
    }
}

/// A model: a manifest and a network. Clones are cheap.
#[derive(Clone)]
pub struct Model(Arc<Inner>);

struct Inner {
    manifest: Manifest,
    text: String,
    warnings: Vec<String>,
    origin: Origin,
    network: Option<Cow<'static, [u8]>>,
}

impl Model {
    /// Creates a model from the text of its manifest and the bytes of its network.
    ///
    /// # Errors
    /// `ModelInvalid` for a wrong manifest.
    pub fn from_bytes(manifest: &str, network: impl Into<Cow<'static, [u8]>>) -> Result<Self> {
        Self::build(manifest, Origin::Memory, Some(network.into()))
    }

    pub(crate) fn embedded(manifest: &str, network: &'static [u8]) -> Result<Self> {
        Self::build(manifest, Origin::Embedded, Some(network.into()))
    }

    /// Opens the model in a folder. Only the manifest is read.
    ///
    /// # Errors
    /// `Io` if the manifest cannot be read, `ModelInvalid` if it is wrong.
    pub fn from_folder(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST_FILE);
        let place = || Location::File(path.clone());
        let read = || -> Result<String> {
            if fs::metadata(&path)?.len() > MAX_MANIFEST as u64 {
                return Err(Error::new(
                    ErrorKind::ModelInvalid,
                    format!("the manifest is longer than {MAX_MANIFEST} bytes; install the model again"),
                ));
            }
            Ok(fs::read_to_string(&path)?)
        };
        Self::build(&read().map_err(|e| e.at(place()))?, Origin::Folder(folder.to_owned()), None)
            .map_err(|e| e.at(place()))
    }

    fn build(text: &str, origin: Origin, network: Option<Cow<'static, [u8]>>) -> Result<Self> {
        let (manifest, ignored) = Manifest::parse(text)?;
        let warnings = ignored
            .into_iter()
            .map(|key| format!("model {}: the manifest has the unknown key '{key}', which was ignored", manifest.id))
            .collect();
        Ok(Model(Arc::new(Inner { manifest, text: text.to_owned(), warnings, origin, network })))
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The text of the manifest, in TOML, unchanged.
    pub fn manifest_text(&self) -> &str {
        &self.0.text
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.0.manifest.id
    }

    /// Where the model was found.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// Warnings about the manifest, a sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// The bytes of the network, checked against the size and the SHA-256 in the manifest.
    ///
    /// # Errors
    /// `Io` if the file cannot be read, `ModelHash` if it is not the one that the manifest describes.
    pub fn network(&self) -> Result<Cow<'_, [u8]>> {
        self.read_network().map_err(|e| e.at(Location::Model(self.id().to_owned())))
    }

    fn read_network(&self) -> Result<Cow<'_, [u8]>> {
        let Inner { manifest, origin, network, .. } = &*self.0;
        let (expected, name) = (&manifest.file, &manifest.file.name);
        let bytes = match (network, origin) {
            (Some(bytes), _) => Cow::Borrowed(bytes.as_ref()),
            (None, Origin::Folder(folder)) => {
                let path = folder.join(name);
                let size = fs::metadata(&path)
                    .map_err(|e| {
                        Error::new(ErrorKind::Io, format!("{}: {e}; install the model again", path.display()))
                            .caused_by(e)
                    })?
                    .len();
                if size > MAX_NETWORK {
                    return Err(Error::new(
                        ErrorKind::Limit,
                        format!("{name} has {size} bytes; a network may have at most {MAX_NETWORK}"),
                    ));
                }
                if size != expected.size {
                    return Err(wrong_file(format!(
                        "{name} has {size} bytes, but its manifest says {}",
                        expected.size
                    )));
                }
                Cow::Owned(fs::read(path)?)
            }
            (None, _) => return Err(Error::new(ErrorKind::Internal, "a model without a network; please report this")),
        };
        if bytes.len() as u64 != expected.size {
            return Err(wrong_file(format!(
                "{name} has {} bytes, but its manifest says {}",
                bytes.len(),
                expected.size
            )));
        }
        let found = hex(&Sha256::digest(&bytes));
        if found != expected.sha256 {
            return Err(wrong_file(format!(
                "the SHA-256 of {name} is {found}, but its manifest says {}",
                expected.sha256
            )));
        }
        Ok(bytes)
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({}, {})", self.id(), self.0.origin)
    }
}

fn wrong_file(what: String) -> Error {
    Error::new(ErrorKind::ModelHash, format!("{what}; the file is damaged or was replaced, so install the model again"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
