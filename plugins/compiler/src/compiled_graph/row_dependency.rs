//! Which rows of its inputs an operation reads to compute some rows of its result.
//!
//! This is all that a scheduler of rows needs to know of an operation. Claiming too many rows only delays an operation;
//! a row that is read must never be left out, because it could be missing.

use std::ops::Range;

use crate::size::Size;

use super::OutputAssembly;
use super::convolution_layers::DirectConvolution;
use super::operation::{Border, Operation, OperationKind, ValueId};

/// Which rows of an input are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowDependency {
    /// For row y of the result, the rows from `y * times / by + before` to `y * times / by + after`.
    Near {
        /// The factor of the row.
        times: usize,
        /// The divisor after it.
        by: usize,
        /// Where the first row lies; negative above.
        before: isize,
        /// Where the last row lies.
        after: isize,
    },
    /// The rows that a picture with added rows above and below consists of.
    Extended {
        /// What the added rows show.
        border: Border,
        /// The rows added above.
        above: usize,
        /// The rows added below.
        below: usize,
    },
    /// All rows, always.
    All,
}

/// Row y for row y.
const SAME: RowDependency = RowDependency::Near { times: 1, by: 1, before: 0, after: 0 };

impl RowDependency {
    /// The rows of an input with `height` rows that are read to compute `rows`, which must not be empty.
    pub fn rows_read(self, rows: &Range<usize>, height: usize) -> Range<usize> {
        match self {
            RowDependency::Near { times, by, before, after } => {
                let inside = |row: usize, by_this: isize| (row as isize + by_this).clamp(0, height as isize) as usize;
                inside(rows.start * times / by, before)..inside((rows.end - 1) * times / by, after + 1)
            }
            RowDependency::Extended { above, .. } if rows.start > above && rows.end - above <= height => {
                rows.start - above..rows.end - above
            }
            RowDependency::Extended { border, above, .. } => {
                let read = |y| border.source(y, above, height);
                let (first, last) = (rows.clone().map(read).min(), rows.clone().map(read).max());
                first.unwrap_or(0)..last.map_or(0, |last| last + 1)
            }
            RowDependency::All => 0..height,
        }
    }

    /// The first row that is still read to compute `row` and all rows after it, whatever the input's final height is.
    pub fn first_row_needed(self, row: usize, height: usize) -> usize {
        match self {
            RowDependency::Extended { above, .. } if row <= above => 0,
            RowDependency::Extended { above, below, .. } => row.saturating_sub(above + 2 * below + 1),
            _ => self.rows_read(&(row..row + 1), height).start,
        }
    }
}

impl Operation {
    /// The values that it reads, in the order of [`Operation::values_read`], and which of their rows, for values of these
    /// sizes.
    pub fn row_dependencies(&self, size: impl Fn(ValueId) -> Size) -> Vec<(ValueId, RowDependency)> {
        let single = |value: ValueId| size(value) == Size { height: 1, width: 1 };
        let near = |before: usize, after: usize| RowDependency::Near {
            times: 1,
            by: 1,
            before: before as isize,
            after: after as isize,
        };
        let dependency = match &self.kind {
            OperationKind::Convolution3x3 { layer, .. } => {
                let above = layer.padding[0] as isize;
                RowDependency::Near { times: 1, by: 1, before: -above, after: 2 - above }
            }
            OperationKind::DirectConvolution(direct) => direct.row_dependency(),
            OperationKind::Upsample(factor) => RowDependency::Near { times: 1, by: *factor, before: 0, after: 0 },
            OperationKind::Shuffle(shuffle) => {
                RowDependency::Near { times: 1, by: shuffle.factor, before: 0, after: 0 }
            }
            OperationKind::Extend { border, top_left: [above, _], .. } => {
                let added = size(self.output).height - size(self.inputs[0]).height;
                RowDependency::Extended { border: *border, above: *above, below: added - above }
            }
            // The height is known before it begins.
            OperationKind::Keep { top_left: [above, _], .. } => near(*above, *above),
            // A row belongs to the result only if enough rows follow it.
            OperationKind::Crop([above, _, below, _]) => near(*above, above + below),
            OperationKind::Gather(_)
            | OperationKind::Map(_)
            | OperationKind::Add(_)
            | OperationKind::Multiply
            | OperationKind::Gate(_) => SAME,
            OperationKind::Mean => RowDependency::All,
        };
        let inputs = self.inputs.len();
        let dependency_of = |(i, value)| match self.kind {
            OperationKind::Add(_) | OperationKind::Multiply if i == 1 && single(value) => (value, RowDependency::All),
            _ => (value, if i < inputs { dependency } else { SAME }),
        };
        self.values_read().enumerate().map(dependency_of).collect()
    }
}

impl OutputAssembly {
    /// As [`Operation::row_dependencies`], for rows of the value `from`.
    pub fn row_dependencies(&self) -> Vec<(ValueId, RowDependency)> {
        let base = self.base.map(|(value, by)| {
            let times = self.shuffle.factor;
            (value, RowDependency::Near { times, by, before: 0, after: (times - 1).div_ceil(by) as isize })
        });
        std::iter::once((self.from, SAME)).chain(base).collect()
    }
}

impl DirectConvolution {
    fn row_dependency(&self) -> RowDependency {
        let (stride, kernel) = (self.stride[0], self.kernel[0]);
        let [above, _, below, _] = self.padding;
        let phases = if self.transposed { stride } else { 1 };
        let near = (0..phases).flat_map(|phase| self.taps_of_phase(0, phase)).map(|(_, row)| row);
        let (before, mut after) = near.fold((0, 0), |(least, most), row| (row.min(least), row.max(most)));
        if self.transposed {
            // A row belongs to the result only if the input has a row that reaches beyond what is cropped below.
            let beyond = (stride + above + below) as isize - kernel as isize;
            after = after.max((beyond + stride as isize - 1).div_euclid(stride as isize));
        }
        let (times, by) = if self.transposed { (1, stride) } else { (stride, 1) };
        RowDependency::Near { times, by, before, after }
    }
}
