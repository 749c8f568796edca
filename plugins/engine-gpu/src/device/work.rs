//! Work for a device: tasks, their submission, and waiting for its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use enlarger::{Cancel, Error, Result};
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, CommandEncoderDescriptor, ComputePassDescriptor, PollError,
    PollType, SubmissionIndex,
};

use super::failure::lost;
use super::gpu::Gpu;
use super::memory::{Buffer, Download};
use super::pipelines::Pipeline;

/// A device that has not answered for this long is given up. Systems reset a GPU after 2 to 10 seconds, some drivers never.
const PATIENCE: Duration = Duration::from_secs(10);

/// The same for a device whose work a processor does: that may be busy with other things, but does not hang.
const PATIENCE_WITH_SOFTWARE: Duration = Duration::from_secs(300);

/// How long a cancel may go unnoticed while the device works.
const NOTICED_WITHIN: Duration = Duration::from_millis(20);

/// A kernel with its buffers.
pub(crate) struct Task {
    pipeline: Arc<Pipeline>,
    buffers: BindGroup,
}

/// Work that was submitted.
pub(crate) struct Submission {
    index: SubmissionIndex,
    began: Instant,
}

impl Gpu {
    /// Prepares a kernel for these buffers: those that it reads in the order of its bindings, then the one that it writes.
    ///
    /// # Errors
    /// `Internal` or `Device`.
    pub(crate) fn task(&self, pipeline: &Arc<Pipeline>, buffers: &[&Buffer]) -> Result<Task> {
        let entries = buffers.iter().enumerate().map(|(binding, buffer)| BindGroupEntry {
            binding: binding as u32,
            resource: buffer.buffer.as_entire_binding(),
        });
        let entries: Vec<BindGroupEntry<'_>> = entries.collect();
        let descriptor = BindGroupDescriptor { label: None, layout: &pipeline.layout, entries: &entries };
        let buffers = self.guarded(|| self.device.create_bind_group(&descriptor))?;
        Ok(Task { pipeline: Arc::clone(pipeline), buffers })
    }

    /// Submits tasks with their immediates and workgroups, and then a copy of a result, if there is one.
    ///
    /// # Errors
    /// `Memory`, `Internal` or `Device`.
    pub(crate) fn submit(
        &self,
        tasks: &[(&Task, Vec<u8>, [u32; 3])],
        result: Option<(&Buffer, &Download)>,
    ) -> Result<Submission> {
        let index = self.guarded(|| {
            let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
                for (task, immediates, [x, y, z]) in tasks {
                    pass.set_pipeline(&task.pipeline.pipeline);
                    pass.set_bind_group(0, &task.buffers, &[]);
                    pass.set_immediates(0, immediates);
                    pass.dispatch_workgroups(*x, *y, *z);
                }
            }
            if let Some((from, to)) = result {
                encoder.copy_buffer_to_buffer(&from.buffer, 0, &to.buffer, 0, from.size().min(to.size()));
            }
            self.queue.submit([encoder.finish()])
        })?;
        if let Some((_, download)) = result {
            self.map(download)?;
        }
        Ok(Submission { index, began: Instant::now() })
    }

    /// Waits for the end of a submission.
    ///
    /// # Errors
    /// `Cancelled` as soon as a cancel is noticed, while the work goes on; `Device` if the device was lost or does not answer.
    pub(crate) fn wait(&self, submission: &Submission, cancel: &Cancel) -> Result<()> {
        let patience = if self.is_software { PATIENCE_WITH_SOFTWARE } else { PATIENCE };
        let began = Instant::now();
        loop {
            let poll =
                PollType::Wait { submission_index: Some(submission.index.clone()), timeout: Some(NOTICED_WITHIN) };
            match self.guarded(|| self.device.poll(poll))? {
                Ok(_) => return Ok(()),
                Err(PollError::Timeout) if cancel.is_cancelled() => return Err(Error::cancelled()),
                Err(PollError::Timeout) if began.elapsed() < patience => (),
                Err(PollError::Timeout) => {
                    return Err(self.given_up(&format!("it has not answered for {} seconds", patience.as_secs())));
                }
                // wgpu drops what is submitted to a device that is being lost.
                Err(PollError::WrongSubmissionIndex(..)) => return Err(self.given_up("it takes no more work")),
            }
        }
    }
}

impl Gpu {
    /// Gives the device up.
    fn given_up(&self, why: &str) -> Error {
        self.failures.lose(why);
        lost(&self.name, why)
    }
}

impl Submission {
    /// When it was submitted.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }
}
