//! Activations: layers of their own, or the last step of another layer.

use enlarger::Result;

use crate::ncnn::param_file::Layer;
use crate::ncnn::state::{Blob, Conversion};
use crate::onnx::Setting;

pub(in crate::ncnn) fn prelu(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    input: &Blob,
    output: &str,
) -> Result<()> {
    let count = layer.count(0, 0)?;
    let slopes = conversion.weights.plain(count)?;
    let name = conversion.builder.constant(&[count, 1, 1], &slopes);
    conversion.builder.node("PRelu", &[&input.name, &name], output, &[]);
    Ok(())
}

pub(in crate::ncnn) fn relu(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    input: &Blob,
    output: &str,
) -> Result<()> {
    match layer.float(0, 0.0)? {
        0.0 => conversion.builder.node("Relu", &[&input.name], output, &[]),
        slope => leaky(conversion, &input.name, output, slope),
    }
    Ok(())
}

fn leaky(conversion: &mut Conversion<'_>, value: &str, output: &str, slope: f32) {
    conversion.builder.node("LeakyRelu", &[value], output, &[("alpha", Setting::Float(slope))]);
}

/// Applies the activation that a layer has under its key 9, with parameters under key 10.
pub(super) fn activate(conversion: &mut Conversion<'_>, layer: &Layer<'_>, value: &str, output: &str) -> Result<()> {
    let parameters = layer.list::<f32>(10)?;
    let parameter = |at: usize| parameters.get(at).copied().ok_or_else(|| layer.wrong(10));
    match layer.integer(9, 0)? {
        0 => conversion.builder.node("Identity", &[value], output, &[]),
        1 => conversion.builder.node("Relu", &[value], output, &[]),
        2 => leaky(conversion, value, output, parameter(0)?),
        3 => {
            let bounds = [parameter(0)?, parameter(1)?].map(|bound| conversion.builder.constant(&[], &[bound]));
            conversion.builder.node("Clip", &[value, &bounds[0], &bounds[1]], output, &[]);
        }
        4 => conversion.builder.node("Sigmoid", &[value], output, &[]),
        kind => return Err(layer.unknown(&format!("the activation {kind}"))),
    }
    Ok(())
}
