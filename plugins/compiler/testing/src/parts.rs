//! The parts that networks are made of.

use enlarger_compiler::{Attribute, ConstantData};

use crate::graph_builder::{GraphBuilder, integers};

impl GraphBuilder {
    /// A convolution of any size whose border keeps the size of the picture divided by the stride.
    pub(crate) fn filter(&mut self, from: &str, channels: [usize; 2], kernel: usize, stride: usize) -> String {
        self.strong_filter(from, channels, kernel, stride, 1.0)
    }

    /// The same, whose results have about `gain` times the magnitude of what it reads.
    pub(crate) fn strong_filter(
        &mut self,
        from: &str,
        [channels, outputs]: [usize; 2],
        kernel: usize,
        stride: usize,
        gain: f32,
    ) -> String {
        let bound = 1.7 * gain / (kernel as f32 * (channels as f32).sqrt());
        let weights = self.floats(&[outputs, channels, kernel, kernel], bound);
        let bias = self.floats(&[outputs], 0.1);
        let border = ((kernel - stride) / 2) as i64;
        let attributes = [("pads", integers(&[border; 4])), ("strides", integers(&[stride as i64; 2]))];
        self.node("Conv", &[from, &weights, &bias], &attributes)
    }

    pub(crate) fn doubled(&mut self, from: &str, [channels, outputs]: [usize; 2]) -> String {
        let weights = self.floats(&[channels, outputs, 2, 2], 1.7 / (channels as f32).sqrt());
        self.node("ConvTranspose", &[from, &weights], &[("strides", integers(&[2; 2]))])
    }

    pub(crate) fn number(&mut self, value: f32) -> String {
        self.constant(&[], ConstantData::Floats(vec![value]))
    }

    pub(crate) fn silu(&mut self, value: &str) -> String {
        let gate = self.node("Sigmoid", &[value], &[]);
        self.node("Mul", &[value, &gate], &[])
    }

    pub(crate) fn relu(&mut self, value: &str) -> String {
        self.node("Relu", &[value], &[])
    }

    pub(crate) fn leaky(&mut self, value: &str) -> String {
        self.node("LeakyRelu", &[value], &[("alpha", Attribute::Float(0.2))])
    }

    pub(crate) fn joined(&mut self, values: &[&str]) -> String {
        self.node("Concat", values, &[("axis", Attribute::Integer(1))])
    }

    pub(crate) fn shuffled(&mut self, value: &str, factor: i64) -> String {
        let mode = Attribute::Text("CRD".to_owned());
        self.node("DepthToSpace", &[value], &[("blocksize", Attribute::Integer(factor)), ("mode", mode)])
    }

    pub(crate) fn cropped(&mut self, value: &str, border: i64) -> String {
        let lists = [[border; 2], [-border; 2], [2, 3]].map(|list| self.integers(&list));
        self.node("Slice", &[value, &lists[0], &lists[1], &lists[2]], &[])
    }

    /// What squeezes a value to its means and multiplies it by gates made of them.
    pub(crate) fn squeezed(&mut self, value: &str, channels: usize, reduced: bool) -> String {
        let mean = match reduced {
            true => self.node("ReduceMean", &[value], &[("axes", integers(&[2, 3]))]),
            false => self.node("GlobalAveragePool", &[value], &[]),
        };
        let small = self.filter(&mean, [channels, channels / 4], 1, 1);
        let small = self.relu(&small);
        let gate = self.filter(&small, [channels / 4, channels], 1, 1);
        let gate = self.node("Sigmoid", &[&gate], &[]);
        self.node("Mul", &[value, &gate], &[])
    }
}
