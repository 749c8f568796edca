//! Fax lines: Group 3 with one and two dimensions, Group 4, and the bare lines of TIFF's compression 2.
//!
//! The tables of codes are the `fax` crate's. Its decoders read no two-dimensional Group 3 and no bare lines, so the lines
//! are decoded here. A decoder must stop at any damage, and may write no pixel outside of its line.

use fax::BitReader;
use fax::maps::{Mode, black, mode, white};

use super::layout::Compression;

/// Decodes a strip of lines of `width` pixels into `to`, a bit for each pixel, ones where the fax is black. `options` are
/// those of the file. Returns the number of sound lines.
pub fn decode(data: &[u8], kind: Compression, options: u64, width: usize, to: &mut [u8]) -> usize {
    let mut bits = Bits { data, at: 0 };
    let (mut reference, mut line) = (Vec::new(), Vec::new());
    let row = width.div_ceil(8);
    for (y, to) in to.chunks_exact_mut(row).enumerate() {
        let two_dimensional = match kind {
            Compression::Fax4 => true,
            Compression::Fax3 => {
                bits.skip_to_line();
                options & 1 != 0 && bits.take() == 0
            }
            Compression::FaxLines(align) => {
                bits.at = bits.at.next_multiple_of(align);
                false
            }
            _ => false,
        };
        line.clear();
        let sound = if two_dimensional {
            decode_two(&mut bits, &reference, width, &mut line)
        } else {
            decode_one(&mut bits, width, &mut line)
        };
        if sound.is_none() {
            return y;
        }
        draw(&line, width, to);
        std::mem::swap(&mut line, &mut reference);
    }
    to.len() / row.max(1)
}

/// A line as runs of white and black in turn. `line` receives where each run ends.
fn decode_one(bits: &mut Bits<'_>, width: usize, line: &mut Vec<usize>) -> Option<()> {
    let mut at = 0;
    while at < width {
        at += run(bits, line.len() % 2 == 1)?;
        push(line, at);
    }
    Some(())
}

/// A line as changes against the line above it.
fn decode_two(bits: &mut Bits<'_>, above: &[usize], width: usize, line: &mut Vec<usize>) -> Option<()> {
    let (mut at, mut first, mut index) = (0, true, 0);
    while at < width {
        let is_black = line.len() % 2 == 1;
        // The first change above, right of here, to the colour that is not this line's.
        while index > 0 && above.get(index - 1).is_some_and(|a| *a > at) {
            index -= 1;
        }
        while above
            .get(index)
            .is_some_and(|a| (*a <= at && !(first && *a == 0 && at == 0)) || (index % 2 == 1) != is_black)
        {
            index += 1;
        }
        let change = |index: usize| above.get(index).copied().unwrap_or(width).min(width);
        match mode::decode(bits)? {
            Mode::Pass => {
                at = change(index + 1);
                first = false;
                continue;
            }
            Mode::Horizontal => {
                for black in [is_black, !is_black] {
                    at += run(bits, black)?;
                    push(line, at);
                }
            }
            Mode::Vertical(by) => {
                let to = change(index).checked_add_signed(isize::from(by))?;
                if to < at {
                    return None;
                }
                at = to;
                push(line, at);
            }
            Mode::Extension | Mode::EOF => return None,
        }
        first = false;
    }
    Some(())
}

/// Ends a run. A run without pixels inside a line is no change of colour.
fn push(line: &mut Vec<usize>, at: usize) {
    if line.last() == Some(&at) {
        line.pop();
    } else {
        line.push(at);
    }
}

/// The length of a run.
fn run(bits: &mut Bits<'_>, is_black: bool) -> Option<usize> {
    let mut length = 0;
    loop {
        let part = usize::from(if is_black { black::decode(bits) } else { white::decode(bits) }?);
        length += part;
        if part < 64 {
            return Some(length);
        }
        if length > 1 << 24 {
            return None;
        }
    }
}

fn draw(line: &[usize], width: usize, to: &mut [u8]) {
    to.fill(0);
    for run in line.chunks(2) {
        let end = run.get(1).copied().unwrap_or(width).min(width);
        for x in run[0].min(width)..end {
            to[x / 8] |= 0x80 >> (x % 8);
        }
    }
}

/// Reads bits. Behind the data's end there are zeros.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self) -> u16 {
        self.at += 1;
        self.peek_bits(self.at - 1, 1)
    }

    fn peek_bits(&self, at: usize, count: u8) -> u16 {
        let byte = |n: usize| u32::from(self.data.get(at / 8 + n).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        ((word >> (24 - at % 8 - usize::from(count))) & ((1 << count) - 1)) as u16
    }

    /// Moves behind the mark that ends a line, if one follows: eleven zeros or more, and a one.
    fn skip_to_line(&mut self) {
        while self.at + 11 < 8 * self.data.len() && self.peek_bits(self.at, 11) == 0 {
            self.at += 11;
            while self.at < 8 * self.data.len() && self.take() == 0 {}
        }
    }
}

impl BitReader for Bits<'_> {
    type Error = ();

    fn peek(&self, bits: u8) -> Option<u16> {
        // Sixteen bits may span three bytes. The end is noticed when it is consumed.
        (bits <= 16).then(|| self.peek_bits(self.at, bits))
    }

    fn consume(&mut self, bits: u8) -> Result<(), ()> {
        self.at += usize::from(bits);
        if self.at > 8 * self.data.len() { Err(()) } else { Ok(()) }
    }

    fn bits_to_byte_boundary(&self) -> u8 {
        ((8 - self.at % 8) % 8) as u8
    }
}
