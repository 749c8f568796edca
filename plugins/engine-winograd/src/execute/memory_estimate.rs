//! How much memory a run takes, found by a dry run: the real row scheduler, with row sizes in place of rows.
//!
//! The estimate must never be lower than what a run takes; a buffer of a row is used again only for rows of its length.

use std::collections::{BTreeMap, VecDeque};

use enlarger_compiler::ValueId;

use crate::kernels::element::Element;
use crate::kernels::plane::Size;
use crate::operations::activation_rows::row_length;
use crate::schedule::{RowScheduler, RowTask, ScheduledOperation};

use super::prepared_graph::PreparedGraph;
use super::task_loop::tasks_per_batch;

/// An execution without values: a row is its number of bytes.
struct DryRun<'a, E> {
    prepared: &'a PreparedGraph<E>,
    scheduler: RowScheduler<usize>,
    threads: usize,
    rows: RowCounts,
    /// Rows that the last operation has read.
    output_rows: usize,
}

/// For each row length in bytes, the number of rows now and the greatest number so far.
#[derive(Default)]
struct RowCounts(BTreeMap<usize, (usize, usize)>);

impl RowCounts {
    fn allocate(&mut self, length: usize, rows: usize) {
        let (live, most) = self.0.entry(length).or_default();
        *live += rows;
        *most = (*live).max(*most);
    }

    fn free(&mut self, length: usize) {
        self.0.entry(length).and_modify(|(live, _)| *live -= 1);
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|(length, (_, most))| length * most).sum()
    }
}

impl<'a, E: Element> DryRun<'a, E> {
    fn new(prepared: &'a PreparedGraph<E>, sizes: Vec<Size>, threads: usize) -> Self {
        let scheduler = RowScheduler::new(prepared.scheduled_operations(&sizes), sizes, threads);
        DryRun { prepared, scheduler, threads, rows: RowCounts::default(), output_rows: 0 }
    }

    /// The bytes of a row of a value.
    fn row_bytes(&self, value: ValueId) -> usize {
        // Memory is allocated in whole cache lines.
        let channels = self.prepared.compiled().channels[value];
        let bytes = size_of::<E>() * row_length(self.scheduler.size(value), channels);
        bytes.next_multiple_of(64)
    }

    fn push_rows(&mut self, value: ValueId, rows: usize) {
        let row = self.row_bytes(value);
        for _ in 0..rows {
            self.rows.allocate(row, 1);
            self.scheduler.push_input_row(value, row, |row| self.rows.free(row));
        }
    }

    /// Goes through tasks until none is ready.
    fn execute_tasks(&mut self) {
        let mut running: VecDeque<(usize, RowTask<usize>)> = VecDeque::new();
        let operations = &self.prepared.compiled().operations;
        loop {
            while running.len() < self.threads
                && let Some(task) = self.scheduler.next_task(|row| self.rows.free(row))
            {
                let row = operations.get(task.operation).map_or(0, |operation| self.row_bytes(operation.output));
                self.rows.allocate(row, task.rows.len());
                self.output_rows += if task.operation == operations.len() { task.rows.len() } else { 0 };
                running.push_back((row, task));
            }
            let Some((row, task)) = running.pop_front() else { break };
            let produced = vec![row; task.rows.len()];
            self.scheduler.complete(task, produced, |row| self.rows.free(row));
        }
    }
}

/// The most bytes that a stream takes, for a picture of unlimited height.
pub(super) fn of_stream<E: Element>(prepared: &PreparedGraph<E>, sizes: Vec<Size>, threads: usize) -> u64 {
    let (input, assembly) = (prepared.compiled().inputs[0].value, &prepared.compiled().assembly);
    let mut dry_run = DryRun::new(prepared, sizes, threads);
    let rows_per_task = dry_run.scheduler.rows_per_task(input);
    let rows_per_batch = tasks_per_batch(threads) * rows_per_task;
    let (tallest, mut pushed, mut rounds) = (dry_run.scheduler.size(input).height, 0, 0);
    // Until the first output rows are finished, and a little longer.
    while rounds < 3 && pushed < tallest {
        dry_run.push_rows(input, rows_per_batch);
        dry_run.execute_tasks();
        pushed += rows_per_batch;
        rounds += usize::from(dry_run.output_rows > 0);
    }
    let (factor, Size { width, .. }) = (assembly.shuffle.factor, dry_run.scheduler.size(assembly.from));
    // Finished output rows that the caller has not taken yet.
    let waiting = (1 + threads) * rows_per_task * factor * assembly.channels * width * factor * size_of::<f32>();
    // One of several threads may be slow; meanwhile all rows pushed since then pile up before its operation.
    let read = |operation: &ScheduledOperation| {
        operation.reads.iter().map(|(value, _)| dry_run.row_bytes(*value)).sum::<usize>()
    };
    let operations = prepared.scheduled_operations(dry_run.scheduler.sizes());
    let piled = operations.iter().map(read).max().unwrap_or(0) * rows_per_batch;
    let piled = if threads == 1 { 0 } else { piled };
    let each = prepared.scratch_bytes() + prepared.widened_bytes(dry_run.scheduler.sizes());
    (dry_run.rows.bytes() + piled + waiting + threads * each) as u64
}

/// The most bytes that each pixel of a tile takes, without the tensors of input and output.
pub(super) fn of_pixel<E: Element>(prepared: &PreparedGraph<E>, threads: usize) -> usize {
    const SIDE: usize = 144;
    let inputs = prepared.compiled().inputs.iter().map(|_| Size { height: SIDE, width: SIDE });
    // A network for which this side is too small gets no estimate; the session then takes its largest side.
    let Ok(sizes) = prepared.compiled().sizes(inputs) else { return 0 };
    let mut dry_run = DryRun::new(prepared, sizes, threads);
    let inputs: Vec<ValueId> = prepared.compiled().inputs.iter().map(|input| input.value).collect();
    inputs.iter().for_each(|value| dry_run.push_rows(*value, SIDE));
    dry_run.execute_tasks();
    dry_run.rows.bytes() / (SIDE * SIDE)
}
