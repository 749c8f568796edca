//! A network loaded in RTen: looks up its values by name, and runs it in parts.
//!
//! This is the only file that calls RTen. It must never pass a shape that was not checked, because RTen aborts the process
//! when an allocation fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use enlarger::{Cancel, Error, ErrorKind, Manifest, Result, Tensor};
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::{NdTensor, NdTensorView};

/// The most pixels of a tile. A larger one can only be the caller's mistake.
const MAX_PIXELS: usize = 1 << 26;

/// The values that are passed from one part of the network to the next.
type Values = Vec<(NodeId, Value)>;

/// A loaded network and the threads that run it.
pub(crate) struct Graph {
    network: Model,
    inputs: Vec<(String, NodeId)>,
    output: NodeId,
    threads: Arc<ThreadPool>,
    bytes_per_pixel: usize,
}

impl Graph {
    /// Loads a network, and checks that the manifest's tensors exist.
    pub(crate) fn load(network: &[u8], manifest: &Manifest, threads: usize) -> Result<Self> {
        // Prepacking affects only matrix products; the weights of convolutions are used as they are.
        let network = catch_panic(|| ModelOptions::with_all_ops().prepack_weights(true).load(network.to_vec()))?
            .map_err(|e| {
                Error::new(
                    ErrorKind::ModelInvalid,
                    format!("rten cannot load this network: {e}; try the engine ort, or install the model again"),
                )
                .caused_by(e)
            })?;
        let inputs = names(&network, network.input_ids());
        let outputs = names(&network, network.output_ids());
        manifest.check_tensors(&only_names(&inputs), &only_names(&outputs))?;
        Ok(Graph {
            output: find(&outputs, &manifest.output.name)?,
            network,
            inputs,
            threads: Arc::new(ThreadPool::with_num_threads(threads)),
            bytes_per_pixel: manifest.cost.bytes_per_pixel as usize,
        })
    }

    /// The value of this name, unless RTen has optimised it away.
    pub(crate) fn value(&self, name: &str) -> Option<NodeId> {
        self.network.find_node(name)
    }

    /// Runs the network, and checks for cancellation at each cancel point.
    pub(crate) fn run(
        &self,
        inputs: &[Tensor<'_>],
        cancel_points: &[Vec<NodeId>],
        cancel: &Cancel,
    ) -> Result<NdTensor<f32, 4>> {
        self.run_watched(inputs, cancel_points, || cancel.check())
    }

    /// Runs the network, and calls `watch` before each part.
    pub(crate) fn run_watched(
        &self,
        inputs: &[Tensor<'_>],
        cancel_points: &[Vec<NodeId>],
        mut watch: impl FnMut() -> Result<()>,
    ) -> Result<NdTensor<f32, 4>> {
        self.check_memory(inputs)?;
        let mut values = Values::new();
        for point in cancel_points.iter().map(Vec::as_slice).chain([[self.output].as_slice()]) {
            watch()?;
            values = self.run_part(inputs, values, point)?;
        }
        let Some((_, value)) = values.pop() else {
            return Err(Error::new(ErrorKind::Internal, "rten returned no output for a tile; please report this"));
        };
        let kind = value.dtype();
        NdTensor::try_from(value).map_err(|_: <NdTensor<f32, 4> as TryFrom<Value>>::Error| {
            Error::new(
                ErrorKind::ModelContract,
                format!(
                    "the network's output is {kind:?} instead of four dimensions of 32-bit floats; import the model again"
                ),
            )
        })
    }

    /// Runs the part between the values of one cancel point and those of the next.
    fn run_part(&self, inputs: &[Tensor<'_>], values: Values, wanted: &[NodeId]) -> Result<Values> {
        // Values that are needed later are lent; the others are moved, so that RTen can reuse their memory at once.
        let (mut kept, spent): (Values, Values) = values.into_iter().partition(|(id, _)| wanted.contains(id));
        let missing: Vec<NodeId> =
            wanted.iter().copied().filter(|id| kept.iter().all(|(kept, _)| kept != id)).collect();
        let mut given = inputs.iter().map(|tensor| self.input(tensor)).collect::<Result<Vec<_>>>()?;
        given.extend(kept.iter().map(|(id, value)| (*id, value.into())));
        given.extend(spent.into_iter().map(|(id, value)| (id, value.into())));
        let options = RunOptions::default().with_thread_pool(Some(self.threads.clone()));
        let made = catch_panic(|| self.network.run(given, &missing, Some(options)))?.map_err(|e| {
            Error::new(
                ErrorKind::Inference,
                format!("rten failed on a tile: {e}; try the engine ort or another tile size"),
            )
            .caused_by(e)
        })?;
        kept.extend(missing.into_iter().zip(made));
        Ok(kept)
    }

    fn input<'a>(&self, tensor: &Tensor<'a>) -> Result<(NodeId, ValueOrView<'a>)> {
        tensor.check()?;
        let view = NdTensorView::from_data(tensor.shape, tensor.data);
        Ok((find(&self.inputs, tensor.name)?, view.into()))
    }

    /// Checks that the memory for a tile can be allocated, because RTen aborts the process if it cannot.
    fn check_memory(&self, inputs: &[Tensor<'_>]) -> Result<()> {
        let pixels = inputs.iter().map(|tensor| tensor.shape[2].saturating_mul(tensor.shape[3])).max().unwrap_or(0);
        let bytes = pixels.saturating_mul(self.bytes_per_pixel);
        if pixels <= MAX_PIXELS && Vec::<u8>::new().try_reserve_exact(bytes).is_ok() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Memory,
            format!("a tile of {pixels} pixels needs {} MiB of memory; choose a smaller tile", bytes >> 20),
        ))
    }
}

/// Turns a panic into an error. RTen panics on some networks that it does not expect.
fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        Error::new(ErrorKind::Panic, "rten panicked on this network; try the engine ort, and please report this")
    })
}

fn names(network: &Model, ids: &[NodeId]) -> Vec<(String, NodeId)> {
    ids.iter()
        .map(|id| {
            let name = network.node_info(*id).and_then(|info| info.name().map(str::to_owned));
            (name.unwrap_or_default(), *id)
        })
        .collect()
}

fn only_names(nodes: &[(String, NodeId)]) -> Vec<&str> {
    nodes.iter().map(|(name, _)| name.as_str()).collect()
}

fn find(nodes: &[(String, NodeId)], name: &str) -> Result<NodeId> {
    nodes.iter().find(|(found, _)| found == name).map(|(_, id)| *id).ok_or_else(|| {
        Error::new(ErrorKind::Argument, format!("the network has no tensor '{name}'; use the names of the manifest"))
    })
}
