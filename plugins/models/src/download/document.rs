//! A text from a URL whose SHA-256 nobody can know beforehand, because it changes.
//!
//! Its size and time are limited, and whoever reads it must not trust it.

use std::time::{Duration, Instant};

use enlarger::{Error, ErrorKind, Result};
use enlarger_import::check_address;

use super::curl::{End, curl};
use crate::watch::Watch;

/// The time that a document may take.
const TIME: Duration = Duration::from_secs(300);

/// Fetches a text of at most `most` bytes.
///
/// # Errors
/// `Argument` for a URL that is not https, `Io` for a transfer that fails, `Limit` for too many bytes or too much time,
/// `ModelInvalid` for bytes that are no text; `Cancelled`.
pub(crate) fn fetch(url: &str, most: u64, watch: &mut Watch<'_>) -> Result<String> {
    check_address(url)?;
    watch.info(format!("fetching {url}"));
    watch.begin(format!("fetching {url}"))?;
    let (mut bytes, started) = (Vec::new(), Instant::now());
    let mut take = |piece: &[u8], watch: &mut Watch<'_>| {
        let limit = |what: String| Err(Error::new(ErrorKind::Limit, format!("{url} {what}; check the address")));
        if bytes.len() as u64 + piece.len() as u64 > most {
            return limit(format!("gives more than {most} bytes"));
        }
        if started.elapsed() > TIME {
            return limit(format!("takes more than {} s", TIME.as_secs()));
        }
        bytes.extend_from_slice(piece);
        watch.go_on(None)
    };
    match curl(url, 0, watch, &mut take)? {
        End::Whole => {}
        End::NoRanges => return Err(failed(url, "the server does not send it whole")),
        End::Failed(reason) => return Err(failed(url, &reason)),
    }
    String::from_utf8(bytes)
        .map_err(|_| Error::new(ErrorKind::ModelInvalid, format!("{url} gives no text; check the address")))
}

fn failed(url: &str, reason: &str) -> Error {
    Error::new(ErrorKind::Io, format!("{url} could not be fetched ({reason}); check the connection and try again"))
}
