//! The resolution that a file states.

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
}
