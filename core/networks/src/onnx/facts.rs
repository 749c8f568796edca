//! What can be told of a network without running it, and the sentence for one that cannot enlarge pictures.
//!
//! Never by a file's name, and never by more than the file says: what only a run can tell is for the probe.

use std::collections::BTreeMap;
use std::fmt;

use enlarger::Result;

use super::tensor::{Data, short};
use super::{ElementType, NOISE_INPUT, Network, Node, Port, invalid};

/// The length of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Always this.
    Fixed(u64),
    /// Whatever is given.
    Open,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Side::Fixed(length) => write!(f, "{length}"),
            Side::Open => f.write_str("?"),
        }
    }
}

/// What a network is, as far as its file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The name of the input that takes pixels.
    pub input: String,
    /// Whether it takes a noise level too, through an input of that name and of shape 1×1×1×1.
    pub noise_level: bool,
    /// The name of the output.
    pub output: String,
    /// The version of the set of operations.
    pub opset: i64,
    /// The program that wrote the file.
    pub producer: String,
    /// The number of weights.
    pub parameters: u64,
    /// How often each operation is there.
    pub operators: BTreeMap<String, usize>,
    /// The operation by which the network looks at the whole picture, where there is one.
    pub whole: Option<String>,
    /// The tensors that are in other files.
    pub elsewhere: usize,
}

impl Network<'_> {
    /// Judges whether this can be a network that enlarges pictures.
    ///
    /// # Errors
    /// `ModelInvalid`, with one sentence on why it cannot.
    pub fn facts(&self) -> Result<Facts> {
        if let Some(node) = self.nodes.iter().find(|node| !node.domain.is_empty()) {
            return Err(invalid(format!(
                "the network uses the custom operator '{}' of '{}', which no engine here has; export it with the operators of ONNX",
                short(node.kind),
                short(node.domain)
            )));
        }
        if self.has_functions {
            return Err(invalid("the network defines operators of its own; export it with the operators of ONNX only"));
        }
        let Some((_, opset)) = self.opsets.iter().find(|(domain, _)| domain.is_empty()) else {
            return Err(invalid("the file does not say which operators it means (no opset); export it again"));
        };
        let (levels, pictures): (Vec<_>, Vec<_>) = self.inputs.iter().partition(|input| is_noise_level(input));
        let &[input] = pictures.as_slice() else {
            return Err(invalid(format!(
                "the network has {} inputs ({}); one that enlarges takes a picture and nothing else",
                self.inputs.len(),
                names(&self.inputs)
            )));
        };
        let [output] = self.outputs.as_slice() else {
            return Err(invalid(format!(
                "the network has {} outputs ({}); one that enlarges gives a picture and nothing else",
                self.outputs.len(),
                names(&self.outputs)
            )));
        };
        takes_pictures(input)?;
        gives_pictures(output)?;
        let mut operators = BTreeMap::new();
        for node in &self.nodes {
            *operators.entry(node.kind.to_owned()).or_insert(0) += 1;
        }
        let parameters = self
            .tensors
            .iter()
            .filter(|tensor| tensor.element != ElementType::I64)
            .fold(0u64, |sum, tensor| sum.saturating_add(tensor.values().unwrap_or(u64::MAX)));
        Ok(Facts {
            input: input.name.to_owned(),
            noise_level: !levels.is_empty(),
            output: output.name.to_owned(),
            opset: *opset,
            producer: short(self.producer),
            parameters,
            operators,
            whole: self.nodes.iter().find(|node| self.sees_everything(node)).map(|node| node.kind.to_owned()),
            elsewhere: self.tensors.iter().filter(|t| matches!(t.data, Data::Elsewhere { .. })).count(),
        })
    }

    /// Whether this operation lets every pixel depend on every other.
    fn sees_everything(&self, node: &Node<'_>) -> bool {
        match node.kind {
            "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => true,
            "InstanceNormalization" | "GroupNormalization" | "MeanVarianceNormalization" => true,
            kind if kind.starts_with("Reduce") => {
                let input = node.inputs.get(1).and_then(|name| self.tensor(name)).and_then(|tensor| tensor.integers());
                let axes = node.integers("axes").map(<[i64]>::to_vec).or(input).unwrap_or_default();
                // Rows and columns together; one axis alone may as well be the channels of a transposed tensor.
                [[2, 3], [-2, -1]].iter().any(|both| both.iter().all(|axis| axes.contains(axis)))
            }
            _ => false,
        }
    }
}

