//! Texts of the pickles of protocol 0, which are lines with escapes.
//!
//! An escape that is not understood stays as it is: it can only be in a text that nobody uses.

/// The text in a line such as `'it\'s'`, without its quotes.
pub(super) fn unquoted(line: &[u8]) -> Option<&[u8]> {
    let quote = *line.first()?;
    let inside = line.get(1..line.len().checked_sub(1)?)?;
    (matches!(quote, b'\'' | b'"') && line.len() >= 2 && line.last() == Some(&quote)).then_some(inside)
}

/// The text with its escapes resolved. Bytes beyond ASCII are those of Latin-1.
pub(super) fn unescaped(text: &[u8]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        let (letter, read) = if *byte == b'\\' { escape(after) } else { None }.unwrap_or((char::from(*byte), 0));
        result.push(letter);
        rest = &after[read..];
    }
    result
}

/// The letter that the text after a backslash stands for, and how many bytes it has.
fn escape(after: &[u8]) -> Option<(char, usize)> {
    let digits = match after.first()? {
        b'n' => return Some(('\n', 1)),
        b'r' => return Some(('\r', 1)),
        b't' => return Some(('\t', 1)),
        quoted @ (b'\\' | b'\'' | b'"') => return Some((char::from(*quoted), 1)),
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => return None,
    };
    let text = std::str::from_utf8(after.get(1..1 + digits)?).ok()?;
    Some((char::from_u32(u32::from_str_radix(text, 16).ok()?)?, 1 + digits))
}
