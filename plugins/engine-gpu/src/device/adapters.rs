//! The devices of this machine, in the order in which they are numbered.
//!
//! Without a Vulkan loader there are none, and that is no error.

use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use enlarger::Device;
use wgpu::{Backends, DeviceType, Instance, InstanceDescriptor, InstanceFlags};

/// A device that can be opened.
#[derive(Clone, Debug)]
pub(crate) struct Adapter {
    /// Its id, and its name with the driver and its version.
    pub(crate) device: Device,
    /// Its name without the driver.
    pub(crate) name: String,
    /// Whether a processor does its work. Such a device is for tests.
    pub(crate) is_software: bool,
    pub(super) adapter: wgpu::Adapter,
}

/// All devices, best first: GPUs with memory of their own, those that share the processor's, others, software. They are looked for
/// once, so that a number means the same device until the process ends.
pub(crate) fn adapters() -> Vec<Adapter> {
    static FOUND: OnceLock<Vec<Adapter>> = OnceLock::new();
    FOUND.get_or_init(find).clone()
}

fn find() -> Vec<Adapter> {
    let backends = Backends::VULKAN | Backends::METAL;
    let instance = Instance::new(InstanceDescriptor {
        backends,
        flags: InstanceFlags::empty(),
        ..InstanceDescriptor::new_without_display_handle()
    });
    let mut found = ready(instance.enumerate_adapters(backends));
    // Equal ones stay in the order of the system.
    found.sort_by_key(|adapter| rank(adapter.get_info().device_type));
    found.into_iter().enumerate().map(|(number, adapter)| described(number, adapter)).collect()
}

fn rank(kind: DeviceType) -> u32 {
    match kind {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

fn described(number: usize, adapter: wgpu::Adapter) -> Adapter {
    let info = adapter.get_info();
    let is_software = info.device_type == DeviceType::Cpu;
    let mut driver = format!("{} {}", info.driver, info.driver_info).trim().to_owned();
    if is_software {
        driver.push_str(if driver.is_empty() { "software" } else { ", software" });
    }
    let shown = if driver.is_empty() { info.name.clone() } else { format!("{} ({driver})", info.name) };
    Adapter { device: Device { id: format!("gpu:{number}"), name: shown }, name: info.name, is_software, adapter }
}

/// The result of a future of wgpu. Outside of browsers all of them are ready at once.
pub(super) fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result;
        }
        std::thread::yield_now();
    }
}
