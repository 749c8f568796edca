//! A session: a loaded network and the threads that run it.
//!
//! It adapts the engine to the core's `Session` trait and chooses the best tile size. It must never compute anything
//! itself.

use std::sync::Arc;
use std::thread::available_parallelism;

use enlarger::{Cache, Cancel, Device, Model, Result, RowStream, Session, SessionOptions, Tensor, TensorMut, Usage};
use enlarger_compiler::Graph;

use crate::compile::compile;
use crate::execute::loaded_graph::LoadedGraph;
use crate::execute::threads::Threads;
use crate::kernels::simd::InstructionSet;
use crate::operations::arithmetic::Arithmetic;
use crate::precision::arithmetic_choice;

/// The largest tile side to ask for; a larger one gains little. A multiple of the patch sides of both Winograd forms.
const LARGEST_SIDE: usize = 576;

/// The smallest tile side to ask for, whatever memory it takes; a smaller tile is not worth its halo.
const SMALLEST_SIDE: usize = 144;

/// The bytes that a tile may take for each thread.
const TILE_MEMORY: usize = 160 << 20;

pub(crate) struct WinogradSession {
    graph: LoadedGraph,
    threads: Arc<Threads>,
    device: Device,
    side: u32,
}

impl WinogradSession {
    pub(crate) fn open(model: &Model, options: &SessionOptions, cache: &Cache) -> Result<Self> {
        let manifest = model.manifest();
        let graph = Graph::read(&model.network()?)?;
        let inputs: Vec<&str> = graph.inputs.iter().map(|input| input.name.as_str()).collect();
        let outputs: Vec<&str> = graph.outputs.iter().map(String::as_str).collect();
        manifest.check_tensors(&inputs, &outputs)?;
        let compiled = compile(&graph, &manifest.output.name)?;
        drop(graph);
        let threads = options.threads.or_else(|| available_parallelism().ok().map(Into::into)).unwrap_or(1);
        let threads = Threads::new(threads)?;
        let isa = InstructionSet::best();
        let graph = arithmetic_choice::load(&compiled, manifest, options.precision, isa, &threads, cache)?;
        let count = threads.count();
        let side = (TILE_MEMORY * count / graph.bytes_per_pixel(count).max(1)).isqrt();
        let side = (side.clamp(SMALLEST_SIDE, LARGEST_SIDE) / 12 * 12) as u32;
        Ok(WinogradSession { graph, threads: Arc::new(threads), device: cpu(), side })
    }
}

impl Session for WinogradSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        self.graph.arithmetic() == Arithmetic::EXACT
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.tile = self.side;
        usage.interruptible = true;
        usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        self.graph.execute_tile(&self.threads, inputs, output, cancel)
    }

    fn stream_memory(&self, width: usize) -> Option<u64> {
        // A width that is too small has no stream; running the tiles then reports the error.
        self.graph.stream_memory(self.threads.count(), width).ok().flatten()
    }

    fn stream(&self, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        self.graph.stream(&self.threads, width)
    }
}

/// The engine's only device.
pub(crate) fn cpu() -> Device {
    Device { id: "cpu".to_owned(), name: format!("CPU with {} instructions", InstructionSet::best().name()) }
}
