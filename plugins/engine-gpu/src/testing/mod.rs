//! What the tests of this crate share: the software device, and running graphs on it.
//!
//! Nothing here is part of the engine. Tests fail where there is no software Vulkan; none is left out.

mod kernels;
mod networks;
mod sessions;

use std::sync::{Arc, OnceLock};

use enlarger::{Cancel, Result, Tensor, TensorMut};
use enlarger_compiler::{Graph, compile};
use enlarger_compiler_testing::Array;

use crate::arithmetic::Arithmetic;
use crate::device::{Adapter, Gpu, adapters};
use crate::execute::Network;

/// All arithmetics.
pub(crate) const ARITHMETICS: [Arithmetic; 3] = [Arithmetic::Exact, Arithmetic::Mixed, Arithmetic::Halves];

/// The software device, which computes on the processor. It stays open until all tests have ended, so that they share its
/// pipelines.
pub(crate) fn software() -> Adapter {
    static FOUND: OnceLock<(Adapter, Arc<Gpu>)> = OnceLock::new();
    let find = || {
        let found = adapters().into_iter().find(|adapter| adapter.is_software);
        let found =
            found.expect("these tests need a software device for Vulkan: install libvulkan1 and mesa-vulkan-drivers");
        let gpu = Gpu::open(&found).unwrap();
        assert!(gpu.has_halves(), "these tests need a software device that computes with halves; update Mesa");
        (found, gpu)
    };
    FOUND.get_or_init(find).0.clone()
}

/// The network of a graph, on the software device.
pub(crate) fn network(graph: &Graph, output: &str, arithmetic: Arithmetic) -> Network {
    let gpu = Gpu::open(&software()).unwrap();
    Network::new(gpu, &compile(graph, output, "gpu").unwrap(), arithmetic).unwrap()
}

/// Runs a network on a picture; `shape` is that of the result.
pub(crate) fn run(network: &Network, name: &str, output: &str, picture: &Array, shape: [usize; 3]) -> Result<Array> {
    let data: Vec<f32> = picture.data.iter().map(|value| *value as f32).collect();
    let given = [1, picture.channels, picture.height, picture.width];
    let inputs = [Tensor { name, shape: given, data: &data }];
    let [channels, height, width] = shape;
    let mut result = vec![f32::NAN; shape.iter().product()];
    let to = TensorMut { name: output, shape: [1, channels, height, width], data: &mut result };
    network.run(&inputs, to, &Cancel::new())?;
    Ok(Array { channels, height, width, data: result.into_iter().map(f64::from).collect() })
}

/// The root mean square of the differences, divided by that of the expected values.
pub(crate) fn relative(found: &Array, expected: &Array) -> f64 {
    assert_eq!(found.shape(), expected.shape());
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
    let differences = squares(&mut found.data.iter().zip(&expected.data).map(|(a, b)| a - b));
    let relative = (differences / squares(&mut expected.data.iter().copied())).sqrt();
    if relative.is_nan() { f64::INFINITY } else { relative }
}
