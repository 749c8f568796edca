//! A network in RTen: its values by name, and running from some of them to others.
//!
//! This is the only file that hands work to RTen. It must never hand it a shape that was not checked: RTen ends the
//! process when an allocation fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use enlarger::{Cancel, Error, ErrorKind, Manifest, Result, Tensor};
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::{NdTensor, NdTensorView};

/// The most pixels of one tile. Anything above is a mistake of the caller, not a tile.
const MAX_PIXELS: usize = 1 << 26;

/// Values on the way through the network.
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
    /// Loads a network and compares its tensors with the manifest.
    pub(crate) fn load(network: &[u8], manifest: &Manifest, threads: usize) -> Result<Self> {
        // Packing in advance is for matrix products; the weights of convolutions are used as they are.
        let network =
            calmly(|| ModelOptions::with_all_ops().prepack_weights(true).load(network.to_vec()))?.map_err(|e| {
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

    /// Runs the network from its inputs to its output, stopping to look at the cancel at every cut.
    pub(crate) fn run(&self, inputs: &[Tensor<'_>], cuts: &[Vec<NodeId>], cancel: &Cancel) -> Result<NdTensor<f32, 4>> {
        self.run_watched(inputs, cuts, || cancel.check())
    }

    /// As [`Graph::run`], calling `watch` before each part.
    pub(crate) fn run_watched(
        &self,
        inputs: &[Tensor<'_>],
        cuts: &[Vec<NodeId>],
        mut watch: impl FnMut() -> Result<()>,
    ) -> Result<NdTensor<f32, 4>> {
        self.check_memory(inputs)?;
        let mut values = Values::new();
        for cut in cuts.iter().map(Vec::as_slice).chain([[self.output].as_slice()]) {
            watch()?;
            values = self.step(inputs, values, cut)?;
        }
        let Some((_, value)) = values.pop() else {
            return Err(Error::new(ErrorKind::Internal, "rten made nothing of a tile; please report this"));
        };
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

    /// Runs from the values of one cut to those of the next.
    fn step(&self, inputs: &[Tensor<'_>], values: Values, wanted: &[NodeId]) -> Result<Values> {
        // What is needed later is lent; the rest is given away, so that its memory is used again at once.
        let (mut kept, spent): (Values, Values) = values.into_iter().partition(|(id, _)| wanted.contains(id));
        let missing: Vec<NodeId> =
            wanted.iter().copied().filter(|id| kept.iter().all(|(kept, _)| kept != id)).collect();
        let mut given = inputs.iter().map(|tensor| self.input(tensor)).collect::<Result<Vec<_>>>()?;
        given.extend(kept.iter().map(|(id, value)| (*id, value.into())));
        given.extend(spent.into_iter().map(|(id, value)| (id, value.into())));
        let options = RunOptions::default().with_thread_pool(Some(self.threads.clone()));
        let made = calmly(|| self.network.run(given, &missing, Some(options)))?.map_err(|e| {
            Error::new(
                ErrorKind::Inference,
                format!("rten failed on a tile: {e}; try the engine ort, or another tile size"),
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

    /// Asks the allocator for what a tile will need, because RTen cannot be refused memory.
    fn check_memory(&self, inputs: &[Tensor<'_>]) -> Result<()> {
        let pixels = inputs.iter().map(|tensor| tensor.shape[2].saturating_mul(tensor.shape[3])).max().unwrap_or(0);
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

/// RTen has panics left for networks that it does not expect; to the caller they are errors like others.
fn calmly<T>(work: impl FnOnce() -> T) -> Result<T> {
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
        Error::new(ErrorKind::Argument, format!("the network has no tensor '{name}'; name it as the manifest does"))
    })
}
