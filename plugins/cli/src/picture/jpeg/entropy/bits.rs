//! The bits of a scan, taken code by code.
//!
//! Bits that are not there are never made up: it is said where the file ends or something else stands in the way.

/// A Huffman table: for every 16 bits the length of the code at their beginning and its value.
pub type Table = Vec<(u8, u8)>;

/// Why following stops.
pub enum Stop {
    Cut,
    Unknown,
}

/// The bits of a scan, up to the next marker.
pub struct Bits<'a> {
    file: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    /// The bits of the scan that begins at `at`.
    pub fn new(file: &'a [u8], at: usize) -> Self {
        Bits { file, at, held: 0, count: 0 }
    }

    /// Takes bytes until there are at least 32 bits, or no more.
    fn fill(&mut self) {
        while self.count <= 32 {
            match self.file.get(self.at..) {
                Some([0xFF, 0, ..]) => {
                    self.held = self.held << 8 | 0xFF;
                    self.at += 2;
                }
                Some([0xFF, ..] | []) | None => return,
                Some([byte, ..]) => {
                    self.held = self.held << 8 | u64::from(*byte);
                    self.at += 1;
                }
            }
            self.count += 8;
        }
    }

    /// The error where bits are missing: the file may end here, or something else may be wrong.
    fn missing(&self) -> Stop {
        let mut rest = self.file.get(self.at..).unwrap_or_default();
        while let [0xFF, 0xFF, ..] = rest {
            rest = &rest[1..];
        }
        if matches!(rest, [] | [0xFF] | [0xFF, 0xD9, ..]) { Stop::Cut } else { Stop::Unknown }
    }

    pub fn code(&mut self, table: &Table) -> Result<u8, Stop> {
        if self.count < 16 {
            self.fill();
        }
        // Missing bits are taken as ones, which no code consists of.
        let window = match self.count {
            16.. => self.held >> (self.count - 16),
            n => self.held << (16 - n) | ((1 << (16 - n)) - 1),
        };
        let (length, value) = *table.get((window & 0xFFFF) as usize).ok_or(Stop::Unknown)?;
        if u32::from(length) > self.count {
            return Err(self.missing());
        }
        if length == 0 {
            return Err(if self.count < 16 { self.missing() } else { Stop::Unknown });
        }
        self.count -= u32::from(length);
        Ok(value)
    }

    pub fn take(&mut self, count: u8) -> Result<u32, Stop> {
        let count = u32::from(count);
        if count > 16 {
            return Err(Stop::Unknown);
        }
        if self.count < count {
            self.fill();
        }
        if self.count < count {
            return Err(self.missing());
        }
        self.count -= count;
        Ok((self.held >> self.count & ((1 << count) - 1)) as u32)
    }

    pub fn skip(&mut self, count: u8) -> Result<(), Stop> {
        self.take(count).map(|_| ())
    }

    /// Goes to the bits after the next restart mark. Some cameras leave bytes before it.
    pub fn restart(&mut self) -> Result<(), Stop> {
        (self.held, self.count) = (0, 0);
        loop {
            match self.file.get(self.at..).unwrap_or_default() {
                [0xFF, 0xD0..=0xD7, ..] => {
                    self.at += 2;
                    return Ok(());
                }
                [] | [0xFF] | [0xFF, 0xD9, ..] => return Err(Stop::Cut),
                [0xFF, 0 | 0xFF, ..] => self.at += 1,
                [0xFF, ..] => return Err(Stop::Unknown),
                _ => self.at += 1,
            }
        }
    }

    /// Whether the rest of the last byte is all ones, as the standard says, or all zeros.
    pub fn is_padded(&self) -> bool {
        let mask = (1 << (self.count % 8)) - 1;
        let rest = self.held >> (self.count / 8 * 8) & mask;
        rest == mask || rest == 0
    }

    /// Where the codes end: after the last byte of which a bit was taken.
    pub fn end(&self) -> usize {
        let mut unread = self.count / 8;
        let mut at = self.at;
        while unread > 0 {
            // A byte of ones takes two bytes of the file.
            at -= if at >= 2 && self.file[at - 2..at] == [0xFF, 0] { 2 } else { 1 };
            unread -= 1;
        }
        at
    }
}
