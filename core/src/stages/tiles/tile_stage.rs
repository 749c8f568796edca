//! The stage that runs the network: band by band, each band made of tiles or taken from a row stream.
//!
//! Its parts are files of their own: what the network sees of a tile ([`gather`](super::gather)), whether its output
//! can be right ([`verify`](super::verify)), what happens if not ([`retry`](super::retry)), and the finished rows
//! ([`band`](super::band)). A row must never leave this stage before every tile that adds to it is verified.

use std::sync::Arc;

use crate::engine::contract::Contract;
use crate::engine::engine::Usage;
use crate::error::Result;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::models::manifest::{Manifest, Verify};
use crate::plan::grid::{Grid, Tile};
use crate::plan::pass::{PIXEL_BYTES, Pass};
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};
use crate::stages::tiles::band::Band;
use crate::stages::tiles::gather::{gather_row, gather_tile};
use crate::stages::tiles::ladder::Ladder;
use crate::stages::tiles::pool::Pool;
use crate::stages::tiles::retry::{Failure, next_attempt, note_stream_failure};
use crate::stages::tiles::streaming::Streaming;
use crate::stages::tiles::verify::{Block, Rejection, verify};
use crate::stages::window::Window;

/// One network pass over the grid's area. Rows in: three planes, sRGB-encoded, 0 to 1. Rows out: three planes, `scale`
/// times as wide and as many, as the network made them: within the range that the manifest allows, not clipped.
pub(crate) struct TileStage<'a> {
    /// The input rows that the band at work needs.
    input: Window<'a>,
    grid: Grid,
    ladder: Arc<Ladder>,
    contract: Arc<Contract>,
    /// The bounds of verification.
    rules: Verify,
    pool: Pool<TileResult>,
    /// Whether the plan has a row stream for this pass.
    stream_planned: bool,
    /// The open row stream. `None` before the first band, and after the stream has failed.
    streaming: Option<Streaming>,
    band: Band,
    /// The number of the band to make next.
    next_band: u32,
    /// The row to give out next, and the first row to which a later band still adds, in rows of the enlarged picture.
    next_row: u32,
    final_row: u32,
    /// Buffers of finished tiles, for the inputs and outputs of the next ones.
    spare: Vec<Vec<f32>>,
}

/// A tile, and the attempt that it starts with.
struct Queued {
    tile: Tile,
    attempt: usize,
}

/// What a thread hands back: the buffers in any case, and whether the session succeeded.
struct TileResult {
    /// Three planes of the tile's size.
    input: Vec<f32>,
    /// Three planes of the tile's size times the scale.
    output: Vec<f32>,
    outcome: Result<()>,
}

impl<'a> TileStage<'a> {
    /// `input` must cover the rectangle that the pass's grid reads.
    pub(crate) fn new(input: BoxStage<'a>, pass: &Pass, ladder: Arc<Ladder>, contract: Arc<Contract>) -> Result<Self> {
        let (grid, scale) = (pass.grid.clone(), contract.scale as u32);
        let area = grid.area;
        Ok(TileStage {
            input: Window::new(input),
            pool: Pool::new(ladder.first().usage().parallel.max(1))?,
            rules: ladder.model().manifest().verify.clone(),
            stream_planned: pass.stream.is_some(),
            streaming: None,
            band: Band::new(area.width, contract.scale),
            next_band: 0,
            next_row: area.y * scale,
            final_row: area.y * scale,
            spare: Vec::new(),
            grid,
            ladder,
            contract,
        })
    }

    /// Makes the next band.
    fn make_band(&mut self, run: &mut Run<'_>) -> Result<()> {
        let row = self.next_band;
        let scale = self.contract.scale;
        let first = self.grid.tile(0, row);
        self.band.advance(first.out.y as usize * scale, first.out.bottom() as usize * scale)?;
        let needed = i64::from(first.out.bottom()) + i64::from(self.grid.rules.halo);
        self.input.fill(run, needed.min(i64::from(self.input.rect().bottom())) as u32)?;
        if row == 0 {
            self.streaming = self.open_stream(run)?;
        }
        let streamed = self.stream_band(run, &first)?;
        let tiles = if streamed { self.verify_band(run)? } else { self.band_tiles(self.ladder.start(run))? };
        self.run_tiles(run, tiles)?;
        self.next_band += 1;
        self.final_row = self.grid.final_rows(row).1 * scale as u32;
        // The next band begins its halo above its own rows; mirrored rows at the bottom do not reach further back.
        if self.next_band < self.grid.rows {
            let next = self.grid.tile(0, self.next_band);
            self.input.release(next.top.max(0) as u32);
        }
        Ok(())
    }

