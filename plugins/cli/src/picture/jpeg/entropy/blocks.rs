//! The codes of one block.
//!
//! A coefficient's value does not matter here, only how many bits it takes. Whatever does not follow the rules of the standard
//! stops the work.

use super::Scan;
use super::bits::{Bits, Stop, Table};

/// Follows a block of a sequential picture.
pub fn follow_block(bits: &mut Bits<'_>, (dc, ac): (&Table, &Table)) -> Result<(), Stop> {
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
pub fn follow_progressive(
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
