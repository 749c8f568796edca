//! Each operator that this engine knows, and what it becomes.
//!
//! An attribute that is not looked at must have one meaning only. Sizes are not known here, and must not be needed.

use enlarger::Result;

use crate::convolution::Convolution;
use crate::direct::Direct;
use crate::filter::Weights;
use crate::network::{Attribute, Constant, Node};
use crate::plan::{Map, Op, Shuffle, ValueId};

use super::{Compiler, Symbol, per_channel, refused};

/// Pixels are not repeated more often than this.
const MOST_TIMES: usize = 16;

/// More rows or columns than these are not added at a border.
const MOST_PADDING: i64 = 1024;

impl<'a> Compiler<'a> {
    /// Compiles one node.
    pub(super) fn node(&mut self, node: &'a Node) -> Result<()> {
        let [output, ..] = node.outputs.as_slice() else { return Err(refused("a node without a result")) };
        let made = match node.kind.as_str() {
            // Copies are looked through.
            "Identity" | "Dropout" => return Ok(()),
            "Constant" => {
                let Some(Attribute::Constant(constant)) = node.attributes.get("value") else {
                    return Err(refused("a constant of this kind"));
                };
                self.symbols.insert(output, Symbol::Constant(constant));
                return Ok(());
            }
            "Concat" => self.concat(node)?,
            "Conv" | "ConvTranspose" => vec![self.convolution(node)?],
            "Relu" => vec![self.leaky(node, |_| Some(vec![0.0]))?],
            "LeakyRelu" => vec![self.leaky(node, |_| Some(vec![node.float("alpha", 0.01)]))?],
            "PRelu" => {
                let slope = self.constant(node, 1);
                vec![self.leaky(node, |channels| per_channel(slope?, channels))?]
            }
            "Clip" => vec![self.clip(node)?],
            "Sigmoid" => vec![self.map(node, Map::Sigmoid)?],
            "Add" | "Mul" => vec![self.arithmetic(node)?],
            "DepthToSpace" => vec![self.depth_to_space(node)?],
            "Resize" | "Upsample" => vec![self.resize(node)?],
            "Pad" => vec![self.pad(node)?],
            "Slice" => vec![self.slice(node)?],
            "GlobalAveragePool" => {
                let value = self.one(node, 0)?;
                vec![self.step(Op::Mean, vec![value], self.channels[value])?]
            }
            _ => return Err(refused("it is not one of those")),
        };
        self.symbols.insert(output, Symbol::Values(made));
        Ok(())
    }

    fn concat(&mut self, node: &'a Node) -> Result<Vec<ValueId>> {
        if node.integer("axis", 0) != 1 {
            return Err(refused("it joins something else than channels"));
        }
        let mut values = Vec::new();
        for place in 0..node.inputs.len() {
            values.extend(self.values(node, place)?);
        }
        self.join(values)
    }

    fn convolution(&mut self, node: &'a Node) -> Result<ValueId> {
        let transposed = node.kind == "ConvTranspose";
        let inputs = self.values(node, 0)?;
        let weights = self.constant(node, 1).ok_or_else(|| refused("its weights are computed"))?;
        let (Some(taps), [first, second, rows, columns]) = (weights.floats(), weights.shape.as_slice()) else {
            return Err(refused("its weights are not four dimensions of floats"));
        };
        let (outputs, channels) = if transposed { (*second, *first) } else { (*first, *second) };
        if channels != self.total(&inputs) || outputs == 0 || *rows == 0 || *columns == 0 {
            return Err(refused(format!("its weights are for {channels} channels, not for {}", self.total(&inputs))));
        }
        let bias = match self.constant(node, 2) {
            Some(bias) => bias.floats().filter(|bias| bias.len() == outputs).map(<[f32]>::to_vec),
            None if node.inputs.len() < 3 || node.inputs[2].is_empty() => Some(vec![0.0; outputs]),
            None => None,
        };
        let bias = bias.ok_or_else(|| refused("its bias is computed, or not one number for each output"))?;
        if taps.iter().chain(&bias).any(|value| !value.is_finite()) {
            return Err(refused("a weight is not a finite number"));
        }
        let plain = node.integer("group", 1) == 1
            && node.integers("dilations", &[1, 1]) == [1, 1]
            && node.integers("output_padding", &[0, 0]) == [0, 0]
            && !node.attributes.contains_key("output_shape")
            && matches!(node.text("auto_pad", "NOTSET"), "NOTSET" | "VALID");
        if !plain {
            return Err(refused("it has groups, dilations or automatic borders"));
        }
        let padding = padding(node.integers("pads", &[0; 4]))?;
        let stride = match node.integers("strides", &[1, 1]) {
            [down @ 1..=16, across @ 1..=16] => [*down as usize, *across as usize],
            _ => return Err(refused("its strides")),
        };
        let op = if !transposed && [*rows, *columns] == [3, 3] && stride == [1, 1] {
            let weights = Weights { outputs, channels, taps: taps.to_vec() };
            Op::Convolution { layer: Convolution { weights, bias, slopes: Vec::new(), padding }, residuals: Vec::new() }
        } else {
            // A transposed convolution's weights are for each channel, for each output.
            let size = rows * columns;
            let tap = |i: usize| {
                let (output, channel, tap) = (i / size / channels, i / size % channels, i % size);
                if transposed { taps[(channel * outputs + output) * size + tap] } else { taps[i] }
            };
            Op::Direct(Direct {
                outputs,
                channels,
                taps: (0..taps.len()).map(tap).collect(),
                kernel: [*rows, *columns],
                bias,
                slopes: Vec::new(),
                stride,
                padding,
                transposed,
            })
        };
        self.step(op, inputs, outputs)
    }

