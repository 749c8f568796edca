//! Plans of real networks: how many steps they take, and how much memory.

use enlarger::{Model, Registry};
use enlarger_compiler::{CompiledGraph, Graph, Size, compile};
use enlarger_compiler_testing::{networks, plain_networks};

use super::*;
use crate::arithmetic::Arithmetic;
use crate::kernels::MAX_IMMEDIATES;

fn compiled(model: &Model) -> CompiledGraph {
    let graph = Graph::read(&model.network().unwrap()).unwrap();
    compile(&graph, &model.manifest().output.name, "gpu").unwrap()
}

fn plan(graph: &CompiledGraph, side: usize, arithmetic: Arithmetic) -> enlarger::Result<TilePlan> {
    let sizes = graph.sizes_of_tile(&graph.inputs[0].name, Size { height: side, width: side })?;
    TilePlan::new(graph, &pack(graph, arithmetic.element()), arithmetic, &sizes)
}

#[test]
fn the_default_network_takes_36_steps_and_little_memory() {
    let model = Registry::search(&[]).find(enlarger::DEFAULT_MODEL).unwrap().clone();
    let graph = compiled(&model);
    for arithmetic in [Arithmetic::Mixed, Arithmetic::Halves] {
        let packed = pack(&graph, arithmetic.element());
        let tiles = TileChoice::new(&graph, &packed, arithmetic, &model.manifest().input).unwrap();
        assert_eq!((tiles.side, tiles.parallel), (512, 2));
        let plan = plan(&graph, 512, arithmetic).unwrap();
        assert!(plan.steps.len() <= 36, "{} steps", plan.steps.len());
        assert!(plan.bytes() * 2 <= 400 << 20, "{} bytes", plan.bytes());
        assert!(packed.buffers.iter().all(|bytes| bytes.len() as u64 <= LARGEST_BINDING));
        assert!(plan.buffers.iter().all(|bytes| *bytes <= LARGEST_BINDING), "{:?}", plan.buffers);
    }
}

#[test]
fn too_large_tiles_are_refused() {
    let model = Registry::search(&[]).find(enlarger::DEFAULT_MODEL).unwrap().clone();
    let graph = compiled(&model);
    let error = plan(&graph, 2048, Arithmetic::Mixed).unwrap_err();
    assert_eq!(error.kind(), enlarger::ErrorKind::Memory);
    assert!(error.message().contains("2048×2048") && error.message().contains("128"), "{error}");
    let packed = pack(&graph, Arithmetic::Mixed.element());
    let tiles = TileChoice::new(&graph, &packed, Arithmetic::Mixed, &model.manifest().input).unwrap();
    let most = tiles.most_pixels.isqrt() as usize;
    assert!(plan(&graph, most, Arithmetic::Mixed).is_ok() && plan(&graph, most + 1, Arithmetic::Mixed).is_err());
}

/// What must hold of every plan for `device/` to leave indices unchecked.
#[test]
fn no_step_reads_what_it_writes_or_a_buffer_that_is_not_there() {
    for (name, network) in networks().into_iter().chain(plain_networks()) {
        let graph = compile(&network.builder.graph, &network.output, "gpu").unwrap();
        for arithmetic in [Arithmetic::Exact, Arithmetic::Mixed] {
            let constants = pack(&graph, arithmetic.element()).buffers.len();
            let plan = plan(&graph, 48, arithmetic).unwrap();
            for step in &plan.steps {
                assert_eq!(step.reads.len(), step.kernel.reads(), "{name}: {:?}", step.kernel);
                assert!(!step.reads.contains(&step.writes), "{name}: {step:?}");
                let exists = |place: &Place| match place {
                    Place::Constants(index) => *index < constants,
                    Place::Buffer(index) => *index < plan.buffers.len(),
                };
                assert!(step.reads.iter().chain([&step.writes]).all(exists), "{name}: {step:?}");
                assert!(step.immediates_from(0).len() <= MAX_IMMEDIATES, "{name}: {step:?}");
                assert!(step.workgroups.iter().all(|count| *count > 0) && step.row_cost > 0, "{name}: {step:?}");
            }
        }
    }
}

/// A value that is still needed keeps its buffer.
#[test]
fn no_buffer_is_taken_from_a_value_that_is_still_read() {
    for (name, network) in networks().into_iter().chain(plain_networks()) {
        let graph = compile(&network.builder.graph, &network.output, "gpu").unwrap();
        let plan = plan(&graph, 48, Arithmetic::Mixed).unwrap();
        // What each buffer holds: the number of the step that wrote it. A reader must see the value that it reads.
        let mut holds = vec![usize::MAX; plan.buffers.len()];
        let mut written = std::collections::HashMap::new();
        let loads = graph.inputs.iter().map(|input| (input.value, Vec::new()));
        let operations = graph.operations.iter();
        let values: Vec<(usize, Vec<usize>)> =
            loads.chain(operations.map(|operation| (operation.output, operation.values_read().collect()))).collect();
        let mut steps = plan.steps.iter().enumerate().peekable();
        for (value, reads) in values {
            let (number, step) = steps.next().unwrap();
            let buffers = step.reads.iter().filter_map(|place| match place {
                Place::Buffer(index) => Some(*index),
                Place::Constants(_) => None,
            });
            for (read, buffer) in reads.iter().zip(buffers) {
                assert_eq!(holds[buffer], written[read], "{name}: step {number} reads another value");
            }
            let mut last = (number, step);
            if step.kernel.kind == crate::kernels::Kind::PartialSums {
                last = steps.next().unwrap();
            }
            if let Place::Buffer(index) = last.1.writes {
                (holds[index], _) = (last.0, written.insert(value, last.0));
            }
        }
    }
}
