//! The stage in which the network works: bands of tiles, each verified, blended where they must be.
//!
//! One band of finished rows is in memory at a time. A tile that cannot be right is tried again further down the
//! ladder and never written.

use std::sync::Arc;

use crate::engine::contract::Contract;
use crate::engine::engine::Usage;
use crate::error::{Error, ErrorKind, Location, Result};
use crate::geometry::Rect;
use crate::machine::memory;
use crate::models::manifest::{Manifest, Verify};
use crate::plan::grid::{Grid, Tile};
use crate::plan::pass::{PIXEL_BYTES, Pass};
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage, Window, reflect};
use crate::stages::tiles::ladder::Ladder;
use crate::stages::tiles::pool::Pool;
use crate::stages::tiles::streaming::Streaming;
use crate::stages::tiles::verify::{Block, verify};

pub(crate) struct Network<'a> {
    input: Window<'a>,
    grid: Grid,
    ladder: Arc<Ladder>,
    contract: Arc<Contract>,
    rules: Verify,
    pool: Pool<Done>,
    /// Whether a row stream was planned, and the one at work.
    streams: bool,
    streaming: Option<Streaming>,
    band: Band,
    /// The band to make next.
    next_band: u32,
    /// The next row that goes out, and the first that is not yet final.
    next_row: u32,
    final_row: u32,
    spare: Vec<Vec<f32>>,
}

/// A tile that an engine has worked on. The buffers come back whatever happened.
struct Done {
    input: Vec<f32>,
    output: Vec<f32>,
    outcome: Result<()>,
}

/// Rows of the result that are being made: three planes.
#[derive(Default)]
struct Band {
    data: Vec<f32>,
    width: usize,
    /// The rows it holds.
    top: usize,
    bottom: usize,
}

impl Band {
    fn height(&self) -> usize {
        self.bottom - self.top
    }

    /// Moves on to rows `top` to `bottom`, keeping those it already has of them. New rows are zero.
    fn advance(&mut self, top: usize, bottom: usize) -> Result<()> {
        let kept = self.bottom.saturating_sub(top);
        let (old, new) = (self.height() * self.width, (bottom - top) * self.width);
        let tail = kept * self.width;
        let mut carried = Vec::new();
        for plane in 0..if kept > 0 { 3 } else { 0 } {
            memory::reserve(&mut carried, tail)?;
            carried.extend_from_slice(&self.data[(plane + 1) * old - tail..(plane + 1) * old]);
        }
        self.data.clear();
        memory::grow(&mut self.data, 3 * new)?;
        for plane in 0..if kept > 0 { 3 } else { 0 } {
            self.data[plane * new..][..tail].copy_from_slice(&carried[plane * tail..][..tail]);
        }
        (self.top, self.bottom) = (top, bottom);
        Ok(())
    }

    fn row_mut(&mut self, plane: usize, y: usize) -> &mut [f32] {
        let start = (plane * self.height() + y - self.top) * self.width;
        &mut self.data[start..start + self.width]
    }
}

