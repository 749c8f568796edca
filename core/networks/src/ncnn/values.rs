//! Layers that treat each value by itself.

use enlarger::Result;

use super::convert::{Blob, Conversion};
use super::param::Layer;
use crate::onnx::Setting;

pub(super) fn prelu(conversion: &mut Conversion<'_>, layer: &Layer<'_>, input: &Blob, output: &str) -> Result<()> {
    let count = layer.count(0, 0)?;
    let slopes = conversion.weights.plain(count)?;
    let name = conversion.builder.constant(&[count, 1, 1], &slopes);
    conversion.builder.node("PRelu", &[&input.name, &name], output, &[]);
    Ok(())
}

pub(super) fn relu(conversion: &mut Conversion<'_>, layer: &Layer<'_>, input: &Blob, output: &str) -> Result<()> {
    match layer.float(0, 0.0)? {
        0.0 => conversion.builder.node("Relu", &[&input.name], output, &[]),
        slope => leaky(conversion, &input.name, output, slope),
    }
    Ok(())
}

pub(super) fn leaky(conversion: &mut Conversion<'_>, value: &str, output: &str, slope: f32) {
    conversion.builder.node("LeakyRelu", &[value], output, &[("alpha", Setting::Float(slope))]);
}

pub(super) fn binary(conversion: &mut Conversion<'_>, layer: &Layer<'_>, inputs: &[Blob], output: &str) -> Result<()> {
    let operation = layer.integer(0, 0)?;
    let (kind, turned) = match operation {
        0 => ("Add", false),
        1 => ("Sub", false),
        2 => ("Mul", false),
        3 => ("Div", false),
        4 => ("Max", false),
        5 => ("Min", false),
        7 => ("Sub", true),
        8 => ("Div", true),
        _ => return Err(layer.unknown(&format!("the operation {operation}"))),
    };
    let mut given: Vec<String> = inputs.iter().map(|blob| blob.name.clone()).collect();
    if layer.integer(1, 0)? != 0 {
        let value = layer.float(2, 0.0)?;
        given.push(conversion.builder.constant(&[], &[value]));
    }
    let [a, b] = given.as_slice() else { return Err(layer.unknown("other than two values")) };
    let given: [&str; 2] = if turned { [b, a] } else { [a, b] };
    conversion.builder.node(kind, &given, output, &[]);
    Ok(())
}

pub(super) fn elementwise(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    inputs: &[Blob],
    output: &str,
) -> Result<()> {
    let operation = layer.integer(0, 0)?;
    let kind = match operation {
        0 => "Mul",
        1 => "Add",
        2 => "Max",
        _ => return Err(layer.unknown(&format!("the operation {operation}"))),
    };
    let factors = layer.list::<f32>(1)?;
    let mut given: Vec<String> = inputs.iter().map(|blob| blob.name.clone()).collect();
    if kind == "Add" && !factors.is_empty() {
        if factors.len() != given.len() {
            return Err(layer.wrong(1));
        }
        for (name, factor) in given.iter_mut().zip(factors).filter(|(_, factor)| *factor != 1.0) {
            let (constant, product) =
                (conversion.builder.constant(&[], &[factor]), conversion.builder.fresh("product"));
            conversion.builder.node("Mul", &[name, &constant], &product, &[]);
            *name = product;
        }
    }
    let Some((last, rest)) = given.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(layer.unknown("one value only"));
    };
    let mut sum = rest[0].clone();
    for name in &rest[1..] {
        let next = conversion.builder.fresh("partial");
        conversion.builder.node(kind, &[&sum, name], &next, &[]);
        sum = next;
    }
    conversion.builder.node(kind, &[&sum, last], output, &[]);
    Ok(())
}

/// The first value times the second, which has one pixel.
pub(super) fn scale(conversion: &mut Conversion<'_>, layer: &Layer<'_>, inputs: &[Blob], output: &str) -> Result<()> {
    layer.only(0, -233)?;
    layer.only(1, 0)?;
    conversion.builder.node("Mul", &[&inputs[0].name, &inputs[1].name], output, &[]);
    Ok(())
}
