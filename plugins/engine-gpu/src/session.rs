//! A session: a network on a device, as the core sees it.

use enlarger::{Cancel, Device, Model, Result, Session, SessionOptions, Tensor, TensorMut, Usage};
use enlarger_compiler::{Graph, Size, compile};

use crate::arithmetic::Arithmetic;
use crate::device::{Adapter, Gpu};
use crate::execute::Network;
use crate::plan::{TileChoice, TilePlan};

pub(crate) struct GpuSession {
    device: Device,
    network: Network,
    tiles: TileChoice,
}

impl GpuSession {
    /// Opens a network on a device. Its kernels are compiled here, so that the first tile does not wait for them.
    ///
    /// # Errors
    /// As `Engine::open`.
    pub(crate) fn open(model: &Model, options: &SessionOptions, adapter: &Adapter) -> Result<Self> {
        let manifest = model.manifest();
        let graph = Graph::read(&model.network()?)?;
        let inputs: Vec<&str> = graph.inputs.iter().map(|input| input.name.as_str()).collect();
        let outputs: Vec<&str> = graph.outputs.iter().map(String::as_str).collect();
        manifest.check_tensors(&inputs, &outputs)?;
        let compiled = compile(&graph, &manifest.output.name, "gpu")?;
        drop(graph);
        let gpu = Gpu::open(adapter)?;
        let arithmetic = Arithmetic::of(options.precision, gpu.has_halves());
        let network = Network::new(gpu, &compiled, arithmetic)?;
        let tiles = TileChoice::new(network.graph(), network.packed(), arithmetic, &manifest.input)?;
        let size = manifest.input.size_near(tiles.side);
        let size = Size { height: size.height as usize, width: size.width as usize };
        let sizes = network.graph().sizes_of_tile(&manifest.input.name, size)?;
        network.compile(&TilePlan::new(network.graph(), network.packed(), arithmetic, &sizes)?)?;
        Ok(GpuSession { device: adapter.device.clone(), network, tiles })
    }
}

impl Session for GpuSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        self.network.arithmetic() == Arithmetic::Exact
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.tile = self.tiles.side;
        usage.parallel = self.tiles.parallel;
        usage.max_tile_pixels = Some(self.tiles.most_pixels);
        usage.interruptible = true;
        usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        self.network.run(inputs, output, cancel)
    }
}
