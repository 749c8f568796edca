//! Every kernel on a picture of a few pixels, one thread, no random cases: small enough for an interpreter such as Miri.

use half::f16;

use super::*;
use crate::kernels::quantise::GROUP;

/// Convolutions with a residual and slopes, one with a stride, an enlargement, a transposed one, and channels to pixels.
fn sketch() -> (Sketch, String) {
    let mut sketch = Sketch::new(17, 7);
    let first = sketch.convolution("in", 17, 17, 1);
    let slopes = sketch.floats(&[17, 1, 1], 0.5);
    let sloped = sketch.node("PRelu", &[&first, &slopes], &[]);
    let second = sketch.convolution(&sloped, 17, 17, 1);
    let sum = sketch.node("Add", &[&second, &sloped], &[]);
    let weights = sketch.floats(&[4, 17, 1, 1], 0.2);
    let strided = sketch.node("Conv", &[&sum, &weights], &[("strides", Attribute::Integers(vec![2, 2]))]);
    let weights = sketch.floats(&[4, 4, 2, 2], 0.3);
    let enlarged = sketch.node("ConvTranspose", &[&strided, &weights], &[("strides", Attribute::Integers(vec![2, 2]))]);
    let made = sketch.node("DepthToSpace", &[&enlarged], &[("blocksize", Attribute::Integer(2))]);
    (sketch, made)
}

#[test]
fn every_kernel_on_a_few_pixels() {
    let (sketch, made) = sketch();
    let mut numbers = Numbers::new(3);
    let data = numbers.many(17 * 8 * 6).into_iter().map(f64::from).collect();
    let picture = Array { channels: 17, height: 8, width: 6, data };
    let expected = reference(&sketch.network, &made, &HashMap::from([("in", picture.clone())]));
    let fast = Arithmetic { floats: [0; 2], large: 1, group: GROUP, halves: true };
    for isa in Isa::available() {
        let arguments = (&sketch.network, made.as_str(), &picture, expected.shape());
        let (network, output, picture, shape) = arguments;
        let exact = run::<f32>(network, output, picture, shape, isa, Arithmetic::EXACT, 1).unwrap();
        let fast = run::<f16>(network, output, picture, shape, isa, fast, 1).unwrap();
        let [exact, fast] = [exact, fast].map(|made| made.distance(&expected));
        assert!(exact < 1e-5 && (1e-6..5e-3).contains(&fast), "{}: {exact}, {fast}", isa.name());
    }
}
