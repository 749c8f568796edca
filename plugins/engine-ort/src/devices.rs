//! The devices that the loaded ONNX Runtime supports, and the execution provider for each.
//!
//! A device id is a kind and a number, such as `cuda:0` or `webgpu:0`, or just `cpu`. Only kinds that the library was built
//! with are listed. A requested device must never be replaced by another one.

use enlarger::{Device, Error, ErrorKind, Precision, Result};
use ort::ep::{self, ArenaExtendStrategy, ExecutionProvider, ExecutionProviderDispatch};

/// A kind of device besides the CPU.
struct Kind {
    id: &'static str,
    name: &'static str,
    built_in: fn() -> ort::Result<bool>,
    /// Makes the provider for the device of this number. With the second argument true, it must compute in 32-bit floating
    /// point throughout; `None` if it cannot guarantee that.
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
                    // The exhaustive search would run for every new tile size and take longer than the tile itself.
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

/// A device and its execution provider.
pub(crate) struct DeviceChoice {
    pub(crate) device: Device,
    pub(crate) provider: ExecutionProviderDispatch,
    pub(crate) exact: bool,
    pub(crate) is_cpu: bool,
}

/// Lists the devices: the CPU, then the first device of every kind that the library was built with. Whether the machine has
/// that device is known only when a session is opened on it.
///
/// The library must be loaded.
pub(crate) fn list() -> Vec<Device> {
    let built_in = KINDS.iter().filter(|kind| (kind.built_in)().unwrap_or(false));
    std::iter::once(cpu()).chain(built_in.map(|kind| device(kind, 0))).collect()
}

/// Chooses the device of this id. Without an id it is the CPU: a GPU is used only when the caller names it, because a broken
/// driver can crash the host program.
///
/// The library must be loaded.
///
/// # Errors
/// `Device`.
pub(crate) fn choose(id: Option<&str>, precision: Precision) -> Result<DeviceChoice> {
    let id = id.unwrap_or("cpu");
    if id == "cpu" {
        // Measured on a tile of 704×704 pixels: 3.0 s and a peak of 545 MB with the arena, 7.7 s and 495 MB without it,
        // because then every layer gets its memory from the system.
        let provider = ep::CPU::default().with_arena_allocator(true).build();
        return Ok(DeviceChoice { device: cpu(), provider, exact: true, is_cpu: true });
    }
    let (name, number) = id.split_once(':').unwrap_or((id, "0"));
    let kind = KINDS.iter().find(|kind| kind.id == name && (kind.built_in)().unwrap_or(false));
    let (Some(kind), Ok(number)) = (kind, number.parse::<u16>()) else {
        let known: Vec<String> = list().into_iter().map(|device| device.id).collect();
        return Err(Error::new(
            ErrorKind::Device,
            format!(
                "this ONNX Runtime cannot use the device '{id}'; use one of {}, or install an ONNX Runtime that supports it",
                known.join(", ")
            ),
        ));
    };
    let exact = precision == Precision::Exact;
    let device = device(kind, number);
    match (kind.provider)(number.into(), exact) {
        Some(provider) => Ok(DeviceChoice { device, provider: provider.error_on_failure(), exact, is_cpu: false }),
        None => Err(Error::new(
            ErrorKind::Device,
            format!(
                "the device '{}' does not exist or does not guarantee 32-bit arithmetic; use the device cpu",
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
