//! Where the rows of the result go: into a tensor, or into a queue from which somebody takes them.
//!
//! Threads finish rows in any order. Each works on lines that are its own; a line must never be given out twice.

use std::collections::VecDeque;
use std::ops::Range;

/// The place of all rows.
pub(crate) enum Output<'a> {
    /// The lines of a tensor that are not given out yet, channel after channel; and its rows.
    Tensor { lines: Vec<&'a mut [f32]>, height: usize },
    /// Rows of planes after one another, those that are made or being made; memory that is free; and samples of a row.
    Queue { rows: VecDeque<Option<Vec<f32>>>, free: Vec<Vec<f32>>, first: usize, length: usize },
}

/// The place of some rows.
pub(crate) enum Part<'a> {
    Lines(Vec<&'a mut [f32]>),
    Rows(Vec<Vec<f32>>),
}

impl<'a> Output<'a> {
    pub(crate) fn tensor(data: &'a mut [f32], height: usize, width: usize) -> Self {
        Output::Tensor { lines: data.chunks_exact_mut(width).collect(), height }
    }

    /// A queue of rows of so many samples, all channels together.
    pub(crate) fn queue(length: usize) -> Self {
        Output::Queue { rows: VecDeque::new(), free: Vec::new(), first: 0, length }
    }

    /// Gives out the place of some rows, which come in order.
    pub(crate) fn part(&mut self, rows: Range<usize>) -> Part<'a> {
        match self {
            Output::Tensor { lines, height } => {
                let channels = lines.len() / *height;
                let place = rows.flat_map(|y| (0..channels).map(move |channel| (channel, y)));
                Part::Lines(place.map(|(channel, y)| std::mem::take(&mut lines[channel * *height + y])).collect())
            }
            Output::Queue { rows: queue, free, length, .. } => {
                queue.extend(rows.clone().map(|_| None));
                Part::Rows(rows.map(|_| free.pop().unwrap_or_else(|| vec![0.0; *length])).collect())
            }
        }
    }

    /// Takes some rows back, which have been made.
    pub(crate) fn made(&mut self, from: usize, part: Part<'a>) {
        if let (Output::Queue { rows: queue, first, .. }, Part::Rows(rows)) = (self, part) {
            for (y, row) in (from..).zip(rows) {
                queue[y - *first] = Some(row);
            }
        }
    }

    /// Rows that wait to be taken.
    pub(crate) fn ready(&self) -> usize {
        match self {
            Output::Tensor { .. } => 0,
            Output::Queue { rows, .. } => rows.iter().take_while(|row| row.is_some()).count(),
        }
    }

    /// Passes the next row to `use_it`, if it is there.
    pub(crate) fn pop<T>(&mut self, use_it: impl FnOnce(&[f32]) -> T) -> Option<T> {
        let Output::Queue { rows, free, first, .. } = self else { return None };
        let row = rows.front_mut()?.take()?;
        rows.pop_front();
        *first += 1;
        let used = use_it(&row);
        free.push(row);
        Some(used)
    }
}

impl Part<'_> {
    /// Its lines: row after row, in each channel after channel.
    pub(crate) fn lines(&mut self, channels: usize) -> Vec<&mut [f32]> {
        match self {
            Part::Lines(lines) => lines.iter_mut().map(|line| &mut **line).collect(),
            Part::Rows(rows) => {
                let length = rows.first().map_or(1, |row| row.len() / channels);
                rows.iter_mut().flat_map(|row| row.chunks_exact_mut(length)).collect()
            }
        }
    }
}
