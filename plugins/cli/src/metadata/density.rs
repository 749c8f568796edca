//! The resolution that a file states.
//!
//! A file may state it in several places that contradict each other, so one order of trust holds for all formats. It must
//! never invent a resolution.

/// Dots per inch, or only the ratio of a pixel's sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Density {
    /// Horizontal.
    pub x: f64,
    /// Vertical.
    pub y: f64,
    /// Whether the numbers are dots per inch. If not, only their ratio counts.
    pub absolute: bool,
}

impl Density {
    /// A density, or nothing if the numbers are not plausible.
    pub fn new(x: f64, y: f64, absolute: bool) -> Option<Self> {
        let plausible = |n: f64| n.is_finite() && n > 0.0 && n < 1e7;
        (plausible(x) && plausible(y)).then_some(Density { x, y, absolute })
    }

    /// A density by the numbers of the TIFF fields 282, 283 and 296.
    pub fn from_tiff(x: f64, y: f64, unit: u16) -> Option<Self> {
        let per_inch = if unit == 3 { 2.54 } else { 1.0 };
        Self::new(x * per_inch, y * per_inch, unit != 1)
    }

    /// The most trusted of several statements, the most trusted first. Dots per inch count more than a ratio, because a
    /// ratio of 1:1 is what writers state that know nothing.
    pub fn most_trusted(stated: &[Option<Density>]) -> Option<Self> {
        let mut stated = stated.iter().flatten().copied();
        stated.clone().find(|d| d.absolute).or_else(|| stated.next())
    }

    /// The number as a fraction. It is rounded if it is nearly whole: PNG stores dots per metre, so 300 dpi is read as
    /// 299.9994.
    pub fn fraction(value: f64) -> (u32, u32) {
        let whole = value.round();
        if (value - whole).abs() < 0.01 && whole >= 1.0 {
            (whole as u32, 1)
        } else if value < 1.0 {
            ((value * 1e6).round().max(1.0) as u32, 1_000_000)
        } else {
            ((value * 100.0).round() as u32, 100)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_per_inch_count_more_than_a_ratio() {
        let (ratio, scanner, camera) =
            (Density::new(1.0, 1.0, false), Density::new(600.0, 600.0, true), Density::new(72.0, 72.0, true));
        assert_eq!(Density::most_trusted(&[ratio, scanner, camera]), scanner);
        assert_eq!(Density::most_trusted(&[scanner, camera]), scanner);
        assert_eq!(Density::most_trusted(&[ratio, None]), ratio);
        assert_eq!(Density::most_trusted(&[None]), None);
        assert_eq!(Density::from_tiff(118.11, 118.11, 3).map(|d| d.x.round()), Some(300.0));
    }

    #[test]
    fn fractions_are_whole_where_they_nearly_are() {
        assert_eq!(Density::fraction(299.9994), (300, 1));
        assert_eq!(Density::fraction(72.5), (7250, 100));
        assert_eq!(Density::fraction(0.25), (250_000, 1_000_000));
    }
}
