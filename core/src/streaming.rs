//! A row stream at work, on its own thread.
//!
//! The stream sees the picture with its halo mirrored on, row after row, once. As with tiles, a caller who cancels does
//! not wait for it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::contract::Contract;
use crate::engine::{RowStream, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::grid::Grid;
use crate::memory;
use crate::pool::Pool;
use crate::run::Run;

/// Rows that are pushed in one go.
const CHUNK: i64 = 16;

pub(crate) struct Streaming {
    pool: Pool<Step>,
    /// Here, or on the thread.
    stream: Option<Box<dyn RowStream>>,
    contract: Arc<Contract>,
    /// Samples of a row of one plane that goes in.
    width: usize,
    /// The next row to push, and the first beyond the last.
    next: i64,
    end: i64,
    /// Rows that come out before the first that counts.
    skip: usize,
    ready: VecDeque<Vec<f32>>,
}

struct Step {
    stream: Option<Box<dyn RowStream>>,
    rows: Vec<Vec<f32>>,
    outcome: Result<()>,
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
        pool.submit(0, move || Ok(Step { stream: session.stream(width)?, rows: Vec::new(), outcome: Ok(()) }))?;
        let stream = match pool.wait(run)?.1 {
            Ok(Step { stream: Some(stream), .. }) => Some(stream),
            Ok(_) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        };
        let next = grid.tile(0, 0).top;
        Ok(Ok(Some(Streaming {
            pool,
            stream,
            contract: contract.clone(),
            width,
            next,
            end: next + i64::from(grid.rules.fit(grid.area.height)),
            skip: (i64::from(grid.area.y) - next) as usize * contract.scale,
            ready: VecDeque::new(),
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
                continue;
            }
            let Some(stream) = self.stream.take() else { return Ok(Err(ended())) };
            let last = (self.next + CHUNK).min(self.end);
            let mut input = Vec::new();
            for y in self.next..last {
                let mut row = memory::zeros(3 * self.width)?;
                gather(run, y, &mut row)?;
                input.push(row);
            }
            let finish = last == self.end;
            self.next = last;
            let (contract, cancel) = (self.contract.clone(), run.cancel.clone());
            let length = 3 * self.width * contract.scale;
            self.pool.submit(0, move || {
                let (mut stream, mut rows) = (stream, Vec::new());
                let mut step = || -> Result<()> {
                    let mut pull = |stream: &mut Box<dyn RowStream>| -> Result<()> {
                        loop {
                            let mut row = memory::zeros(length)?;
                            if !stream.pull(&mut row)? {
                                return Ok(());
                            }
                            contract.restore(&mut row);
                            rows.push(row);
                        }
                    };
                    for row in &input {
                        cancel.check()?;
                        stream.push(&contract.prepare(row)?, &cancel)?;
                        pull(&mut stream)?;
                    }
                    if finish {
                        stream.finish(&cancel)?;
                        pull(&mut stream)?;
                    }
                    Ok(())
                };
                let outcome = step();
                Ok(Step { stream: Some(stream), rows, outcome })
            })?;
            let step = match self.pool.wait(run)?.1 {
                Ok(Step { outcome: Err(error), .. }) | Err(error) => return Ok(Err(error)),
                Ok(step) => step,
            };
            self.ready.extend(step.rows);
            if finish && self.ready.is_empty() {
                return Ok(Err(ended()));
            }
            // After the last row the stream has nothing more to say.
            self.stream = step.stream.filter(|_| !finish);
        }
        Ok(Ok(()))
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::ModelContract, "the engine's row stream ended before the picture did; try another engine")
}
