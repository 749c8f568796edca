//! An open device.
//!
//! All sessions on a device share it. A lost one is left as it is: dropping it would wait for what will never end.

use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use enlarger::{Device, Error, ErrorKind, Result};
use wgpu::{DeviceDescriptor, ErrorFilter, Features, PollType};

use crate::kernels::{Kernel, MAX_IMMEDIATES, THREADS};

use super::adapters::{Adapter, ready};
use super::failure::{Failures, failed, kind, lost};
use super::pipelines::Pipeline;

/// Bytes of workgroup memory that kernels may take.
const WORKGROUP_MEMORY: u32 = 32 << 10;

/// An open device.
pub(crate) struct Gpu {
    /// Its name, for messages.
    pub(super) name: String,
    pub(super) is_software: bool,
    halves: bool,
    most_buffers: usize,
    pub(super) failures: Arc<Failures>,
    pub(super) pipelines: Mutex<HashMap<Kernel, Arc<Pipeline>>>,
    pub(super) device: ManuallyDrop<wgpu::Device>,
    pub(super) queue: ManuallyDrop<wgpu::Queue>,
}

/// The devices that are open.
static OPEN: Mutex<Vec<(Device, Weak<Gpu>)>> = Mutex::new(Vec::new());

impl Gpu {
    /// Opens a device, or shares it with the sessions that have opened it.
    ///
    /// # Errors
    /// `Device` if it cannot be opened or cannot do what kernels need.
    pub(crate) fn open(adapter: &Adapter) -> Result<Arc<Self>> {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(_, gpu)| gpu.upgrade().is_some_and(|gpu| !gpu.failures.is_lost()));
        let found = open.iter().find(|(device, _)| *device == adapter.device).and_then(|(_, gpu)| gpu.upgrade());
        if let Some(gpu) = found {
            return Ok(gpu);
        }
        let gpu = Arc::new(Gpu::new(adapter)?);
        open.push((adapter.device.clone(), Arc::downgrade(&gpu)));
        Ok(gpu)
    }

    fn new(Adapter { device, is_software, adapter, .. }: &Adapter) -> Result<Self> {
        let (name, limits) = (device.name.clone(), adapter.limits());
        let enough = limits.max_compute_workgroup_storage_size >= WORKGROUP_MEMORY
            && limits.max_compute_invocations_per_workgroup >= THREADS as u32
            && limits.max_immediate_size >= MAX_IMMEDIATES as u32
            && limits.max_storage_buffer_binding_size >= crate::plan::LARGEST_BINDING
            && adapter.features().contains(Features::IMMEDIATES);
        if !enough {
            let message = format!("{name} is too old for the gpu engine; update its driver or choose the device cpu");
            return Err(Error::new(ErrorKind::Device, message));
        }
        let halves = adapter.features().contains(Features::SHADER_F16);
        let required_features = adapter.features() & (Features::SHADER_F16 | Features::IMMEDIATES);
        let most_buffers = limits.max_storage_buffers_per_shader_stage as usize;
        let descriptor = DeviceDescriptor { required_features, required_limits: limits, ..Default::default() };
        let (device, queue) = ready(adapter.request_device(&descriptor))
            .map_err(|error| failed(&name, ErrorKind::Device, &error.to_string()).caused_by(error))?;
        let failures = Arc::new(Failures::default());
        let (uncaptured, lost) = (Arc::clone(&failures), Arc::clone(&failures));
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| uncaptured.record(&error)));
        device.set_device_lost_callback(move |_, why| lost.lose(&why));
        Ok(Gpu {
            name,
            is_software: *is_software,
            halves,
            most_buffers,
            failures,
            pipelines: Mutex::default(),
            device: ManuallyDrop::new(device),
            queue: ManuallyDrop::new(queue),
        })
    }

    /// Whether it computes with 16-bit floats.
    pub(crate) fn has_halves(&self) -> bool {
        self.halves
    }

    /// The most buffers that a kernel can have.
    pub(crate) fn most_buffers(&self) -> usize {
        self.most_buffers
    }

    /// # Errors
    /// As [`Failures::check`].
    pub(crate) fn check(&self) -> Result<()> {
        self.failures.check(&self.name)
    }

    /// Calls `work`, and turns what wgpu reports meanwhile on this thread into an error. wgpu panics where a device is lost during some
    /// of its calls, so a panic counts as a loss.
    ///
    /// # Errors
    /// As [`Failures::check`].
    pub(super) fn guarded<T>(&self, work: impl FnOnce() -> T) -> Result<T> {
        self.check()?;
        let result = catch_unwind(AssertUnwindSafe(|| {
            let scopes = [ErrorFilter::Internal, ErrorFilter::Validation, ErrorFilter::OutOfMemory]
                .map(|filter| self.device.push_error_scope(filter));
            let result = work();
            let errors = scopes.into_iter().rev().filter_map(|scope| ready(scope.pop()));
            // All scopes must be popped, whatever they hold.
            (result, errors.collect::<Vec<wgpu::Error>>())
        }));
        let Ok((result, errors)) = result else {
            self.failures.lose("its driver reported an error that cannot be mended");
            return Err(self.check().err().unwrap_or_else(|| lost(&self.name, "its driver failed")));
        };
        if let Some(error) = errors.first() {
            // A loss that has caused the error is told by a callback, which is called by this.
            let _ = catch_unwind(AssertUnwindSafe(|| self.device.poll(PollType::Poll)));
            self.check()?;
            return Err(failed(&self.name, kind(error), &error.to_string()));
        }
        self.check()?;
        Ok(result)
    }

    /// For tests: the device is lost from now on.
    #[cfg(test)]
    pub(crate) fn destroy(&self) {
        self.device.destroy();
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        if self.failures.is_lost() {
            // The pipelines hold the device, too.
            std::mem::forget(std::mem::take(&mut *self.pipelines.lock().unwrap_or_else(PoisonError::into_inner)));
            return;
        }
        // wgpu may panic while it waits for the end of what runs.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: neither is used again.
            unsafe {
                ManuallyDrop::drop(&mut self.queue);
                ManuallyDrop::drop(&mut self.device);
            }
        }));
    }
}
