//! A whole network: layer by layer, with the values between them.
//!
//! What is not known is refused by name; nothing is passed over. The conversion changes the form only: the result was
//! compared with ncnn itself, number by number.

use std::collections::HashMap;

use enlarger::{Error, ErrorKind, Result};

use super::param::{self, Layer};
use super::weights::Weights;
use super::{filters, invalid, shapes, values};
use crate::onnx::{Builder, MAX_NETWORK, Side};

/// A value between layers.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    /// Its name in the ONNX file.
    pub(super) name: String,
    /// Whether it has one pixel only.
    pub(super) single: bool,
}

/// A conversion under way.
pub(super) struct Conversion<'a> {
    pub(super) weights: Weights<'a>,
    pub(super) builder: Builder,
    blobs: HashMap<&'a str, Blob>,
    pub(super) input: Option<String>,
    /// Channels of the input, where a layer has said so.
    pub(super) channels: Option<u64>,
}

/// The network as an ONNX file. Input and output keep their names, after `blob/`.
///
/// # Errors
/// `ModelInvalid`, with a sentence that names the layer, for what is damaged or not known; `Limit` for too many weights.
pub fn convert(param: &str, bin: &[u8]) -> Result<Vec<u8>> {
    // A table of bytes becomes four times as large.
    if bin.len() as u64 > MAX_NETWORK / 4 {
        return Err(Error::new(
            ErrorKind::Limit,
            format!("the .bin file has {} MiB; it may have {}", bin.len() >> 20, MAX_NETWORK >> 22),
        ));
    }
    let layers = param::read(param)?;
    let mut conversion = Conversion {
        weights: Weights::new(bin),
        builder: Builder::new(),
        blobs: HashMap::new(),
        input: None,
        channels: None,
    };
    for layer in &layers {
        conversion.layer(layer)?;
    }
    if conversion.weights.left() > 0 {
        return Err(invalid(format!(
            "{} bytes of the .bin file belong to no layer; it belongs to another .param file",
            conversion.weights.left()
        )));
    }
    let used: std::collections::HashSet<&str> = layers.iter().flat_map(|layer| &layer.inputs).copied().collect();
    let ends: Vec<&str> =
        layers.iter().flat_map(|layer| &layer.outputs).copied().filter(|name| !used.contains(name)).collect();
    let (Some(input), &[end]) = (conversion.input.clone(), ends.as_slice()) else {
        return Err(invalid(format!(
            "the network has {} outputs; one that enlarges takes one picture and gives one",
            ends.len()
        )));
    };
    let (output, builder) = (conversion.blob(end)?.name.clone(), &mut conversion.builder);
    if output == input {
        return Err(invalid("the network does nothing; it belongs to another .bin file"));
    }
    let channels = conversion.channels.map_or(Side::Open, Side::Fixed);
    builder.input(&input, &[Side::Fixed(1), channels, Side::Open, Side::Open]);
    builder.output(&output, &[Side::Fixed(1), Side::Open, Side::Open, Side::Open]);
    Ok(conversion.builder.finish())
}

impl<'a> Conversion<'a> {
    fn layer(&mut self, layer: &Layer<'a>) -> Result<()> {
        let kind = layer.kind;
        let inputs = layer.inputs.iter().map(|name| self.blob(name).cloned()).collect::<Result<Vec<_>>>()?;
        let wanted = match kind {
            "Input" => 0..=0,
            "Concat" | "Eltwise" => 1..=usize::MAX,
            "BinaryOp" | "Crop" => 1..=2,
            "Scale" => 2..=2,
            _ => 1..=1,
        };
        if !wanted.contains(&inputs.len()) || (layer.outputs.len() != 1 && kind != "Split") {
            return Err(invalid(format!(
                "the layer '{}' ({kind}) has a wrong number of inputs; fetch the file again",
                layer.name
            )));
        }
        match kind {
            "Input" if self.input.is_some() => {
                return Err(invalid(
                    "the network has more than one input; one that enlarges takes a picture and nothing else",
                ));
            }
            "Input" => {
                let blob = self.make(layer.outputs[0], false);
                self.input = Some(blob);
                return Ok(());
            }
            "Split" | "Noop" | "Dropout" => {
                for output in &layer.outputs {
                    self.blobs.insert(output, inputs[0].clone());
                }
                return Ok(());
            }
            _ => {}
        }
        // One pixel stays one pixel, but for layers that enlarge.
        let single = match kind {
            "Pooling" => layer.integer(4, 0)? == 1,
            "Interp" | "PixelShuffle" | "Deconvolution" | "DeconvolutionDepthWise" => false,
            _ => inputs.iter().all(|blob| blob.single),
        };
        let output = self.make(layer.outputs[0], single);
        match kind {
            "Convolution" | "ConvolutionDepthWise" => filters::convolution(self, layer, &inputs[0], &output, false),
            "Deconvolution" | "DeconvolutionDepthWise" => filters::convolution(self, layer, &inputs[0], &output, true),
            "InnerProduct" => filters::inner_product(self, layer, &inputs[0], &output),
            "PReLU" => values::prelu(self, layer, &inputs[0], &output),
            "ReLU" => values::relu(self, layer, &inputs[0], &output),
            "Sigmoid" => {
                self.builder.node("Sigmoid", &[&inputs[0].name], &output, &[]);
                Ok(())
            }
            "BinaryOp" => values::binary(self, layer, &inputs, &output),
            "Eltwise" => values::elementwise(self, layer, &inputs, &output),
            "Scale" => values::scale(self, layer, &inputs, &output),
            "Concat" => shapes::concat(self, layer, &inputs, &output),
            "Crop" => shapes::crop(self, layer, &inputs, &output),
            "Interp" => shapes::interp(self, layer, &inputs[0], &output),
            "PixelShuffle" => shapes::pixel_shuffle(self, layer, &inputs[0], &output),
            "Pooling" => shapes::pooling(self, layer, &inputs[0], &output),
            _ => Err(invalid(format!(
                "the network has a layer '{kind}' ('{}'), which is not known here; look for the model as ONNX",
                layer.name
            ))),
        }
    }

    fn blob(&self, name: &str) -> Result<&Blob> {
        self.blobs.get(name).ok_or_else(|| {
            invalid(format!("the value '{name}' is used before any layer makes it; fetch the .param file again"))
        })
    }

    /// A value of this name. ONNX has one space of names for everything, so ours get a mark.
    fn make(&mut self, name: &'a str, single: bool) -> String {
        let made = format!("blob/{name}");
        self.blobs.insert(name, Blob { name: made.clone(), single });
        made
    }

    /// Applies the activation that a layer has of its own.
    pub(super) fn activate(&mut self, layer: &Layer<'_>, value: &str, output: &str) -> Result<()> {
        let parameters = layer.list::<f32>(10)?;
        let parameter = |at: usize| parameters.get(at).copied().ok_or_else(|| layer.wrong(10));
        match layer.integer(9, 0)? {
            0 => self.builder.node("Identity", &[value], output, &[]),
            1 => self.builder.node("Relu", &[value], output, &[]),
            2 => values::leaky(self, value, output, parameter(0)?),
            3 => {
                let bounds = [parameter(0)?, parameter(1)?].map(|bound| self.builder.constant(&[], &[bound]));
                self.builder.node("Clip", &[value, &bounds[0], &bounds[1]], output, &[]);
            }
            4 => self.builder.node("Sigmoid", &[value], output, &[]),
            kind => return Err(layer.unknown(&format!("the activation {kind}"))),
        }
        Ok(())
    }
}
