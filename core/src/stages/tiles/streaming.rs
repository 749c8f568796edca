//! A row stream at work on a thread of its own, for sessions that offer one.
//!
//! The stream gets each row of the picture once, from top to bottom, with the halo mirrored on; so no halo is computed
//! twice from band to band. As with tiles, a caller who cancels must never have to wait for the engine.

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

/// The number of input rows that the thread pushes in one task. It pulls at most this many times the scale.
const CHUNK: usize = 16;

/// The most input rows in memory at a time, each with the output rows made of it: one chunk that is gathered, one that
/// the thread works on, and one whose output rows wait to be placed.
const ROWS: usize = 3 * CHUNK;

/// An open row stream, its thread and its rows.
///
/// Input rows are three planes of `width` samples, sRGB-encoded, 0 to 1; output rows are three planes of `width` times
/// the scale.
pub(crate) struct Streaming {
    pool: Pool<Option<StreamState>>,
    contract: Arc<Contract>,
    /// Samples of an input row in one plane, halo included.
    width: usize,
    /// The next input row to push, and the row after the last, in rows of the picture. Both may lie outside it.
    next: i64,
    end: i64,
    /// Output rows of the halo above the area, which are still to be dropped.
    skip: usize,
    /// Output rows to be placed.
    ready: VecDeque<Vec<f32>>,
    /// Buffers of placed output rows, for the next ones.
    spare: Vec<Vec<f32>>,
    /// The stream, while the thread has no task.
    idle: Option<StreamState>,
    /// Whether the thread has a task.
    running: bool,
}

/// The stream and its new output rows, as the thread hands them back.
struct StreamState {
    stream: Box<dyn RowStream>,
    rows: Vec<Vec<f32>>,
    /// Whether the stream needs more input before it can give another row.
    needs_input: bool,
}

impl Streaming {
    /// Opens a stream over the grid's area; `None` if the session offers none.
    ///
    /// # Errors
    /// As [`Streaming::rows`].
    pub(crate) fn open(
        run: &mut Run<'_>,
        session: &Arc<dyn Session>,
        grid: &Grid,
        contract: &Arc<Contract>,
    ) -> Result<Result<Option<Self>>> {
        let width = grid.rules.fit(grid.area.width) as usize;
        let pool = Pool::new(1)?;
        let session = session.clone();
        let opened = move || {
            Ok(session.stream(width)?.map(|stream| StreamState { stream, rows: Vec::new(), needs_input: true }))
        };
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

    /// Makes the next `count` output rows. `gather` fills an input row, given its number in the picture; `place` takes
    /// each output row, in order.
    ///
    /// # Errors
    /// The outer error ends the run: it was cancelled, or `gather` failed. The inner error is the stream's own; the run
    /// can continue tile by tile.
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
            let state = match self.idle.take() {
                None if self.running => match self.pool.wait(run)?.1 {
                    Ok(state) => state,
                    Err(error) => return Ok(Err(error)),
                },
                idle => idle,
            };
            self.running = false;
            let Some(StreamState { stream, rows, needs_input }) = state else { return Ok(Err(ended_early())) };
            self.ready.extend(rows);
            // A stream that needs input after the last row has ended.
            if !needs_input || self.next < self.end {
                self.start(run, stream, needs_input, &mut gather)?;
            }
        }
        Ok(Ok(()))
    }

    /// Gives the thread a task: to push the next chunk of input rows if the stream needs input, and to pull output
    /// rows. It runs while the caller places the rows of the task before.
    fn start(
        &mut self,
        run: &mut Run<'_>,
        mut stream: Box<dyn RowStream>,
        needs_input: bool,
        gather: &mut impl FnMut(&mut Run<'_>, i64, &mut [f32]) -> Result<()>,
    ) -> Result<()> {
        let mut input = Vec::new();
        if needs_input {
            let last = (self.next + CHUNK as i64).min(self.end);
            for y in self.next..last {
                let mut row = memory::zeros(3 * self.width)?;
                gather(run, y, &mut row)?;
                input.push(row);
            }
            self.next = last;
        }
        let finish = needs_input && self.next == self.end;
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
                    return Ok(Some(StreamState { stream, rows, needs_input: true }));
                }
                contract.restore(&mut row);
                rows.push(row);
            }
            Ok(Some(StreamState { stream, rows, needs_input: false }))
        })?;
        self.running = true;
        Ok(())
    }

    /// The most bytes that a stream's rows take outside the engine: [`ROWS`] input rows and the output rows made of them.
    pub(crate) fn memory(grid: &Grid, scale: u32) -> u128 {
        let row = PIXEL_BYTES * u128::from(grid.rules.fit(grid.area.width));
        ROWS as u128 * row * (1 + u128::from(scale) * u128::from(scale))
    }
}

fn ended_early() -> Error {
    let message = "the engine's row stream ended before the last row of the picture; try another engine";
    Error::new(ErrorKind::ModelContract, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::engine::{Engine, SessionOptions};
    use crate::geometry::{Rect, Size};
    use crate::models::noise::NoiseLevel;
    use crate::plan::grid::{Limits, Rules};
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::with_run;
    use crate::stages::tiles::test_engine::{TestEngine, test_model};

    const SCALE: usize = 2;

    fn grid() -> Grid {
        let rules = Rules { halo: 3, overlap: 0, minimum: 1, multiple: 1, fixed: None, whole: false };
        let limits = Limits { pixels: 1 << 20, rows: 100, side: None };
        Grid::new(Size { width: 20, height: 90 }, Rect { x: 0, y: 5, width: 20, height: 70 }, rules, limits)
    }

    fn open(run: &mut Run<'_>, grid: &Grid) -> Streaming {
        let model = test_model(SCALE as u32, 3);
        let session = TestEngine::new(&["cpu"]).open(&model, &SessionOptions::default()).unwrap();
        let contract = Arc::new(Contract::new(model.manifest(), NoiseLevel::ModelDefault));
        Streaming::open(run, &session, grid, &contract).unwrap().unwrap().unwrap()
    }

    #[test]
    fn the_rows_of_the_area_come_in_order_without_the_halo() {
        let grid = grid();
        with_run(&Cancel::new(), |run| {
            let mut streaming = open(run, &grid);
            let (mut gathered, mut placed) = (Vec::new(), Vec::new());
            // In parts, as bands ask for them.
            for count in [60, 1, 79] {
                let rows = streaming.rows(
                    run,
                    count,
                    |_, y, row| {
                        gathered.push(y);
                        row.fill(y as f32);
                        Ok(())
                    },
                    |row| placed.push(row[row.len() - 1]),
                );
                rows.unwrap().unwrap();
            }
            let expected: Vec<f32> = (0..140).map(|y| (5 + y / SCALE) as f32).collect();
            assert_eq!(placed, expected);
            assert!(gathered.iter().copied().eq(2..2 + gathered.len() as i64), "each row is gathered once");
            // There are no more rows than those of the area and its halo.
            let error = streaming.rows(run, 7, |_, _, _| Ok(()), |_| {}).unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ModelContract);
        });
    }

    #[test]
    fn a_source_that_fails_ends_the_run_and_not_only_the_stream() {
        let grid = grid();
        with_run(&Cancel::new(), |run| {
            let mut streaming = open(run, &grid);
            let unread = |_: &mut Run<'_>, _, _: &mut [f32]| Err(Error::new(ErrorKind::Io, "the disk is gone"));
            let outcome = streaming.rows(run, 4, unread, |_| {});
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Io);
        });
    }
}
