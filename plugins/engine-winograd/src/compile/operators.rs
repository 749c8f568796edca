//! The ONNX operators that this engine knows, and the operations that they become.
//!
//! An attribute may be ignored only if it has a single meaning for this engine. Sizes of pictures are unknown here, and
//! must not be needed.

use enlarger::Result;

use crate::compiled_graph::{
    Convolution3x3, ConvolutionWeights, DirectConvolution, Map, OperationKind, Shuffle, ValueId,
};
use crate::graph::{Attribute, Constant, Node};
use crate::kernels::element::BLOCK;

use super::{Compiler, Symbol, per_channel, refused};

/// The greatest factor by which pixels are repeated or rearranged.
const MAX_FACTOR: usize = 16;

/// The most rows or columns added at a border.
const MAX_PADDING: i64 = 1024;

impl<'a> Compiler<'a> {
    /// Compiles one node.
    pub(super) fn compile_node(&mut self, node: &'a Node) -> Result<()> {
        let [output, ..] = node.outputs.as_slice() else { return Err(refused("it has no output")) };
        let result = match node.kind.as_str() {
            // Copies were resolved before (`Compiler::original`).
            "Identity" | "Dropout" => return Ok(()),
            "Constant" => {
                let Some(Attribute::Constant(constant)) = node.attributes.get("value") else {
                    return Err(refused("its value is not a tensor of numbers"));
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
            "Tanh" => vec![self.map(node, Map::Tanh)?],
            "Sqrt" => vec![self.map(node, Map::SquareRoot)?],
            "Neg" => vec![self.affine(node, 0, |channels| Some(vec![(-1.0, 0.0); channels]), 1)?],
            "Add" | "Sub" | "Mul" | "Div" => vec![self.arithmetic(node)?],
            "DepthToSpace" => vec![self.depth_to_space(node)?],
            "Resize" | "Upsample" => vec![self.resize(node)?],
            "Pad" => vec![self.pad(node)?],
            "Slice" => vec![self.slice(node)?],
            "GlobalAveragePool" => vec![self.mean(node)?],
            "ReduceMean" => {
                self.check_reduction(node)?;
                vec![self.mean(node)?]
            }
            _ => return Err(refused("")),
        };
        self.symbols.insert(output, Symbol::Values(result));
        Ok(())
    }

    fn concat(&mut self, node: &'a Node) -> Result<Vec<ValueId>> {
        if node.integer("axis", 0) != 1 {
            return Err(refused("it concatenates along an axis other than the channels"));
        }
        let mut values = Vec::new();
        for input in 0..node.inputs.len() {
            values.extend(self.values(node, input)?);
        }
        if values.is_empty() { Err(refused("it concatenates nothing")) } else { Ok(values) }
    }

    fn mean(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        self.add_operation(OperationKind::Mean, vec![value], self.channels[value])
    }

    /// A mean that keeps its axes, of rows and columns. The axes are an input or an attribute, by the version of ONNX.
    fn check_reduction(&self, node: &'a Node) -> Result<()> {
        let given = self.constant(node, 1).and_then(Constant::integers);
        let axes = given.unwrap_or_else(|| node.integers("axes", &[]));
        let sides = matches!(axes, [2 | -2, 3 | -1] | [3 | -1, 2 | -2]);
        if sides && node.integer("keepdims", 1) == 1 {
            return Ok(());
        }
        Err(refused("it is not the mean of rows and columns, or drops these axes"))
    }

    fn convolution(&mut self, node: &'a Node) -> Result<ValueId> {
        let transposed = node.kind == "ConvTranspose";
        let inputs = self.values(node, 0)?;
        let weights = self.constant(node, 1).ok_or_else(|| refused("its weights are not constants"))?;
        let (Some(taps), [first, second, rows, columns]) = (weights.floats(), weights.shape.as_slice()) else {
            return Err(refused("its weights are not a four-dimensional tensor of floats"));
        };
        let (outputs, channels) = if transposed { (*second, *first) } else { (*first, *second) };
        if channels != self.total_channels(&inputs) || outputs == 0 || *rows == 0 || *columns == 0 {
            return Err(refused(format!(
                "its weights are for {channels} channels, but its input has {}",
                self.total_channels(&inputs)
            )));
        }
        let bias = match self.constant(node, 2) {
            Some(bias) => bias.floats().filter(|bias| bias.len() == outputs).map(<[f32]>::to_vec),
            None if node.inputs.len() < 3 || node.inputs[2].is_empty() => Some(vec![0.0; outputs]),
            None => None,
        };
        let bias = bias.ok_or_else(|| refused("its bias is not a constant with one number for each output"))?;
        if taps.iter().chain(&bias).any(|value| !value.is_finite()) {
            return Err(refused("a weight is not a finite number"));
        }
        let plain = node.integer("group", 1) == 1
            && node.integers("dilations", &[1, 1]) == [1, 1]
            && node.integers("output_padding", &[0, 0]) == [0, 0]
            && !node.attributes.contains_key("output_shape")
            && matches!(node.text("auto_pad", "NOTSET"), "NOTSET" | "VALID");
        if !plain {
            return Err(refused("it has groups, dilations or automatic padding"));
        }
        let padding = padding(node.integers("pads", &[0; 4]))?;
        let stride = match node.integers("strides", &[1, 1]) {
            [down @ 1..=16, across @ 1..=16] => [*down as usize, *across as usize],
            _ => return Err(refused("its strides are not whole numbers from 1 to 16")),
        };
        // In the order of outputs, channels and taps; those of a transposed convolution come channel by channel.
        let size = rows * columns;
        let (inputs, places) = self.in_blocks(inputs)?;
        let all = places.last().map_or(0, |last| last + 1);
        let mut ordered = vec![0.0; outputs * all * size];
        for (i, taps) in taps.chunks_exact(size).enumerate() {
            let (output, channel) = if transposed { (i % outputs, i / outputs) } else { (i / channels, i % channels) };
            ordered[(output * all + places[channel]) * size..][..size].copy_from_slice(taps);
        }
        let (taps, slopes, channels) = (ordered, Vec::new(), all);
        let kind = if !transposed && [*rows, *columns] == [3, 3] && stride == [1, 1] {
            let weights = ConvolutionWeights { outputs, channels, taps };
            OperationKind::Convolution3x3 {
                layer: Convolution3x3 { weights, bias, slopes, gate: None, padding },
                residuals: Vec::new(),
            }
        } else {
            let kernel = [*rows, *columns];
            OperationKind::DirectConvolution(DirectConvolution {
                outputs,
                channels,
                taps,
                kernel,
                bias,
                slopes,
                stride,
                padding,
                transposed,
            })
        };
        self.add_operation(kind, inputs, outputs)
    }

    fn leaky(&mut self, node: &'a Node, slopes: impl FnOnce(usize) -> Option<Vec<f32>>) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        let channels = self.channels[value];
        let mut slopes =
            slopes(channels).ok_or_else(|| refused("its slopes are not constants, one for each channel"))?;
        slopes.resize(channels, slopes[0]);
        match self.fuse_slopes(node, &slopes) {
            Some(fused) => Ok(fused),
            None => self.add_operation(OperationKind::Map(Map::Leaky(slopes)), vec![value], channels),
        }
    }

    fn map(&mut self, node: &'a Node, map: Map) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        self.add_operation(OperationKind::Map(map), vec![value], self.channels[value])
    }

    fn clip(&mut self, node: &'a Node) -> Result<ValueId> {
        let mut bounds = [("min", f32::MIN), ("max", f32::MAX)].map(|(name, default)| node.float(name, default));
        for (i, bound) in bounds.iter_mut().enumerate() {
            if node.inputs.get(i + 1).is_some_and(|name| !name.is_empty()) {
                let constant = self.constant(node, i + 1).and_then(Constant::floats);
                let Some([value]) = constant else { return Err(refused("its bounds are not constants")) };
                *bound = *value;
            }
        }
        self.map(node, Map::Clip(bounds[0], bounds[1]))
    }

    fn arithmetic(&mut self, node: &'a Node) -> Result<ValueId> {
        if let Some(input) = (0..2).find(|input| self.constant(node, *input).is_some()) {
            return self.with_constant(node, input);
        }
        let factors = match node.kind.as_str() {
            "Add" => Some([1.0, 1.0]),
            "Sub" => Some([1.0, -1.0]),
            "Mul" => None,
            _ => return Err(refused("it divides by a value that is not a constant")),
        };
        let (mut a, mut b) = (self.single_value(node, 0)?, self.single_value(node, 1)?);
        let fused = match factors {
            Some(factors) => self.fuse_sum(node, [a, b], factors),
            None => self.gate([a, b])?,
        };
        if let Some(fused) = fused {
            return Ok(fused);
        }
        let swapped = self.single[a] && !self.single[b] || self.channels[a] < self.channels[b];
        if swapped {
            (a, b) = (b, a);
        }
        if self.channels[b] != self.channels[a] && self.channels[b] != 1 || self.single[a] && !self.single[b] {
            return Err(refused("its operands do not have the same number of channels"));
        }
        let kind = match factors {
            Some([first, second]) => OperationKind::Add(if swapped { [second, first] } else { [first, second] }),
            None => OperationKind::Multiply,
        };
        self.add_operation(kind, vec![a, b], self.channels[a])
    }

    /// Arithmetic of a value and the constant that a node reads at this input.
    fn with_constant(&mut self, node: &'a Node, input: usize) -> Result<ValueId> {
        let constant = self.constant(node, input).ok_or_else(|| refused("it has no constant operand"))?;
        let first = input == 0;
        let affine = match (node.kind.as_str(), first) {
            ("Add", _) => |value: f32| (1.0, value),
            ("Sub", false) => |value: f32| (1.0, -value),
            ("Sub", true) => |value: f32| (-1.0, value),
            ("Mul", _) => |value: f32| (value, 0.0),
            ("Div", false) => |value: f32| (value.recip(), 0.0),
            _ => return Err(refused("it divides by a value that is not a constant")),
        };
        let many = constant.shape.iter().product::<usize>();
        let numbers = |channels| Some(per_channel(constant, channels)?.into_iter().map(affine).collect());
        self.affine(node, 1 - input, numbers, many)
    }

    /// Multiplies what a node reads at this input by a factor for each channel, and adds a summand. `numbers` gives both
    /// for this many channels; a single channel becomes `many`.
    fn affine(
        &mut self,
        node: &'a Node,
        input: usize,
        numbers: impl Fn(usize) -> Option<Vec<(f32, f32)>>,
        many: usize,
    ) -> Result<ValueId> {
        let finite = |list: &Vec<(f32, f32)>| list.iter().all(|(by, plus)| by.is_finite() && plus.is_finite());
        let mut channels = self.total_channels(&self.values(node, input)?);
        if let Some(list) = numbers(channels).filter(finite)
            && let Some(fused) = self.fuse_affine(node, input, &list)
        {
            return Ok(fused);
        }
        let mut value = self.single_value(node, input)?;
        if channels == 1 && many > 1 {
            channels = many;
            value = self.add_operation(OperationKind::Gather(vec![(0, 0); many]), vec![value], many)?;
        }
        let list = numbers(channels).filter(finite);
        let list =
            list.ok_or_else(|| refused("its constant has neither one finite number nor one for each channel"))?;
        self.add_operation(OperationKind::Map(Map::Affine(list)), vec![value], channels)
    }
    fn depth_to_space(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        let factor = whole_factor(node.integer("blocksize", 0) as f64)?;
        let pixels_first = match node.text("mode", "DCR") {
            "DCR" => true,
            "CRD" => false,
            _ => return Err(refused("its mode is neither DCR nor CRD")),
        };
        if !self.channels[value].is_multiple_of(factor * factor) {
            return Err(refused("its number of channels is not a multiple of the squared block size"));
        }
        let channels = self.channels[value] / (factor * factor);
        let mut shuffle = Shuffle { factor, pixels_first };
        if !pixels_first && channels.is_multiple_of(BLOCK) {
            shuffle.pixels_first = self.fuse_order(node, shuffle, channels).is_some();
        }
        self.add_operation(OperationKind::Shuffle(shuffle), vec![value], channels)
    }

    fn resize(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        let repeats = node.kind == "Upsample"
            || match node.text("coordinate_transformation_mode", "half_pixel") {
                "asymmetric" => node.text("nearest_mode", "round_prefer_floor") == "floor",
                "half_pixel" | "pytorch_half_pixel" => {
                    node.text("nearest_mode", "round_prefer_floor").starts_with("round")
                }
                _ => false,
            };
        if node.text("mode", "nearest") != "nearest" || !repeats {
            return Err(refused("it interpolates instead of repeating pixels"));
        }
        let input = if node.kind == "Upsample" { 1 } else { 2 };
        match self.constant(node, input).and_then(Constant::floats) {
            Some([1.0, 1.0, down, across]) if down == across => {
                let factor = whole_factor(f64::from(*down))?;
                self.add_operation(OperationKind::Upsample(factor), vec![value], self.channels[value])
            }
            _ => Err(refused("its scales are not constants, or differ between rows and columns")),
        }
    }

    fn pad(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        match self.constant(node, 1).and_then(Constant::integers) {
            Some([0, 0, top, left, 0, 0, bottom, right]) if node.text("mode", "constant") == "reflect" => {
                let sides = padding(&[*top, *left, *bottom, *right])?;
                self.add_operation(OperationKind::Mirror(sides), vec![value], self.channels[value])
            }
            _ => Err(refused("it does not mirror rows and columns")),
        }
    }

    fn slice(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        let list = |input| self.constant(node, input).and_then(Constant::integers);
        let (Some(starts), Some(ends), Some(axes)) = (list(1), list(2), list(3)) else {
            return Err(refused("its bounds or axes are not constants"));
        };
        let unit_steps = list(4).is_none_or(|steps| steps.iter().all(|step| *step == 1));
        if starts.len() != axes.len() || ends.len() != axes.len() || !unit_steps {
            return Err(refused("its steps are not 1, or its bounds and axes differ in number"));
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
                    // ONNX marks "up to the end" with an end beyond every picture; nothing is then cropped.
                    let end = if *end >= i64::from(i32::MAX) { 0 } else { -*end };
                    [crop[axis], crop[axis + 2]] = match padding(&[*start, end, 0, 0])? {
                        [start, end, ..] => [start, end],
                    };
                }
                _ => return Err(refused("it slices an axis other than channels, rows and columns")),
            }
        }
        let value = if channels == (0..count) {
            value
        } else {
            let taken: Vec<_> = channels.map(|channel| (0, channel)).collect();
            let count = taken.len();
            self.add_operation(OperationKind::Gather(taken), vec![value], count)?
        };
        if crop == [0; 4] {
            Ok(value)
        } else {
            self.add_operation(OperationKind::Crop(crop), vec![value], self.channels[value])
        }
    }
}

fn padding(sides: &[i64]) -> Result<[usize; 4]> {
    let known =
        <[i64; 4]>::try_from(sides).ok().filter(|sides| sides.iter().all(|side| (0..=MAX_PADDING).contains(side)));
    known
        .map(|sides| sides.map(|side| side as usize))
        .ok_or_else(|| refused(format!("its padding or cropping is not from 0 to {MAX_PADDING} pixels")))
}

fn whole_factor(factor: f64) -> Result<usize> {
    let whole = factor.fract() == 0.0 && (1.0..=MAX_FACTOR as f64).contains(&factor);
    if whole {
        Ok(factor as usize)
    } else {
        Err(refused(format!("its factor {factor} is not a whole number from 1 to {MAX_FACTOR}")))
    }
}
