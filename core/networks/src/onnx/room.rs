//! How much memory a network takes for a picture, counted from its values.
//!
//! Measuring it would depend on what an allocator kept from earlier runs. Counting is the same everywhere, and errs on the
//! side of too much: values live until their last use, nothing is computed in place.

use std::collections::HashMap;

use super::{Attribute, Network, Node};

/// What engines take besides: copies of patches, and shapes that do not fit.
const RESERVE: f64 = 1.5;

/// A value: its channels, and its pixels for each pixel of the input.
#[derive(Clone, Copy, Debug)]
struct Size {
    channels: f64,
    pixels: f64,
}

impl Size {
    fn floats(self) -> f64 {
        self.channels * self.pixels
    }
}

impl Network<'_> {
    /// Bytes for each pixel of a large picture.
    pub fn bytes_per_pixel(&self) -> u64 {
        let mut sizes: HashMap<&str, Size> = HashMap::new();
        let mut last_use: HashMap<&str, usize> = HashMap::new();
        for input in &self.inputs {
            sizes.insert(input.name, Size { channels: 3.0, pixels: 1.0 });
        }
        for (at, node) in self.nodes.iter().enumerate() {
            last_use.extend(node.inputs.iter().map(|name| (*name, at)));
        }
        let (mut live, mut most) = (3.0f64, 3.0f64);
        for (at, node) in self.nodes.iter().enumerate() {
            let given = node.inputs.iter().filter_map(|name| sizes.get(name).copied());
            // What has no input of the picture's size does not grow with it.
            if let Some(size) = self.made(node, given) {
                for output in &node.outputs {
                    sizes.insert(output, size);
                    live += size.floats();
                }
                most = most.max(live);
            }
            for name in &node.inputs {
                if last_use.get(name) == Some(&at)
                    && let Some(size) = sizes.get(name)
                {
                    live -= size.floats();
                    // A value may be used twice by one node.
                    last_use.remove(name);
                }
            }
        }
        (most * 4.0 * RESERVE).ceil().min(1e9) as u64
    }

    /// The size of what a node makes; `None` where no picture goes in.
    fn made(&self, node: &Node<'_>, given: impl Iterator<Item = Size>) -> Option<Size> {
        let given: Vec<Size> = given.collect();
        let first = *given.first()?;
        let sides = |at: usize| node.inputs.get(at).and_then(|name| self.tensor(name)).map(|tensor| &tensor.sides);
        let stride = || node.integers("strides").map_or(1.0, |strides| strides.iter().product::<i64>().max(1) as f64);
        let largest = |by: fn(&Size) -> f64| given.iter().map(by).fold(0.0, f64::max);
        Some(match node.kind {
            "Conv" => {
                let channels = sides(1).and_then(|sides| sides.first()).map_or(first.channels, |side| *side as f64);
                Size { channels, pixels: first.pixels / stride() }
            }
            "ConvTranspose" => {
                let groups = if let Some(Attribute::Integer(groups)) = node.attribute("group") { *groups } else { 1 };
                let of_group = sides(1).and_then(|sides| sides.get(1)).map_or(first.channels, |side| *side as f64);
                Size { channels: of_group * groups.max(1) as f64, pixels: first.pixels * stride() }
            }
            "Concat" => {
                Size { channels: given.iter().map(|size| size.channels).sum(), pixels: largest(|size| size.pixels) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{Builder, Setting, Side};

    #[test]
    fn what_lives_is_counted() {
        let sides = [Side::Fixed(1), Side::Fixed(3), Side::Open, Side::Open];
        let mut builder = Builder::new();
        builder.input("in", &sides);
        builder.output("out", &sides);
        builder.floats("w", &[64, 3, 1, 1], &[0.0; 192]);
        builder.floats("v", &[12, 64, 1, 1], &[0.0; 768]);
        builder.node("Conv", &["in", "w"], "a", &[]);
        builder.node("Relu", &["a"], "b", &[]);
        builder.node("Conv", &["b", "v"], "c", &[]);
        builder.node("DepthToSpace", &["c"], "out", &[("blocksize", Setting::Integer(2))]);
        let file = builder.finish();
        // The picture is gone when a and b, 64 channels each, live.
        assert_eq!(Network::read(&file).unwrap().bytes_per_pixel(), 128 * 4 * 3 / 2);
    }
}