    /// All tiles of the band, for this attempt.
    fn band_tiles(&self, attempt: usize) -> Result<Vec<Queued>> {
        let tile = |column| Queued { tile: self.grid.tile(column, self.next_band), attempt };
        memory::collect((0..self.grid.columns).map(tile))
    }

    /// Opens the session's row stream, if one was planned. If that fails, it is noted.
    fn open_stream(&self, run: &mut Run<'_>) -> Result<Option<Streaming>> {
        if !self.stream_planned || self.ladder.start(run) > 0 {
            return Ok(None);
        }
        Streaming::open(run, self.ladder.first(), &self.grid, &self.contract)?.or_else(|error| {
            note_stream_failure(run, &error)?;
            Ok(None)
        })
    }

    /// Takes the rows of the band, whose first tile is `first`, from the row stream. Returns `false` if there is no
    /// stream, if the run has left its device, or if it fails; a failure is noted, and the stream is not used again.
    fn stream_band(&mut self, run: &mut Run<'_>, first: &Tile) -> Result<bool> {
        let Some(mut streaming) = self.streaming.take() else { return Ok(false) };
        if self.ladder.start(run) > 0 {
            return Ok(false);
        }
        let (width, scale) = (self.band.width(), self.contract.scale);
        let mut y = self.band.top();
        let inside = first.inside().x as usize * scale;
        let outcome = streaming.rows(
            run,
            first.out.height as usize * scale,
            |run, y, row| {
                // A stream may ask for rows beyond this band's halo.
                let bottom = self.input.rect().bottom();
                self.input.fill(run, (y + 1).clamp(0, i64::from(bottom)) as u32)?;
                let (left, plane) = (first.left, row.len() / 3);
                for (channel, row) in row.chunks_exact_mut(plane).enumerate() {
                    gather_row(&self.input, &self.grid, channel, y, left, row);
                }
                Ok(())
            },
            |row| {
                let plane = row.len() / 3;
                for channel in 0..3 {
                    self.band.row_mut(channel, y).copy_from_slice(&row[channel * plane + inside..][..width]);
                }
                y += 1;
            },
        );
        if let Err(error) = outcome? {
            note_stream_failure(run, &error)?;
            return Ok(false);
        }
        self.streaming = Some(streaming);
        Ok(true)
    }

    /// Verifies the band that the row stream made, tile by tile. Returns the tiles that were rejected, and those
    /// after them if the run has left the device, for their next attempt.
    fn verify_band(&mut self, run: &mut Run<'_>) -> Result<Vec<Queued>> {
        let mut rejected = Vec::new();
        for Queued { tile, attempt } in self.band_tiles(0)? {
            if self.ladder.start(run) > attempt {
                rejected.push(Queued { tile, attempt: attempt + 1 });
                continue;
            }
            let input = self.gather(&tile)?;
            match verify(inner_block(&tile, &input), self.band.block(&self.grid, &tile), &self.rules) {
                Ok(()) => run.tile_done(),
                Err(rejection) => {
                    let attempt = next_attempt(run, &self.ladder, &tile, attempt, &Failure::Rejected(rejection))?;
                    rejected.push(Queued { tile, attempt });
                }
            }
            self.spare.push(input);
        }
        Ok(rejected)
    }

    /// Runs tiles of the band, each as often as it must be, until all of them are in it.
    fn run_tiles(&mut self, run: &mut Run<'_>, tiles: Vec<Queued>) -> Result<()> {
        // The attempt of each tile at work, by column.
        let mut attempts: Vec<usize> = memory::zeros(self.grid.columns as usize)?;
        // One more than the threads, so that no thread waits while the next tile is gathered.
        let most = self.ladder.first().usage().parallel.max(1) + 1;
        let mut waiting: Vec<Tile> = Vec::new();
        memory::reserve(&mut waiting, tiles.len())?;
        for Queued { tile, attempt } in tiles.into_iter().rev() {
            attempts[self.column(&tile)] = attempt;
            waiting.push(tile);
        }
        let mut running = 0;
        while running > 0 || !waiting.is_empty() {
            if running < most
                && let Some(tile) = waiting.pop()
            {
                let column = self.column(&tile);
                attempts[column] = attempts[column].max(self.ladder.start(run));
                self.start(run, tile, attempts[column])?;
                running += 1;
                continue;
            }
            let (column, result) = self.pool.wait(run)?;
            let tile = self.grid.tile(column as u32, self.next_band);
            if self.ladder.start(run) > attempts[column] {
                // It was at work on a device that the run has left meanwhile.
                attempts[column] = self.ladder.start(run);
                self.start(run, tile, attempts[column])?;
                continue;
            }
            match self.finish(&tile, result)? {
                None => {
                    running -= 1;
                    run.tile_done();
                }
                Some(failure) => {
                    attempts[column] = next_attempt(run, &self.ladder, &tile, attempts[column], &failure)?;
                    self.start(run, tile, attempts[column])?;
                }
            }
        }
        Ok(())
    }

