//! Layers that change the shape: concatenation, cropping, resizing, pixel shuffle.

use enlarger::Result;

use crate::ncnn::param_file::Layer;
use crate::ncnn::state::{Blob, Conversion};
use crate::onnx::Setting;

pub(in crate::ncnn) fn concat(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    inputs: &[Blob],
    output: &str,
) -> Result<()> {
    if ![0, -3].contains(&layer.integer(0, 0)?) {
        return Err(layer.unknown("an axis other than the channels"));
    }
    let names: Vec<&str> = inputs.iter().map(|blob| blob.name.as_str()).collect();
    conversion.builder.node("Concat", &names, output, &[("axis", Setting::Integer(1))]);
    Ok(())
}

pub(in crate::ncnn) fn crop(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    inputs: &[Blob],
    output: &str,
) -> Result<()> {
    const END: i64 = i64::MAX;
    let (starts, ends, axes) = if layer.has(9) || layer.has(10) {
        let (mut starts, mut ends, axes) = (layer.list::<i64>(9)?, layer.list::<i64>(10)?, layer.list::<i64>(11)?);
        if inputs.len() != 1 || axes.is_empty() || starts.len() != axes.len() || ends.len() != axes.len() {
            return Err(layer.wrong(9));
        }
        starts.iter_mut().filter(|start| **start == -233).for_each(|start| *start = 0);
        ends.iter_mut().filter(|end| [-233, 0].contains(*end)).for_each(|end| *end = END);
        // The axes are channels, rows, columns; ONNX has the batch before them.
        let axes = axes.iter().map(|axis| match axis {
            -3..=-1 => Ok(axis + 4),
            0..=2 => Ok(axis + 1),
            _ => Err(layer.wrong(11)),
        });
        (starts, ends, axes.collect::<Result<Vec<_>>>()?)
    } else {
        let (left, top) = (layer.count(0, 0)? as i64, layer.count(1, 0)? as i64);
        (2..=5).try_for_each(|key| layer.only(key, 0))?;
        // A second input gives the size to crop to. The same amount is assumed to be cut on both sides; where that is wrong,
        // the probe notices.
        let (right, bottom) = match inputs.len() {
            1 => (layer.count(6, 0)? as i64, layer.count(7, 0)? as i64),
            _ => (left, top),
        };
        let end = |cut: i64| if cut == 0 { END } else { -cut };
        (vec![top, left], vec![end(bottom), end(right)], vec![2, 3])
    };
    let [starts, ends, axes] = [starts, ends, axes].map(|values| conversion.builder.numbers(&values));
    conversion.builder.node("Slice", &[&inputs[0].name, &starts, &ends, &axes], output, &[]);
    Ok(())
}

pub(in crate::ncnn) fn interp(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    input: &Blob,
    output: &str,
) -> Result<()> {
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
        _ => return Err(layer.unknown(&format!("the resize method {method}"))),
    };
    let factors = conversion.builder.constant(&[4], &[1.0, 1.0, tall, wide]);
    conversion.builder.node("Resize", &[&input.name, "", &factors], output, settings);
    Ok(())
}

pub(in crate::ncnn) fn pixel_shuffle(
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
