//! Amounts in words, rounded for people. Programs get the exact figures in JSON.

/// An expected time: as [`duration`], with "about" before a figure.
pub fn about(seconds: f64) -> String {
    let text = duration(seconds);
    if text.starts_with(|c: char| c.is_ascii_digit()) { format!("about {text}") } else { text }
}

/// A time: `a few seconds`, `40 s`, `12 min`, `3 h 10 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.clamp(0.0, 1e9).round() as u64;
    match whole {
        0..3 => "a few seconds".to_owned(),
        3..100 => format!("{whole} s"),
        100..5970 => format!("{} min", (whole + 30) / 60),
        _ => {
            let minutes = (whole + 30) / 60;
            format!("{} h {} min", minutes / 60, minutes % 60)
        }
    }
}

/// A number of things, such as "1 picture" and "2 pictures".
pub fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// A number of bytes in decimal units, as file managers count.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [(&str, f64); 4] = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let number = bytes as f64;
    for (unit, size) in UNITS {
        if number >= size * 0.9995 {
            let count = number / size;
            return if count < 10.0 { format!("{count:.1} {unit}") } else { format!("{count:.0} {unit}") };
        }
    }
    format!("{bytes} bytes")
}

/// A number of pixels in megapixels.
pub fn megapixels(pixels: u64) -> String {
    let millions = pixels as f64 / 1e6;
    match millions {
        0.1.. => format!("{millions:.1} megapixels"),
        _ => format!("{pixels} pixels"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded() {
        let times = [0.4, 12.0, 99.4, 100.0, 3600.0, 7260.0].map(duration);
        assert_eq!(times, ["a few seconds", "12 s", "99 s", "2 min", "60 min", "2 h 1 min"]);
        let sizes = [12, 1_500, 15_000_000, 999_900, 3_200_000_000].map(bytes);
        assert_eq!(sizes, ["12 bytes", "1.5 kB", "15 MB", "1.0 MB", "3.2 GB"]);
        assert_eq!([100, 48_000_000].map(megapixels), ["100 pixels", "48.0 megapixels"]);
    }
}
