//! A file at a URL: where it is, and how it is known to be the right one.
//!
//! A URL alone is never enough, because what is behind it can change. Nothing is fetched here.

use enlarger::{Error, ErrorKind, Result};

/// A file at a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote<'a> {
    /// Where it is.
    pub url: &'a str,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: &'a str,
    /// Its bytes, where they are known.
    pub size: Option<u64>,
}

impl<'a> Remote<'a> {
    /// What can be refused before anything is fetched; the name that the file has at the URL's end.
    ///
    /// # Errors
    /// `Argument` for another scheme than https, a sum that is none, or a URL that ends in no plain name.
    pub fn check(&self) -> Result<&'a str> {
        let refuse = |sentence: String| Err(Error::new(ErrorKind::Argument, sentence));
        let Remote { url, sha256, .. } = self;
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        // With a user's name before it, a host is not where it seems to be.
        let server =
            rest.split(['/', '?', '#', '\\']).next().filter(|server| !server.contains('@')).unwrap_or_default();
        let host = server.split(':').next().unwrap_or_default();
        // A server on this machine may do without certificates; nobody is in between.
        if server.is_empty() || scheme != "https" && !(scheme == "http" && ["localhost", "127.0.0.1"].contains(&host)) {
            return refuse(format!("{url} is not https, and could be changed on its way; find it under https://"));
        }
        if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return refuse(format!("'{sha256}' is no SHA-256; give its 64 hexadecimal digits"));
        }
        let name = rest.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !rest.contains('/') || name.trim_matches('.').is_empty() || !name.chars().all(plain) {
            return refuse(format!("{url} does not end in a file's name; fetch it by hand and import the file"));
        }
        Ok(name)
    }
}
