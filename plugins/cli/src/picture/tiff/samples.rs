//! Packed samples of a TIFF file: byte order, prediction, and depths that are no whole bytes.
//!
//! The pipeline takes 8 and 16-bit integers, and floating point of 16 and 32 bits. Everything else becomes the next larger of
//! these here; white stays white.

use enlarger::{Result, Sample};

use super::layout::{Layout, Stored, YCBCR, unsupported};

/// Turns the bytes of a decompressed chunk into samples in the machine's byte order, without prediction.
pub fn restore(layout: &Layout, bytes: &mut [u8]) -> Result<()> {
    let size = layout.bits / 8;
    let whole = layout.bits.is_multiple_of(8) && matches!(size, 1 | 2 | 4 | 8);
    let count = layout.samples_in_chunk();
    match layout.predictor {
        1 | 2 => {
            if whole && size > 1 && layout.big_endian != cfg!(target_endian = "big") {
                bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
            }
            if layout.bits == 24 && !layout.big_endian {
                bytes.chunks_exact_mut(3).for_each(<[u8]>::reverse);
            }
            if layout.predictor == 2 {
                let row = layout.row_bytes();
                match (whole, size) {
                    (true, 1) => bytes.chunks_exact_mut(row).for_each(|row| {
                        for at in count..row.len() {
                            row[at] = row[at].wrapping_add(row[at - count]);
                        }
                    }),
                    (true, 2) => bytes.chunks_exact_mut(row).for_each(|row| {
                        let row = row.as_chunks_mut::<2>().0;
                        for at in count..row.len() {
                            let sum = u16::from_ne_bytes(row[at]).wrapping_add(u16::from_ne_bytes(row[at - count]));
                            row[at] = sum.to_ne_bytes();
                        }
                    }),
                    (true, 4) => bytes.chunks_exact_mut(row).for_each(|row| {
                        let row = row.as_chunks_mut::<4>().0;
                        for at in count..row.len() {
                            let sum = u32::from_ne_bytes(row[at]).wrapping_add(u32::from_ne_bytes(row[at - count]));
                            row[at] = sum.to_ne_bytes();
                        }
                    }),
                    (true, 8) => bytes.chunks_exact_mut(row).for_each(|row| {
                        let row = row.as_chunks_mut::<8>().0;
                        for at in count..row.len() {
                            let sum = u64::from_ne_bytes(row[at]).wrapping_add(u64::from_ne_bytes(row[at - count]));
                            row[at] = sum.to_ne_bytes();
                        }
                    }),
                    _ => return Err(unsupported(&format!("prediction of {}-bit samples", layout.bits))),
                }
            }
        }
        3 if layout.stored == Stored::Float && whole => {
            let (row, mut plain) = (layout.row_bytes(), Vec::new());
            for row in bytes.chunks_exact_mut(row) {
                for at in count..row.len() {
                    row[at] = row[at].wrapping_add(row[at - count]);
                }
                // The highest bytes of all samples come first, whatever the file's byte order.
                plain.clear();
                plain.extend_from_slice(row);
                let samples = row.len() / size;
                for (index, sample) in row.chunks_exact_mut(size).enumerate() {
                    for (byte, to) in sample.iter_mut().enumerate() {
                        let byte = if cfg!(target_endian = "big") { byte } else { size - 1 - byte };
                        *to = plain[byte * samples + index];
                    }
                }
            }
        }
        other => return Err(unsupported(&format!("prediction of kind {other}"))),
    }
    Ok(())
}

/// The type of samples after unpacking.
pub fn unpacked(layout: &Layout) -> Sample {
    match (layout.stored, layout.bits) {
        (Stored::Float, 16) => Sample::F16,
        (Stored::Float, _) => Sample::F32,
        (_, ..=8) => Sample::U8,
        (_, ..=16) => Sample::U16,
        _ => Sample::F32,
    }
}

/// Whether samples have the type of the pipeline already.
pub fn is_plain(layout: &Layout) -> bool {
    unpacked(layout).size() * 8 == layout.bits && (layout.bits < 32 || layout.stored == Stored::Float)
}

/// Unpacks a row of samples. With `scaled`, white becomes white; without, the numbers stay, as indices of a palette must.
pub fn unpack(layout: &Layout, row: &[u8], to: &mut [u8], scaled: bool) {
    let bits = layout.bits;
    if is_plain(layout) {
        to.copy_from_slice(&row[..to.len()]);
        return;
    }
    let white = ((1u64 << bits.min(32)) - 1) as f64;
    match unpacked(layout) {
        Sample::U8 => {
            let table: Vec<u8> = (0..1u32 << bits)
                .map(|v| if scaled { (f64::from(v) * 255.0 / white).round() as u8 } else { v as u8 })
                .collect();
            for (index, to) in to.iter_mut().enumerate() {
                *to = table[take(row, index * bits, bits) as usize];
            }
        }
        Sample::U16 => {
            let white = white as u32;
            for (index, to) in to.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                let value = take(row, index * bits, bits);
                let value = if scaled { (value * 65535 + white / 2) / white } else { value };
                *to = (value as u16).to_ne_bytes();
            }
        }
        _ if layout.stored == Stored::Float => {
            for (from, to) in row.as_chunks::<8>().0.iter().zip(to.as_chunks_mut::<4>().0) {
                *to = (f64::from_ne_bytes(*from) as f32).to_ne_bytes();
            }
        }
        _ => {
            for (index, to) in to.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let value = if bits == 32 {
                    u32::from_ne_bytes(row.as_chunks().0[index])
                } else {
                    take(row, index * bits, bits)
                };
                *to = ((f64::from(value) / white) as f32).to_ne_bytes();
            }
        }
    }
}

/// `count` bits from bit `at`, the highest first.
fn take(row: &[u8], at: usize, count: usize) -> u32 {
    let (mut value, mut left, mut at) = (0u32, count, at);
    while left > 0 {
        let bits = (8 - at % 8).min(left);
        let byte = u32::from(row[at / 8]) >> (8 - at % 8 - bits);
        value = value << bits | byte & ((1 << bits) - 1);
        (left, at) = (left - bits, at + bits);
    }
    value
}

/// Spreads the units of a subsampled YCbCr strip, in which chrominance follows its luminance samples, into pixels.
pub fn spread(layout: &Layout, units: &[u8], rows: usize, to: &mut [u8]) {
    debug_assert_eq!(layout.photometric, YCBCR);
    let (across, down) = layout.subsampling;
    let width = layout.chunk.width as usize;
    let (unit, per_row) = (across * down + 2, width.div_ceil(across));
    for y in 0..rows {
        for x in 0..width {
            let start = (y / down * per_row + x / across) * unit;
            let luminance = units[start + y % down * across + x % across];
            let at = 3 * (y * width + x);
            to[at..at + 3].copy_from_slice(&[luminance, units[start + unit - 2], units[start + unit - 1]]);
        }
    }
}
