//! Operators that make every pixel depend on the whole picture.
//!
//! Tiles of such a network differ from the whole, so an importer must know them before it runs anything.

use super::{Network, Node};

impl Network<'_> {
    /// Whether the operator makes every pixel depend on the whole picture.
    pub(super) fn sees_whole_picture(&self, node: &Node<'_>) -> bool {
        match node.kind {
            "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => true,
            "InstanceNormalization" | "GroupNormalization" | "MeanVarianceNormalization" => true,
            kind if kind.starts_with("Reduce") => {
                let input = node.inputs.get(1).and_then(|name| self.tensor(name)).and_then(|tensor| tensor.integers());
                let axes = node.integers("axes").map(<[i64]>::to_vec).or(input).unwrap_or_default();
                // Only rows and columns together: a single axis may be the channels of a transposed tensor.
                [[2, 3], [-2, -1]].iter().any(|both| both.iter().all(|axis| axes.contains(axis)))
            }
            _ => false,
        }
    }
}
