//! Estimates the memory that a network takes for a picture by counting its values.
//!
//! A measurement would depend on what the allocator kept from earlier runs; the count is the same on every machine. It
//! must never be too low: it assumes that a value lives until its last use and that no operator works in place.

use std::collections::HashMap;

use super::Network;
use super::shapes::Shapes;

/// A factor for the engine's own buffers: copies of patches, and padding of odd shapes.
const RESERVE: f64 = 1.5;

/// The side of the picture that values are counted for: a multiple of all usual windows.
const SIDE: u64 = 192;

impl Network<'_> {
    /// Bytes of working memory for each pixel of a large picture.
    pub fn bytes_per_pixel(&self) -> u64 {
        let mut shapes = Shapes::new(self, SIDE, SIDE);
        let pixels = |name: &str| shapes.get(name).filter(|input| input.shape.len() == 4).map(|input| input.samples());
        let pixels = self.inputs.iter().filter_map(|input| pixels(input.name)).fold(0.0, f64::max) / 3.0;
        let mut last_use: HashMap<&str, usize> = HashMap::new();
        for (at, node) in self.nodes.iter().enumerate() {
            last_use.extend(node.inputs.iter().map(|name| (*name, at)));
        }
        let (mut live, mut most) = (3.0 * pixels, 3.0 * pixels);
        for (at, node) in self.nodes.iter().enumerate() {
            live += shapes.run(node).iter().map(|output| output.samples()).sum::<f64>();
            most = most.max(live);
            for name in &node.inputs {
                if last_use.get(name) == Some(&at)
                    && let Some(value) = shapes.forget(name)
                {
                    live -= value.samples();
                }
            }
        }
        (most / pixels.max(1.0) * 4.0 * RESERVE).ceil().min(1e9) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{Builder, Dimension, Setting};

    #[test]
    fn live_values_are_counted() {
        let shape = [Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];
        let mut builder = Builder::new();
        builder.input("in", &shape);
        builder.output("out", &shape);
        builder.floats("w", &[64, 3, 1, 1], &[0.0; 192]);
        builder.floats("v", &[12, 64, 1, 1], &[0.0; 768]);
        builder.node("Conv", &["in", "w"], "a", &[]);
        builder.node("Relu", &["a"], "b", &[]);
        builder.node("Conv", &["b", "v"], "c", &[]);
        builder.node("DepthToSpace", &["c"], "out", &[("blocksize", Setting::Integer(2))]);
        let file = builder.finish();
        // The peak is while a and b, 64 channels each, are live; the picture is freed by then.
        assert_eq!(Network::read(&file).unwrap().bytes_per_pixel(), 128 * 4 * 3 / 2);
    }
}