/// Whether this input means a noise level, as the networks that are converted here have it.
fn is_noise_level(input: &Port<'_>) -> bool {
    input.name == NOISE_INPUT && input.sides.as_deref() == Some(&[Side::Fixed(1); 4])
}

fn takes_pictures(input: &Port<'_>) -> Result<()> {
    let name = short(input.name);
    match input.element {
        Some(ElementType::F32) => {}
        Some(element) => {
            return Err(invalid(format!(
                "the network's input '{name}' is of {}; only f32 can be given, export it with that",
                element.name()
            )));
        }
        None => return Err(invalid(format!("the network's input '{name}' is no tensor; it does not take pictures"))),
    }
    let Some(sides) = &input.sides else {
        return Err(invalid(format!("the network does not say what shape its input '{name}' has; export it again")));
    };
    let [batch, channels, height, width] = sides.as_slice() else {
        return Err(invalid(format!(
            "the network's input '{name}' has {} dimensions; pictures have 4: batch, channels, height, width",
            sides.len()
        )));
    };
    if let Side::Fixed(batch @ 2..) = batch {
        return Err(invalid(format!("the network takes {batch} pictures at a time; export it for one")));
    }
    if let (Side::Fixed(height), Side::Fixed(width)) = (height, width) {
        return Err(invalid(format!(
            "the network takes pictures of {width}×{height} pixels only; export it with open height and width"
        )));
    }
    match (channels, width) {
        (Side::Fixed(3) | Side::Open, Side::Open) if *height == Side::Open => Ok(()),
        (_, Side::Fixed(3)) => Err(invalid(
            "the network wants the channels last (height, width, channels); export it with the channels first",
        )),
        (Side::Fixed(1), _) => Err(invalid("the network sees gray pictures only; colour needs three channels")),
        (Side::Fixed(channels), Side::Open) => Err(invalid(format!(
            "the network takes {channels} channels and a picture has 3; what the others mean, only its manifest can say"
        ))),
        _ => Err(invalid("the network takes pictures of one width or one height only; export it with both open")),
    }
}

fn gives_pictures(output: &Port<'_>) -> Result<()> {
    let name = short(output.name);
    if let Some(element) = output.element.filter(|element| *element != ElementType::F32) {
        return Err(invalid(format!(
            "the network's output '{name}' is of {}; only f32 can be taken, export it with that",
            element.name()
        )));
    }
    match output.sides.as_deref() {
        // Some programs leave the shape of the output open; the probe will see it.
        None | Some([]) => Ok(()),
        Some([_, Side::Fixed(3) | Side::Open, _, _]) => Ok(()),
        Some([_, Side::Fixed(channels), _, _]) => {
            Err(invalid(format!("the network gives {channels} channels; a picture has 3")))
        }
        Some(sides) => {
            let shape: Vec<String> = sides.iter().map(Side::to_string).collect();
            Err(invalid(format!(
                "the network gives a tensor of {} and no picture; it may be one that classifies",
                shape.join("×")
            )))
        }
    }
}

fn names(ports: &[Port<'_>]) -> String {
    let mut names: Vec<String> = ports.iter().take(5).map(|port| format!("'{}'", short(port.name))).collect();
    if ports.len() > names.len() {
        names.push("…".to_owned());
    }
    names.join(", ")
}
