//! The quality of a JPEG, from its tables of quantisation.
//!
//! Files do not state it. Nearly all writers multiply the table of the standard by a number that follows from the quality,
//! as the library of the Independent JPEG Group does. The sum of a table gives that number back.

/// The sum of the table for luminance in ITU-T T.81, annex K.
const STANDARD: f64 = 3688.0;

/// The quality, 1 to 100, if a segment of tables has the first table, which is that of luminance.
pub fn quality(segment: &[u8]) -> Option<u8> {
    let mut rest = segment;
    while let [head, values @ ..] = rest {
        let bytes = if head >> 4 == 0 { 64 } else { 128 };
        let (table, after) = values.split_at_checked(bytes)?;
        if head & 15 == 0 {
            let sum: f64 = match bytes {
                64 => table.iter().map(|v| f64::from(*v)).sum(),
                _ => table.as_chunks::<2>().0.iter().map(|v| f64::from(u16::from_be_bytes(*v))).sum(),
            };
            let percent = sum / STANDARD * 100.0;
            let quality = if percent > 100.0 { 5000.0 / percent } else { (200.0 - percent) / 2.0 };
            return Some(quality.round().clamp(1.0, 100.0) as u8);
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_table_has_quality_50() {
        // Any table of the same sum will do.
        let mut table = [57u8; 65];
        table[0] = 0;
        table[1] = (STANDARD - 63.0 * 57.0) as u8;
        assert_eq!(quality(&table), Some(50));
        assert_eq!(quality(&[&[1; 65][..], &table].concat()), Some(50));
        assert_eq!(quality(&[&[0][..], &[1; 64]].concat()), Some(99));
        assert_eq!(quality(&table[..40]), None);
        assert_eq!(quality(&[]), None);
    }
}
