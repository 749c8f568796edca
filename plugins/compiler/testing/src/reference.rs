//! The naive reference: every operator as the ONNX specification words it, in doubles, one node after the other.
//!
//! It is written for readability, not for speed. It must never share code with what it checks.

use std::collections::HashMap;

use enlarger_compiler::{Attribute, Graph, Node};

/// A feature map, plane after plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The number of planes.
    pub channels: usize,
    /// The rows of a plane.
    pub height: usize,
    /// The columns of a plane.
    pub width: usize,
    /// The values, row by row.
    pub data: Vec<f64>,
}

impl Array {
    /// The feature map of this shape (channels, height, width) whose values `value` gives for channel, row and column.
    pub fn from_fn(shape: [usize; 3], value: impl Fn(usize, usize, usize) -> f64) -> Self {
        let [channels, height, width] = shape;
        let at = |i: usize| value(i / (height * width), i / width % height, i % width);
        Array { channels, height, width, data: (0..channels * height * width).map(at).collect() }
    }

    /// The value at a pixel.
    pub fn at(&self, channel: usize, y: usize, x: usize) -> f64 {
        self.data[(channel * self.height + y) * self.width + x]
    }

    /// The value at a pixel; zero outside.
    fn around(&self, channel: usize, y: isize, x: isize) -> f64 {
        let inside = (0..self.height as isize).contains(&y) && (0..self.width as isize).contains(&x);
        if inside { self.at(channel, y as usize, x as usize) } else { 0.0 }
    }

    /// Channels, height, width.
    pub fn shape(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    fn map(&self, change: impl Fn(usize, f64) -> f64) -> Array {
        Array::from_fn(self.shape(), |c, y, x| change(c, self.at(c, y, x)))
    }

    /// The greatest difference; infinite if a value is not finite.
    pub fn distance(&self, other: &Array) -> f64 {
        assert_eq!(self.shape(), other.shape());
        let pairs = self.data.iter().zip(&other.data);
        pairs
            .map(|(a, b)| if a.is_finite() && b.is_finite() { (a - b).abs() } else { f64::INFINITY })
            .fold(0.0, f64::max)
    }
}

/// Evaluates a graph and returns the value called `output`.
pub fn evaluate_graph(graph: &Graph, output: &str, inputs: &HashMap<&str, Array>) -> Array {
    let mut values: HashMap<String, Array> =
        inputs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    for (name, constant) in &graph.constants {
        if let Some(floats) = constant.floats() {
            // Constants that are broadcast: one number, or one for each channel.
            let data = floats.iter().map(|value| f64::from(*value)).collect();
            values.insert(name.clone(), Array { channels: floats.len(), height: 1, width: 1, data });
        }
    }
    for node in &graph.nodes {
        let result = evaluate(graph, node, &values);
        values.insert(node.outputs[0].clone(), result);
    }
    values.remove(output).unwrap()
}

fn evaluate(graph: &Graph, node: &Node, values: &HashMap<String, Array>) -> Array {
    let value = |place: usize| &values[&node.inputs[place]];
    let integers = |place: usize| graph.constants[&node.inputs[place]].integers().unwrap();
    let first = value(0);
    let broadcast = |combine: fn(f64, f64) -> f64| {
        let (a, b) = (value(0), value(1));
        let shape: [usize; 3] = std::array::from_fn(|i| a.shape()[i].max(b.shape()[i]));
        let at = |v: &Array, c: usize, y: usize, x: usize| {
            v.at(c.min(v.channels - 1), y.min(v.height - 1), x.min(v.width - 1))
        };
        Array::from_fn(shape, |c, y, x| combine(at(a, c, y, x), at(b, c, y, x)))
    };
    let leaky = |slope: &dyn Fn(usize) -> f64| first.map(|c, v| if v < 0.0 { v * slope(c) } else { v });
    let [channels, height, width] = first.shape();
    match node.kind.as_str() {
        "Identity" => first.clone(),
        "Conv" => convolution(graph, node, values),
        "ConvTranspose" => transposed(graph, node, values),
        "Relu" => leaky(&|_| 0.0),
        "LeakyRelu" => leaky(&|_| f64::from(node.float("alpha", 0.01))),
        "PRelu" => leaky(&|c| value(1).data[c.min(value(1).data.len() - 1)]),
        "Clip" => first.map(|_, v| v.max(value(1).data[0]).min(value(2).data[0])),
        "Sigmoid" => first.map(|_, v| 1.0 / (1.0 + (-v).exp())),
        "Tanh" => first.map(|_, v| v.tanh()),
        "Sqrt" => first.map(|_, v| v.sqrt()),
        "Neg" => first.map(|_, v| -v),
        "Add" => broadcast(|a, b| a + b),
        "Sub" => broadcast(|a, b| a - b),
        "Mul" => broadcast(|a, b| a * b),
        "Div" => broadcast(|a, b| a / b),
        "Concat" => {
            let data = (0..node.inputs.len()).flat_map(|place| value(place).data.clone()).collect();
            let channels = (0..node.inputs.len()).map(|place| value(place).channels).sum();
            Array { channels, height, width, data }
        }
        "DepthToSpace" => {
            let b = node.integer("blocksize", 0) as usize;
            let (result, pixels_first) = (channels / b / b, node.text("mode", "DCR") == "DCR");
            Array::from_fn([result, height * b, width * b], |c, y, x| {
                let pixel = y % b * b + x % b;
                let channel = if pixels_first { pixel * result + c } else { c * b * b + pixel };
                first.at(channel, y / b, x / b)
            })
        }
        "Resize" => {
            let times = value(2).data[2] as usize;
            Array::from_fn([channels, height * times, width * times], |c, y, x| first.at(c, y / times, x / times))
        }
        "Pad" => {
            let [.., top, left, _, _, bottom, right] = *integers(1) else { panic!("pads") };
            let edge = node.text("mode", "constant") == "edge";
            let mirror = |i: usize, before: i64, length: usize| {
                if edge {
                    return (i as i64 - before).clamp(0, length as i64 - 1) as usize;
                }
                let i = (i as i64 - before).unsigned_abs() as usize;
                if i < length { i } else { 2 * length - 2 - i }
            };
            let shape = [channels, height + (top + bottom) as usize, width + (left + right) as usize];
            Array::from_fn(shape, |c, y, x| first.at(c, mirror(y, top, height), mirror(x, left, width)))
        }
        "Slice" => {
            let mut from = [0; 3];
            let mut to = first.shape();
            for ((start, end), axis) in integers(1).iter().zip(integers(2)).zip(integers(3)) {
                let axis = *axis as usize - 1;
                let length = to[axis] as i64;
                let place = |i: i64| if i < 0 { i + length } else { i.min(length) } as usize;
                (from[axis], to[axis]) = (place(*start), place(*end));
            }
            let shape = std::array::from_fn(|i| to[i] - from[i]);
            Array::from_fn(shape, |c, y, x| first.at(c + from[0], y + from[1], x + from[2]))
        }
        "GlobalAveragePool" | "ReduceMean" => Array::from_fn([channels, 1, 1], |c, _, _| {
            first.data[c * height * width..][..height * width].iter().sum::<f64>() / (height * width) as f64
        }),
        kind => panic!("{kind}"),
    }
}

/// The attributes and constants of a convolution.
struct Parts<'a> {
    shape: &'a [usize],
    taps: &'a [f32],
    bias: Vec<f64>,
    stride: [usize; 2],
    pads: [isize; 4],
}

