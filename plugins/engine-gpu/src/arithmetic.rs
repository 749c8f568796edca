//! How a network is computed: how values are stored, and in what products are summed.

use enlarger::Precision;

/// How values are stored in the memory of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Element {
    /// 16-bit floats.
    Half,
    /// 32-bit floats.
    Float,
}

impl Element {
    /// The bytes of a number.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Element::Half => 2,
            Element::Float => 4,
        }
    }

    /// The name of the type in WGSL.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Element::Half => "f16",
            Element::Float => "f32",
        }
    }
}

/// How a network is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Arithmetic {
    /// 32-bit floats everywhere.
    Exact,
    /// Values and weights are stored as halves; sums are 32-bit floats.
    Mixed,
    /// As `Mixed`, but 3×3 convolutions sum 24 products at a time in halves, and these sums in floats. On devices that
    /// compute with pairs of halves this takes half of the time.
    Halves,
}

impl Arithmetic {
    /// The arithmetic for a precision, on a device that computes with halves or does not.
    pub(crate) fn of(precision: Precision, halves: bool) -> Self {
        match precision {
            _ if !halves => Arithmetic::Exact,
            Precision::Exact => Arithmetic::Exact,
            Precision::Auto => Arithmetic::Mixed,
            Precision::Fast => Arithmetic::Halves,
        }
    }

    /// How values are stored.
    pub(crate) fn element(self) -> Element {
        match self {
            Arithmetic::Exact => Element::Float,
            Arithmetic::Mixed | Arithmetic::Halves => Element::Half,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_halves_every_precision_is_exact() {
        for precision in [Precision::Auto, Precision::Exact, Precision::Fast] {
            assert_eq!(Arithmetic::of(precision, false), Arithmetic::Exact);
        }
        assert_eq!(Arithmetic::of(Precision::Auto, true), Arithmetic::Mixed);
        assert_eq!(Arithmetic::of(Precision::Fast, true), Arithmetic::Halves);
        assert_eq!(Arithmetic::of(Precision::Exact, true), Arithmetic::Exact);
    }
}
