//! The row scheduler: which rows can be computed next, and which are no longer needed.
//!
//! An operation computes its next rows as soon as the rows that they depend on exist, and the deepest operation that can
//! proceed goes first. So rows are read while they are in a cache, and few rows are in memory at a time. The type of a row
//! is a parameter, because the scheduler never looks into one. It must never drop a row that an operation will still read.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use enlarger_compiler::{RowDependency, ValueId};

use crate::kernels::plane::Size;

use super::scheduled_operation::{FAR, ScheduledOperation};

/// Patches of F(4x4) that a task should have. Each task loads an operation's filter into the second-level cache, so a
/// task must not be much smaller.
const PATCHES_PER_TASK: usize = 576;

/// The side of a patch of F(4x4).
const PATCH_SIDE: usize = 4;

/// The most rows of a task with one thread.
const MAX_ROWS: usize = 96;

/// The most rows of a task with several threads, before division by their number. A small picture then has enough tasks
/// that a thread which has finished one finds another, and need not wait for the tasks of other threads.
const MAX_SHARED_ROWS: usize = 72;

/// Rows to compute, together with all input rows that they depend on.
pub(crate) struct RowTask<R> {
    /// The index of the operation.
    pub(crate) operation: usize,
    pub(crate) rows: Range<usize>,
    /// The size of the whole feature map that the rows belong to.
    pub(crate) size: Size,
    /// The values that the operation reads.
    pub(crate) inputs: Vec<TaskInput<R>>,
}

/// Some rows of a value.
pub(crate) struct TaskInput<R> {
    pub(crate) value: ValueId,
    /// The size of the whole value.
    pub(crate) size: Size,
    /// The index of the first of these rows in the value.
    pub(crate) top: usize,
    pub(crate) rows: Vec<Arc<R>>,
}

/// The rows of a value that are in memory.
struct ValueRows<R> {
    /// The index of the first row kept.
    first: usize,
    /// All rows from `first` on that are computed, or (`None`) being computed.
    rows: VecDeque<Option<Arc<R>>>,
    /// All rows before this index have been computed.
    done: usize,
    /// The operations that read the value.
    readers: Vec<(usize, RowDependency)>,
}

/// The state of one input on its way through the network.
pub(crate) struct RowScheduler<R> {
    operations: Arc<[ScheduledOperation]>,
    sizes: Vec<Size>,
    values: Vec<ValueRows<R>>,
    /// For each operation, the next row to compute.
    next: Vec<usize>,
    /// For each operation, the rows of a task.
    rows_per_task: Vec<usize>,
    /// For each operation, the rows of its first task.
    rows_of_first_task: Vec<usize>,
    /// Operations before this range are finished; those after it have not begun, and cannot begin yet.
    active: Range<usize>,
}

impl<R> RowScheduler<R> {
    /// A scheduler for operations in execution order, over values of these sizes.
    pub(crate) fn new(operations: Arc<[ScheduledOperation]>, sizes: Vec<Size>, threads: usize) -> Self {
        let value = |id| {
            let of = |(i, operation): (usize, &ScheduledOperation)| {
                let reads: Vec<_> =
                    operation.reads.iter().filter(|(value, _)| *value == id).map(|(_, how)| (i, *how)).collect();
                reads
            };
            let readers = operations.iter().enumerate().flat_map(of).collect();
            ValueRows { first: 0, rows: VecDeque::new(), done: 0, readers }
        };
        let most = if threads == 1 { MAX_ROWS } else { MAX_SHARED_ROWS / threads };
        let task_rows = |operation: &ScheduledOperation| {
            let across = sizes[operation.rows_of()].width.div_ceil(PATCH_SIDE).max(1);
            let rows = (PATCHES_PER_TASK.div_ceil(across) * PATCH_SIDE).min(most).max(1);
            rows.next_multiple_of(operation.granularity)
        };
        let rows_per_task: Vec<usize> = operations.iter().map(task_rows).collect();
        // How many rows of each value exist when the network's input has FAR rows. The first task of an operation is so
        // long that its later tasks end at that row. Then each operation computes all it can as soon as the one before
        // has finished a task, which keeps the number of rows in memory smallest.
        let mut available = vec![FAR; sizes.len()];
        let mut rows_of_first_task = Vec::new();
        for (operation, rows) in operations.iter().zip(&rows_per_task) {
            let end = operation.computable_rows(&available);
            rows_of_first_task.push(if end % rows == 0 { *rows } else { end % rows });
            if let Some(value) = operation.produces {
                available[value] = end;
            }
        }
        RowScheduler {
            values: (0..sizes.len()).map(value).collect(),
            next: vec![0; operations.len()],
            rows_per_task,
            rows_of_first_task,
            active: 0..1,
            sizes,
            operations,
        }
    }

    pub(crate) fn size(&self, value: ValueId) -> Size {
        self.sizes[value]
    }

