//! Amounts on the command line: whole numbers with an optional unit.

/// Reads a whole number above 0 with an optional K, M, G or T. These are powers of `unit`: 1000, or 1024 for bytes.
pub fn parse_amount(text: &str, unit: u64) -> Result<u64, String> {
    let text = text.trim();
    let (digits, power) = match text.chars().last().map(|c| c.to_ascii_uppercase()) {
        Some('K') => (&text[..text.len() - 1], 1),
        Some('M') => (&text[..text.len() - 1], 2),
        Some('G') => (&text[..text.len() - 1], 3),
        Some('T') => (&text[..text.len() - 1], 4),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().map_err(|_| "give a whole number, optionally with K, M, G or T".to_owned())?;
    unit.checked_pow(power)
        .and_then(|factor| number.checked_mul(factor))
        .filter(|n| *n > 0)
        .ok_or_else(|| "the number must be greater than 0 and fit 64 bits".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers() {
        assert_eq!(parse_amount("300M", 1000), Ok(300_000_000));
        assert_eq!(parse_amount("2g", 1024), Ok(2 << 30));
        assert_eq!(parse_amount("17", 1024), Ok(17));
        for wrong in ["", "M", "-1", "1.5G", "0", "99999999T"] {
            assert!(parse_amount(wrong, 1024).is_err(), "{wrong}");
        }
    }
}