    fn leaky(&mut self, node: &'a Node, slopes: impl FnOnce(usize) -> Option<Vec<f32>>) -> Result<ValueId> {
        let value = self.one(node, 0)?;
        let channels = self.channels[value];
        let mut slopes = slopes(channels).ok_or_else(|| refused("its slopes are not one constant for each channel"))?;
        slopes.resize(channels, slopes[0]);
        match self.fuse_slopes(node, &slopes) {
            Some(fused) => Ok(fused),
            None => self.step(Op::Map(Map::Leaky(slopes)), vec![value], channels),
        }
    }

    fn map(&mut self, node: &'a Node, map: Map) -> Result<ValueId> {
        let value = self.one(node, 0)?;
        self.step(Op::Map(map), vec![value], self.channels[value])
    }

    fn clip(&mut self, node: &'a Node) -> Result<ValueId> {
        let mut bounds = [("min", f32::MIN), ("max", f32::MAX)].map(|(name, default)| node.float(name, default));
        for (i, bound) in bounds.iter_mut().enumerate() {
            if node.inputs.get(i + 1).is_some_and(|name| !name.is_empty()) {
                let constant = self.constant(node, i + 1).and_then(Constant::floats);
                let Some([value]) = constant else { return Err(refused("its bounds are computed")) };
                *bound = *value;
            }
        }
        self.map(node, Map::Clip(bounds[0], bounds[1]))
    }

    fn arithmetic(&mut self, node: &'a Node) -> Result<ValueId> {
        let add = node.kind == "Add";
        if let Some(place) = (0..2).find(|place| self.constant(node, *place).is_some()) {
            let constant = self.constant(node, place).ok_or_else(|| refused("no constant"))?;
            if let (Some([factor]), false) = (constant.floats(), add)
                && let Some(fused) = self.fuse_scale(node, 1 - place, *factor)
            {
                return Ok(fused);
            }
            let mut value = self.one(node, 1 - place)?;
            let mut channels = self.channels[value];
            let many = constant.shape.iter().product::<usize>();
            if channels == 1 && many > 1 {
                channels = many;
                value = self.step(Op::Gather(vec![(0, 0); many]), vec![value], many)?;
            }
            let values =
                per_channel(constant, channels).ok_or_else(|| refused("its constant is not one for each channel"))?;
            let affine = values.into_iter().map(|value| if add { (1.0, value) } else { (value, 0.0) }).collect();
            return self.step(Op::Map(Map::Affine(affine)), vec![value], channels);
        }
        let (mut a, mut b) = (self.one(node, 0)?, self.one(node, 1)?);
        if let (true, Some(fused)) = (add, self.fuse_sum(node, [a, b])) {
            return Ok(fused);
        }
        if self.single[a] && !self.single[b] || self.channels[a] < self.channels[b] {
            (a, b) = (b, a);
        }
        if self.channels[b] != self.channels[a] && self.channels[b] != 1 || self.single[a] && !self.single[b] {
            return Err(refused("its pictures do not have the same channels"));
        }
        self.step(if add { Op::Add } else { Op::Multiply }, vec![a, b], self.channels[a])
    }