    /// Gathers a tile and gives it to a thread, which runs the session of `attempt`.
    fn start(&mut self, run: &Run<'_>, tile: Tile, attempt: usize) -> Result<()> {
        let input = self.gather(&tile)?;
        let (ladder, contract, cancel) = (self.ladder.clone(), self.contract.clone(), run.cancel.clone());
        let size = tile.size;
        let length = input.len() * contract.scale * contract.scale;
        let mut output = self.spare.pop().unwrap_or_default();
        memory::grow(&mut output, length)?;
        output.truncate(length);
        self.pool.submit(self.column(&tile), move || {
            // The session is opened in the task: the caller can cancel meanwhile, and a failure is a failed attempt.
            let outcome = ladder.session(attempt).and_then(|s| contract.run(&*s, &input, size, &mut output, &cancel));
            Ok(TileResult { input, output, outcome })
        })
    }

    /// Verifies a tile that a thread handed back. Puts it into the band if it is accepted; returns the failure if not.
    fn finish(&mut self, tile: &Tile, result: Result<TileResult>) -> Result<Option<Failure>> {
        let TileResult { input, output, outcome } = match result {
            Ok(result) => result,
            // The task panicked, and its buffers are gone.
            Err(error) => return Ok(Some(Failure::Engine(error))),
        };
        let checked = outcome
            .map_err(Failure::Engine)
            .and_then(|()| self.verify_tile(tile, &input, &output).map_err(Failure::Rejected));
        if checked.is_ok() {
            self.band.place(&self.grid, tile, &output)?;
        }
        // The next tile takes its input first, so that buffers of the same length meet.
        self.spare.extend([output, input]);
        Ok(checked.err())
    }

    /// Verifies the pixels that a tile answers for. `input` and `output` are those of [`TileResult`].
    fn verify_tile(&self, tile: &Tile, input: &[f32], output: &[f32]) -> Result<(), Rejection> {
        let scale = self.contract.scale;
        let output = Block {
            data: output,
            width: tile.size.width as usize * scale,
            height: tile.size.height as usize * scale,
            part: tile.inside().times(scale as u32),
        };
        verify(inner_block(tile, input), output, &self.rules)
    }

    /// What the network sees of a tile: three planes of its size. The buffer comes from `spare`.
    fn gather(&mut self, tile: &Tile) -> Result<Vec<f32>> {
        let mut planes = self.spare.pop().unwrap_or_default();
        gather_tile(&self.input, &self.grid, tile, &mut planes)?;
        Ok(planes)
    }

    /// The column of a tile in the grid; a tile's number while its band is made.
    fn column(&self, tile: &Tile) -> usize {
        tile.index % self.grid.columns as usize
    }

    /// The most bytes that a pass needs: the working memory of the engine, the inputs and outputs of tiles, the row stream,
    /// the band, and source rows. Source rows are kept twice: for the network, and for the stages that wait for it.
    pub(crate) fn memory(pass: &Pass, manifest: &Manifest, usage: Usage) -> u128 {
        let Pass { grid, scale, .. } = pass;
        let tile = grid.tile_size();
        let enlarged = u128::from(*scale) * u128::from(*scale);
        let parallel = usage.parallel.max(1) as u128;
        let pixels = u128::from(tile.pixels());
        let engine = pixels * u128::from(manifest.cost.bytes_per_pixel) * parallel;
        let tiles = pixels * PIXEL_BYTES * (1 + enlarged) * (parallel + 1);
        let stream = pass.stream.map_or(0, |bytes| u128::from(bytes) + Streaming::memory(grid, *scale));
        let band_rows = u128::from(tile.height.min(grid.area.height));
        let band = u128::from(grid.area.width) * PIXEL_BYTES * enlarged * band_rows;
        let source = 4 * PIXEL_BYTES * u128::from(grid.read_rect().width) * u128::from(tile.height);
        engine + tiles + stream + band + source
    }
}

/// The pixels of a tile's input that the tile answers for.
fn inner_block<'b>(tile: &Tile, input: &'b [f32]) -> Block<'b> {
    Block { data: input, width: tile.size.width as usize, height: tile.size.height as usize, part: tile.inside() }
}

