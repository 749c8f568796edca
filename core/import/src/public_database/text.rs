//! Texts of the database, made fit to be shown: whoever writes an entry could otherwise write over the terminal.
//!
//! A text keeps its words. Control characters, invisible ones, and those that turn the direction of writing are removed.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A value of the expected type, or anything else, which is ignored.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Lenient<T> {
    /// The expected type.
    Is(T),
    /// Another one.
    Other(IgnoredAny),
}

impl<T> Lenient<T> {
    pub(super) fn get(self) -> Option<T> {
        match self {
            Lenient::Is(value) => Some(value),
            Lenient::Other(_) => None,
        }
    }
}

/// Missing, too.
impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Lenient::Other(IgnoredAny)
    }
}

/// A text, or a list of texts.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<Lenient<String>>),
    Other(IgnoredAny),
}

impl Default for OneOrMany {
    fn default() -> Self {
        OneOrMany::Other(IgnoredAny)
    }
}

impl OneOrMany {
    /// At most `count` texts of at most `length` characters; empty ones are left out.
    pub(super) fn shown(self, count: usize, length: usize) -> Vec<String> {
        let all = match self {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts.into_iter().filter_map(Lenient::get).collect(),
            OneOrMany::Other(_) => Vec::new(),
        };
        all.iter().map(|text| shown(text, length)).filter(|text| !text.is_empty()).take(count).collect()
    }
}

/// The text on one line, without characters that do more than stand there, and at most `length` characters long.
pub(super) fn shown(text: &str, length: usize) -> String {
    let mut words = String::new();
    // A long run of spaces is as good as none, and costs nothing.
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let visible = word.chars().filter(|c| !is_invisible(*c));
        if !words.is_empty() {
            words.push(' ');
        }
        words.extend(visible);
        if words.len() > 4 * length {
            break;
        }
    }
    let words = words.trim();
    match words.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words.to_owned(),
    }
}

/// Characters without width, and those that turn the direction of the text around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
