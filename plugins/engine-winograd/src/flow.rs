//! How rows flow through a network: which can be made next, and which nobody reads any more.
//!
//! A stage makes its next rows as soon as those that they are made of are there, and the deepest stage that can goes first:
//! so rows are read while they are in a cache, and few of them are there at a time. Nothing here sees a value; what a row
//! is, is a parameter. Rows must never be dropped while a stage will still read them.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::kernels::plane::Size;
use crate::plan::ValueId;
use crate::reach::Reach;
use crate::stage::{FAR, Stage};

/// Tiles of the smaller form that a piece of work should have: enough that filters need not come from far too often.
const TILES: usize = 576;

/// The side of such a tile.
const SIDE: usize = 4;

/// The most rows of a piece of work for one thread, and those that several share out among themselves: so many pieces of a
/// small picture that a thread that has done one finds another, and need not wait for what the others are at.
const MOST: usize = 96;
const SHARED: usize = 72;

/// Rows to be made, with all that they are made of.
pub(crate) struct Task<R> {
    pub(crate) stage: usize,
    pub(crate) rows: Range<usize>,
    /// The whole size of what they are part of.
    pub(crate) size: Size,
    /// The values that the stage reads.
    pub(crate) inputs: Vec<Input<R>>,
}

/// Some rows of a value.
pub(crate) struct Input<R> {
    pub(crate) value: ValueId,
    /// The whole value's size.
    pub(crate) size: Size,
    /// The row that the first of them is.
    pub(crate) top: usize,
    pub(crate) rows: Vec<Arc<R>>,
}

/// The rows of a value that are there.
struct Value<R> {
    /// The first that is kept, and from there on all that are made or being made.
    first: usize,
    rows: VecDeque<Option<Arc<R>>>,
    /// Rows before this one have all been made.
    done: usize,
    readers: Vec<(usize, Reach)>,
}

/// The state of one picture on its way.
pub(crate) struct Flow<R> {
    stages: Arc<[Stage]>,
    sizes: Vec<Size>,
    values: Vec<Value<R>>,
    /// For each stage, the next row to make, how many at once, and how many the first time.
    next: Vec<usize>,
    chunks: Vec<usize>,
    firsts: Vec<usize>,
    /// Stages before the first are done, those from the second on have not begun and cannot yet.
    active: Range<usize>,
}

impl<R> Flow<R> {
    /// A flow through stages, in running order, over values of these sizes.
    pub(crate) fn new(stages: Arc<[Stage]>, sizes: Vec<Size>, threads: usize) -> Self {
        let value = |id| {
            let of = |(i, stage): (usize, &Stage)| {
                let reads: Vec<_> =
                    stage.reads.iter().filter(|(value, _)| *value == id).map(|(_, how)| (i, *how)).collect();
                reads
            };
            let readers = stages.iter().enumerate().flat_map(of).collect();
            Value { first: 0, rows: VecDeque::new(), done: 0, readers }
        };
        let most = if threads == 1 { MOST } else { SHARED / threads };
        let chunk = |stage: &Stage| {
            let across = sizes[stage.rows_of()].width.div_ceil(SIDE).max(1);
            let rows = (TILES.div_ceil(across) * SIDE).min(most).max(1);
            rows.next_multiple_of(stage.side)
        };
        let chunks: Vec<usize> = stages.iter().map(chunk).collect();
        // How far each value is when its input is far. Pieces of work that end there need the least rows to be kept: each
        // stage does all it can as soon as the one before it has done a piece.
        let mut ends = vec![FAR; sizes.len()];
        let mut firsts = Vec::new();
        for (stage, chunk) in stages.iter().zip(&chunks) {
            let end = stage.end(&ends);
            firsts.push(if end % chunk == 0 { *chunk } else { end % chunk });
            if let Some(made) = stage.makes {
                ends[made] = end;
            }
        }
        Flow {
            values: (0..sizes.len()).map(value).collect(),
            next: vec![0; stages.len()],
            chunks,
            firsts,
            active: 0..1,
            sizes,
            stages,
        }
    }

    pub(crate) fn size(&self, value: ValueId) -> Size {
        self.sizes[value]
    }

    pub(crate) fn sizes(&self) -> &[Size] {
        &self.sizes
    }

