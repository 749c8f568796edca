//! What a picture takes on its way through a network, played through without values.
//!
//! The flow is the real one; a row is its number of bytes. Memory of a row is used again for rows of the same length only.

use std::collections::{BTreeMap, VecDeque};

use crate::flow::{Flow, Task};
use crate::kernels::plane::Size;
use crate::kernels::simd::Element;
use crate::passage::pieces;
use crate::plan::ValueId;
use crate::program::Program;
use crate::rows::length;
use crate::stage::Stage;

/// A flow of bytes.
struct Played<'a, E> {
    program: &'a Program<E>,
    flow: Flow<usize>,
    threads: usize,
    rows: Rows,
    /// Rows that the last stage has gone through.
    made: usize,
}

/// For each length of rows, how many there are and how many there were at most.
#[derive(Default)]
struct Rows(BTreeMap<usize, (usize, usize)>);

impl Rows {
    fn make(&mut self, length: usize, rows: usize) {
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

impl<'a, E: Element> Played<'a, E> {
    fn new(program: &'a Program<E>, sizes: Vec<Size>, threads: usize) -> Self {
        let flow = Flow::new(program.stages(&sizes), sizes, threads);
        Played { program, flow, threads, rows: Rows::default(), made: 0 }
    }

    fn row(&self, value: ValueId) -> usize {
        // Memory is given in whole lines.
        let bytes = size_of::<E>() * length(self.flow.size(value), self.program.plan().channels[value]);
        bytes.next_multiple_of(64)
    }

    fn push(&mut self, value: ValueId, rows: usize) {
        let row = self.row(value);
        for _ in 0..rows {
            self.rows.make(row, 1);
            self.flow.push(value, row, |row| self.rows.free(row));
        }
    }

    /// Does all that can be done.
    fn work(&mut self) {
        let mut running: VecDeque<(usize, Task<usize>)> = VecDeque::new();
        let steps = &self.program.plan().steps;
        loop {
            while running.len() < self.threads
                && let Some(task) = self.flow.take(|row| self.rows.free(row))
            {
                let row = steps.get(task.stage).map_or(0, |step| self.row(step.output));
                self.rows.make(row, task.rows.len());
                self.made += if task.stage == steps.len() { task.rows.len() } else { 0 };
                running.push_back((row, task));
            }
            let Some((row, task)) = running.pop_front() else { break };
            let made = vec![row; task.rows.len()];
            self.flow.put(task, made, |row| self.rows.free(row));
        }
    }
}

/// Bytes that a stream over a picture of these sizes, whose end is far, takes at most.
pub(crate) fn of_stream<E: Element>(program: &Program<E>, sizes: Vec<Size>, threads: usize) -> u64 {
    let (given, emit) = (program.plan().inputs[0].value, &program.plan().emit);
    let mut played = Played::new(program, sizes, threads);
    let (chunk, many) = (played.flow.chunk(given), pieces(threads) * played.flow.chunk(given));
    let (tallest, mut pushed, mut rounds) = (played.flow.size(given).height, 0, 0);
    // Until the first rows have come out, and a little longer.
    while rounds < 3 && pushed < tallest {
        played.push(given, many);
        played.work();
        pushed += many;
        rounds += usize::from(played.made > 0);
    }
    let (factor, Size { width, .. }) = (emit.shuffle.factor, played.flow.size(emit.from));
    let waiting = (1 + threads) * chunk * factor * emit.channels * width * factor * size_of::<f32>();
    // One of several threads may be slow, and before its step all that was pushed since then piles up.
    let read = |stage: &Stage| stage.reads.iter().map(|(value, _)| played.row(*value)).sum::<usize>();
    let piled = program.stages(played.flow.sizes()).iter().map(read).max().unwrap_or(0) * many;
    let piled = if threads == 1 { 0 } else { piled };
    (played.rows.bytes() + piled + waiting + threads * program.scratch_bytes()) as u64
}

/// Bytes that each pixel of a tile takes at most, but for those of input and output.
pub(crate) fn of_pixel<E: Element>(program: &Program<E>, threads: usize) -> usize {
    const SIDE: usize = 144;
    let inputs = program.plan().inputs.iter().map(|_| Size { height: SIDE, width: SIDE });
    // Tiles too small for this network are no larger for it.
    let Ok(sizes) = program.sizes(inputs) else { return 0 };
    let mut played = Played::new(program, sizes, threads);
    let inputs: Vec<ValueId> = program.plan().inputs.iter().map(|given| given.value).collect();
    inputs.iter().for_each(|value| played.push(*value, SIDE));
    played.work();
    played.rows.bytes() / (SIDE * SIDE)
}
