//! The rows of a call on their way: those of the source come in batches before they are needed, and those of the result go in batches
//! for which nobody waits.
//!
//! Networks keep all cores busy. A call that asks its host for one row at a time, and waits for each answer, waits for a turn of the
//! processor many thousand times in a run. Questions and answers keep their order, so the host sees what it would see if it had loaded the
//! library: rows in ascending order, each once, and reports on the progress after the rows that they count.

use std::collections::VecDeque;

use super::callbacks::{READ, WRITE};
use super::host::Running;
use super::wire::{Reader, Result};
use crate::stream::ENL_CONTINUE;

/// The bytes of a batch; a longer row is a batch of its own. A host reads or writes so many in a few milliseconds.
const BATCH: usize = 1 << 18;

/// The batches of the result that wait for the host's answer.
const UNANSWERED: usize = 4;

/// What the host has been asked.
enum Question {
    /// To read so many rows from `y` on, each of `size` bytes.
    Read { y: u32, count: usize, size: usize },
    /// To write rows.
    Write,
}

/// Rows of the source that have come.
struct Batch {
    /// The first row that has not been used, and where it begins in the answer.
    y: u32,
    at: usize,
    /// The bytes of a row.
    size: usize,
    answer: Vec<u8>,
}

impl Batch {
    fn end(&self) -> u32 {
        self.y + ((self.answer.len() - self.at) / self.size) as u32
    }
}

/// The rows of one call.
#[derive(Default)]
pub(super) struct Rows {
    /// The height of the source.
    pub(super) source_height: u32,
    /// The height of the result.
    pub(super) result_height: u32,
    /// Whether the call works on a part of the picture: then only the library knows which rows it will read.
    pub(super) is_part: bool,
    /// What the host has not answered yet, the oldest first.
    questions: VecDeque<Question>,
    ready: VecDeque<Batch>,
    /// Rows of the result that have not been sent, each of `row_size` bytes, from the row `first` on.
    collected: Vec<u8>,
    row_size: usize,
    first: u32,
    /// What a callback has returned that stops the call.
    stopped: Option<i32>,
}

impl Rows {
    /// Reads a row of the source. Returns what the host's callback does.
    pub(super) fn read(&mut self, call: &Running, x: u32, y: u32, row: &mut [u8]) -> Result<i32> {
        while !self.is_ready(y) {
            if let Some(stopped) = self.stopped {
                return Ok(stopped);
            }
            if !self.is_reading() {
                self.ask(call, x, y, row.len());
            }
            self.take_answer(call)?;
        }
        let batch = &mut self.ready[0];
        row.copy_from_slice(&batch.answer[batch.at..][..batch.size]);
        batch.at += batch.size;
        batch.y += 1;
        let next = batch.end();
        if self.ready.len() == 1 && !self.is_reading() && !self.is_part && next < self.source_height {
            self.ask(call, x, next, row.len());
        }
        Ok(ENL_CONTINUE)
    }

    /// Takes a row of the result. Returns what the host's callback has returned for earlier rows, and for the last row for all.
    pub(super) fn write(&mut self, call: &Running, y: u32, row: &[u8]) -> Result<i32> {
        if self.collected.is_empty() {
            (self.first, self.row_size) = (y, row.len());
        }
        self.collected.extend_from_slice(row);
        if y + 1 >= self.result_height {
            self.finish(call)?;
        } else if self.collected.len() + row.len() > BATCH {
            self.send(call);
            while self.questions.iter().filter(|question| matches!(question, Question::Write)).count() > UNANSWERED {
                self.take_answer(call)?;
            }
        }
        Ok(self.stopped.unwrap_or(ENL_CONTINUE))
    }

    /// Sends what has been collected, and waits until the host has answered everything. Returns what stops the call, if anything does.
    pub(super) fn finish(&mut self, call: &Running) -> Result<Option<i32>> {
        self.send(call);
        while !self.questions.is_empty() {
            self.take_answer(call)?;
        }
        Ok(self.stopped)
    }

    /// Drops the rows before `y`, which the library has left out. Says whether `y` is here.
    fn is_ready(&mut self, y: u32) -> bool {
        while let Some(batch) = self.ready.front_mut() {
            if y < batch.end() {
                batch.at += y.saturating_sub(batch.y) as usize * batch.size;
                batch.y = y;
                return true;
            }
            self.ready.pop_front();
        }
        false
    }

    fn is_reading(&self) -> bool {
        self.questions.iter().any(|question| matches!(question, Question::Read { .. }))
    }

    /// Asks for a batch of the source.
    fn ask(&mut self, call: &Running, x: u32, y: u32, size: usize) {
        let most = if self.is_part { 1 } else { self.source_height.saturating_sub(y).max(1) };
        let count = ((BATCH / size) as u32).clamp(1, most);
        let numbers = [x, y, count].map(u32::to_ne_bytes).concat();
        call.ask(&[&[READ], &numbers[..], &(size as u64).to_ne_bytes()].concat());
        self.questions.push_back(Question::Read { y, count: count as usize, size });
    }

    /// Sends the rows of the result that have been collected.
    fn send(&mut self, call: &Running) {
        if !self.collected.is_empty() {
            let (first, size) = (self.first.to_ne_bytes(), (self.row_size as u64).to_ne_bytes());
            call.ask(&[&[WRITE], &first[..], &size, &self.collected].concat());
            self.collected.clear();
            self.questions.push_back(Question::Write);
        }
    }

    /// Waits for the answer to the oldest question.
    fn take_answer(&mut self, call: &Running) -> Result<()> {
        let Some(question) = self.questions.pop_front() else { return Ok(()) };
        let answer = call.answer();
        let mut reader = Reader::new(&answer);
        let returned = reader.i32()?;
        if returned != ENL_CONTINUE {
            self.stopped.get_or_insert(returned);
        } else if let Question::Read { y, count, size } = question {
            let at = answer.len() - reader.take(count * size)?.len();
            reader.end()?;
            self.ready.push_back(Batch { y, at, size, answer });
            return Ok(());
        }
        reader.end()
    }
}
