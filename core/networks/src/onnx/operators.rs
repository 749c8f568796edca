//! What each ONNX operator does to a picture: how far it looks, and how large its result is.
//!
//! Import needs both without running the network: an operator that mixes the whole picture rules out exact tiles, and the
//! sizes of values give the memory that a tile takes. Attributes are read here and nowhere else.

use super::{Attribute, Network, Node};

/// The size of a value, relative to the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) channels: f64,
    /// Pixels of the value for each pixel of the input picture.
    pub(super) pixels: f64,
}

impl Size {
    /// Floats for each pixel of the input picture.
    pub(super) fn floats(self) -> f64 {
        self.channels * self.pixels
    }
}

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

    /// The size of the operator's outputs. `inputs` are the sizes of those inputs that grow with the picture; without any,
    /// the result is `None`, because the outputs do not grow with the picture either.
    pub(super) fn output_size(&self, node: &Node<'_>, inputs: impl Iterator<Item = Size>) -> Option<Size> {
        let inputs: Vec<Size> = inputs.collect();
        let first = *inputs.first()?;
        let shape = |at: usize| node.inputs.get(at).and_then(|name| self.tensor(name)).map(|tensor| &tensor.shape);
        let stride = || node.integers("strides").map_or(1.0, |strides| strides.iter().product::<i64>().max(1) as f64);
        let largest = |by: fn(&Size) -> f64| inputs.iter().map(by).fold(0.0, f64::max);
        Some(match node.kind {
            "Conv" => {
                let channels = shape(1).and_then(|shape| shape.first()).map_or(first.channels, |length| *length as f64);
                Size { channels, pixels: first.pixels / stride() }
            }
            "ConvTranspose" => {
                let groups = if let Some(Attribute::Integer(groups)) = node.attribute("group") { *groups } else { 1 };
                let of_group = shape(1).and_then(|shape| shape.get(1)).map_or(first.channels, |length| *length as f64);
                Size { channels: of_group * groups.max(1) as f64, pixels: first.pixels * stride() }
            }
            "Concat" => {
                Size { channels: inputs.iter().map(|size| size.channels).sum(), pixels: largest(|size| size.pixels) }
            }
            "DepthToSpace" => {
                let Some(Attribute::Integer(block)) = node.attribute("blocksize") else { return Some(first) };
                let block = (block * block).max(1) as f64;
                Size { channels: first.channels / block, pixels: first.pixels * block }
            }
            "Resize" | "Upsample" => {
                let factors = node.inputs.iter().rev().find_map(|name| self.tensor(name)).and_then(|t| t.floats());
                let factor: f32 = factors.unwrap_or_default().iter().product();
                Size {
                    channels: first.channels,
                    pixels: first.pixels * f64::from(if factor > 0.0 { factor } else { 1.0 }),
                }
            }
            "AveragePool" | "MaxPool" => Size { channels: first.channels, pixels: first.pixels / stride() },
            "GlobalAveragePool" | "GlobalMaxPool" | "Shape" => Size { channels: 0.0, pixels: 0.0 },
            _ => Size { channels: largest(|size| size.channels), pixels: largest(|size| size.pixels) },
        })
    }
}
