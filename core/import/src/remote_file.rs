//! A file at a URL, with the SHA-256 by which the right file is recognised.
//!
//! A URL alone is never enough, because the file behind it can change. Nothing is downloaded here; `enlarger-models` does that.

use enlarger::{Error, ErrorKind, Result};

/// A file at a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteFile<'a> {
    /// The URL.
    pub url: &'a str,
    /// The file's SHA-256, as 64 hexadecimal digits.
    pub sha256: &'a str,
    /// The file's size in bytes, if it is known.
    pub size: Option<u64>,
}

impl<'a> RemoteFile<'a> {
    /// Checks the URL and the SHA-256 before anything is downloaded. Returns the file name at the URL's end.
    ///
    /// # Errors
    /// As [`RemoteFile::check_source`], and for a URL that does not end in a plain file name.
    pub fn check(&self) -> Result<&'a str> {
        self.check_source()?;
        let url = self.url;
        let rest = url.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
        let name = rest.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !rest.contains('/') || name.trim_matches('.').is_empty() || !name.chars().all(plain) {
            return Err(Error::new(
                ErrorKind::Argument,
                format!("{url} does not end in a file's name; download the file yourself and import it"),
            ));
        }
        Ok(name)
    }

    /// Checks the URL and the SHA-256, for a file that gets another name than that in the URL.
    ///
    /// # Errors
    /// `Argument` for a scheme other than https, or an invalid SHA-256.
    pub fn check_source(&self) -> Result<()> {
        check_address(self.url)?;
        if self.sha256.len() != 64 || !self.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::new(
                ErrorKind::Argument,
                format!("'{}' is not a SHA-256; give its 64 hexadecimal digits", self.sha256),
            ));
        }
        Ok(())
    }
}

/// Checks that nobody can change in transit what is fetched from a URL.
///
/// # Errors
/// `Argument` for a scheme other than https.
pub fn check_address(url: &str) -> Result<()> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    // A user name before the host can make a URL look as if it led to another host.
    let server = rest.split(['/', '?', '#', '\\']).next().filter(|server| !server.contains('@')).unwrap_or_default();
    let host = server.split(':').next().unwrap_or_default();
    // A server on this machine may do without https, because nobody can change the file in transit.
    if server.is_empty() || scheme != "https" && !(scheme == "http" && ["localhost", "127.0.0.1"].contains(&host)) {
        return Err(Error::new(
            ErrorKind::Argument,
            format!("{url} is not an https URL, so the file could be changed in transit; use an https URL"),
        ));
    }
    Ok(())
}
