//! Whether a JPEG holds all its pixels.
//!
//! Decoders fill missing pixels with gray, some without an error, and a file may lack its end mark and yet be whole. So the
//! Huffman codes are followed here, block by block, without computing a pixel. Codes that cannot be followed are left to
//! the decoder to judge.

use super::structure::Frame;

/// Scans that are followed. A small file of many scans would keep this program busy for hours.
const MAX_SCANS: usize = 100;

/// What following the codes has shown.
#[derive(Debug, PartialEq, Eq)]
pub enum Entropy {
    /// All pixels are there; the codes end here.
    Whole(usize),
    /// The file ends before the picture does.
    Cut,
    /// The codes are of a kind that is not followed, or damaged.
    Unknown,
}

/// Follows the codes of a file whose frame is `frame`.
pub fn follow(file: &[u8], frame: &Frame) -> Entropy {
    let supported = matches!(frame.kind, 0xC0..=0xC2) && frame.precision == 8 && frame.height > 0;
    let sane = frame.components.len() <= 4
        && frame.components.iter().all(|c| (1..=4).contains(&c.horizontal) && (1..=4).contains(&c.vertical));
    if !supported || !sane || frame.width == 0 {
        return Entropy::Unknown;
    }
    Follower::new(file, frame).follow()
}

/// A Huffman table: for every 16 bits the length of the code at their beginning and its value.
type Table = Vec<(u8, u8)>;

/// A component's place in the picture and in the scans.
struct Plane {
    id: u8,
    horizontal: usize,
    vertical: usize,
    /// Blocks that hold the component's pixels.
    wide: usize,
    high: usize,
    /// Blocks in a row, with those that fill the last unit.
    stride: usize,
    /// For each block, which coefficients are not zero. Only progressive pictures need it.
    nonzero: Vec<u64>,
    /// For each coefficient, the lowest bit that has come, and 255 for none.
    lowest_bit: [u8; 64],
}

/// Why following stops.
enum Stop {
    Cut,
    Unknown,
}

struct Follower<'a> {
    file: &'a [u8],
    progressive: bool,
    planes: Vec<Plane>,
    units_wide: usize,
    units_high: usize,
    dc: [Table; 4],
    ac: [Table; 4],
    restart: usize,
    /// Where the last scan ended, and whether its last byte was filled up as encoders do it.
    end: usize,
    padded: bool,
}

/// A scan's parameters.
struct Scan {
    /// The index of the component, and those of its tables.
    members: Vec<(usize, usize, usize)>,
    first: usize,
    last: usize,
    high: u8,
    low: u8,
}

impl<'a> Follower<'a> {
    fn new(file: &'a [u8], frame: &Frame) -> Self {
        let most = |side: fn(&super::structure::Component) -> u8| {
            usize::from(frame.components.iter().map(side).max().unwrap_or(1))
        };
        let (h_max, v_max) = (most(|c| c.horizontal), most(|c| c.vertical));
        let (width, height) = (usize::from(frame.width), usize::from(frame.height));
        let (units_wide, units_high) = (width.div_ceil(8 * h_max), height.div_ceil(8 * v_max));
        let progressive = frame.kind == 0xC2;
        let plane = |c: &super::structure::Component| {
            let (horizontal, vertical) = (usize::from(c.horizontal), usize::from(c.vertical));
            let (stride, rows) = (units_wide * horizontal, units_high * vertical);
            Plane {
                id: c.id,
                horizontal,
                vertical,
                wide: (width * horizontal).div_ceil(h_max).div_ceil(8),
                high: (height * vertical).div_ceil(v_max).div_ceil(8),
                stride,
                nonzero: if progressive { vec![0; stride * rows] } else { Vec::new() },
                lowest_bit: [255; 64],
            }
        };
        let planes = frame.components.iter().map(plane).collect();
        let (dc, ac) = (Default::default(), Default::default());
        Follower { file, progressive, planes, units_wide, units_high, dc, ac, restart: 0, end: 0, padded: true }
    }

