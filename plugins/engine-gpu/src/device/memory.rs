//! Buffers on the device, and the way of data to it and back.

use enlarger::Result;
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use wgpu::{BufferDescriptor, BufferUsages, MapMode};

use crate::arithmetic::Element;

use super::failure::lost;
use super::gpu::Gpu;

/// A buffer that kernels read and write.
pub(crate) struct Buffer {
    pub(super) buffer: wgpu::Buffer,
}

/// A buffer that a result is copied to, to be read.
pub(crate) struct Download {
    pub(super) buffer: wgpu::Buffer,
}

impl Buffer {
    /// Its bytes.
    pub(crate) fn size(&self) -> u64 {
        self.buffer.size()
    }
}

impl Download {
    /// Its bytes.
    pub(crate) fn size(&self) -> u64 {
        self.buffer.size()
    }
}

impl Gpu {
    fn created(&self, size: u64, usage: BufferUsages) -> Result<wgpu::Buffer> {
        // The largest unit in which kernels read.
        let size = size.next_multiple_of(16).max(16);
        self.guarded(|| {
            self.device.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
        })
    }

    /// A buffer of at least this many bytes.
    ///
    /// # Errors
    /// `Memory` or `Device`.
    pub(crate) fn buffer(&self, size: u64) -> Result<Buffer> {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        Ok(Buffer { buffer: self.created(size, usage)? })
    }

    /// A buffer to read a result of this many bytes from.
    ///
    /// # Errors
    /// `Memory` or `Device`.
    pub(crate) fn download(&self, size: u64) -> Result<Download> {
        Ok(Download { buffer: self.created(size, BufferUsages::MAP_READ | BufferUsages::COPY_DST)? })
    }

    /// Fills the beginning of a buffer. What was submitted before still sees the old content.
    ///
    /// # Errors
    /// `Memory` or `Device`.
    pub(crate) fn upload(&self, buffer: &Buffer, bytes: &[u8]) -> Result<()> {
        self.guarded(|| self.queue.write_buffer(&buffer.buffer, 0, bytes))
    }

    /// Begins to make a download readable; it is once the work that was submitted before has ended.
    ///
    /// # Errors
    /// `Device`.
    pub(super) fn map(&self, download: &Download) -> Result<()> {
        // A failure is noticed when the content is read.
        self.guarded(|| download.buffer.map_async(MapMode::Read, .., |_| ()))
    }

    /// Reads numbers from a download whose work has ended.
    ///
    /// # Errors
    /// `Device`.
    pub(crate) fn read(&self, download: &Download, element: Element, to: &mut [f32]) -> Result<()> {
        let copied = self.guarded(|| {
            let range = download.buffer.get_mapped_range(..).ok()?;
            match element {
                Element::Float => to.copy_from_slice(&bytemuck::cast_slice(&range)[..to.len()]),
                Element::Half => {
                    let halves: &[f16] = bytemuck::cast_slice::<u8, u16>(&range)[..to.len()].reinterpret_cast();
                    halves.convert_to_f32_slice(to);
                }
            }
            drop(range);
            download.buffer.unmap();
            Some(())
        })?;
        copied.ok_or_else(|| lost(&self.name, "its memory cannot be read"))
    }
}
