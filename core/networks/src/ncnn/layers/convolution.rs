//! Layers whose weights span a neighbourhood: convolutions, transposed convolutions, inner products.

use enlarger::Result;

use super::activation::activate;
use crate::ncnn::param_file::Layer;
use crate::ncnn::state::{Blob, Conversion};
use crate::onnx::Setting;

/// A convolution or, if `transposed`, a transposed convolution.
pub(in crate::ncnn) fn convolution(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    input: &Blob,
    output: &str,
    transposed: bool,
) -> Result<()> {
    let outputs = layer.count(0, 0)?;
    let width = layer.count(1, 0)?;
    let height = layer.count(11, width)?;
    let dilation = layer.count(2, 1)?;
    let dilations = [layer.count(12, dilation)?, dilation];
    let stride = layer.count(3, 1)?;
    let strides = [layer.count(13, stride)?, stride];
    let left = layer.integer(4, 0)?;
    let top = layer.integer(14, left)?;
    let pads = [top, left, layer.integer(16, top)?, layer.integer(15, left)?];
    let weights = layer.count(6, 0)?;
    let groups = if layer.kind.ends_with("DepthWise") { layer.count(7, 1)? } else { 1 };
    if pads.iter().any(|pad| *pad < 0) {
        return Err(layer.unknown("padding that depends on the picture's size"));
    }
    layer.only(8, 0)?;
    let mut extra = [0, 0];
    if transposed {
        extra = [layer.integer(19, layer.integer(18, 0)?)?, layer.integer(18, 0)?];
        layer.only(20, 0)?;
        layer.only(21, 0)?;
    } else {
        layer.only(19, 0)?;
        if layer.float(18, 0.0)? != 0.0 {
            return Err(layer.unknown("padding with a value other than zero"));
        }
    }

    // Weights are outputs × inputs per group × height × width.
    let taps = height.checked_mul(width).and_then(|taps| taps.checked_mul(outputs)).filter(|taps| *taps > 0);
    let exact = |value: usize, by: usize| (by > 0 && value.is_multiple_of(by)).then(|| value / by);
    let inputs = taps.and_then(|taps| exact(weights, taps)).filter(|inputs| *inputs > 0);
    let (Some(inputs), Some(outputs_of_group)) = (inputs, exact(outputs, groups)) else {
        return Err(layer.wrong(6));
    };
    if conversion.input.as_ref() == Some(&input.name) {
        conversion.channels.get_or_insert((inputs * groups) as u64);
    }
    let mut values = conversion.weights.tagged(weights)?;
    let mut shape = [outputs, inputs, height, width];
    if transposed {
        // In each group, ONNX has the inputs first.
        let mut transposed = Vec::with_capacity(weights);
        let taps = height * width;
        for group in values.chunks(outputs_of_group * inputs * taps) {
            for input in 0..inputs {
                for output in 0..outputs_of_group {
                    let at = (output * inputs + input) * taps;
                    transposed.extend_from_slice(&group[at..at + taps]);
                }
            }
        }
        values = transposed;
        shape = [inputs * groups, outputs_of_group, height, width];
    }
    let name = conversion.builder.constant(&shape, &values);
    let mut inputs = vec![input.name.clone(), name];
    if layer.integer(5, 0)? != 0 {
        let bias = conversion.weights.plain(outputs)?;
        inputs.push(conversion.builder.constant(&[outputs], &bias));
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let signed = |values: [usize; 2]| values.map(|value| value as i64);
    let (kernel, strides, dilations) = (signed([height, width]), signed(strides), signed(dilations));
    let mut settings = vec![
        ("kernel_shape", Setting::Integers(&kernel)),
        ("strides", Setting::Integers(&strides)),
        ("dilations", Setting::Integers(&dilations)),
        ("pads", Setting::Integers(&pads)),
        ("group", Setting::Integer(groups as i64)),
    ];
    if extra != [0, 0] {
        settings.push(("output_padding", Setting::Integers(&extra)));
    }
    let kind = if transposed { "ConvTranspose" } else { "Conv" };
    finish(conversion, layer, kind, &inputs, output, &settings)
}

/// An inner product over a single pixel, written as a convolution of one tap.
pub(in crate::ncnn) fn inner_product(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    input: &Blob,
    output: &str,
) -> Result<()> {
    if !input.single {
        return Err(layer.unknown("all pixels of a picture of a fixed size"));
    }
    layer.only(8, 0)?;
    let (outputs, weights) = (layer.count(0, 0)?, layer.count(2, 0)?);
    if outputs == 0 || weights == 0 || !weights.is_multiple_of(outputs) {
        return Err(layer.wrong(2));
    }
    let values = conversion.weights.tagged(weights)?;
    let name = conversion.builder.constant(&[outputs, weights / outputs, 1, 1], &values);
    let mut inputs = vec![input.name.clone(), name];
    if layer.integer(1, 0)? != 0 {
        let bias = conversion.weights.plain(outputs)?;
        inputs.push(conversion.builder.constant(&[outputs], &bias));
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    finish(conversion, layer, "Conv", &inputs, output, &[("kernel_shape", Setting::Integers(&[1, 1]))])
}

/// Writes the node, followed by the layer's own activation if it has one.
fn finish(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    kind: &str,
    inputs: &[&str],
    output: &str,
    settings: &[(&str, Setting<'_>)],
) -> Result<()> {
    if layer.integer(9, 0)? == 0 {
        conversion.builder.node(kind, inputs, output, settings);
        return Ok(());
    }
    let linear = conversion.builder.fresh("linear");
    conversion.builder.node(kind, inputs, &linear, settings);
    activate(conversion, layer, &linear, output)
}