impl Stage for TileStage<'_> {
    fn rect(&self) -> Rect {
        self.grid.area.times(self.contract.scale as u32)
    }

    fn channels(&self) -> usize {
        3
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        while self.next_row >= self.final_row {
            self.make_band(run)?;
        }
        let y = self.next_row as usize;
        for (channel, out) in row.chunks_exact_mut(self.band.width()).enumerate() {
            out.copy_from_slice(self.band.row(channel, y));
        }
        self.next_row += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::engine::engine::SessionOptions;
    use crate::error::ErrorKind;
    use crate::geometry::Size;
    use crate::models::noise::NoiseLevel;
    use crate::plan::grid::{Limits, Rules};
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Numbered, with_run};
    use crate::stages::tiles::test_engine::{TestEngine, test_model};

    const SCALE: u32 = 2;
    const PICTURE: Size = Size { width: 50, height: 44 };
    const AREA: Rect = Rect { x: 2, y: 4, width: 45, height: 38 };

    /// Makes all rows of the stage over an engine whose first runs or streamed rows are NaN. `stream`: over a row
    /// stream.
    fn rows(faults: usize, devices: &[&str], overlap: u32, stream: bool) -> (Result<Vec<Vec<f32>>>, Vec<String>) {
        let model = test_model(SCALE, 3);
        let rules = Rules { overlap, ..Rules::of(model.manifest()) };
        let grid = Grid::new(PICTURE, AREA, rules, Limits { pixels: 1 << 20, rows: 16, side: Some(16) });
        let input = Numbered::new(grid.read_rect(), 3);
        let pass = Pass { grid, wanted: AREA, texture: None, scale: SCALE, network: 0, stream: stream.then_some(0) };
        let engine = TestEngine::new(devices);
        engine.faults.store(faults, Ordering::SeqCst);
        let ladder = Ladder::new(&model, Arc::new(engine), &SessionOptions::default()).unwrap();
        let contract = Contract::new(model.manifest(), NoiseLevel::ModelDefault);
        let mut stage = TileStage::new(Box::new(input), &pass, Arc::new(ladder), Arc::new(contract)).unwrap();
        assert_eq!(stage.rect(), AREA.times(SCALE));
        with_run(&Cancel::new(), |run| {
            let mut rows = Vec::new();
            for _ in 0..stage.rect().height {
                let mut row = vec![0.0; stage.row_length()];
                stage.next(run, &mut row)?;
                rows.push(row);
            }
            Ok(rows)
        })
    }

    /// The rows that the test network makes of the whole area at once.
    fn expected() -> Vec<Vec<f32>> {
        let Rect { x, y, width, height } = AREA.times(SCALE);
        let row = |y| {
            let sample = move |channel| (x..x + width).map(move |x| Numbered::sample(x / SCALE, y / SCALE, channel));
            (0..3).flat_map(sample).collect()
        };
        (y..y + height).map(row).collect()
    }

    fn assert_near(rows: &[Vec<f32>]) {
        for (y, (row, expected)) in rows.iter().zip(expected()).enumerate() {
            assert!(row.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6), "row {y}");
        }
    }

    #[test]
    fn tiles_and_row_streams_equal_the_whole() {
        for stream in [false, true] {
            let (made, notes) = rows(0, &["cpu"], 0, stream);
            assert_eq!(made.unwrap(), expected(), "stream {stream}");
            assert!(notes.is_empty());
        }
        assert_near(&rows(0, &["cpu"], 6, false).0.unwrap());
    }

    #[test]
    fn a_tile_of_nan_is_tried_again_and_never_written() {
        for overlap in [0, 6] {
            let (made, notes) = rows(2, &["cpu"], overlap, false);
            assert_near(&made.unwrap());
            assert_eq!(notes.len(), 2, "{notes:?}");
            assert!(notes.iter().all(|note| note.contains("not finite numbers, on test cpu")), "{notes:?}");
        }
    }

    #[test]
    fn a_device_that_makes_nan_is_left_for_the_rest_of_the_run() {
        for stream in [false, true] {
            // One fault, or the halo's rows of a stream and one row more.
            let faults = if stream { 3 * SCALE as usize + 1 } else { 1 };
            let (made, notes) = rows(faults, &["gpu:0", "cpu"], 0, stream);
            assert_eq!(made.unwrap(), expected(), "stream {stream}");
            assert_eq!(notes.len(), 1, "{notes:?}");
            assert!(notes[0].contains("on test gpu:0; it and all tiles"), "{notes:?}");
        }
    }

    #[test]
    fn rows_of_nan_from_a_stream_are_made_again_tile_by_tile() {
        // The first output rows are those of the halo, which are dropped; one more row spoils the first band's tiles.
        let (made, notes) = rows(3 * SCALE as usize + 1, &["cpu"], 0, true);
        assert_eq!(made.unwrap(), expected());
        assert_eq!(notes.len(), 3, "one for each tile of the band: {notes:?}");
    }

    #[test]
    fn a_tile_that_stays_nan_ends_the_run_before_a_row_is_out() {
        let (made, notes) = rows(usize::MAX, &["cpu"], 0, false);
        let error = made.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Output);
        assert!(error.to_string().contains("after 2 attempts"), "{error}");
        assert!(!notes.is_empty());
    }
}