    fn follow(mut self) -> Entropy {
        let (mut at, mut scans) = (2, 0);
        loop {
            let Some(skip) = self.file.get(at..).and_then(|f| f.iter().position(|b| *b == 0xFF)) else {
                return self.verdict();
            };
            at += skip;
            let Some(mark) = self.file.get(at + 1).copied() else { return self.verdict() };
            match mark {
                0xFF => at += 1,
                0x00 | 0x01 | 0xD0..=0xD8 => at += 2,
                0xD9 => return self.verdict(),
                _ => {
                    let length = self.file.get(at + 2..at + 4).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])));
                    let segment = length.and_then(|n| self.file.get(at + 4..at + 2 + n.max(2)));
                    let Some(segment) = segment else { return self.verdict() };
                    at += 4 + segment.len();
                    let understood = match mark {
                        0xC4 => self.read_tables(segment),
                        0xDD => segment.first_chunk().map(|n| self.restart = usize::from(u16::from_be_bytes(*n))),
                        _ => Some(()),
                    };
                    if understood.is_none() {
                        return Entropy::Unknown;
                    }
                    if mark == 0xDA {
                        scans += 1;
                        if scans > MAX_SCANS {
                            return Entropy::Unknown;
                        }
                        let Some(scan) = self.scan(segment) else { return Entropy::Unknown };
                        match self.follow_scan(&scan, at) {
                            Ok(end) => at = end,
                            Err(Stop::Cut) => return Entropy::Cut,
                            Err(Stop::Unknown) => return Entropy::Unknown,
                        }
                        if !self.progressive && self.is_complete() {
                            return self.verdict();
                        }
                    }
                }
            }
        }
    }

    fn is_complete(&self) -> bool {
        let last = if self.progressive { 63 } else { 0 };
        self.planes.iter().all(|p| p.lowest_bit[..=last].iter().all(|bit| *bit == 0))
    }

    fn verdict(&self) -> Entropy {
        match (self.is_complete(), self.padded) {
            (true, true) => Entropy::Whole(self.end),
            // The last codes may be bytes of something else that follows a cut.
            (true, false) => Entropy::Unknown,
            // Without its last scans, a progressive picture is whole in all places, but not as sharp as it was.
            (false, _) => Entropy::Cut,
        }
    }

    fn read_tables(&mut self, mut segment: &[u8]) -> Option<()> {
        while let [kind, rest @ ..] = segment {
            let (lengths, rest) = rest.split_first_chunk::<16>()?;
            let count: usize = lengths.iter().map(|n| usize::from(*n)).sum();
            let (values, rest) = rest.split_at_checked(count)?;
            let mut table = vec![(0, 0); 1 << 16];
            let (mut code, mut values) = (0usize, values.iter());
            for (index, count) in lengths.iter().enumerate() {
                let length = index + 1;
                for _ in 0..*count {
                    let first = code << (16 - length);
                    let slots = table.get_mut(first..first + (1 << (16 - length)))?;
                    slots.fill((length as u8, *values.next()?));
                    code += 1;
                }
                code <<= 1;
            }
            let tables = if kind >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *tables.get_mut(usize::from(kind & 15))? = table;
            segment = rest;
        }
        Some(())
    }

    fn scan(&self, segment: &[u8]) -> Option<Scan> {
        let [count, rest @ ..] = segment else { return None };
        let (members, rest) = rest.split_at_checked(2 * usize::from(*count))?;
        let [first, last, bits, ..] = rest else { return None };
        let find = |id: u8| self.planes.iter().position(|p| p.id == id);
        let members: Option<Vec<_>> = members
            .as_chunks()
            .0
            .iter()
            .map(|[id, tables]| Some((find(*id)?, usize::from(tables >> 4), usize::from(tables & 15))))
            .collect();
        let (first, last) = if self.progressive { (usize::from(*first), usize::from(*last)) } else { (0, 63) };
        let scan = Scan { members: members?, first, last, high: bits >> 4, low: bits & 15 };
        let sane = scan.first <= scan.last
            && scan.last < 64
            && !scan.members.is_empty()
            && scan.members.iter().all(|m| m.1 < 4 && m.2 < 4)
            && !(self.progressive && scan.first > 0 && scan.members.len() > 1)
            && !(self.progressive && scan.first == 0 && scan.last > 0);
        sane.then_some(scan)
    }

    /// Follows one scan that begins at `at`. Returns where it ends.
    fn follow_scan(&mut self, scan: &Scan, at: usize) -> Result<usize, Stop> {
        let mut bits = Bits { file: self.file, at, held: 0, count: 0 };
        let single = match scan.members.as_slice() {
            [one] => Some(one.0),
            _ => None,
        };
        let (wide, high) = match single {
            Some(index) => (self.planes[index].wide, self.planes[index].high),
            None => (self.units_wide, self.units_high),
        };
        let (mut left, mut run) = (self.restart, 0);
        for unit in 0..wide * high {
            if self.restart > 0 && left == 0 {
                bits.restart()?;
                (left, run) = (self.restart, 0);
            }
            left = left.wrapping_sub(1);
            let (x, y) = (unit % wide, unit / wide);
            for (index, dc, ac) in &scan.members {
                let plane = &self.planes[*index];
                let (stride, across, down) = match single {
                    Some(_) => (plane.stride, 1, 1),
                    None => (plane.stride, plane.horizontal, plane.vertical),
                };
                for block in 0..across * down {
                    let at = (y * down + block / across) * stride + x * across + block % across;
                    let tables = (&self.dc[*dc], &self.ac[*ac]);
                    if self.progressive {
                        let nonzero = self.planes[*index].nonzero.get_mut(at).ok_or(Stop::Unknown)?;
                        follow_progressive(&mut bits, scan, tables, nonzero, &mut run)?;
                    } else {
                        follow_block(&mut bits, tables)?;
                    }
                }
            }
        }
        for (index, _, _) in &scan.members {
            for bit in &mut self.planes[*index].lowest_bit[scan.first..=scan.last] {
                *bit = if self.progressive { scan.low } else { 0 };
            }
        }
        (self.end, self.padded) = (bits.end(), bits.is_padded());
        Ok(self.end)
    }
}

