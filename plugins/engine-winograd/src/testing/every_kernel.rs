//! Every kernel on a few pixels, with one thread and no random cases: small enough for an interpreter such as Miri.

use half::f16;

use super::*;
use crate::kernels::quantised_input_transform::GROUP;

/// Convolutions with a residual and slopes, one with a stride, a transposed one, and channels rearranged to pixels.
fn graph_with_every_kernel() -> (GraphBuilder, String) {
    let mut builder = GraphBuilder::new(17, 7);
    let first = builder.convolution("in", 17, 17, 1);
    let slopes = builder.floats(&[17, 1, 1], 0.5);
    let sloped = builder.node("PRelu", &[&first, &slopes], &[]);
    let second = builder.convolution(&sloped, 17, 17, 1);
    let sum = builder.node("Add", &[&second, &sloped], &[]);
    let weights = builder.floats(&[4, 17, 1, 1], 0.2);
    let strided = builder.node("Conv", &[&sum, &weights], &[("strides", Attribute::Integers(vec![2, 2]))]);
    let weights = builder.floats(&[4, 4, 2, 2], 0.3);
    let enlarged =
        builder.node("ConvTranspose", &[&strided, &weights], &[("strides", Attribute::Integers(vec![2, 2]))]);
    let result = builder.node("DepthToSpace", &[&enlarged], &[("blocksize", Attribute::Integer(2))]);
    (builder, result)
}

#[test]
fn every_kernel_on_a_few_pixels() {
    let (builder, result) = graph_with_every_kernel();
    let mut numbers = RandomNumbers::new(3);
    let data = numbers.many(17 * 8 * 6).into_iter().map(f64::from).collect();
    let picture = Array { channels: 17, height: 8, width: 6, data };
    let expected = reference(&builder.graph, &result, &HashMap::from([("in", picture.clone())]));
    let fast = Arithmetic { float_layers: [0; 2], f6_layers: 1, group: GROUP, halves: true };
    for isa in InstructionSet::available() {
        let arguments = (&builder.graph, result.as_str(), &picture, expected.shape());
        let (graph, output, picture, shape) = arguments;
        let exact = execute_tile::<f32>(graph, output, picture, shape, isa, Arithmetic::EXACT, 1).unwrap();
        let fast = execute_tile::<f16>(graph, output, picture, shape, isa, fast, 1).unwrap();
        let [exact, fast] = [exact, fast].map(|result| result.distance(&expected));
        assert!(exact < 1e-5 && (1e-6..5e-3).contains(&fast), "{}: {exact}, {fast}", isa.name());
    }
}
