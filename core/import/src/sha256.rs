//! SHA-256 sums, as manifests and the catalogue write them: 64 lower-case hexadecimal digits.

use std::fmt;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// The SHA-256 of these bytes.
pub fn sha256(bytes: &[u8]) -> String {
    let mut writer = Sha256Writer::default();
    writer.0.update(bytes);
    writer.to_string()
}

/// Computes the SHA-256 of all bytes that are written to it.
#[derive(Clone, Default)]
pub struct Sha256Writer(Sha256);

impl Sha256Writer {
    /// Whether the bytes written so far have this SHA-256. Upper and lower case are equal.
    pub fn matches(&self, sha256: &str) -> bool {
        self.to_string().eq_ignore_ascii_case(sha256)
    }
}

impl Write for Sha256Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Sha256Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.clone().finalize().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256Writer({self})")
    }
}

/// Whether a text is a SHA-256 in the form that manifests and the catalogue use.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
