//! Layers that change the shape: joining, cutting, resizing, pooling.

use enlarger::Result;

use super::convert::{Blob, Conversion};
use super::param::Layer;
use crate::onnx::Setting;

pub(super) fn concat(conversion: &mut Conversion<'_>, layer: &Layer<'_>, inputs: &[Blob], output: &str) -> Result<()> {
    if ![0, -3].contains(&layer.integer(0, 0)?) {
        return Err(layer.unknown("another axis than the channels"));
    }
    let names: Vec<&str> = inputs.iter().map(|blob| blob.name.as_str()).collect();
    conversion.builder.node("Concat", &names, output, &[("axis", Setting::Integer(1))]);
    Ok(())
}

pub(super) fn crop(conversion: &mut Conversion<'_>, layer: &Layer<'_>, inputs: &[Blob], output: &str) -> Result<()> {
    const END: i64 = i64::MAX;
    let (starts, ends, axes) = if layer.has(9) || layer.has(10) {
        let (mut starts, mut ends, axes) = (layer.list::<i64>(9)?, layer.list::<i64>(10)?, layer.list::<i64>(11)?);
        if inputs.len() != 1 || axes.is_empty() || starts.len() != axes.len() || ends.len() != axes.len() {
            return Err(layer.wrong(9));
        }
        starts.iter_mut().filter(|start| **start == -233).for_each(|start| *start = 0);
        ends.iter_mut().filter(|end| [-233, 0].contains(*end)).for_each(|end| *end = END);
        // Channels, rows, columns; ONNX counts the batch too.
        let axes = axes.iter().map(|axis| match axis {
            -3..=-1 => Ok(axis + 4),
            0..=2 => Ok(axis + 1),
            _ => Err(layer.wrong(11)),
        });
        (starts, ends, axes.collect::<Result<Vec<_>>>()?)
    } else {
        let (left, top) = (layer.count(0, 0)? as i64, layer.count(1, 0)? as i64);
        (2..=5).try_for_each(|key| layer.only(key, 0))?;
        // With a second value: cut to its size, as much on both sides. Where that is not so, the probe finds out.
        let (right, bottom) = match inputs.len() {
            1 => (layer.count(6, 0)? as i64, layer.count(7, 0)? as i64),
            _ => (left, top),
        };
        let end = |cut: i64| if cut == 0 { END } else { -cut };
        (vec![top, left], vec![end(bottom), end(right)], vec![2, 3])
    };
    let given = [starts, ends, axes].map(|values| conversion.builder.numbers(&values));
    conversion.builder.node("Slice", &[&inputs[0].name, &given[0], &given[1], &given[2]], output, &[]);
    Ok(())
}

pub(super) fn interp(conversion: &mut Conversion<'_>, layer: &Layer<'_>, input: &Blob, output: &str) -> Result<()> {
    let (tall, wide) = (layer.float(1, 1.0)?, layer.float(2, 1.0)?);
    let bounds = 1.0 / 64.0..=64.0;
    if !bounds.contains(&tall) || !bounds.contains(&wide) {
        return Err(layer.wrong(1));
    }
    [3, 4, 5].into_iter().try_for_each(|key| layer.only(key, 0))?;
    let smooth = if layer.integer(6, 0)? != 0 { "align_corners" } else { "half_pixel" };
    let method = layer.integer(0, 0)?;
    let settings: &[(&str, Setting<'_>)] = match method {
        1 => &[
            ("mode", Setting::Text("nearest")),
            ("coordinate_transformation_mode", Setting::Text("asymmetric")),
            ("nearest_mode", Setting::Text("floor")),
        ],
        2 => &[("mode", Setting::Text("linear")), ("coordinate_transformation_mode", Setting::Text(smooth))],
        3 => &[
            ("mode", Setting::Text("cubic")),
            ("coordinate_transformation_mode", Setting::Text(smooth)),
            ("cubic_coeff_a", Setting::Float(-0.75)),
        ],
        _ => return Err(layer.unknown(&format!("the method {method}"))),
    };
    let factors = conversion.builder.constant(&[4], &[1.0, 1.0, tall, wide]);
    conversion.builder.node("Resize", &[&input.name, "", &factors], output, settings);
    Ok(())
}

pub(super) fn pixel_shuffle(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    input: &Blob,
    output: &str,
) -> Result<()> {
    let factor = layer.count(0, 1)?;
    if !(1..=64).contains(&factor) {
        return Err(layer.wrong(0));
    }
    let mode = if layer.integer(1, 0)? == 0 { "CRD" } else { "DCR" };
    let settings = [("blocksize", Setting::Integer(factor as i64)), ("mode", Setting::Text(mode))];
    conversion.builder.node("DepthToSpace", &[&input.name], output, &settings);
    Ok(())
}

pub(super) fn pooling(conversion: &mut Conversion<'_>, layer: &Layer<'_>, input: &Blob, output: &str) -> Result<()> {
    let average = match layer.integer(0, 0)? {
        0 => false,
        1 => true,
        kind => return Err(layer.unknown(&format!("the pooling {kind}"))),
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
    // Mode 0 keeps what is left over at the end, mode 1 drops it.
    let left_over = match layer.integer(5, 0)? {
        0 => 1,
        1 => 0,
        mode => return Err(layer.unknown(&format!("the padding {mode}"))),
    };
    let settings = [
        ("kernel_shape", Setting::Integers(&kernel)),
        ("strides", Setting::Integers(&strides)),
        ("ceil_mode", Setting::Integer(left_over)),
    ];
    conversion.builder.node(if average { "AveragePool" } else { "MaxPool" }, &[&input.name], output, &settings);
    Ok(())
}