fn parts<'a>(graph: &'a Graph, node: &'a Node) -> Parts<'a> {
    let weights = &graph.constants[&node.inputs[1]];
    let bias = node.inputs.get(2).map(|name| graph.constants[name].floats().unwrap());
    let outputs = weights.shape[usize::from(node.kind == "ConvTranspose")];
    let bias = bias.map_or(vec![0.0; outputs], |bias| bias.iter().map(|value| f64::from(*value)).collect());
    let integers = |name: &str, default: i64, count| match node.attributes.get(name) {
        Some(Attribute::Integers(values)) => values.clone(),
        _ => vec![default; count],
    };
    let (strides, pads) = (integers("strides", 1, 2), integers("pads", 0, 4));
    Parts {
        shape: &weights.shape,
        taps: weights.floats().unwrap(),
        bias,
        stride: std::array::from_fn(|i| strides[i] as usize),
        pads: std::array::from_fn(|i| pads[i] as isize),
    }
}

fn convolution(graph: &Graph, node: &Node, values: &HashMap<String, Array>) -> Array {
    let Parts { shape, taps, bias, stride, pads } = parts(graph, node);
    let [outputs, channels, rows, columns] = *shape else { panic!("weights") };
    let from = &values[&node.inputs[0]];
    let side = |length: usize, kernel: usize, i: usize| {
        (length as isize + pads[i] + pads[i + 2] - kernel as isize) as usize / stride[i] + 1
    };
    Array::from_fn([outputs, side(from.height, rows, 0), side(from.width, columns, 1)], |o, y, x| {
        let mut sum = bias[o];
        for c in 0..channels {
            for ky in 0..rows {
                for kx in 0..columns {
                    let at = |i: usize, k: usize, axis: usize| (i * stride[axis] + k) as isize - pads[axis];
                    sum += f64::from(taps[((o * channels + c) * rows + ky) * columns + kx])
                        * from.around(c, at(y, ky, 0), at(x, kx, 1));
                }
            }
        }
        sum
    })
}

fn transposed(graph: &Graph, node: &Node, values: &HashMap<String, Array>) -> Array {
    let Parts { shape, taps, bias, stride, pads } = parts(graph, node);
    let [channels, outputs, rows, columns] = *shape else { panic!("weights") };
    let from = &values[&node.inputs[0]];
    let side =
        |length: usize, kernel: usize, i: usize| ((length - 1) * stride[i] + kernel) - (pads[i] + pads[i + 2]) as usize;
    let (height, width) = (side(from.height, rows, 0), side(from.width, columns, 1));
    let mut result = Array::from_fn([outputs, height, width], |o, _, _| bias[o]);
    for o in 0..outputs {
        for (c, y, x) in (0..channels * from.height * from.width)
            .map(|i| (i / (from.height * from.width), i / from.width % from.height, i % from.width))
        {
            for (ky, kx) in (0..rows * columns).map(|k| (k / columns, k % columns)) {
                let (to_y, to_x) = ((y * stride[0] + ky) as isize - pads[0], (x * stride[1] + kx) as isize - pads[1]);
                if (0..height as isize).contains(&to_y) && (0..width as isize).contains(&to_x) {
                    result.data[(o * height + to_y as usize) * width + to_x as usize] +=
                        f64::from(taps[((c * outputs + o) * rows + ky) * columns + kx]) * from.at(c, y, x);
                }
            }
        }
    }
    result
}
