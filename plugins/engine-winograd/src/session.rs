//! A loaded network and the threads that run it.

use std::sync::Arc;
use std::thread::available_parallelism;

use enlarger::{Cache, Cancel, Device, Model, Result, RowStream, Session, SessionOptions, Tensor, TensorMut, Usage};

use crate::compile::compile;
use crate::engine::cpu;
use crate::kernels::isa::Isa;
use crate::loaded::{Arithmetic, Loaded};
use crate::network::Network;
use crate::threads::Threads;
use crate::verdict;

/// The side of a tile beyond which little is gained: a multiple of the tiles of both forms.
const LARGEST_SIDE: usize = 576;

/// A side that is large enough to be worth its halo, whatever it costs.
const SMALLEST_SIDE: usize = 144;

/// Memory that a tile may take for each thread.
const MEMORY: usize = 160 << 20;

pub(crate) struct WinogradSession {
    network: Loaded,
    threads: Arc<Threads>,
    device: Device,
    side: u32,
}

impl WinogradSession {
    pub(crate) fn open(model: &Model, options: &SessionOptions, cache: &Cache) -> Result<Self> {
        let manifest = model.manifest();
        let network = Network::read(&model.network()?)?;
        let inputs: Vec<&str> = network.inputs.iter().map(|input| input.name.as_str()).collect();
        let outputs: Vec<&str> = network.outputs.iter().map(String::as_str).collect();
        manifest.check_tensors(&inputs, &outputs)?;
        let plan = compile(&network, &manifest.output.name)?;
        drop(network);
        let threads = options.threads.or_else(|| available_parallelism().ok().map(Into::into)).unwrap_or(1);
        let threads = Threads::new(threads)?;
        let network = verdict::load(&plan, manifest, options.precision, Isa::best(), &threads, cache)?;
        let count = threads.count();
        let side = (MEMORY * count / network.bytes_per_pixel(count).max(1)).isqrt();
        let side = (side.clamp(SMALLEST_SIDE, LARGEST_SIDE) / 12 * 12) as u32;
        Ok(WinogradSession { network, threads: Arc::new(threads), device: cpu(), side })
    }
}

impl Session for WinogradSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        self.network.arithmetic() == Arithmetic::EXACT
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.tile = self.side;
        usage.interruptible = true;
        usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        self.network.run(&self.threads, inputs, output, cancel)
    }

    fn stream_memory(&self, width: usize) -> Option<u64> {
        // A width that is too small is an error that tiles will make, with a sentence.
        self.network.stream_memory(self.threads.count(), width).ok().flatten()
    }

    fn stream(&self, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        self.network.stream(&self.threads, width)
    }
}
