//! Judges from a network's file whether it can enlarge pictures, and says why if it cannot.
//!
//! The network is not run, and its file name does not count. What only a run can show is left to the probe.

use std::collections::BTreeMap;

use enlarger::Result;

use super::tensor::Data;
use super::{Dimension, ElementType, NOISE_INPUT, Network, Port};
use crate::errors::{invalid, shown};

/// Facts about a network that can be read from its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The name of the input that takes pixels.
    pub input: String,
    /// Whether it also takes a noise level, through an input `noise_level` of shape 1×1×1×1.
    pub noise_level: bool,
    /// The width and the height of pictures, if it takes only one size.
    pub size: Option<[u32; 2]>,
    /// The name of the output.
    pub output: String,
    /// The version of the ONNX operator set.
    pub opset: i64,
    /// The program that wrote the file.
    pub producer: String,
    /// The number of weights.
    pub parameters: u64,
    /// How many nodes use each operator.
    pub operators: BTreeMap<String, usize>,
    /// The operator that makes every pixel depend on the whole picture, if there is one.
    pub whole: Option<String>,
    /// The number of tensors whose values are in other files.
    pub external: usize,
}

/// The sides that a network of one size may have.
const SIDES: std::ops::RangeInclusive<u32> = 8..=4096;

impl Network<'_> {
    /// Judges whether this network can enlarge pictures.
    ///
    /// # Errors
    /// `ModelInvalid`, with one sentence on why it cannot.
    pub fn judge(&self) -> Result<Facts> {
        if let Some(node) = self.nodes.iter().find(|node| !node.domain.is_empty()) {
            return Err(invalid(format!(
                "the network uses the custom operator '{}' of '{}', which no engine supports; export it with standard ONNX operators",
                shown(node.kind),
                shown(node.domain)
            )));
        }
        if self.has_functions {
            return Err(invalid(
                "the network defines its own operators, which no engine supports; export it with standard ONNX operators",
            ));
        }
        let Some((_, opset)) = self.opsets.iter().find(|(domain, _)| domain.is_empty()) else {
            return Err(invalid("the network lacks the version of its operators (opset); export it again"));
        };
        let (levels, pictures): (Vec<_>, Vec<_>) = self.inputs.iter().partition(|input| is_noise_level(input));
        let &[input] = pictures.as_slice() else {
            return Err(invalid(format!(
                "the network has {} inputs ({}); a network that enlarges takes only a picture, so use another model",
                self.inputs.len(),
                names(&self.inputs)
            )));
        };
        let [output] = self.outputs.as_slice() else {
            return Err(invalid(format!(
                "the network has {} outputs ({}); a network that enlarges returns only a picture, so use another model",
                self.outputs.len(),
                names(&self.outputs)
            )));
        };
        let size = check_input(input)?;
        check_output(output)?;
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
            size,
            output: output.name.to_owned(),
            opset: *opset,
            producer: shown(self.producer),
            parameters,
            operators,
            whole: self.nodes.iter().find(|node| self.sees_whole_picture(node)).map(|node| node.kind.to_owned()),
            external: self.tensors.iter().filter(|t| matches!(t.data, Data::External { .. })).count(),
        })
    }
}

/// Whether this input is a noise level, in the form that [`wrap`](super::wrap()) gives it.
pub(super) fn is_noise_level(input: &Port<'_>) -> bool {
    input.name == NOISE_INPUT && input.shape.as_deref() == Some(&[Dimension::Fixed(1); 4])
}

/// Checks that the input takes pictures. Returns their width and height if it takes only one size.
pub(super) fn check_input(input: &Port<'_>) -> Result<Option<[u32; 2]>> {
    let name = shown(input.name);
    match input.element {
        Some(ElementType::F32) => {}
        Some(element) => {
            return Err(invalid(format!(
                "the network's input '{name}' has the type {}, and only f32, f16 and u8 are supported; export it with f32",
                element.name()
            )));
        }
        None => {
            return Err(invalid(format!(
                "the network's input '{name}' is not a tensor, so it does not take pictures; use another model"
            )));
        }
    }
    let Some(shape) = &input.shape else {
        return Err(invalid(format!("the network's input '{name}' has no shape; export it again")));
    };
    let [batch, channels, height, width] = shape.as_slice() else {
        return Err(invalid(format!(
            "the network's input '{name}' has {} dimensions, but a picture has 4 (batch, channels, height, width); use another model",
            shape.len()
        )));
    };
    if let Dimension::Fixed(batch @ 2..) = batch {
        return Err(invalid(format!("the network takes {batch} pictures at a time; export it for one picture")));
    }
    if let (Dimension::Fixed(3) | Dimension::Open, Dimension::Fixed(height), Dimension::Fixed(width)) =
        (channels, height, width)
    {
        let side = |length: u64| u32::try_from(length).ok().filter(|length| SIDES.contains(length));
        return match (side(*width), side(*height)) {
            (Some(width), Some(height)) => Ok(Some([width, height])),
            _ => Err(invalid(format!(
                "the network takes only pictures of {width}×{height} pixels, and sides must be {} to {}; export it with dynamic height and width",
                SIDES.start(),
                SIDES.end()
            ))),
        };
    }
    match (channels, width) {
        (Dimension::Fixed(3) | Dimension::Open, Dimension::Open) if *height == Dimension::Open => Ok(None),
        (_, Dimension::Fixed(3)) => Err(invalid(
            "the network has the channels last (height, width, channels); export it with the channels first",
        )),
        (Dimension::Fixed(1), _) => {
            Err(invalid("the network takes only gray pictures (one channel); use a model with three channels"))
        }
        (Dimension::Fixed(channels), Dimension::Open) => Err(invalid(format!(
            "the network takes {channels} channels, but a picture has 3, and the file does not tell what the others mean; use another model"
        ))),
        _ => Err(invalid(
            "the network takes only pictures of one width or one height; export it with dynamic height and width",
        )),
    }
}

pub(super) fn check_output(output: &Port<'_>) -> Result<()> {
    let name = shown(output.name);
    if let Some(element) = output.element.filter(|element| *element != ElementType::F32) {
        return Err(invalid(format!(
            "the network's output '{name}' has the type {}, and only f32, f16 and u8 are supported; export it with f32",
            element.name()
        )));
    }
    match output.shape.as_deref() {
        // Some exporters leave out the output's shape; the probe will find it.
        None | Some([]) => Ok(()),
        Some([_, Dimension::Fixed(3) | Dimension::Open, _, _]) => Ok(()),
        Some([_, Dimension::Fixed(channels), _, _]) => {
            Err(invalid(format!("the network returns {channels} channels, but a picture has 3; use another model")))
        }
        Some(shape) => {
            let lengths: Vec<String> = shape.iter().map(Dimension::to_string).collect();
            Err(invalid(format!(
                "the network returns a tensor of {}, which is not a picture (it may classify pictures); use another model",
                lengths.join("×")
            )))
        }
    }
}

fn names(ports: &[Port<'_>]) -> String {
    let mut names: Vec<String> = ports.iter().take(5).map(|port| format!("'{}'", shown(port.name))).collect();
    if ports.len() > names.len() {
        names.push("…".to_owned());
    }
    names.join(", ")
}
