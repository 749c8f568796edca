//! What a library of ONNX Runtime can run on, and how that is asked for.
//!
//! Devices are named `cpu`, `cuda:0`, `webgpu:0`: a kind and a number. Only kinds that the loaded library was built
//! with are listed. It must never turn one device into another.

use enlarger::{Device, Error, ErrorKind, Precision, Result};
use ort::ep::{self, ArenaExtendStrategy, ExecutionProvider, ExecutionProviderDispatch};

/// A kind of device besides the CPU.
struct Kind {
    id: &'static str,
    name: &'static str,
    built_in: fn() -> ort::Result<bool>,
    /// For the device's number, and whether 32-bit arithmetic is asked for; `None` if it cannot promise that.
    provider: fn(u32, bool) -> Option<ExecutionProviderDispatch>,
}

/// Fastest first.
const KINDS: [Kind; 7] = [
    Kind {
        id: "tensorrt",
        name: "NVIDIA GPU, TensorRT",
        built_in: ep::TensorRT::is_available,
        provider: |number, exact| (!exact).then(|| ep::TensorRT::default().with_device_id(number as i32).build()),
    },
    Kind {
        id: "cuda",
        name: "NVIDIA GPU, CUDA",
        built_in: ep::CUDA::is_available,
        provider: |number, exact| {
            Some(
                ep::CUDA::default()
                    .with_device_id(number as i32)
                    // The search by trial is done for every new size of a tile, and takes longer than the tile.
                    .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
                    .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested)
                    .with_tf32(!exact)
                    .build(),
            )
        },
    },
    Kind {
        id: "migraphx",
        name: "AMD GPU, MIGraphX",
        built_in: ep::MIGraphX::is_available,
        provider: |number, exact| (!exact).then(|| ep::MIGraphX::default().with_device_id(number as i32).build()),
    },
    Kind {
        id: "directml",
        name: "GPU, DirectML",
        built_in: ep::DirectML::is_available,
        provider: |number, exact| (!exact).then(|| ep::DirectML::default().with_device_id(number as i32).build()),
    },
    Kind {
        id: "coreml",
        name: "Apple GPU or neural engine, CoreML",
        built_in: ep::CoreML::is_available,
        provider: |number, exact| (!exact && number == 0).then(|| ep::CoreML::default().build()),
    },
    Kind {
        id: "openvino",
        name: "Intel GPU, OpenVINO",
        built_in: ep::OpenVINO::is_available,
        provider: |number, exact| {
            (!exact).then(|| ep::OpenVINO::default().with_device_type(format!("GPU.{number}")).build())
        },
    },
    Kind {
        id: "webgpu",
        name: "GPU, WebGPU",
        built_in: ep::WebGPU::is_available,
        provider: |number, exact| (!exact).then(|| ep::WebGPU::default().with_device_id(number as i32).build()),
    },
];

/// A device and how to ask for it.
pub(crate) struct Choice {
    pub(crate) device: Device,
    pub(crate) provider: ExecutionProviderDispatch,
    pub(crate) exact: bool,
    pub(crate) is_cpu: bool,
}

/// The devices: the CPU, then the first of every kind that the library was built with. Whether a GPU is really there
/// is known only when it is opened.
///
/// The library must be loaded.
pub(crate) fn devices() -> Vec<Device> {
    let built_in = KINDS.iter().filter(|kind| (kind.built_in)().unwrap_or(false));
    std::iter::once(cpu()).chain(built_in.map(|kind| device(kind, 0))).collect()
}

/// The device of an id. Without an id it is the CPU: a GPU is used only when it is named, because a broken driver can
/// take the host program with it.
///
/// The library must be loaded.
///
/// # Errors
/// `Device`.
pub(crate) fn choose(id: Option<&str>, precision: Precision) -> Result<Choice> {
    let id = id.unwrap_or("cpu");
    if id == "cpu" {
        // Measured on a tile of 704 x 704: with the arena 3.0 s and 545 MB at the peak, without it 7.7 s and 495 MB,
        // because the system gives every layer its memory anew.
        let provider = ep::CPU::default().with_arena_allocator(true).build();
        return Ok(Choice { device: cpu(), provider, exact: true, is_cpu: true });
    }
    let (name, number) = id.split_once(':').unwrap_or((id, "0"));
    let kind = KINDS.iter().find(|kind| kind.id == name && (kind.built_in)().unwrap_or(false));
    let (Some(kind), Ok(number)) = (kind, number.parse::<u16>()) else {
        let known: Vec<String> = devices().into_iter().map(|device| device.id).collect();
        return Err(Error::new(
            ErrorKind::Device,
            format!(
                "this ONNX Runtime cannot use the device '{id}'; it can use {}. Take one of them, or install the ONNX Runtime for it",
                known.join(", ")
            ),
        ));
    };
    let exact = precision == Precision::Exact;
    let device = device(kind, number);
    match (kind.provider)(number.into(), exact) {
        Some(provider) => Ok(Choice { device, provider: provider.error_on_failure(), exact, is_cpu: false }),
        None => Err(Error::new(
            ErrorKind::Device,
            format!(
                "the device '{}' is not there or does not promise 32-bit arithmetic; take the device cpu",
                device.id
            ),
        )),
    }
}

fn cpu() -> Device {
    Device { id: "cpu".to_owned(), name: "CPU".to_owned() }
}

fn device(kind: &Kind, number: u16) -> Device {
    Device { id: format!("{}:{number}", kind.id), name: format!("{} {number}", kind.name) }
}
