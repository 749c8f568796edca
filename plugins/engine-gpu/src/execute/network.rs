//! A network on a device: its constants, and how a tile of it is run.
//!
//! Work is submitted in parts, of which two are on their way at the same time, so that the device need not wait for the next one. After
//! an error the buffers of a tile are given up, because the device may still write them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use enlarger::{Cancel, Result, Tensor, TensorMut};
use enlarger_compiler::{CompiledGraph, Size};

use crate::arithmetic::Arithmetic;
use crate::device::{Buffer, Gpu, Submission, Task};
use crate::plan::{Packed, Step, TilePlan, pack};

use super::pace::Pace;
use super::workspace::Workspace;

/// Parts that are on their way at the same time.
const ON_THEIR_WAY: usize = 2;

/// A network on a device.
pub(crate) struct Network {
    gpu: Arc<Gpu>,
    /// Without the weights of its 3×3 convolutions.
    graph: CompiledGraph,
    arithmetic: Arithmetic,
    packed: Packed,
    constants: Vec<Buffer>,
    workspaces: Mutex<Vec<Workspace>>,
    pace: Pace,
}

/// Where the run of a tile is: the next step, and the next row of its workgroups.
#[derive(Clone, Copy, Default)]
struct Progress {
    step: usize,
    row: u32,
}

/// A part of a tile's work.
struct Part<'a> {
    tasks: Vec<(&'a Task, Vec<u8>, [u32; 3])>,
    cost: u64,
}

impl Network {
    /// Uploads the constants of a network.
    ///
    /// # Errors
    /// `Memory` or `Device`.
    pub(crate) fn new(gpu: Arc<Gpu>, graph: &CompiledGraph, arithmetic: Arithmetic) -> Result<Self> {
        let mut packed = pack(graph, arithmetic.element());
        let upload = |bytes: &Vec<u8>| {
            let buffer = gpu.buffer(bytes.len() as u64)?;
            gpu.upload(&buffer, bytes)?;
            Ok(buffer)
        };
        let constants = packed.buffers.iter().map(upload).collect::<Result<_>>()?;
        packed.buffers.clear();
        let (graph, pace) = (graph.without_weights(), Pace::new());
        Ok(Network { gpu, graph, arithmetic, packed, constants, workspaces: Mutex::default(), pace })
    }

    pub(crate) fn graph(&self) -> &CompiledGraph {
        &self.graph
    }

    pub(crate) fn packed(&self) -> &Packed {
        &self.packed
    }

    pub(crate) fn arithmetic(&self) -> Arithmetic {
        self.arithmetic
    }

    /// Compiles the kernels of a plan.
    ///
    /// # Errors
    /// `Internal` or `Device`.
    pub(crate) fn compile(&self, plan: &TilePlan) -> Result<()> {
        plan.steps.iter().try_for_each(|step| self.gpu.pipeline(step.kernel).map(|_| ()))
    }

    /// Runs the network once.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        output.check()?;
        let tensors = self.graph.input_tensors(inputs)?;
        let sizes: Vec<Size> = tensors.iter().map(|tensor| Size::of(tensor)).collect();
        let all = self.graph.sizes(sizes.iter().copied())?;
        self.graph.check_output(&all, &output)?;
        let workspace = self.workspace(sizes, &all)?;
        for (buffer, tensor) in workspace.plan.inputs.iter().zip(&tensors) {
            self.gpu.upload(&workspace.buffers[*buffer], bytemuck::cast_slice(tensor.data))?;
        }
        self.compute(&workspace, cancel)?;
        self.gpu.read(&workspace.download, self.arithmetic.element(), output.data)?;
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
        Ok(())
    }

    /// A workspace for inputs of these sizes: the one that ran such a tile before, or one that is made of another.
    fn workspace(&self, sizes: Vec<Size>, all: &[Size]) -> Result<Workspace> {
        let before = {
            let mut workspaces = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
            let same = workspaces.iter().position(|workspace| workspace.sizes == sizes);
            same.map(|found| workspaces.swap_remove(found)).or_else(|| workspaces.pop())
        };
        let before = match before {
            Some(same) if same.sizes == sizes => return Ok(same),
            other => other,
        };
        let plan = Arc::new(TilePlan::new(&self.graph, &self.packed, self.arithmetic, all)?);
        Workspace::new(&self.gpu, &plan, sizes, &self.constants, before)
    }

    /// Computes the tile whose inputs are in the workspace; its result is then in the download.
    fn compute(&self, workspace: &Workspace, cancel: &Cancel) -> Result<()> {
        let (plan, mut progress) = (&workspace.plan, Progress::default());
        let mut waiting: VecDeque<(Submission, u64)> = VecDeque::new();
        let mut ended: Option<Instant> = None;
        loop {
            cancel.check()?;
            let whole = progress.step == plan.steps.len();
            if !whole {
                let part = self.next_part(&plan.steps, &workspace.tasks, &mut progress);
                let last = progress.step == plan.steps.len();
                let result = last.then_some((&workspace.buffers[plan.output], &workspace.download));
                waiting.push_back((self.gpu.submit(&part.tasks, result)?, part.cost));
            }
            if whole || waiting.len() == ON_THEIR_WAY {
                let Some((submission, cost)) = waiting.pop_front() else { return Ok(()) };
                self.gpu.wait(&submission, cancel)?;
                let now = Instant::now();
                // It began when it was submitted, or when the one before had ended.
                let began = ended.map_or(submission.began(), |ended| ended.max(submission.began()));
                self.pace.learn(cost, now - began);
                ended = Some(now);
            }
        }
    }

    /// The next part: as many rows of as many steps as should be submitted at once, and at least one row.
    fn next_part<'a>(&self, steps: &[Step], tasks: &'a [Task], progress: &mut Progress) -> Part<'a> {
        let (most, mut part) = (self.pace.part(), Part { tasks: Vec::new(), cost: 0 });
        while let Some(step) = steps.get(progress.step) {
            let [columns, rows, layers] = step.workgroups;
            let room = most.saturating_sub(part.cost) / step.row_cost.max(1);
            let room = if part.tasks.is_empty() { room.max(1) } else { room };
            let taken = u64::from(rows - progress.row).min(room) as u32;
            if taken == 0 {
                break;
            }
            part.tasks.push((&tasks[progress.step], step.immediates_from(progress.row), [columns, taken, layers]));
            part.cost += u64::from(taken) * step.row_cost;
            progress.row += taken;
            if progress.row == rows {
                *progress = Progress { step: progress.step + 1, row: 0 };
            }
        }
        part
    }
}