    pub(crate) fn sizes(&self) -> &[Size] {
        &self.sizes
    }

    /// Replaces the sizes of all values, once the height of a stream is known.
    pub(crate) fn set_sizes(&mut self, sizes: Vec<Size>) {
        self.sizes = sizes;
    }

    /// The rows of a value that a task of its readers covers.
    pub(crate) fn rows_per_task(&self, value: ValueId) -> usize {
        let readers = self.values[value].readers.iter().map(|(operation, _)| self.rows_per_task[*operation]);
        readers.max().unwrap_or(PATCH_SIDE)
    }

    /// Adds the next row of one of the network's inputs.
    pub(crate) fn push_input_row(&mut self, value: ValueId, row: R, mut free: impl FnMut(R)) {
        let value = &mut self.values[value];
        value.done += 1;
        if value.readers.is_empty() {
            free(row);
        } else {
            value.rows.push_back(Some(Arc::new(row)));
        }
    }

    /// The next task that can be executed now, if there is one. Passes rows that nothing reads after it to `free`.
    pub(crate) fn next_task(&mut self, free: impl FnMut(R)) -> Option<RowTask<R>> {
        let (operation, rows) = self.active.clone().rev().find_map(|index| Some((index, self.ready_rows(index)?)))?;
        let inputs = self.operations[operation].reads.iter().map(|(id, dependency)| {
            let value = &self.values[*id];
            let range = dependency.rows_read(&rows, self.sizes[*id].height);
            let kept = value.rows.range(range.start - value.first..range.end - value.first);
            TaskInput { value: *id, size: self.sizes[*id], top: range.start, rows: kept.flatten().cloned().collect() }
        });
        let (inputs, size) = (inputs.collect(), self.sizes[self.operations[operation].rows_of()]);
        if let Some(value) = self.operations[operation].produces
            && !self.values[value].readers.is_empty()
        {
            self.values[value].rows.extend(rows.clone().map(|_| None));
        }
        self.next[operation] = rows.end;
        self.active.end = self.active.end.max((operation + 2).min(self.operations.len()));
        while !self.active.is_empty() && self.is_finished(self.active.start) {
            self.active.start += 1;
        }
        self.release_rows(operation, free);
        Some(RowTask { operation, rows, size, inputs })
    }

    /// The rows that an operation can compute now.
    fn ready_rows(&self, operation: usize) -> Option<Range<usize>> {
        let ScheduledOperation { reads, .. } = &self.operations[operation];
        let height = self.sizes[self.operations[operation].rows_of()].height;
        let next = self.next[operation];
        let many = if next == 0 { self.rows_of_first_task[operation] } else { self.rows_per_task[operation] };
        let rows = next..(next + many).min(height);
        if rows.is_empty() {
            return None;
        }
        let there = |(id, dependency): &(ValueId, RowDependency)| {
            dependency.rows_read(&rows, self.sizes[*id].height).end <= self.values[*id].done
        };
        reads.iter().all(there).then_some(rows)
    }

    fn is_finished(&self, operation: usize) -> bool {
        self.next[operation] >= self.sizes[self.operations[operation].rows_of()].height
    }

    /// Drops rows of the values that an operation reads, if no operation will read them again.
    fn release_rows(&mut self, operation: usize, mut free: impl FnMut(R)) {
        for (id, _) in &self.operations[operation].reads {
            let height = self.sizes[*id].height;
            let needed = |(reader, dependency): &(usize, RowDependency)| match self.is_finished(*reader) {
                true => usize::MAX,
                false => dependency.first_row_needed(self.next[*reader], height),
            };
            let keep = self.values[*id].readers.iter().map(needed).min().unwrap_or(usize::MAX);
            let value = &mut self.values[*id];
            while value.first < keep.min(value.done) {
                let Some(row) = value.rows.pop_front() else { break };
                value.first += 1;
                // If a task still holds the row, `complete` frees it.
                row.and_then(Arc::into_inner).into_iter().for_each(&mut free);
            }
        }
    }

    /// All rows in memory.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> impl Iterator<Item = &R> {
        self.values.iter().flat_map(|value| value.rows.iter().flatten().map(|row| &**row))
    }

    /// Records the rows that a finished task has produced.
    pub(crate) fn complete(&mut self, task: RowTask<R>, produced: Vec<R>, mut free: impl FnMut(R)) {
        if let Some(id) = self.operations[task.operation].produces {
            let value = &mut self.values[id];
            if value.readers.is_empty() {
                produced.into_iter().for_each(&mut free);
            } else {
                for (index, row) in task.rows.zip(produced) {
                    value.rows[index - value.first] = Some(Arc::new(row));
                }
                while value.rows.get(value.done - value.first).is_some_and(Option::is_some) {
                    value.done += 1;
                }
            }
        }
        let inputs = task.inputs.into_iter().flat_map(|input| input.rows);
        inputs.filter_map(Arc::into_inner).for_each(free);
    }
}
