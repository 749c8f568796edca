//! A row stream at work, on its own thread.
//!
//! The stream sees the picture with its halo mirrored on, row after row, once. As with tiles, a caller who cancels does
//! not wait for it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::contract::Contract;
use crate::engine::engine::{RowStream, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::memory;
use crate::plan::grid::Grid;
use crate::plan::pass::PIXEL_BYTES;
use crate::run::run::Run;
use crate::stages::tiles::pool::Pool;

/// Rows that are pushed in one go, and as many times the scale are pulled at most.
const CHUNK: usize = 16;

/// Rows of the input, with those that they become, that are here at most: some that are gathered, some at work, some that
/// wait.
const ROWS: usize = 3 * CHUNK;

pub(crate) struct Streaming {
    pool: Pool<Option<Step>>,
    contract: Arc<Contract>,
    /// Samples of a row of one plane that goes in.
    width: usize,
    /// The next row to push, and the first beyond the last.
    next: i64,
    end: i64,
    /// Rows that come out before the first that counts.
    skip: usize,
    ready: VecDeque<Vec<f32>>,
    /// Rows that were used, to be filled again.
    spare: Vec<Vec<f32>>,
    /// What the thread did last, if it has nothing to do; it works while its rows are used.
    idle: Option<Step>,
    running: bool,
}

/// What the thread has done.
struct Step {
    stream: Box<dyn RowStream>,
    rows: Vec<Vec<f32>>,
    /// Whether it needs more input before it can go on.
    hungry: bool,
}

impl Streaming {
    /// Opens a stream over the grid's area, if the session has one. The errors are those of [`Streaming::rows`].
    pub(crate) fn open(
        run: &mut Run<'_>,
        session: &Arc<dyn Session>,
        grid: &Grid,
        contract: &Arc<Contract>,
    ) -> Result<Result<Option<Self>>> {
        let width = grid.rules.fit(grid.area.width) as usize;
        let pool = Pool::new(1)?;
        let session = session.clone();
        let opened = move || Ok(session.stream(width)?.map(|stream| Step { stream, rows: Vec::new(), hungry: true }));
        pool.submit(0, opened)?;
        let idle = match pool.wait(run)?.1 {
            Ok(None) => return Ok(Ok(None)),
            Ok(idle) => idle,
            Err(error) => return Ok(Err(error)),
        };
        let next = grid.tile(0, 0).top;
        Ok(Ok(Some(Streaming {
            pool,
            contract: contract.clone(),
            width,
            next,
            end: next + i64::from(grid.rules.fit(grid.area.height)),
            skip: (i64::from(grid.area.y) - next) as usize * contract.scale,
            ready: VecDeque::new(),
            spare: Vec::new(),
            idle,
            running: false,
        })))
    }

    /// Makes the next `count` output rows. `gather` fills row `y` of the input, `place` takes each output row.
    ///
    /// # Errors
    /// The outer one ends the run: it was cancelled, or there are no rows to push. The inner one is the stream's own,
    /// which tiles can make good.
    pub(crate) fn rows(
        &mut self,
        run: &mut Run<'_>,
        count: usize,
        mut gather: impl FnMut(&mut Run<'_>, i64, &mut [f32]) -> Result<()>,
        mut place: impl FnMut(&[f32]),
    ) -> Result<Result<()>> {
        let mut placed = 0;
        while placed < count {
            if let Some(row) = self.ready.pop_front() {
                if self.skip > 0 {
                    self.skip -= 1;
                } else {
                    place(&row);
                    placed += 1;
                }
                self.spare.push(row);
                continue;
            }
            let step = match self.idle.take() {
                None if self.running => match self.pool.wait(run)?.1 {
                    Ok(step) => step,
                    Err(error) => return Ok(Err(error)),
                },
                idle => idle,
            };
            self.running = false;
            let Some(Step { stream, rows, hungry }) = step else { return Ok(Err(ended())) };
            self.ready.extend(rows);
            // After the last row, a stream that needs more has nothing more to say.
            if !hungry || self.next < self.end {
                self.step(run, stream, hungry, &mut gather)?;
            }
        }
        Ok(Ok(()))
    }

    /// Sets the thread to work: on the next rows where the stream needs them, else on those that it has.
    fn step(
        &mut self,
        run: &mut Run<'_>,
        mut stream: Box<dyn RowStream>,
        hungry: bool,
        gather: &mut impl FnMut(&mut Run<'_>, i64, &mut [f32]) -> Result<()>,
    ) -> Result<()> {
        let mut input = Vec::new();
        if hungry {
            let last = (self.next + CHUNK as i64).min(self.end);
            for y in self.next..last {
                let mut row = memory::zeros(3 * self.width)?;
                gather(run, y, &mut row)?;
                input.push(row);
            }
            self.next = last;
        }
        let finish = hungry && self.next == self.end;
        let (contract, cancel) = (self.contract.clone(), run.cancel.clone());
        let (most, length) = (CHUNK * contract.scale, 3 * self.width * contract.scale);
        let mut spare = std::mem::take(&mut self.spare);
        self.pool.submit(0, move || {
            for row in &input {
                stream.push(&contract.prepare(row)?, &cancel)?;
            }
            if finish {
                stream.finish(&cancel)?;
            }
            let mut rows = Vec::new();
            while rows.len() < most {
                let mut row = spare.pop().unwrap_or_default();
                memory::grow(&mut row, length)?;
                if !stream.pull(&mut row, &cancel)? {
                    return Ok(Some(Step { stream, rows, hungry: true }));
                }
                contract.restore(&mut row);
                rows.push(row);
            }
            Ok(Some(Step { stream, rows, hungry: false }))
        })?;
        self.running = true;
        Ok(())
    }

    /// The most bytes that a stream's rows take outside the engine: [`ROWS`] of the input and what they become.
    pub(crate) fn memory(grid: &Grid, scale: u32) -> u128 {
        let row = PIXEL_BYTES * u128::from(grid.rules.fit(grid.area.width));
        ROWS as u128 * row * (1 + u128::from(scale) * u128::from(scale))
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::ModelContract, "the engine's row stream ended before the picture did; try another engine")
}
