//! Pipelines: kernels that the driver has compiled.

use std::num::NonZeroU64;
use std::sync::{Arc, PoisonError};

use enlarger::Result;
use wgpu::{
    BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry, BindingType, BufferBindingType,
    ComputePipelineDescriptor, PipelineCompilationOptions, PipelineLayoutDescriptor, ShaderModuleDescriptor,
    ShaderRuntimeChecks, ShaderSource, ShaderStages,
};

use crate::kernels::{Kernel, MAX_IMMEDIATES};

use super::gpu::Gpu;

/// A kernel that the driver has compiled.
pub(crate) struct Pipeline {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) layout: BindGroupLayout,
}

impl Gpu {
    /// The pipeline of a kernel, which is compiled if it is not there yet.
    ///
    /// # Errors
    /// `Internal` if the driver or wgpu refuses the kernel; `Device`.
    pub(crate) fn pipeline(&self, kernel: Kernel) -> Result<Arc<Pipeline>> {
        let known =
            |gpu: &Gpu| gpu.pipelines.lock().unwrap_or_else(PoisonError::into_inner).get(&kernel).map(Arc::clone);
        if let Some(pipeline) = known(self) {
            return Ok(pipeline);
        }
        let pipeline = Arc::new(self.guarded(|| self.compiled(kernel))?);
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner).insert(kernel, Arc::clone(&pipeline));
        Ok(pipeline)
    }

    fn compiled(&self, kernel: Kernel) -> Pipeline {
        let reads = kernel.reads() as u32;
        let entry = |binding: u32| BindGroupLayoutEntry {
            binding,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer {
                ty: BufferBindingType::Storage { read_only: binding < reads },
                has_dynamic_offset: false,
                min_binding_size: NonZeroU64::new(16),
            },
            count: None,
        };
        let entries: Vec<BindGroupLayoutEntry> = (0..=reads).map(entry).collect();
        let descriptor = BindGroupLayoutDescriptor { label: None, entries: &entries };
        let layout = self.device.create_bind_group_layout(&descriptor);
        let source = ShaderSource::Wgsl(kernel.text().into());
        // SAFETY: the text is made by `kernels/` alone, from numbers that no file can choose. Its loops end, and its indices stay
        // inside the buffers: `plan/` computes sizes, strides and ends together with the bytes of each buffer, and
        // `Submission` binds only buffers that are at least as large. Checks by the driver would cost a tenth of the time.
        let module = unsafe {
            let descriptor = ShaderModuleDescriptor { label: None, source };
            self.device.create_shader_module_trusted(descriptor, ShaderRuntimeChecks::unchecked())
        };
        let pipeline_layout = self.device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: MAX_IMMEDIATES as u32,
        });
        let pipeline = self.device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: None,
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            // Kernels write workgroup memory before they read it.
            compilation_options: PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        Pipeline { pipeline, layout }
    }
}