impl<'a> Network<'a> {
    pub(crate) fn new(input: BoxStage<'a>, pass: &Pass, ladder: Arc<Ladder>, contract: Arc<Contract>) -> Result<Self> {
        let (grid, scale) = (pass.grid.clone(), contract.scale as u32);
        let area = grid.area;
        Ok(Network {
            input: Window::new(input),
            pool: Pool::new(ladder.first().usage().parallel.max(1))?,
            rules: ladder.model().manifest().verify.clone(),
            streams: pass.stream.is_some(),
            streaming: None,
            band: Band { width: (area.width * scale) as usize, ..Band::default() },
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
        let mut tiles = memory::collect((0..self.grid.columns).map(|c| (self.grid.tile(c, row), 0)))?;
        if row == 0 {
            self.streaming = self.open_stream(run)?;
        }
        if self.streaming.is_some() {
            tiles = self.stream_band(run, &first, tiles)?;
        }
        self.run_tiles(run, tiles)?;
        self.next_band += 1;
        self.final_row = self.grid.final_rows(row).1 * scale as u32;
        // The next band looks back by its halo (and, mirrored at the bottom, no further).
        if self.next_band < self.grid.rows {
            let next = self.grid.tile(0, self.next_band);
            self.input.release(next.top.max(0) as u32);
        }
        Ok(())
    }

    /// The session's row stream, if one was planned.
    fn open_stream(&self, run: &mut Run<'_>) -> Result<Option<Streaming>> {
        if !self.streams {
            return Ok(None);
        }
        Streaming::open(run, self.ladder.first(), &self.grid, &self.contract)?.or_else(|error| {
            stream_failed(run, &error)?;
            Ok(None)
        })
    }

    /// Takes the band from the row stream. Returns the tiles that failed, one try used up.
    fn stream_band(
        &mut self,
        run: &mut Run<'_>,
        first: &Tile,
        tiles: Vec<(Tile, usize)>,
    ) -> Result<Vec<(Tile, usize)>> {
        let Some(mut streaming) = self.streaming.take() else { return Ok(tiles) };
        let (width, scale) = (self.band.width, self.contract.scale);
        let mut y = self.band.top;
        let inside = first.inside().x as usize * scale;
        let outcome = streaming.rows(
            run,
            first.out.height as usize * scale,
            |run, v, row| {
                // A stream may want rows beyond this band's halo.
                let bottom = self.input.rect().bottom();
                self.input.fill(run, (v + 1).clamp(0, i64::from(bottom)) as u32)?;
                let (left, plane) = (first.left, row.len() / 3);
                for (channel, row) in row.chunks_exact_mut(plane).enumerate() {
                    gather_row(&self.input, &self.grid, channel, v, left, row);
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
            stream_failed(run, &error)?;
            return Ok(tiles);
        }
        self.streaming = Some(streaming);
        let mut failed = Vec::new();
        for (tile, _) in tiles {
            let input = self.gather(&tile)?;
            let part = Rect { x: (tile.out.x - self.grid.area.x) * scale as u32, y: 0, ..tile.out.times(scale as u32) };
            let output = Block { data: &self.band.data, width, height: self.band.height(), part };
            match verify(self.inner(&tile, &input), output, &self.rules) {
                Ok(()) => run.tile_done(),
                Err(why) => {
                    self.step_down(run, &tile, 0, &Error::new(ErrorKind::Output, format!("the result {why}")))?;
                    failed.push((tile, 1));
                }
            }
            self.spare.push(input);
        }
        Ok(failed)
    }

    /// Runs tiles, each from its rung of the ladder on, until all are right.
    fn run_tiles(&mut self, run: &mut Run<'_>, tiles: Vec<(Tile, usize)>) -> Result<()> {
        let columns = self.grid.columns as usize;
        let mut rungs: Vec<usize> = memory::zeros(columns)?;
        // One more than can run, so that no thread waits for the next tile to be gathered.
        let most = self.ladder.first().usage().parallel.max(1) + 1;
        let mut waiting: Vec<Tile> = Vec::new();
        memory::reserve(&mut waiting, tiles.len())?;
        for (tile, rung) in tiles.into_iter().rev() {
            rungs[tile.index % columns] = rung;
            waiting.push(tile);
        }
        let mut running = 0;
        while running > 0 || !waiting.is_empty() {
            if running < most
                && let Some(tile) = waiting.pop()
            {
                let input = self.gather(&tile)?;
                self.submit(run, tile, rungs[tile.index % columns], input)?;
                running += 1;
                continue;
            }
            let (column, result) = self.pool.wait(run)?;
            let tile = self.grid.tile(column as u32, self.next_band);
            let error = match result {
                Ok(done) => {
                    let outcome = done.outcome.and_then(|()| self.check(&tile, &done.input, &done.output));
                    if outcome.is_ok() {
                        self.place(&tile, &done.output)?;
                    }
                    // In the order in which the next tile takes them: its input first.
                    self.spare.extend([done.output, done.input]);
                    outcome.err()
                }
                Err(error) => Some(error),
            };
            match error {
                None => {
                    running -= 1;
                    run.tile_done();
                }
                Some(error) => {
                    self.step_down(run, &tile, rungs[column], &error)?;
                    rungs[column] += 1;
                    let input = self.gather(&tile)?;
                    self.submit(run, tile, rungs[column], input)?;
                }
            }
        }
        Ok(())
    }

    fn submit(&mut self, run: &Run<'_>, tile: Tile, rung: usize, input: Vec<f32>) -> Result<()> {
        let (ladder, contract, cancel) = (self.ladder.clone(), self.contract.clone(), run.cancel.clone());
        let size = tile.size;
        let mut output = self.spare.pop().unwrap_or_default();
        memory::grow(&mut output, input.len() * contract.scale * contract.scale)?;
        output.truncate(input.len() * contract.scale * contract.scale);
        self.pool.submit(tile.index % self.grid.columns as usize, move || {
            // A rung that is not there is a try that failed, and is waited for like one.
            let outcome = ladder.session(rung).and_then(|s| contract.run(&*s, &input, size, &mut output, &cancel));
            Ok(Done { input, output, outcome })
        })
    }

    /// Notes that a tile failed on `rung`, or ends the run where there is no rung below it.
    fn step_down(&self, run: &mut Run<'_>, tile: &Tile, rung: usize, error: &Error) -> Result<()> {
        run.cancel.check()?;
        let place = Location::Tile { index: tile.index, rect: tile.out };
        let device = |rung| self.ladder.device(rung).map(|d| d.name);
        let here = device(rung).unwrap_or_default();
        let Some(below) = device(rung + 1) else {
            let kind = error.kind();
            let message = format!(
                "{}, on {here}, {} times in all; nothing was written; try another engine, device or model",
                error.message(),
                rung + 1
            );
            return Err(Error::new(kind, message).at(place));
        };
        run.note(format!("{place}: {}, on {here}; tried again in full precision on {below}", error.message()));
        Ok(())
    }

    fn check(&self, tile: &Tile, input: &[f32], output: &[f32]) -> Result<()> {
        let scale = self.contract.scale;
        let size = tile.size;
        let output = Block {
            data: output,
            width: size.width as usize * scale,
            height: size.height as usize * scale,
            part: tile.inside().times(scale as u32),
        };
        verify(self.inner(tile, input), output, &self.rules)
            .map_err(|why| Error::new(ErrorKind::Output, format!("the result {why}")))
    }

    /// The part of a tile's input that it answers for.
    fn inner<'b>(&self, tile: &Tile, input: &'b [f32]) -> Block<'b> {
        Block { data: input, width: tile.size.width as usize, height: tile.size.height as usize, part: tile.inside() }
    }

    /// What the network sees of a tile.
    fn gather(&mut self, tile: &Tile) -> Result<Vec<f32>> {
        let (width, height) = (tile.size.width as usize, tile.size.height as usize);
        let mut planes = self.spare.pop().unwrap_or_default();
        planes.truncate(3 * width * height);
        memory::grow(&mut planes, 3 * width * height)?;
        for (i, row) in planes.chunks_exact_mut(width).enumerate() {
            let y = tile.top + (i % height) as i64;
            gather_row(&self.input, &self.grid, i / height, y, tile.left, row);
        }
        Ok(planes)
    }

    /// Puts what a tile answers for into the band.
    fn place(&mut self, tile: &Tile, output: &[f32]) -> Result<()> {
        let scale = self.contract.scale;
        let inside = tile.inside();
        let (left, top) = (inside.x as usize * scale, inside.y as usize * scale);
        let (tile_width, tile_height) = (tile.size.width as usize * scale, tile.size.height as usize * scale);
        let (width, height) = (tile.out.width as usize * scale, tile.out.height as usize * scale);
        let x = (tile.out.x - self.grid.area.x) as usize * scale;
        let mut blend = None;
        if self.grid.rules.overlap > 0 {
            let columns = self.grid.columns as usize;
            let (column, row) = ((tile.index % columns) as u32, (tile.index / columns) as u32);
            let across = |i: u32| {
                let out = self.grid.tile(i, row).out;
                (out.x, out.right())
            };
            let down = |i: u32| {
                let out = self.grid.tile(column, i).out;
                (out.y, out.bottom())
            };
            let across = ramps(across, column, self.grid.columns, scale)?;
            blend = Some((across, ramps(down, row, self.grid.rows, scale)?));
        }
        for channel in 0..3 {
            for y in 0..height {
                let from = &output[(channel * tile_height + top + y) * tile_width + left..][..width];
                let to = &mut self.band.row_mut(channel, tile.out.y as usize * scale + y)[x..x + width];
                match &blend {
                    None => to.copy_from_slice(from),
                    Some((across, down)) => {
                        for ((to, from), weight) in to.iter_mut().zip(from).zip(across) {
                            *to += from * weight * down[y];
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The most bytes that a pass needs: what the engine works with, the tiles that are gathered and computed, the row
    /// stream, the band, and the source rows, which are kept for the network and for those who wait for it.
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

/// Notes that tiles do the rest, unless the run was cancelled.
fn stream_failed(run: &mut Run<'_>, error: &Error) -> Result<()> {
    run.cancel.check()?;
    run.note(format!("the engine's row stream failed ({error}); the rest goes tile by tile"));
    Ok(())
}

/// The weights of part `index` along an axis, in output pixels: 1, falling to 0 where a neighbour takes over. Those of
/// both neighbours sum to one at every pixel.
fn ramps(part: impl Fn(u32) -> (u32, u32), index: u32, count: u32, scale: usize) -> Result<Vec<f32>> {
    let (start, end) = part(index);
    let mut weights: Vec<f32> = memory::zeros((end - start) as usize * scale)?;
    weights.fill(1.0);
    let length = weights.len();
    if index > 0 {
        let n = part(index - 1).1.saturating_sub(start) as usize * scale;
        for (i, w) in weights[..n].iter_mut().enumerate() {
            *w = (i as f32 + 0.5) / n as f32;
        }
    }
    if index + 1 < count {
        let n = end.saturating_sub(part(index + 1).0) as usize * scale;
        for (i, w) in weights[length - n..].iter_mut().enumerate() {
            *w = 1.0 - (i as f32 + 0.5) / n as f32;
        }
    }
    Ok(weights)
}

/// Part of a row of the picture, mirrored where it lies outside.
fn gather_row(input: &Window<'_>, grid: &Grid, channel: usize, y: i64, left: i64, row: &mut [f32]) {
    let rect = input.rect();
    // What a size rule adds beyond the halo may lie outside what is here; any nearby pixel will do there.
    let (first, end) = input.span();
    let y = reflect(y, grid.picture.height).clamp(first, end - 1);
    let plane = input.plane(y, channel);
    let right = left + row.len() as i64;
    let (from, to) = (left.max(i64::from(rect.x)), right.min(i64::from(rect.right())));
    let (before, after) = ((from - left) as usize, (to - left).max(0) as usize);
    let outside = |i: usize| {
        let x = reflect(left + i as i64, grid.picture.width).clamp(rect.x, rect.right() - 1);
        plane[(x - rect.x) as usize]
    };
    let before = before.min(row.len());
    for (i, v) in row[..before].iter_mut().enumerate() {
        *v = outside(i);
    }
    let after = after.max(before);
    if after > before {
        row[before..after].copy_from_slice(&plane[(from - i64::from(rect.x)) as usize..][..after - before]);
    }
    for (i, v) in row[after..].iter_mut().enumerate() {
        *v = outside(after + i);
    }
}

impl Stage for Network<'_> {
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
        for (channel, out) in row.chunks_exact_mut(self.band.width).enumerate() {
            out.copy_from_slice(self.band.row_mut(channel, y));
        }
        self.next_row += 1;
        Ok(())
    }
}
