//! Layers that compute with several values: sums, products, maxima, scaling.

use enlarger::Result;

use crate::ncnn::param_file::Layer;
use crate::ncnn::state::{Blob, Conversion};

pub(in crate::ncnn) fn binary(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    inputs: &[Blob],
    output: &str,
) -> Result<()> {
    let operation = layer.integer(0, 0)?;
    let (kind, swapped) = match operation {
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
    let mut operands: Vec<String> = inputs.iter().map(|blob| blob.name.clone()).collect();
    if layer.integer(1, 0)? != 0 {
        let value = layer.float(2, 0.0)?;
        operands.push(conversion.builder.constant(&[], &[value]));
    }
    let [a, b] = operands.as_slice() else { return Err(layer.unknown("a number of operands other than two")) };
    let operands: [&str; 2] = if swapped { [b, a] } else { [a, b] };
    conversion.builder.node(kind, &operands, output, &[]);
    Ok(())
}

pub(in crate::ncnn) fn elementwise(
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
    let mut operands: Vec<String> = inputs.iter().map(|blob| blob.name.clone()).collect();
    if kind == "Add" && !factors.is_empty() {
        if factors.len() != operands.len() {
            return Err(layer.wrong(1));
        }
        for (name, factor) in operands.iter_mut().zip(factors).filter(|(_, factor)| *factor != 1.0) {
            let (constant, product) =
                (conversion.builder.constant(&[], &[factor]), conversion.builder.fresh("product"));
            conversion.builder.node("Mul", &[name, &constant], &product, &[]);
            *name = product;
        }
    }
    let Some((last, rest)) = operands.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(layer.unknown("a single operand"));
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

/// The first value times the second, which is one pixel large.
pub(in crate::ncnn) fn scale(
    conversion: &mut Conversion<'_>,
    layer: &Layer<'_>,
    inputs: &[Blob],
    output: &str,
) -> Result<()> {
    layer.only(0, -233)?;
    layer.only(1, 0)?;
    conversion.builder.node("Mul", &[&inputs[0].name, &inputs[1].name], output, &[]);
    Ok(())
}