    /// How high the values are has turned out.
    pub(crate) fn resize(&mut self, sizes: Vec<Size>) {
        self.sizes = sizes;
    }

    /// Rows of a value that should come in one go.
    pub(crate) fn chunk(&self, value: ValueId) -> usize {
        let readers = self.values[value].readers.iter().map(|(stage, _)| self.chunks[*stage]);
        readers.max().unwrap_or(SIDE)
    }

    /// The next row of an input.
    pub(crate) fn push(&mut self, value: ValueId, row: R, mut free: impl FnMut(R)) {
        let value = &mut self.values[value];
        value.done += 1;
        if value.readers.is_empty() {
            free(row);
        } else {
            value.rows.push_back(Some(Arc::new(row)));
        }
    }

    /// The next piece of work, if there is one that can be done now. Rows that nobody reads after it are freed.
    pub(crate) fn take(&mut self, free: impl FnMut(R)) -> Option<Task<R>> {
        let (stage, rows) = self.active.clone().rev().find_map(|stage| Some((stage, self.ready(stage)?)))?;
        let inputs = self.stages[stage].reads.iter().map(|(id, reach)| {
            let value = &self.values[*id];
            let range = reach.reads(&rows, self.sizes[*id].height);
            let kept = value.rows.range(range.start - value.first..range.end - value.first);
            Input { value: *id, size: self.sizes[*id], top: range.start, rows: kept.flatten().cloned().collect() }
        });
        let (inputs, size) = (inputs.collect(), self.sizes[self.stages[stage].rows_of()]);
        if let Some(made) = self.stages[stage].makes
            && !self.values[made].readers.is_empty()
        {
            self.values[made].rows.extend(rows.clone().map(|_| None));
        }
        self.next[stage] = rows.end;
        self.active.end = self.active.end.max((stage + 2).min(self.stages.len()));
        while !self.active.is_empty() && self.is_done(self.active.start) {
            self.active.start += 1;
        }
        self.release(stage, free);
        Some(Task { stage, rows, size, inputs })
    }

    /// The rows that a stage can make now.
    fn ready(&self, stage: usize) -> Option<Range<usize>> {
        let Stage { reads, .. } = &self.stages[stage];
        let height = self.sizes[self.stages[stage].rows_of()].height;
        let next = self.next[stage];
        let many = if next == 0 { self.firsts[stage] } else { self.chunks[stage] };
        let rows = next..(next + many).min(height);
        if rows.is_empty() {
            return None;
        }
        let there =
            |(id, reach): &(ValueId, Reach)| reach.reads(&rows, self.sizes[*id].height).end <= self.values[*id].done;
        reads.iter().all(there).then_some(rows)
    }

    fn is_done(&self, stage: usize) -> bool {
        self.next[stage] >= self.sizes[self.stages[stage].rows_of()].height
    }

    /// Drops the rows of the values that a stage reads and nobody will read again.
    fn release(&mut self, stage: usize, mut free: impl FnMut(R)) {
        for (id, _) in &self.stages[stage].reads {
            let height = self.sizes[*id].height;
            let keeps = |(stage, reach): &(usize, Reach)| match self.is_done(*stage) {
                true => usize::MAX,
                false => reach.keeps(self.next[*stage], height),
            };
            let keep = self.values[*id].readers.iter().map(keeps).min().unwrap_or(usize::MAX);
            let value = &mut self.values[*id];
            while value.first < keep.min(value.done) {
                let Some(row) = value.rows.pop_front() else { break };
                value.first += 1;
                // Whoever still works with it frees it.
                row.and_then(Arc::into_inner).into_iter().for_each(&mut free);
            }
        }
    }

    /// All rows that are here.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> impl Iterator<Item = &R> {
        self.values.iter().flat_map(|value| value.rows.iter().flatten().map(|row| &**row))
    }

    /// Work is done, and this is what was made.
    pub(crate) fn put(&mut self, task: Task<R>, made: Vec<R>, mut free: impl FnMut(R)) {
        if let Some(id) = self.stages[task.stage].makes {
            let value = &mut self.values[id];
            if value.readers.is_empty() {
                made.into_iter().for_each(&mut free);
            } else {
                for (row, made) in task.rows.zip(made) {
                    value.rows[row - value.first] = Some(Arc::new(made));
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
