//! The ONNX operators that the compiler knows, and the operations that they become.
//!
//! An attribute may be ignored only if it has a single meaning for all engines. Sizes of pictures are unknown here, and
//! must not be needed.

use enlarger::Result;

use crate::compiled_graph::{BLOCK, Border, Length, MAX_PADDING, Map, OperationKind, Rule, Shuffle, ValueId};
use crate::graph::{Attribute, Constant, Node};

use super::{Compiler, Symbol, per_channel, refused};

/// The greatest factor by which pixels are repeated or rearranged.
const MAX_FACTOR: usize = 16;

impl<'a> Compiler<'a> {
    /// Compiles one node.
    pub(super) fn compile_node(&mut self, node: &'a Node) -> Result<()> {
        let [output, ..] = node.outputs.as_slice() else { return Err(refused("it has no output")) };
        if let Some(lengths) = self.lengths_of(node)? {
            self.symbols.insert(output, Symbol::Lengths(lengths));
            return Ok(());
        }
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
            "Slice" => match self.constant(node, 2) {
                None if node.inputs.len() > 2 => vec![self.keep(node)?],
                _ => vec![self.slice(node)?],
            },
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
        let border = match node.text("mode", "constant") {
            "reflect" => Border::Mirror,
            "edge" => Border::Repeat,
            _ => return Err(refused("it neither mirrors nor repeats rows and columns")),
        };
        let pads = <[Length; 8]>::try_from(self.lengths(node, 1)?);
        match pads.map_err(|_| refused("it does not extend rows and columns"))? {
            [
                Length::Number(0),
                Length::Number(0),
                Length::Number(top),
                Length::Number(left),
                Length::Number(0),
                Length::Number(0),
                bottom,
                right,
            ] => {
                let [top, left, ..] = padding(&[top, left, 0, 0])?;
                for side in [&bottom, &right] {
                    if let Length::Number(side) = side {
                        padding(&[*side, 0, 0, 0])?;
                    }
                }
                let kind = OperationKind::Extend { border, top_left: [top, left], bottom_right: [bottom, right] };
                self.add_operation(kind, vec![value], self.channels[value])
            }
            _ => Err(refused("it extends other axes than rows and columns, or by amounts that are not constants")),
        }
    }

    /// A slice of rows and columns that ends where a length of the picture says.
    fn keep(&mut self, node: &'a Node) -> Result<ValueId> {
        let value = self.single_value(node, 0)?;
        let list = |input| self.constant(node, input).and_then(Constant::integers);
        let unit_steps = list(4).is_none_or(|steps| steps.iter().all(|step| *step == 1));
        let ends = <[Length; 2]>::try_from(self.lengths(node, 2)?);
        match (list(1), ends, list(3)) {
            (Some([top @ 0..=MAX_PADDING, left @ 0..=MAX_PADDING]), Ok(ends), Some([2 | -2, 3 | -1])) if unit_steps => {
                let [rows, columns] = ends;
                let kept = |end, start: i64| {
                    Length::calculated(Rule::Subtract, end, Length::Number(start))
                        .ok_or_else(|| refused("its ends cannot be computed"))
                };
                let size = [kept(rows, *top)?, kept(columns, *left)?];
                let kind = OperationKind::Keep { top_left: [*top as usize, *left as usize], size };
                self.add_operation(kind, vec![value], self.channels[value])
            }
            _ => Err(refused("its bounds are not those of rows and columns")),
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

pub(super) fn padding(sides: &[i64]) -> Result<[usize; 4]> {
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
