//! Which rows of its inputs a step reads to make some of its own.
//!
//! With this, rows flow through the network without anybody looking at the steps again. A row that is counted too much
//! only waits; one that is not counted would be missing, so it must never be left out.

use std::ops::Range;

use crate::direct::Direct;
use crate::plan::{Emit, Op, Step, ValueId};

/// Which rows of an input are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// For row y those from `y * times / by + before` to `y * times / by + after`.
    Near { times: usize, by: usize, before: isize, after: isize },
    /// Those under a picture that has mirrored rows above and below.
    Mirrored { above: usize, below: usize },
    /// All of them, always.
    All,
}

/// Row y for row y.
const SAME: Reach = Reach::Near { times: 1, by: 1, before: 0, after: 0 };

impl Reach {
    /// The rows that are read of an input of `height` rows for `rows`, which are not none.
    pub(crate) fn reads(self, rows: &Range<usize>, height: usize) -> Range<usize> {
        match self {
            Reach::Near { times, by, before, after } => {
                let inside = |row: usize, by_this: isize| (row as isize + by_this).clamp(0, height as isize) as usize;
                inside(rows.start * times / by, before)..inside((rows.end - 1) * times / by, after + 1)
            }
            Reach::Mirrored { above, .. } if rows.start > above && rows.end - above <= height => {
                rows.start - above..rows.end - above
            }
            Reach::Mirrored { above, .. } => {
                let read = |y| mirrored(y, above, height);
                let (first, last) = (rows.clone().map(read).min(), rows.clone().map(read).max());
                first.unwrap_or(0)..last.map_or(0, |last| last + 1)
            }
            Reach::All => 0..height,
        }
    }

    /// The first row that is still read for `row` and all after it, however high the input turns out to be.
    pub(crate) fn keeps(self, row: usize, height: usize) -> usize {
        match self {
            Reach::Mirrored { above, .. } if row <= above => 0,
            Reach::Mirrored { above, below } => row.saturating_sub(above + 2 * below + 1),
            _ => self.reads(&(row..row + 1), height).start,
        }
    }
}

/// The row or column of the input for one of a picture with `before` mirrored ones.
pub(crate) fn mirrored(i: usize, before: usize, length: usize) -> usize {
    let distance = i.abs_diff(before);
    if i < before || distance < length { distance } else { 2 * (length - 1) - distance }
}

impl Step {
    /// The values that it reads, as [`Step::reads`] has them, and how. `single` says of a value that it is one pixel.
    pub(crate) fn reaches(&self, single: impl Fn(ValueId) -> bool) -> Vec<(ValueId, Reach)> {
        let near = |before: usize, after: usize| Reach::Near {
            times: 1,
            by: 1,
            before: before as isize,
            after: after as isize,
        };
        let reach = match &self.op {
            Op::Convolution { layer, .. } => {
                let above = layer.padding[0] as isize;
                Reach::Near { times: 1, by: 1, before: -above, after: 2 - above }
            }
            Op::Direct(direct) => direct.rows(),
            Op::Upsample(factor) => Reach::Near { times: 1, by: *factor, before: 0, after: 0 },
            Op::Shuffle(shuffle) => Reach::Near { times: 1, by: shuffle.factor, before: 0, after: 0 },
            Op::Mirror([above, _, below, _]) => Reach::Mirrored { above: *above, below: *below },
            // A row is one of the result only if there are enough below it.
            Op::Crop([above, _, below, _]) => near(*above, above + below),
            Op::Gather(_) | Op::Map(_) | Op::Add | Op::Multiply => SAME,
            Op::Mean => Reach::All,
        };
        let inputs = self.inputs.len();
        let reach = |(i, value)| match self.op {
            Op::Add | Op::Multiply if i == 1 && single(value) => (value, Reach::All),
            _ => (value, if i < inputs { reach } else { SAME }),
        };
        self.reads().enumerate().map(reach).collect()
    }
}

impl Emit {
    /// As [`Step::reaches`], for rows of the value that the output is made of.
    pub(crate) fn reaches(&self) -> Vec<(ValueId, Reach)> {
        let base = self.base.map(|(value, by)| {
            let times = self.shuffle.factor;
            (value, Reach::Near { times, by, before: 0, after: (times - 1).div_ceil(by) as isize })
        });
        std::iter::once((self.from, SAME)).chain(base).collect()
    }
}

impl Direct {
    fn rows(&self) -> Reach {
        let (stride, kernel) = (self.stride[0], self.kernel[0]);
        let [above, _, below, _] = self.padding;
        let phases = if self.transposed { stride } else { 1 };
        let near = (0..phases).flat_map(|phase| self.reach(0, phase)).map(|(_, row)| row);
        let (before, mut after) = near.fold((0, 0), |(least, most), row| (row.min(least), row.max(most)));
        if self.transposed {
            // A row is one of the result only if the input has a row that reaches beyond what is taken away below.
            let beyond = (stride + above + below) as isize - kernel as isize;
            after = after.max((beyond + stride as isize - 1).div_euclid(stride as isize));
        }
        let (times, by) = if self.transposed { (1, stride) } else { (stride, 1) };
        Reach::Near { times, by, before, after }
    }
}
