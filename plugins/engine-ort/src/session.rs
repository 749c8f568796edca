//! A network loaded in ONNX Runtime.
//!
//! It runs one tile at a time, on all of the session's threads; other callers wait. A running tile can be cancelled.
//! It must never fall back to another device, and a failed tile must never affect the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;

use enlarger::{Cancel, Device, Error, ErrorKind, Model, Result, Session, Tensor, TensorMut, Usage};
use ort::ErrorCode;
use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::RunOptions;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::{TensorRef, TensorRefMut};

use crate::cancellable_mutex::CancellableMutex;
use crate::devices::DeviceChoice;

/// The side of a tile with its halo. It is large enough that a halo of 34 adds less than a third to two megapixels, and small
/// enough that a layer takes a fraction of a second on two cores; a cancellation takes effect between layers.
const TILE: u32 = 704;

/// A loaded network.
pub(crate) struct OrtSession {
    network: CancellableMutex<ort::session::Session>,
    inputs: Vec<String>,
    device: Device,
    exact: bool,
    /// Whether an output has had the expected shape before.
    shape_known: AtomicBool,
}

impl OrtSession {
    pub(crate) fn open(
        environment: &Environment,
        model: &Model,
        choice: DeviceChoice,
        threads: Option<usize>,
    ) -> Result<Self> {
        let bytes = model.network()?;
        let DeviceChoice { device, provider, exact, is_cpu } = choice;
        let threads = threads.or_else(|| available_parallelism().ok().map(Into::into)).unwrap_or(1).max(1);
        let no_device = |e: ort::Error| {
            Error::new(
                ErrorKind::Device,
                format!("the device '{}' cannot run this network: {}; use the device cpu", device.id, first_line(&e)),
            )
            .caused_by(e)
        };
        let builder = builder(environment, threads)
            .map_err(|e| Error::new(ErrorKind::Internal, format!("{}; please report this", first_line(&e))))?;
        let mut builder = builder.with_execution_providers([provider]).map_err(|e| no_device(e.into()))?;
        let network = builder.commit_from_memory(&bytes).map_err(|e| {
            if !is_cpu {
                return no_device(e);
            }
            let message = format!("ONNX Runtime cannot load this network: {}; install the model again", first_line(&e));
            Error::new(ErrorKind::ModelInvalid, message).caused_by(e)
        })?;
        let names = |outlets: &[ort::value::Outlet]| outlets.iter().map(|o| o.name().to_owned()).collect::<Vec<_>>();
        let (inputs, outputs) = (names(network.inputs()), names(network.outputs()));
        model.manifest().check_tensors(&borrowed(&inputs), &borrowed(&outputs))?;
        let network = CancellableMutex::new(network);
        Ok(OrtSession { network, inputs, device, exact, shape_known: AtomicBool::new(false) })
    }

    fn check(&self, input: &Tensor<'_>) -> Result<()> {
        input.check()?;
        if self.inputs.iter().any(|name| name == input.name) {
            return Ok(());
        }
        let message = format!("the network has no input '{}'; use the names of the manifest", input.name);
        Err(Error::new(ErrorKind::Argument, message))
    }

    fn failed(&self, error: ort::Error) -> Error {
        let text = first_line(&error);
        let kind = match error.code() {
            _ if ["bad_alloc", "allocate memory", "out of memory"].iter().any(|sign| text.contains(sign)) => {
                ErrorKind::Memory
            }
            ErrorCode::InvalidArgument => ErrorKind::Argument,
            ErrorCode::DeviceReset | ErrorCode::ExecutionProviderFailure => ErrorKind::Device,
            _ => ErrorKind::Inference,
        };
        let advice =
            if kind == ErrorKind::Memory { "choose a smaller tile" } else { "try another tile size or device" };
        Error::new(kind, format!("ONNX Runtime failed on a tile on '{}': {text}; {advice}", self.device.id))
            .caused_by(error)
    }
}

impl Session for OrtSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        self.exact
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        usage.tile = TILE;
        usage.parallel = 1;
        usage.interruptible = true;
        usage
    }

    fn run(&self, inputs: &[Tensor<'_>], mut output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        output.check()?;
        inputs.iter().try_for_each(|input| self.check(input))?;
        let options = Arc::new(RunOptions::new().map_err(|e| self.failed(e))?);
        let _hook = cancel.on_cancel({
            let options = options.clone();
            // If stopping fails, the run ends by itself and its result is dropped.
            move || {
                let _ = options.terminate();
            }
        });
        let mut network = self.network.lock(cancel)?;
        let result = run_into(&mut network, inputs, &mut output, &options);
        // Whether the run was cancelled is told by the flag, not by the error's text. A result that came nevertheless is
        // dropped.
        cancel.check()?;
        let Err(error) = result else {
            self.shape_known.store(true, Ordering::Relaxed);
            return Ok(());
        };
        // ONNX Runtime reports an unexpected output shape as a general failure, so the shape is checked here.
        if !self.shape_known.load(Ordering::Relaxed)
            && let Ok(shape) = shape_made(&mut network, inputs, output.name, &options)
        {
            output.check_made(&shape)?;
        }
        cancel.check()?;
        Err(self.failed(error))
    }
}

fn builder(environment: &Environment, threads: usize) -> ort::Result<SessionBuilder> {
    Ok(ort::session::Session::builder(environment)?
        .with_log_level(LogLevel::Warning)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(threads)?
        // Waiting threads must not spin, because that wastes power on a desktop.
        .with_intra_op_spinning(false)?
        // Memory patterns need inputs of one size, but the tiles of the last column and row have other sizes.
        .with_memory_pattern(false)?)
}

/// Runs the network with the caller's buffer as its output, so that the output, the largest tensor, is not copied.
fn run_into(
    network: &mut ort::session::Session,
    inputs: &[Tensor<'_>],
    output: &mut TensorMut<'_>,
    options: &RunOptions,
) -> ort::Result<()> {
    let mut binding = network.create_binding()?;
    for input in inputs {
        // For a borrowed tensor, the binding would run a network that copies it. This copy is cheaper.
        binding.bind_input(input.name, &ort::value::Tensor::from_array((input.shape, input.data.to_vec()))?)?;
    }
    binding.bind_output(output.name, TensorRefMut::from_array_view_mut((output.shape, &mut *output.data))?)?;
    network.run_binding_with_options(&binding, options)?;
    binding.synchronize_outputs()
}

/// The shape of the network's output for these inputs.
fn shape_made(
    network: &mut ort::session::Session,
    inputs: &[Tensor<'_>],
    output: &str,
    options: &RunOptions,
) -> ort::Result<Vec<usize>> {
    let mut named = Vec::with_capacity(inputs.len());
    for input in inputs {
        named.push((input.name, TensorRef::from_array_view((input.shape, input.data))?));
    }
    let outputs = network.run_with_options(named, options)?;
    let shape = outputs.get(output).and_then(|value| value.dtype().tensor_shape());
    Ok(shape.map(|shape| shape.iter().map(|side| *side as usize).collect()).unwrap_or_default())
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// The first line of ONNX Runtime's error, which says what happened.
fn first_line(error: &ort::Error) -> String {
    error.message().lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
