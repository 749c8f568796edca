//! Converts a whole network, layer by layer.
//!
//! A layer or setting that is not supported is refused by name, never ignored. The converted network computes the same: its
//! results were compared with those of ncnn, number by number.

use std::collections::HashSet;

use enlarger::{Error, ErrorKind, Result};

use super::layers::{activation, arithmetic, convolution, pooling, shape};
use super::param_file::{self, Layer};
use super::state::Conversion;
use crate::errors::invalid;
use crate::onnx::{Dimension, MAX_NETWORK};

/// Converts an ncnn network to an ONNX file. Input and output keep their names, with the prefix `blob/`.
///
/// # Errors
/// `ModelInvalid`, with a message that names the layer, for a damaged file or an unsupported layer; `Limit` for too many
/// weights.
pub fn convert(param: &str, bin: &[u8]) -> Result<Vec<u8>> {
    // Weights stored as indices into a table grow to four times their size.
    if bin.len() as u64 > MAX_NETWORK / 4 {
        return Err(Error::new(
            ErrorKind::Limit,
            format!(
                "the .bin file has {} MiB, more than the limit of {} MiB; use another model",
                bin.len() >> 20,
                MAX_NETWORK >> 22
            ),
        ));
    }
    let layers = param_file::read(param)?;
    let mut conversion = Conversion::new(bin);
    for layer in &layers {
        add_layer(&mut conversion, layer)?;
    }
    if conversion.weights.left() > 0 {
        return Err(invalid(format!(
            "no layer uses the last {} bytes of the .bin file; get the .param and .bin files of the same model",
            conversion.weights.left()
        )));
    }
    let used: HashSet<&str> = layers.iter().flat_map(|layer| &layer.inputs).copied().collect();
    let ends: Vec<&str> =
        layers.iter().flat_map(|layer| &layer.outputs).copied().filter(|name| !used.contains(name)).collect();
    let (Some(input), &[end]) = (conversion.input.clone(), ends.as_slice()) else {
        return Err(invalid(format!(
            "the network has {} outputs; a network that enlarges has one input and one output, so use another model",
            ends.len()
        )));
    };
    let (output, builder) = (conversion.blob(end)?.name.clone(), &mut conversion.builder);
    if output == input {
        return Err(invalid("the network does nothing; get the .param and .bin files of the same model"));
    }
    let channels = conversion.channels.map_or(Dimension::Open, Dimension::Fixed);
    builder.input(&input, &[Dimension::Fixed(1), channels, Dimension::Open, Dimension::Open]);
    builder.output(&output, &[Dimension::Fixed(1), Dimension::Open, Dimension::Open, Dimension::Open]);
    Ok(conversion.builder.finish())
}

fn add_layer<'a>(conversion: &mut Conversion<'a>, layer: &Layer<'a>) -> Result<()> {
    let kind = layer.kind;
    let inputs = layer.inputs.iter().map(|name| conversion.blob(name).cloned()).collect::<Result<Vec<_>>>()?;
    let allowed = match kind {
        "Input" => 0..=0,
        "Concat" | "Eltwise" => 1..=usize::MAX,
        "BinaryOp" | "Crop" => 1..=2,
        "Scale" => 2..=2,
        _ => 1..=1,
    };
    if !allowed.contains(&inputs.len()) || (layer.outputs.len() != 1 && kind != "Split") {
        return Err(invalid(format!(
            "the layer '{}' ({kind}) has the wrong number of inputs or outputs; fetch the file again",
            layer.name
        )));
    }
    match kind {
        "Input" if conversion.input.is_some() => {
            return Err(invalid(
                "the network has more than one input; a network that enlarges takes only a picture, so use another model",
            ));
        }
        "Input" => {
            let name = conversion.add(layer.outputs[0], false);
            conversion.input = Some(name);
            return Ok(());
        }
        "Split" | "Noop" | "Dropout" => {
            layer.outputs.iter().for_each(|output| conversion.alias(output, &inputs[0]));
            return Ok(());
        }
        _ => {}
    }
    // A single pixel stays a single pixel, except in layers that enlarge.
    let single = match kind {
        "Pooling" => layer.integer(4, 0)? == 1,
        "Interp" | "PixelShuffle" | "Deconvolution" | "DeconvolutionDepthWise" => false,
        _ => inputs.iter().all(|blob| blob.single),
    };
    let output = conversion.add(layer.outputs[0], single);
    match kind {
        "Convolution" | "ConvolutionDepthWise" => {
            convolution::convolution(conversion, layer, &inputs[0], &output, false)
        }
        "Deconvolution" | "DeconvolutionDepthWise" => {
            convolution::convolution(conversion, layer, &inputs[0], &output, true)
        }
        "InnerProduct" => convolution::inner_product(conversion, layer, &inputs[0], &output),
        "PReLU" => activation::prelu(conversion, layer, &inputs[0], &output),
        "ReLU" => activation::relu(conversion, layer, &inputs[0], &output),
        "Sigmoid" => {
            conversion.builder.node("Sigmoid", &[&inputs[0].name], &output, &[]);
            Ok(())
        }
        "BinaryOp" => arithmetic::binary(conversion, layer, &inputs, &output),
        "Eltwise" => arithmetic::elementwise(conversion, layer, &inputs, &output),
        "Scale" => arithmetic::scale(conversion, layer, &inputs, &output),
        "Concat" => shape::concat(conversion, layer, &inputs, &output),
        "Crop" => shape::crop(conversion, layer, &inputs, &output),
        "Interp" => shape::interp(conversion, layer, &inputs[0], &output),
        "PixelShuffle" => shape::pixel_shuffle(conversion, layer, &inputs[0], &output),
        "Pooling" => pooling::pooling(conversion, layer, &inputs[0], &output),
        _ => Err(invalid(format!(
            "the layer '{}' is of the unsupported kind {kind}; look for the model as ONNX",
            layer.name
        ))),
    }
}
