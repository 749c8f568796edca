//! A network in ONNX Runtime, ready to run.
//!
//! One tile at a time, on all of the session's threads; others wait their turn. A tile stops when it is cancelled.
//! It must never fall back to another device, and a tile that failed must never spoil the next one.

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

use crate::provider::Choice;
use crate::turn::Turn;

/// The side of a tile with its halo: large enough that a halo of 34 costs less than a third at two megapixels, small
/// enough that a layer, after which a cancel is noticed, takes a fraction of a second on two cores.
const TILE: u32 = 704;

/// A loaded network.
pub(crate) struct OrtSession {
    network: Turn<ort::session::Session>,
    inputs: Vec<String>,
    device: Device,
    exact: bool,
    /// Whether the network has already made the shape that its manifest promises.
    proved: AtomicBool,
}

impl OrtSession {
    pub(crate) fn open(
        environment: &Environment,
        model: &Model,
        choice: Choice,
        threads: Option<usize>,
    ) -> Result<Self> {
        let bytes = model.network()?;
        let Choice { device, provider, exact, is_cpu } = choice;
        let threads = threads.or_else(|| available_parallelism().ok().map(Into::into)).unwrap_or(1).max(1);
        let no_device = |e: ort::Error| {
            Error::new(
                ErrorKind::Device,
                format!("the device '{}' cannot run this network: {}; take the device cpu", device.id, one_line(&e)),
            )
            .caused_by(e)
        };
        let builder = builder(environment, threads)
            .map_err(|e| Error::new(ErrorKind::Internal, format!("{}; please report this", one_line(&e))))?;
        let mut builder = builder.with_execution_providers([provider]).map_err(|e| no_device(e.into()))?;
        let network = builder.commit_from_memory(&bytes).map_err(|e| {
            if !is_cpu {
                return no_device(e);
            }
            let sentence = format!("ONNX Runtime cannot load this network: {}; install the model again", one_line(&e));
            Error::new(ErrorKind::ModelInvalid, sentence).caused_by(e)
        })?;
        let names = |outlets: &[ort::value::Outlet]| outlets.iter().map(|o| o.name().to_owned()).collect::<Vec<_>>();
        let (inputs, outputs) = (names(network.inputs()), names(network.outputs()));
        model.manifest().check_tensors(&borrowed(&inputs), &borrowed(&outputs))?;
        Ok(OrtSession { network: Turn::new(network), inputs, device, exact, proved: AtomicBool::new(false) })
    }

    fn check(&self, input: &Tensor<'_>) -> Result<()> {
        input.check()?;
        if self.inputs.iter().any(|name| name == input.name) {
            return Ok(());
        }
        let sentence = format!("the network has no input '{}'; name it as the manifest does", input.name);
        Err(Error::new(ErrorKind::Argument, sentence))
    }

    fn failed(&self, error: ort::Error) -> Error {
        let text = one_line(&error);
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
            // If it cannot be stopped it will end by itself, and its result is dropped.
            move || {
                let _ = options.terminate();
            }
        });
        let mut network = self.network.take(cancel)?;
        let result = run_into(&mut network, inputs, &mut output, &options);
        // By the flag and not by the error's text. A result that came in spite of it is dropped by the caller.
        cancel.check()?;
        let Err(error) = result else {
            self.proved.store(true, Ordering::Relaxed);
            return Ok(());
        };
        // ONNX Runtime's word for a shape that was not promised is a general failure, so look for ourselves, once.
        if !self.proved.load(Ordering::Relaxed)
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
        // Threads that spin while they wait make a desktop hot for nothing.
        .with_intra_op_spinning(false)?
        // A pattern is for tiles of one size; here the last column and row have their own.
        .with_memory_pattern(false)?)
}

/// Runs the network straight into the caller's memory, so that the output, the largest tensor of all, is not copied.
fn run_into(
    network: &mut ort::session::Session,
    inputs: &[Tensor<'_>],
    output: &mut TensorMut<'_>,
    options: &RunOptions,
) -> ort::Result<()> {
    let mut binding = network.create_binding()?;
    for input in inputs {
        // The binding would copy a borrowed tensor by a network of its own; this copy is plain, and small.
        binding.bind_input(input.name, &ort::value::Tensor::from_array((input.shape, input.data.to_vec()))?)?;
    }
    binding.bind_output(output.name, TensorRefMut::from_array_view_mut((output.shape, &mut *output.data))?)?;
    network.run_binding_with_options(&binding, options)?;
    binding.synchronize_outputs()
}

/// The shape that the network makes of these inputs.
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

/// ONNX Runtime's errors have several lines; the first says what happened.
fn one_line(error: &ort::Error) -> String {
    error.message().lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
