//! What the tests of this crate share: running graphs on every path.
//!
//! Nothing here is part of the engine.

mod every_kernel;
mod gates_and_sums;
mod integer_arithmetic;
mod lengths;
mod matrix_products;
mod operators_match_reference;
mod probed_networks;
mod row_streams;
#[cfg(feature = "speed")]
mod speed;
mod vectors;
mod whole_networks;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use enlarger::{Cancel, Result, Tensor, TensorMut};
use enlarger_compiler::{Attribute, ConstantData, Graph};

use crate::compile::compile;
use crate::execute::prepared_graph::PreparedGraph;
use crate::execute::row_stream::GraphStream;
use crate::execute::threads::Threads;
use crate::kernels::element::Element;
use crate::kernels::simd::InstructionSet;
use crate::operations::arithmetic::Arithmetic;

pub(crate) use enlarger_compiler_testing::{Array, GraphBuilder, RandomNumbers, evaluate_graph as reference};
pub(crate) use row_streams::streamed;

/// The network of the embedded model.
pub(crate) const DEFAULT_MODEL: &[u8] = include_bytes!("../../../../core/models/realesr-general-x4v3/model.onnx");

/// The first argument, or the second one where an emulator runs the tests at a hundredth of the speed; scripts/arm sets the variable.
/// No test is left out there, but pictures are smaller.
pub(crate) fn unless_emulated<T>(whole: T, small: T) -> T {
    if std::env::var_os("ENLARGER_EMULATED").is_some() { small } else { whole }
}

/// Runs a graph on a picture as the engine does; `shape` is that of the result.
pub(crate) fn execute_tile<E: Element>(
    graph: &Graph,
    output: &str,
    picture: &Array,
    shape: [usize; 3],
    isa: InstructionSet,
    arithmetic: Arithmetic,
    threads: usize,
) -> Result<Array> {
    let threads = Threads::new(threads)?;
    let prepared = PreparedGraph::<E>::new(&compile(graph, output)?, isa, arithmetic, &threads)?;
    let data: Vec<f32> = picture.data.iter().map(|value| *value as f32).collect();
    let given = [1, picture.channels, picture.height, picture.width];
    let inputs = [Tensor { name: &graph.inputs[0].name, shape: given, data: &data }];
    let mut result = vec![f32::NAN; shape.iter().product()];
    let [channels, height, width] = shape;
    let to = TensorMut { name: output, shape: [1, channels, height, width], data: &mut result };
    prepared.execute_tile(&threads, &inputs, to, &Cancel::new(), None)?;
    Ok(Array { channels, height, width, data: result.into_iter().map(f64::from).collect() })
}
