//! Where the rows of the network's output are written: into a tensor, or into a queue from which a stream's caller takes
//! them.
//!
//! Threads finish rows in any order, and each writes only to lines that were handed to it. A line must never be handed
//! out twice.

use std::collections::VecDeque;
use std::ops::Range;

/// Memory for all rows of the output.
pub(crate) enum OutputTarget<'a> {
    /// The lines of a tensor that are not handed out yet, channel after channel, and the height of the tensor.
    Tensor { lines: Vec<&'a mut [f32]>, height: usize },
    /// `rows` holds the rows from index `first` on, one plane after the other, or `None` for those being computed; `free`
    /// holds buffers to use again; `length` is the number of samples in a row.
    Queue { rows: VecDeque<Option<Vec<f32>>>, free: Vec<Vec<f32>>, first: usize, length: usize },
}

/// Memory for some rows of the output.
pub(crate) enum OutputPart<'a> {
    Lines(Vec<&'a mut [f32]>),
    Rows(Vec<Vec<f32>>),
}

impl<'a> OutputTarget<'a> {
    pub(crate) fn tensor(data: &'a mut [f32], height: usize, width: usize) -> Self {
        OutputTarget::Tensor { lines: data.chunks_exact_mut(width).collect(), height }
    }

    /// A queue of rows with `length` samples each, all channels together.
    pub(crate) fn queue(length: usize) -> Self {
        OutputTarget::Queue { rows: VecDeque::new(), free: Vec::new(), first: 0, length }
    }

    /// Hands out the memory of some rows. Rows must be asked for in ascending order.
    pub(crate) fn hand_out(&mut self, rows: Range<usize>) -> OutputPart<'a> {
        match self {
            OutputTarget::Tensor { lines, height } => {
                let channels = lines.len() / *height;
                let line = rows.flat_map(|y| (0..channels).map(move |channel| (channel, y)));
                OutputPart::Lines(line.map(|(channel, y)| std::mem::take(&mut lines[channel * *height + y])).collect())
            }
            OutputTarget::Queue { rows: queue, free, length, .. } => {
                queue.extend(rows.clone().map(|_| None));
                OutputPart::Rows(rows.map(|_| free.pop().unwrap_or_else(|| vec![0.0; *length])).collect())
            }
        }
    }

    /// Takes back a part that has been written; `from` is its first row.
    pub(crate) fn take_back(&mut self, from: usize, part: OutputPart<'a>) {
        if let (OutputTarget::Queue { rows: queue, first, .. }, OutputPart::Rows(rows)) = (self, part) {
            for (y, row) in (from..).zip(rows) {
                queue[y - *first] = Some(row);
            }
        }
    }

    /// The number of rows that a stream's caller can take now.
    pub(crate) fn ready(&self) -> usize {
        match self {
            OutputTarget::Tensor { .. } => 0,
            OutputTarget::Queue { rows, .. } => rows.iter().take_while(|row| row.is_some()).count(),
        }
    }

    /// Passes the next row to `read` and removes it from the queue, if it is there.
    pub(crate) fn pop<T>(&mut self, read: impl FnOnce(&[f32]) -> T) -> Option<T> {
        let OutputTarget::Queue { rows, free, first, .. } = self else { return None };
        let row = rows.front_mut()?.take()?;
        rows.pop_front();
        *first += 1;
        let result = read(&row);
        free.push(row);
        Some(result)
    }
}

impl OutputPart<'_> {
    /// The lines: row after row, and within a row channel after channel.
    pub(crate) fn lines(&mut self, channels: usize) -> Vec<&mut [f32]> {
        match self {
            OutputPart::Lines(lines) => lines.iter_mut().map(|line| &mut **line).collect(),
            OutputPart::Rows(rows) => {
                let length = rows.first().map_or(1, |row| row.len() / channels);
                rows.iter_mut().flat_map(|row| row.chunks_exact_mut(length)).collect()
            }
        }
    }
}
