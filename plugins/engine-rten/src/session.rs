//! A network in RTen, ready to run.
//!
//! Several tiles may run at once; they share the session's threads.
//! It must never hand a shape to RTen that was not checked: RTen ends the process when an allocation fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::available_parallelism;

use enlarger::{
    Cancel, Device, Error, ErrorKind, Manifest, Model, Result, Session, SessionOptions, Tensor, TensorMut, Usage,
};
use rten::{ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use crate::engine::cpu;
use crate::speed;

/// The most pixels of one tile. Anything above is a mistake of the caller, not a tile.
const MAX_PIXELS: usize = 1 << 26;

/// A loaded network.
pub(crate) struct RtenSession {
    network: rten::Model,
    inputs: Vec<(String, NodeId)>,
    output: NodeId,
    threads: Arc<ThreadPool>,
    bytes_per_pixel: usize,
    device: Device,
    usage: Usage,
}

impl RtenSession {
    pub(crate) fn open(model: &Model, options: &SessionOptions) -> Result<Self> {
        let manifest = model.manifest();
        let network = model.network()?;
        // Packing in advance is for matrix products; the weights of convolutions are used as they are.
        let network = calmly(|| ModelOptions::with_all_ops().prepack_weights(true).load(network.into_owned()))?
            .map_err(|e| {
                Error::new(
                    ErrorKind::ModelInvalid,
                    format!("rten cannot load this network: {e}; try the engine ort, or install the model again"),
                )
                .caused_by(e)
            })?;
        let inputs = names(&network, network.input_ids());
        let outputs = names(&network, network.output_ids());
        let only_names = |nodes: &[(String, NodeId)]| nodes.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let (input_names, output_names) = (only_names(&inputs), only_names(&outputs));
        manifest.check_tensors(&borrowed(&input_names), &borrowed(&output_names))?;
        let output = find(&outputs, &manifest.output.name)?;
        let threads = options.threads.or_else(|| available_parallelism().ok().map(Into::into)).unwrap_or(1).max(1);
        let mut session = RtenSession {
            network,
            inputs,
            output,
            threads: Arc::new(ThreadPool::with_num_threads(threads)),
            bytes_per_pixel: manifest.cost.bytes_per_pixel as usize,
            device: cpu(),
            usage: Usage::default(),
        };
        session.usage = session.measure(manifest)?;
        Ok(session)
    }

    /// RTen does not stop inside a tile, so the tile must be small enough for this machine and this network.
    fn measure(&self, manifest: &Manifest) -> Result<Usage> {
        let pixels = speed::tile_pixels(manifest, |inputs| self.compute(inputs).map(drop))?;
        let mut usage = Usage::default();
        usage.max_tile_pixels = Some(pixels);
        usage.tile = u32::try_from(pixels.isqrt()).unwrap_or(u32::MAX).min(speed::BEST_SIDE);
        usage.parallel = 1;
        usage.interruptible = false;
        Ok(usage)
    }

    fn compute(&self, inputs: &[Tensor<'_>]) -> Result<NdTensor<f32, 4>> {
        let nodes = inputs.iter().map(|tensor| self.node(tensor)).collect::<Result<Vec<_>>>()?;
        let pixels = inputs.iter().map(|tensor| tensor.shape[2].saturating_mul(tensor.shape[3])).max().unwrap_or(0);
        self.check_memory(pixels)?;
        let options = RunOptions::default().with_thread_pool(Some(self.threads.clone()));
        let [value] = calmly(|| self.network.run_n(nodes, [self.output], Some(options)))?.map_err(|e| {
            Error::new(
                ErrorKind::Inference,
                format!("rten failed on a tile: {e}; try the engine ort, or another tile size"),
            )
            .caused_by(e)
        })?;
        let kind = value.dtype();
        NdTensor::try_from(value).map_err(|_: <NdTensor<f32, 4> as TryFrom<Value>>::Error| {
            Error::new(
                ErrorKind::ModelContract,
                format!(
                    "the network's output is {kind:?} and not four dimensions of 32-bit floats; import the model again"
                ),
            )
        })
    }

    fn node<'a>(&self, tensor: &Tensor<'a>) -> Result<(NodeId, ValueOrView<'a>)> {
        tensor.check()?;
        let view = NdTensorView::from_data(tensor.shape, tensor.data);
        Ok((find(&self.inputs, tensor.name)?, view.into()))
    }

    /// Asks the allocator for what a tile will need, because RTen cannot be refused memory.
    fn check_memory(&self, pixels: usize) -> Result<()> {
        let bytes = pixels.saturating_mul(self.bytes_per_pixel);
        if pixels <= MAX_PIXELS && Vec::<u8>::new().try_reserve_exact(bytes).is_ok() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Memory,
            format!("a tile of {pixels} pixels would need {} MiB; choose a smaller tile", bytes >> 20),
        ))
    }
}

impl Session for RtenSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        true
    }

    fn usage(&self) -> Usage {
        self.usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        output.check()?;
        cancel.check()?;
        let made = self.compute(inputs)?;
        cancel.check()?;
        output.check_made(&made.shape())?;
        match made.data() {
            Some(values) => output.data.copy_from_slice(values),
            // A network may end in a transposition, which RTen leaves undone.
            None => output.data.iter_mut().zip(made.iter()).for_each(|(to, from)| *to = *from),
        }
        Ok(())
    }
}

/// RTen has panics left for networks that it does not expect; to the caller they are errors like others.
fn calmly<T>(work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        Error::new(ErrorKind::Inference, "rten panicked on this network; try the engine ort, and please report this")
    })
}

fn names(network: &rten::Model, ids: &[NodeId]) -> Vec<(String, NodeId)> {
    ids.iter()
        .map(|id| {
            let name = network.node_info(*id).and_then(|info| info.name().map(str::to_owned));
            (name.unwrap_or_default(), *id)
        })
        .collect()
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn find(nodes: &[(String, NodeId)], name: &str) -> Result<NodeId> {
    nodes.iter().find(|(found, _)| found == name).map(|(_, id)| *id).ok_or_else(|| {
        Error::new(ErrorKind::Argument, format!("the network has no tensor '{name}'; name it as the manifest does"))
    })
}
