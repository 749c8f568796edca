//! A loaded network and the threads that run it.

use std::thread::available_parallelism;

use enlarger::{Cancel, Device, Model, Result, Session, SessionOptions, Tensor, TensorMut, Usage};

use crate::compile::compile;
use crate::engine::cpu;
use crate::kernels::isa::Isa;
use crate::loaded::{Arithmetic, Loaded};
use crate::network::Network;
use crate::probe;
use crate::threads::Threads;

/// The side of a tile: a multiple of the tiles of both forms.
const SIDE: u32 = 252;

pub(crate) struct WinogradSession {
    network: Loaded,
    threads: Threads,
    device: Device,
}

impl WinogradSession {
    pub(crate) fn open(model: &Model, options: &SessionOptions) -> Result<Self> {
        let manifest = model.manifest();
        let network = Network::read(&model.network()?)?;
        let inputs: Vec<&str> = network.inputs.iter().map(|input| input.name.as_str()).collect();
        let outputs: Vec<&str> = network.outputs.iter().map(String::as_str).collect();
        manifest.check_tensors(&inputs, &outputs)?;
        let plan = compile(&network, &manifest.output.name)?;
        drop(network);
        let threads = options.threads.or_else(|| available_parallelism().ok().map(Into::into)).unwrap_or(1);
        let threads = Threads::new(threads)?;
        let network = probe::load(&plan, manifest, options.precision, Isa::best(), &threads)?;
        Ok(WinogradSession { network, threads, device: cpu() })
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
        usage.tile = SIDE;
        usage.interruptible = true;
        usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        self.network.run(&self.threads, inputs, output, cancel)
    }
}
