//! What a licence of the database allows.
//!
//! An entry has an SPDX identifier, or several with OR between them, or nothing. Whatever is not known to allow commercial use
//! does not.

/// The beginnings of licences that allow commercial use. A licence for the public domain or a copyleft one does, too.
const COMMERCIAL: [&str; 14] = [
    "0BSD",
    "AGPL-3.0",
    "APACHE-2.0",
    "BSD-2-CLAUSE",
    "BSD-3-CLAUSE",
    "CC-BY-SA-",
    "CC0-1.0",
    "GPL-",
    "ISC",
    "LGPL-",
    "MIT",
    "MPL-2.0",
    "UNLICENSE",
    "WTFPL",
];

/// The beginnings of licences that are known and do not allow it.
const NOT_COMMERCIAL: [&str; 2] = ["CC-BY-NC", "CC-BY-ND"];

/// Whether a licence allows commercial use.
pub(super) fn is_commercial(licence: &str) -> bool {
    alternatives(licence).any(|id| {
        // CC-BY-4.0, and not CC-BY-NC-4.0.
        let attribution =
            id.strip_prefix("CC-BY-").is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        attribution || begins(&id, &COMMERCIAL)
    })
}

/// Whether it is known what a licence allows.
pub(super) fn is_known(licence: &str) -> bool {
    is_commercial(licence) || alternatives(licence).all(|id| begins(&id, &NOT_COMMERCIAL))
}

fn begins(id: &str, known: &[&str]) -> bool {
    known.iter().any(|begin| match id.strip_prefix(begin) {
        // "MIT" is not the beginning of "MITNFA".
        Some(rest) => begin.ends_with('-') || rest.is_empty() || rest.starts_with('-'),
        None => false,
    })
}

fn alternatives(licence: &str) -> impl Iterator<Item = String> {
    licence
        .to_uppercase()
        .replace(" OR ", "|")
        .split('|')
        .map(|id| id.trim().to_owned())
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_that_allow_commercial_use_are_known_by_name() {
        for free in [
            "MIT",
            "Apache-2.0",
            "CC-BY-4.0",
            "CC-BY-3.0",
            "CC-BY-SA-4.0",
            "CC0-1.0",
            "WTFPL",
            "Unlicense",
            "BSD-3-Clause",
            "GPL-3.0-only",
            "CC-BY-NC-4.0 OR MIT",
        ] {
            assert!(is_commercial(free) && is_known(free), "{free}");
        }
        for closed in ["CC-BY-NC-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0"] {
            assert!(!is_commercial(closed) && is_known(closed), "{closed}");
        }
        for unknown in ["", "MITNFA", "free", "CC-BY-", "CC-BY-NC-4.0 OR something"] {
            assert!(!is_commercial(unknown) && !is_known(unknown), "{unknown}");
        }
    }
}
