//! The buffers of one tile on a device, and its tasks. A session keeps as many as it runs tiles at the same time.

use std::sync::Arc;

use enlarger::{Error, ErrorKind, Result};
use enlarger_compiler::Size;

use crate::device::{Buffer, Download, Gpu, Task};
use crate::plan::{Place, TilePlan};

/// What a tile needs on the device.
pub(super) struct Workspace {
    /// The sizes of the inputs that the tasks are for.
    pub(super) sizes: Vec<Size>,
    pub(super) plan: Arc<TilePlan>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) download: Download,
    /// A task for each step of the plan.
    pub(super) tasks: Vec<Task>,
}

impl Workspace {
    /// A workspace for a plan. It takes over the buffers of another one that are large enough.
    ///
    /// # Errors
    /// `Memory` or `Device`.
    pub(super) fn new(
        gpu: &Gpu,
        plan: &Arc<TilePlan>,
        sizes: Vec<Size>,
        constants: &[Buffer],
        before: Option<Workspace>,
    ) -> Result<Self> {
        let (mut kept, download) = before.map_or((Vec::new(), None), |old| (old.buffers, Some(old.download)));
        // Those that are too small are given up before others are made.
        let wanted = plan.buffers.iter();
        let mut buffers: Vec<Option<Buffer>> = wanted
            .map(|bytes| {
                let fitting = kept.iter().position(|buffer| buffer.size() >= *bytes && buffer.size() / 4 <= *bytes);
                fitting.map(|found| kept.swap_remove(found))
            })
            .collect();
        drop(kept);
        for (buffer, bytes) in buffers.iter_mut().zip(&plan.buffers) {
            if buffer.is_none() {
                *buffer = Some(gpu.buffer(*bytes)?);
            }
        }
        let buffers: Vec<Buffer> = buffers.into_iter().flatten().collect();
        let result = plan.buffers[plan.output];
        let download = match download.filter(|download| download.size() >= result) {
            Some(download) => download,
            None => gpu.download(result)?,
        };
        let mut tasks = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            let read = step.reads.iter().chain([&step.writes]).map(|place| match place {
                Place::Constants(index) => &constants[*index],
                Place::Buffer(index) => &buffers[*index],
            });
            let bound: Vec<&Buffer> = read.collect();
            if bound.len() > gpu.most_buffers() {
                let message = format!(
                    "this network needs {} buffers at once, but the device has {}; choose the device cpu",
                    bound.len(),
                    gpu.most_buffers()
                );
                return Err(Error::new(ErrorKind::Device, message));
            }
            tasks.push(gpu.task(&gpu.pipeline(step.kernel)?, &bound)?);
        }
        Ok(Workspace { sizes, plan: Arc::clone(plan), buffers, download, tasks })
    }
}
