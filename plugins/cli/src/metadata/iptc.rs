//! IPTC-IIM: captions, keywords and rights as press photographers write them.
//!
//! A block is a list of records without a header, so it is checked by reading it to its end. Nothing in it depends on the
//! picture's size, so a sound block is kept byte by byte.

/// One record: an item of information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The number of the group; 2 is about the picture.
    pub group: u8,
    /// The number of the item in its group.
    pub item: u8,
    /// The value, mostly text.
    pub value: &'a [u8],
}

/// Records that a block may have. A file may hold more only by mistake or malice.
const MAX_RECORDS: usize = 10_000;

/// The records of a block, and the bytes that they take. Ends at the first byte that does not begin a whole record.
pub fn records(block: &[u8]) -> (Vec<Record<'_>>, usize) {
    let (mut records, mut at) = (Vec::new(), 0);
    while let Some((record, end)) = record(block, at).filter(|_| records.len() < MAX_RECORDS) {
        records.push(record);
        at = end;
    }
    (records, at)
}

fn record(block: &[u8], at: usize) -> Option<(Record<'_>, usize)> {
    let &[0x1C, group, item, high, low] = block.get(at..at + 5)? else { return None };
    let (start, length) = match high {
        // The length has a length of its own.
        0x80.. => {
            let digits = usize::from(u16::from_be_bytes([high & 0x7F, low]));
            let bytes = block.get(at + 5..at.checked_add(5 + digits)?).filter(|b| b.len() <= 4)?;
            (at + 5 + digits, bytes.iter().fold(0usize, |n, b| n << 8 | usize::from(*b)))
        }
        _ => (at + 5, usize::from(u16::from_be_bytes([high, low]))),
    };
    let end = start.checked_add(length)?;
    Some((Record { group, item, value: block.get(start..end)? }, end))
}

/// The sound part of a block: its whole records. `None` if there are none. The second value says whether anything but
/// padding follows.
pub fn sound_part(block: &[u8]) -> Option<(&[u8], bool)> {
    let (records, end) = records(block);
    (!records.is_empty()).then(|| (&block[..end], block[end..].iter().any(|b| *b != 0)))
}

/// The texts of a block's items about the picture: the number of the item and its text.
pub fn texts(block: &[u8]) -> Vec<(u8, String)> {
    let (records, _) = records(block);
    // Record 1:90 names the character set by its escape sequence.
    let utf8 = records.iter().any(|r| (r.group, r.item) == (1, 90) && r.value == b"\x1B%G");
    let about = records.iter().filter(|r| r.group == 2 && name(r.item).is_some());
    about.map(|r| (r.item, text(r.value, utf8))).filter(|(_, text)| !text.is_empty()).collect()
}

/// Text in UTF-8 if the block says so or if it can be nothing else, otherwise in Latin-1.
fn text(value: &[u8], utf8: bool) -> String {
    let text = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) if utf8 => String::from_utf8_lossy(value).into_owned(),
        Err(_) => value.iter().map(|b| char::from(*b)).collect(),
    };
    text.trim_matches(['\0', ' ']).to_owned()
}

/// What an item of group 2 is called.
pub fn name(item: u8) -> Option<&'static str> {
    Some(match item {
        5 => "title",
        10 => "urgency",
        12 => "subject code",
        15 => "category",
        20 => "supplemental category",
        25 => "keywords",
        26 => "location code",
        40 => "instructions",
        55 => "date created",
        60 => "time created",
        80 => "by-line",
        85 => "by-line title",
        90 => "city",
        92 => "sublocation",
        95 => "province or state",
        100 => "country code",
        101 => "country",
        103 => "job identifier",
        105 => "headline",
        110 => "credit",
        115 => "source",
        116 => "copyright notice",
        118 => "contact",
        120 => "caption",
        122 => "caption writer",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Vec<u8> {
        let mut block = b"\x1C\x01\x5A\0\x03\x1B%G".to_vec();
        for (item, text) in [(120u8, "Hafen, Lübeck"), (25, "Hafen"), (25, "Morgen")] {
            block.extend([0x1C, 2, item]);
            block.extend((text.len() as u16).to_be_bytes());
            block.extend(text.as_bytes());
        }
        block
    }

    #[test]
    fn records_are_read() {
        let texts = texts(&block());
        assert_eq!(texts[0], (120, "Hafen, Lübeck".to_owned()));
        assert_eq!(texts[2], (25, "Morgen".to_owned()));
        assert_eq!(text(b"L\xFCbeck", false), "Lübeck");
    }

    #[test]
    fn padding_is_cut_off_and_damage_is_seen() {
        let whole = block();
        let padded = [whole.as_slice(), &[0; 3]].concat();
        assert_eq!(sound_part(&padded), Some((whole.as_slice(), false)));
        let (part, damaged) = sound_part(&whole[..whole.len() - 2]).unwrap();
        assert!(damaged && part.len() == whole.len() - 11);
        assert_eq!(sound_part(b"no records"), None);
        assert_eq!(sound_part(&[]), None);
    }

    #[test]
    fn long_values_are_read() {
        let block = [b"\x1C\x02\x78\x80\x04\0\0\0\x05".as_slice(), b"Hafen"].concat();
        assert_eq!(texts(&block), [(120, "Hafen".to_owned())]);
        for broken in [&b"\x1C\x02\x78\xFF\xFF\0"[..], b"\x1C\x02\x78\x80\x04\xFF\xFF\xFF\xFF", b"\x1C\x02\x78"] {
            assert_eq!(sound_part(broken), None);
        }
    }
}
