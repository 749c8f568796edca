//! What a licence of the database allows.
//!
//! An entry has an SPDX expression, or nothing. Whatever is not known to allow commercial use does not.

use spdx::expression::{ExprNode, Operator};
use spdx::{AdditionItem, Expression, ParseMode};

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

/// What a licence allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Terms {
    /// Commercial use.
    Commercial,
    /// Use that is not commercial.
    NotCommercial,
    /// What these licences allow is not known, and it depends on them.
    Unknown(Vec<String>),
}

impl Terms {
    /// The terms of an SPDX expression, in which AND, OR, WITH and parentheses join licences. What is no such expression is
    /// one unknown licence.
    pub(super) fn of(licence: &str) -> Self {
        let mode = ParseMode { allow_unknown: true, allow_deprecated: true, ..ParseMode::STRICT };
        let Ok(expression) = Expression::parse_mode(licence, mode) else { return Terms::Unknown(vec![licence.into()]) };
        let mut joined: Vec<Terms> = Vec::new();
        for node in expression.iter() {
            let terms = match node {
                ExprNode::Req(required) => {
                    let name = licence.get(required.span.start as usize..required.span.end as usize);
                    Terms::of_one(name.unwrap_or(licence), required.req.addition.as_ref())
                }
                ExprNode::Op(operator) => match (operator, joined.pop(), joined.pop()) {
                    (Operator::And, Some(b), Some(a)) => a.and(b),
                    (Operator::Or, Some(b), Some(a)) => a.or(b),
                    _ => return Terms::Unknown(vec![licence.into()]),
                },
            };
            joined.push(terms);
        }
        joined.pop().unwrap_or(Terms::Unknown(vec![licence.into()]))
    }

    /// The terms of one licence. An exception gives further permission; one that nobody knows may do anything.
    fn of_one(name: &str, exception: Option<&AdditionItem>) -> Self {
        if let Some(AdditionItem::Other(unknown)) = exception {
            return Terms::Unknown(vec![format!("{name} WITH {}", unknown.add_ref)]);
        }
        let id = name.to_uppercase();
        // CC-BY-4.0, and not CC-BY-NC-4.0.
        let attribution =
            id.strip_prefix("CC-BY-").is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        match () {
            () if attribution || begins(&id, &COMMERCIAL) => Terms::Commercial,
            () if begins(&id, &NOT_COMMERCIAL) => Terms::NotCommercial,
            () => Terms::Unknown(vec![name.to_owned()]),
        }
    }

    /// Both licences apply.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Terms::NotCommercial, _) | (_, Terms::NotCommercial) => Terms::NotCommercial,
            (Terms::Commercial, terms) | (terms, Terms::Commercial) => terms,
            (Terms::Unknown(names), Terms::Unknown(others)) => Terms::Unknown([names, others].concat()),
        }
    }

    /// The user chooses one of the licences.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Terms::Commercial, _) | (_, Terms::Commercial) => Terms::Commercial,
            (Terms::NotCommercial, terms) | (terms, Terms::NotCommercial) => terms,
            (Terms::Unknown(names), Terms::Unknown(others)) => Terms::Unknown([names, others].concat()),
        }
    }
}

fn begins(id: &str, known: &[&str]) -> bool {
    known.iter().any(|begin| match id.strip_prefix(begin) {
        // "MIT" is not the beginning of "MITNFA".
        Some(rest) => begin.ends_with('-') || rest.is_empty() || rest.starts_with('-'),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_that_allow_commercial_use_are_known_by_name() {
        for free in [
            "MIT",
            "mit",
            "Apache-2.0",
            "CC-BY-4.0",
            "CC-BY-3.0",
            "CC-BY-SA-4.0",
            "CC0-1.0",
            "WTFPL",
            "Unlicense",
            "BSD-3-Clause",
            "GPL-3.0",
            "GPL-3.0-only",
            "CC-BY-NC-4.0 OR MIT",
            "MIT AND Apache-2.0",
            "(MIT AND CC-BY-NC-4.0) OR (ISC AND something) OR 0BSD",
            "CC-BY-NC-4.0 and something or MIT",
            "Apache-2.0 WITH LLVM-exception",
            "GPL-3.0-or-later WITH GCC-exception-3.1 AND MIT",
        ] {
            assert_eq!(Terms::of(free), Terms::Commercial, "{free}");
        }
        for closed in [
            "CC-BY-NC-SA-4.0",
            "CC-BY-NC-4.0",
            "CC-BY-ND-4.0",
            "MIT AND CC-BY-NC-4.0",
            "CC-BY-NC-4.0 AND something",
            "(MIT OR something) AND CC-BY-NC-4.0",
            "CC-BY-NC-4.0 OR CC-BY-NC-SA-4.0",
        ] {
            assert_eq!(Terms::of(closed), Terms::NotCommercial, "{closed}");
        }
    }

    #[test]
    fn unknown_licences_are_named() {
        for (licence, names) in [
            ("", &[""][..]),
            ("MITNFA", &["MITNFA"]),
            ("free", &["free"]),
            ("CC-BY-", &["CC-BY-"]),
            ("CC-BY-NC-4.0 OR something", &["something"]),
            ("MIT AND (something OR other)", &["something", "other"]),
            ("LicenseRef-MIT", &["LicenseRef-MIT"]),
            ("MIT WITH something", &["MIT WITH something"]),
            ("MIT Approved", &["MIT Approved"]),
            ("MIT OR", &["MIT OR"]),
            ("(MIT", &["(MIT"]),
            ("MIT) OR (MIT", &["MIT) OR (MIT"]),
            ("free for all", &["free for all"]),
        ] {
            assert_eq!(Terms::of(licence), Terms::Unknown(names.iter().map(|name| name.to_string()).collect()));
        }
    }
}
