//! How a network is computed: which convolutions multiply floats and which multiply integers, in which Winograd form, and
//! how activations are stored.
//!
//! Pure data, decided by `precision`. It must never be decided here.

use crate::kernels::quantised_input_transform::GROUP;

/// The Winograd form of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormKind {
    /// F(4x4, 3x3).
    F4,
    /// F(6x6, 3x3).
    F6,
}

impl FormKind {
    /// The side of a patch of results.
    pub(crate) fn patch_side(self) -> usize {
        match self {
            FormKind::F4 => 4,
            FormKind::F6 => 6,
        }
    }

    /// The number of positions of a transformed patch.
    pub(crate) fn positions(self) -> usize {
        (self.patch_side() + 2).pow(2)
    }
}

/// What a convolution multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operands {
    Floats,
    /// 16-bit integers, summed over groups of `group` channels.
    Integers {
        group: usize,
    },
}

/// How a network is computed. 3×3 convolutions are numbered in execution order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arithmetic {
    /// The convolutions that multiply floats, as first and end of a range. The others multiply 16-bit integers.
    pub(crate) float_layers: [usize; 2],
    /// How many convolutions, counted from the first, take the form F(6x6). The others take F(4x4), because the rounding of
    /// the last convolutions reaches the output least diluted.
    pub(crate) f6_layers: usize,
    /// How many channels one integer sum runs over.
    pub(crate) group: usize,
    /// Whether activations are stored as 16-bit floats.
    pub(crate) halves: bool,
}

impl Arithmetic {
    /// 32-bit floats throughout.
    pub(crate) const EXACT: Self =
        Arithmetic { float_layers: [0, usize::MAX], f6_layers: 0, group: GROUP, halves: false };

    /// The form of convolution number `index`.
    pub(crate) fn form(&self, index: usize) -> FormKind {
        if index < self.f6_layers { FormKind::F6 } else { FormKind::F4 }
    }

    /// What convolution number `index` multiplies.
    pub(crate) fn operands(&self, index: usize) -> Operands {
        let [from, to] = self.float_layers;
        if (from..to).contains(&index) { Operands::Floats } else { Operands::Integers { group: self.group } }
    }
}