    fn depth_to_space(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.one(node, 0)?;
        let factor = times(node.integer("blocksize", 0) as f64)?;
        let pixels_first = match node.text("mode", "DCR") {
            "DCR" => true,
            "CRD" => false,
            _ => return Err(refused("its mode")),
        };
        if !self.channels[value].is_multiple_of(factor * factor) {
            return Err(refused("its channels do not make whole squares"));
        }
        let channels = self.channels[value] / (factor * factor);
        self.step(Op::Shuffle(Shuffle { factor, pixels_first }), vec![value], channels)
    }

    fn resize(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.one(node, 0)?;
        let repeats = node.kind == "Upsample"
            || match node.text("coordinate_transformation_mode", "half_pixel") {
                "asymmetric" => node.text("nearest_mode", "round_prefer_floor") == "floor",
                "half_pixel" | "pytorch_half_pixel" => {
                    node.text("nearest_mode", "round_prefer_floor").starts_with("round")
                }
                _ => false,
            };
        if node.text("mode", "nearest") != "nearest" || !repeats {
            return Err(refused("it does more than repeat pixels"));
        }
        let place = if node.kind == "Upsample" { 1 } else { 2 };
        match self.constant(node, place).and_then(Constant::floats) {
            Some([1.0, 1.0, down, across]) if down == across => {
                let factor = times(f64::from(*down))?;
                self.step(Op::Upsample(factor), vec![value], self.channels[value])
            }
            _ => Err(refused("its scales are not whole numbers that are known")),
        }
    }

    fn pad(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.one(node, 0)?;
        match self.constant(node, 1).and_then(Constant::integers) {
            Some([0, 0, top, left, 0, 0, bottom, right]) if node.text("mode", "constant") == "reflect" => {
                let sides = padding(&[*top, *left, *bottom, *right])?;
                self.step(Op::Mirror(sides), vec![value], self.channels[value])
            }
            _ => Err(refused("it does something else than mirror rows and columns")),
        }
    }

    fn slice(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.one(node, 0)?;
        let list = |place| self.constant(node, place).and_then(Constant::integers);
        let (Some(starts), Some(ends), Some(axes)) = (list(1), list(2), list(3)) else {
            return Err(refused("its bounds are not known"));
        };
        let steps = list(4).is_none_or(|steps| steps.iter().all(|step| *step == 1));
        if starts.len() != axes.len() || ends.len() != axes.len() || !steps {
            return Err(refused("its steps, or the number of its bounds"));
        }
        let count = self.channels[value];
        let (mut crop, mut channels) = ([0; 4], 0..count);
        for (axis, (start, end)) in axes.iter().zip(starts.iter().zip(ends)) {
            match axis {
                1 | -3 => {
                    let bound =
                        |bound: i64| if bound < 0 { bound + count as i64 } else { bound }.clamp(0, count as i64);
                    channels = bound(*start) as usize..bound(*end) as usize;
                }
                2 | 3 | -2 | -1 => {
                    let axis = if *axis < 0 { axis + 4 } else { *axis } as usize - 2;
                    // How far an end beyond all pictures is from the end is nothing.
                    let end = if *end >= i64::from(i32::MAX) { 0 } else { -*end };
                    [crop[axis], crop[axis + 2]] = match padding(&[*start, end, 0, 0])? {
                        [start, end, ..] => [start, end],
                    };
                }
                _ => return Err(refused("its axes")),
            }
        }
        let value = if channels == (0..count) {
            value
        } else {
            let taken: Vec<_> = channels.map(|channel| (0, channel)).collect();
            let count = taken.len();
            self.step(Op::Gather(taken), vec![value], count)?
        };
        if crop == [0; 4] { Ok(value) } else { self.step(Op::Crop(crop), vec![value], self.channels[value]) }
    }
}

fn padding(sides: &[i64]) -> Result<[usize; 4]> {
    let known =
        <[i64; 4]>::try_from(sides).ok().filter(|sides| sides.iter().all(|side| (0..=MOST_PADDING).contains(side)));
    known.map(|sides| sides.map(|side| side as usize)).ok_or_else(|| refused("its borders"))
}

fn times(factor: f64) -> Result<usize> {
    let whole = factor.fract() == 0.0 && (1.0..=MOST_TIMES as f64).contains(&factor);
    if whole { Ok(factor as usize) } else { Err(refused(format!("a factor of {factor}"))) }
}
