//! Pooling layers: average or maximum, over a window or over the whole picture.

use enlarger::Result;

use crate::ncnn::param_file::Layer;
use crate::ncnn::state::{Blob, Conversion};
use crate::onnx::Setting;

pub(in crate::ncnn) fn pooling(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    input: &Blob,
    output: &str,
) -> Result<()> {
    let average = match layer.integer(0, 0)? {
        0 => false,
        1 => true,
        kind => return Err(layer.unknown(&format!("the pooling type {kind}"))),
    };
    layer.only(7, 0)?;
    if layer.integer(4, 0)? != 0 {
        let kind = if average { "GlobalAveragePool" } else { "GlobalMaxPool" };
        conversion.builder.node(kind, &[&input.name], output, &[]);
        return Ok(());
    }
    [3, 13, 14, 15].into_iter().try_for_each(|key| layer.only(key, 0))?;
    let width = layer.count(1, 0)?;
    let stride = layer.count(2, 1)?;
    let kernel = [layer.count(11, width)? as i64, width as i64];
    let strides = [layer.count(12, stride)? as i64, stride as i64];
    // If the window does not divide the picture, mode 0 keeps the rest at the end and mode 1 drops it.
    let keep_rest = match layer.integer(5, 0)? {
        0 => 1,
        1 => 0,
        mode => return Err(layer.unknown(&format!("the padding mode {mode}"))),
    };
    let settings = [
        ("kernel_shape", Setting::Integers(&kernel)),
        ("strides", Setting::Integers(&strides)),
        ("ceil_mode", Setting::Integer(keep_rest)),
    ];
    conversion.builder.node(if average { "AveragePool" } else { "MaxPool" }, &[&input.name], output, &settings);
    Ok(())
}