/// Follows a block of a sequential picture.
fn follow_block(bits: &mut Bits<'_>, (dc, ac): (&Table, &Table)) -> Result<(), Stop> {
    let size = bits.code(dc)?;
    bits.skip(size)?;
    let mut k = 1;
    while k < 64 {
        let code = bits.code(ac)?;
        let (zeros, size) = (usize::from(code >> 4), code & 15);
        if size == 0 {
            if zeros != 15 {
                break;
            }
            k += 16;
        } else {
            bits.skip(size)?;
            k += zeros + 1;
        }
    }
    Ok(())
}

/// Follows a block in a scan of a progressive picture. `run` counts blocks that have ended early.
fn follow_progressive(
    bits: &mut Bits<'_>,
    scan: &Scan,
    (dc, ac): (&Table, &Table),
    nonzero: &mut u64,
    run: &mut u32,
) -> Result<(), Stop> {
    if scan.first == 0 {
        return if scan.high == 0 {
            let size = bits.code(dc)?;
            bits.skip(size)
        } else {
            bits.skip(1)
        };
    }
    let refine = scan.high > 0;
    let mut k = scan.first;
    if *run == 0 {
        while k <= scan.last {
            let code = bits.code(ac)?;
            let (mut zeros, size) = (usize::from(code >> 4), code & 15);
            if size == 0 && zeros < 15 {
                *run = 1 << zeros;
                if zeros > 0 {
                    *run += bits.take(zeros as u8)?;
                }
                break;
            }
            if size > 0 {
                bits.skip(if refine { 1 } else { size })?;
            }
            if !refine {
                k += zeros;
                if size > 0 {
                    *nonzero |= 1u64.checked_shl(k as u32).ok_or(Stop::Unknown)?;
                }
                k += 1;
                continue;
            }
            // Coefficients that are there already get one bit each, and are not counted.
            while k <= scan.last {
                if *nonzero >> k & 1 == 1 {
                    bits.skip(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                k += 1;
            }
            if size > 0 && k <= scan.last {
                *nonzero |= 1 << k;
            }
            k += 1;
        }
    }
    if *run > 0 {
        if refine {
            while k <= scan.last {
                if *nonzero >> k & 1 == 1 {
                    bits.skip(1)?;
                }
                k += 1;
            }
        }
        *run -= 1;
    }
    Ok(())
}

/// The bits of a scan, up to the next marker.
struct Bits<'a> {
    file: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl Bits<'_> {
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

    fn code(&mut self, table: &Table) -> Result<u8, Stop> {
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

    fn take(&mut self, count: u8) -> Result<u32, Stop> {
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

    fn skip(&mut self, count: u8) -> Result<(), Stop> {
        self.take(count).map(|_| ())
    }

    /// Goes to the bits after the next restart mark. Some cameras leave bytes before it.
    fn restart(&mut self) -> Result<(), Stop> {
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
    fn is_padded(&self) -> bool {
        let mask = (1 << (self.count % 8)) - 1;
        let rest = self.held >> (self.count / 8 * 8) & mask;
        rest == mask || rest == 0
    }

    /// Where the codes end: after the last byte of which a bit was taken.
    fn end(&self) -> usize {
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
