//! Boxes of ISO's container, and the numbers in them.
//!
//! A box says its length, which is never trusted: what it does not have is `None`.

/// Bytes that are read from the beginning.
#[derive(Clone, Copy)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    /// A number of up to eight bytes, the highest first.
    pub fn number(&mut self, bytes: usize) -> Option<u64> {
        Some(self.take(bytes.min(8))?.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    /// A number that says how many or where.
    pub fn count(&mut self, bytes: usize) -> Option<usize> {
        usize::try_from(self.number(bytes)?).ok()
    }

    /// The version and the flags of a box that has them.
    pub fn version(&mut self) -> Option<(u8, u32)> {
        let number = self.number(4)? as u32;
        Some(((number >> 24) as u8, number & 0x00FF_FFFF))
    }

    /// A text up to its zero.
    pub fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|b| *b == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }

    /// The next box: its kind, and what is in it.
    pub fn next_box(&mut self) -> Option<([u8; 4], Bytes<'a>)> {
        let all = self.0;
        let mut size = self.number(4)?;
        let kind: [u8; 4] = self.take(4)?.try_into().ok()?;
        let mut header = 8;
        match size {
            0 => size = all.len() as u64,
            1 => (size, header) = (self.number(8)?, 16),
            _ => {}
        }
        let body = usize::try_from(size.checked_sub(header)?).ok()?;
        Some((kind, Bytes(self.take(body)?)))
    }

    /// All boxes up to the first that does not fit.
    pub fn boxes(mut self) -> impl Iterator<Item = ([u8; 4], Bytes<'a>)> {
        std::iter::from_fn(move || self.next_box())
    }

    /// What is in the first box of a kind.
    pub fn find(self, kind: &[u8; 4]) -> Option<Bytes<'a>> {
        self.boxes().find(|(found, _)| found == kind).map(|(_, body)| body)
    }
}
