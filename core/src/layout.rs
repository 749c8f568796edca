//! A plan with all that the run needs, worked out before it starts: sizes, passes, tiles, what must be read, how much memory.
//!
//! From the end to the beginning: what is wanted of the result says what each step needs of the one before it.
//! Pure arithmetic; nothing here sees a pixel.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::plan::grid::{Grid, Limits};
use crate::plan::job::{Job, target_rect, target_size};
use crate::plan::plan::Plan;
use crate::plan::steps::{Step, Steps};
use crate::stages::bleed;
use crate::stages::colour_lock;
use crate::stages::decode::Planes;
use crate::stages::resample::Axis;
use crate::stages::tiles::streaming;

/// Bytes that a band of finished rows may take. More makes flat tiles rarer in very wide pictures, less saves memory.
const BAND: u64 = 256 << 20;

/// Rows of a band, and pixels of a tile with its halo, where the network sees the picture as a stream of rows: tiles are then
/// only what is verified, counted, and computed again if need be.
const STREAMED: (u32, u64) = (64, 256 * 256);

/// Tiles are not cut smaller than this to save memory.
const SMALLEST_TILE: u64 = 32 * 32;

/// One network pass.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub(crate) grid: Grid,
    /// The pixels of the pass's picture whose enlargement is wanted; inside the grid's area.
    pub(crate) wanted: Rect,
    pub(crate) scale: u32,
    /// Which of the run's networks it is.
    pub(crate) network: usize,
    /// Bytes that the row stream takes; `None` for tiles.
    pub(crate) stream: Option<u64>,
}

impl Pass {
    /// Pixels that the network sees.
    fn network_pixels(&self) -> u64 {
        let Grid { area, rules, .. } = self.grid;
        match self.stream {
            Some(_) => u64::from(rules.fit(area.width)) * u64::from(rules.fit(area.height)),
            None => self.grid.network_pixels(),
        }
    }
}

/// All that the run needs to know of itself.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    source: Size,
    /// The size of the whole picture after the network passes, and in the end.
    native: Size,
    whole: Size,
    /// What is wanted of the whole.
    wanted: Rect,
    passes: Vec<Pass>,
    /// What colour and what alpha need of the source.
    colour: Rect,
    aside: Rect,
    memory: u64,
    /// Whether a network that looks at the whole picture is given parts of it.
    parted: bool,
    /// Whether colour also goes past the network.
    mixed: bool,
    /// Whether the result is at least as large as the source, along one side.
    enlarges: bool,
}

impl Layout {
    pub(crate) fn new(steps: &Steps<'_>, source: Size, job: &Job) -> Result<Self> {
        source.check()?;
        let (whole, factor) = target_size(source, job.target)?;
        let rect = job.rect.unwrap_or(source.rect());
        rect.check_inside(source)?;
        job.noise_level.check()?;
        if !(0.0..=1.0).contains(&job.strength) {
            return Err(Error::new(ErrorKind::Argument, format!("the strength is {}; give 0 to 1", job.strength)));
        }
        let wanted = target_rect(source, whole, rect);
        let order = if job.strength > 0.0 { steps.order(factor) } else { Vec::new() };
        let mut native = source;
        for network in &order {
            native = times(native, steps.networks[*network].manifest.scale);
        }

        let needed = |from: Size| {
            let across = Axis::span(from.width, whole.width, wanted.x, wanted.right());
            let down = Axis::span(from.height, whole.height, wanted.y, wanted.bottom());
            Rect { x: across.0, y: down.0, width: across.1 - across.0, height: down.1 - down.0 }
        };
        let colour = if native == whole { wanted } else { needed(native) };
        let mut layout = Layout {
            source,
            native,
            whole,
            wanted,
            passes: vec![],
            colour,
            aside: needed(source),
            memory: 0,
            parted: false,
            mixed: !order.is_empty() && job.strength < 1.0,
            enlarges: factor >= 1.0,
        };

        let budget = job.memory.unwrap_or_else(|| memory::available() / 2);
        let largest = |parted: bool| order.iter().map(|n| steps.networks[*n].tile_pixels(parted)).max().unwrap_or(1);
        let mut pixels = largest(false);
        let mut rows = u32::MAX;
        // Tiles are what is left where there is no memory for row streams; whoever asks for tiles gets them.
        let mut stream = job.tile.is_none();
        loop {
            layout.cut(steps, &order, Limits { pixels, rows, side: job.tile }, job.colour_lock, colour, stream);
            layout.memory = layout.estimate(steps);
            if layout.memory <= budget {
                return Ok(layout);
            }
            if std::mem::take(&mut stream) {
                continue;
            }
            if !layout.parted && layout.passes.iter().any(|pass| pass.grid.rules.whole) {
                layout.parted = true;
                pixels = largest(true).min(native.pixels());
                continue;
            }
            if rows <= 32 && (pixels <= SMALLEST_TILE || job.tile.is_some()) {
                return Err(Error::new(
                    ErrorKind::Memory,
                    format!(
                        "this needs about {} MiB of memory and may use {}; enlarge a part of the picture, choose a smaller factor or tile, or allow more memory",
                        layout.memory >> 20,
                        budget >> 20
                    ),
                ));
            }
            let tallest = layout.passes.iter().map(|p| p.grid.tile_size().height).max().unwrap_or(1);
            // Never more than before: a session may want tiles that are smaller still.
            pixels = (pixels / 2).max(SMALLEST_TILE).min(pixels);
            rows = (rows.min(tallest) / 2).max(32);
        }
    }

    /// Cuts each pass into tiles within the limits, from the last to the first. `stream`: what can be a row stream is one.
    fn cut(&mut self, steps: &Steps<'_>, order: &[usize], limits: Limits, lock: bool, colour: Rect, stream: bool) {
        let mut need = colour;
        self.passes.clear();
        let mut picture = self.native;
        for network in order.iter().rev().copied() {
            let step = steps.networks[network];
            let (scale, rules) = (step.manifest.scale, step.rules(self.parted));
            picture = Size { width: picture.width / scale, height: picture.height / scale };
            let (x, y) = (need.x / scale, need.y / scale);
            let wanted =
                Rect { x, y, width: need.right().div_ceil(scale) - x, height: need.bottom().div_ceil(scale) - y };
            let mut area = if lock { wanted.grown(colour_lock::REACH, picture) } else { wanted };
            if rules.whole {
                area = picture.rect();
            }
            let band_row = 12 * u64::from(area.width) * u64::from(scale) * u64::from(scale);
            let band = (BAND / band_row).clamp(16, u64::from(u32::MAX)) as u32;
            let bytes = if stream { step.stream(rules, area.width) } else { None };
            let (rows, pixels) = if bytes.is_some() { STREAMED } else { (limits.rows, limits.pixels) };
            let pixels = pixels.min(step.tile_pixels(self.parted));
            let limits = Limits { pixels, rows: rows.min(band), ..limits };
            let grid = Grid::new(picture, area, rules, limits);
            need = grid.read_rect();
            let wanted = if lock { wanted } else { area };
            self.passes.push(Pass { grid, wanted, scale, network, stream: bytes });
        }
        self.passes.reverse();
        self.colour = need;
    }

    /// Bytes that the run is expected to take at most.
    fn estimate(&self, steps: &Steps<'_>) -> u64 {
        const PIXEL: u128 = 12; // three f32
        // The largest picture in one tile of a greedy network is beyond 64 bits.
        let mut bytes = 0u128;
        for pass in &self.passes {
            let Pass { grid, scale, network, .. } = pass;
            let Step { manifest, usage, .. } = steps.networks[*network];
            let parallel = usage.parallel.max(1) as u128;
            let (scale, tile) = (u128::from(*scale), grid.tile_size());
            let (pixels, height) = (u128::from(tile.pixels()), u128::from(tile.height));
            let (area, reach) = (grid.area, u128::from(colour_lock::REACH));
            bytes += pixels * u128::from(manifest.cost.bytes_per_pixel) * parallel
                + pixels * PIXEL * (1 + scale * scale) * (parallel + 1)
                + pass.stream.map_or(0, |bytes| {
                    let row = PIXEL * u128::from(grid.rules.fit(area.width));
                    u128::from(bytes) + streaming::ROWS as u128 * row * (1 + scale * scale)
                })
                // The band, and what the lock holds back.
                + u128::from(area.width) * PIXEL * scale * scale * (height.min(area.height.into()) + reach + 2)
                // Source rows, twice: for the network and for those who wait for it.
                + 4 * PIXEL * u128::from(grid.read_rect().width) * (height + reach);
        }
        let taps = |input: u32, output: u32| u128::from(4 * input.div_ceil(output) + 2);
        let row = PIXEL * u128::from(self.wanted.width);
        let ways = if self.mixed { 2 } else { 1 };
        bytes += ways
            * row
            * (taps(self.native.height, self.whole.height) + taps(self.source.height, self.whole.height) + 4);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    pub(crate) fn plan(&self) -> Plan {
        let sum = |f: fn(&Grid) -> u64| self.passes.iter().map(|p| f(&p.grid)).sum();
        let largest = self.passes.iter().map(|p| p.grid.tile_size()).max_by_key(|t| t.pixels());
        Plan {
            output: self.output(),
            passes: self.passes.len() as u32,
            tiles: self.tiles(),
            bands: sum(|g| u64::from(g.rows)),
            network_pixels: self.passes.iter().fold(0, |sum, pass| sum.saturating_add(pass.network_pixels())),
            largest_tile: largest.unwrap_or(Size { width: 0, height: 0 }),
            read: self.read_rect(Planes { alpha: true, remainder: true }),
            memory: self.memory,
            parted: self.parted,
        }
    }

    pub(crate) fn output(&self) -> Size {
        self.wanted.size()
    }

    pub(crate) fn tiles(&self) -> u64 {
        self.passes.iter().map(|p| p.grid.tiles()).sum()
    }

    pub(crate) fn is_mixed(&self) -> bool {
        self.mixed
    }

    pub(crate) fn enlarges(&self) -> bool {
        self.enlarges
    }

    pub(crate) fn is_parted(&self) -> bool {
        self.parted
    }

    pub(crate) fn passes(&self) -> &[Pass] {
        &self.passes
    }

    pub(crate) fn source(&self) -> Size {
        self.source
    }

    pub(crate) fn native(&self) -> Size {
        self.native
    }

    pub(crate) fn whole(&self) -> Size {
        self.whole
    }

    pub(crate) fn wanted(&self) -> Rect {
        self.wanted
    }

    pub(crate) fn colour_rect(&self) -> Rect {
        self.colour
    }

    pub(crate) fn aside_rect(&self) -> Rect {
        self.aside
    }

    /// What must be read of the source.
    pub(crate) fn read_rect(&self, planes: Planes) -> Rect {
        let mut rect = self.colour;
        if planes.count() > 3 || self.mixed {
            rect = union(rect, self.aside);
        }
        if planes.alpha {
            rect = bleed::read_rect(rect, self.source);
        }
        rect
    }
}

fn union(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, width: a.right().max(b.right()) - x, height: a.bottom().max(b.bottom()) - y }
}

fn times(size: Size, scale: u32) -> Size {
    Size { width: size.width * scale, height: size.height * scale }
}

#[cfg(test)]
mod tests {
    use crate::engine::engine::Usage;
    use crate::models::manifest::Manifest;
    use crate::models::noise::NoiseLevel;
    use crate::plan::job::Target;

    use super::*;

    fn planned(manifest: &Manifest, usage: Usage, source: Size, job: &Job) -> Result<Layout> {
        Layout::new(&Steps { networks: vec![Step { manifest, usage, stream: &|_| None }], chained: false }, source, job)
    }

    /// The arithmetic holds for all that a manifest and a caller may say.
    #[test]
    fn the_largest_picture_is_planned() {
        let text = include_str!("../models/realesr-general-x4v3/manifest.toml");
        let greedy = text.replace("\"exact\"", "\"whole\"").replace("= 2000", "= 16777216");
        let (greedy, _) = Manifest::parse(&greedy).unwrap();
        let (default, _) = Manifest::parse(text).unwrap();
        let largest = Size { width: 1 << 20, height: 1 << 20 };
        let mut job = Job::new(Target::Factor(1.0));
        let error = planned(&greedy, Usage::default(), largest, &job).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory);
        // More tiles than 32 bits can count.
        (job.tile, job.memory) = (Some(8), Some(u64::MAX));
        let layout = planned(&default, Usage::default(), largest, &job).unwrap();
        assert_eq!(layout.plan().tiles, 1 << 34);
        // More pixels than 64 bits can count.
        let coarse = text.replace("dtype = \"f32\"", "dtype = \"f32\"\nminimum = 4096");
        let (coarse, _) = Manifest::parse(&coarse).unwrap();
        job.tile = Some(1);
        let layout = planned(&coarse, Usage::default(), largest, &job).unwrap();
        assert_eq!(layout.plan().network_pixels, u64::MAX);
    }

    #[test]
    fn tiles_shrink_to_fit_memory_and_never_grow() {
        let text = include_str!("../models/realesr-general-x4v3/manifest.toml").replace("halo = 34", "halo = 0");
        let (manifest, _) = Manifest::parse(&text).unwrap();
        // Narrow, so that a band of fewer rows leaves room for wider tiles.
        let source = Size { width: 7, height: 3000 };
        let mut job = Job::new(Target::Factor(4.0));
        for most in [200, 5000, 500_000] {
            let usage = Usage { max_tile_pixels: Some(most), ..Usage::default() };
            job.memory = None;
            let needed = planned(&manifest, usage, source, &job).unwrap().memory;
            for percent in 10..100 {
                job.memory = Some(needed * percent / 100);
                if let Ok(layout) = planned(&manifest, usage, source, &job) {
                    let largest = layout.plan().largest_tile;
                    assert!(largest.pixels() <= most, "{largest} for {most} at {percent} %");
                }
            }
        }
    }

    #[test]
    fn what_wants_the_whole_gets_the_largest_parts_there_is_room_for() {
        let text = include_str!("../models/realesr-general-x4v3/manifest.toml").replace("\"exact\"", "\"whole\"");
        let (manifest, _) = Manifest::parse(&text).unwrap();
        let source = Size { width: 900, height: 700 };
        let mut job = Job::new(Target::Factor(4.0));
        job.memory = Some(u64::MAX);
        let whole = planned(&manifest, Usage::default(), source, &job).unwrap().plan();
        assert_eq!((whole.tiles, whole.parted), (1, false));
        job.memory = Some(whole.memory / 2);
        let half = planned(&manifest, Usage::default(), source, &job).unwrap().plan();
        assert!(half.parted && half.tiles > 1 && half.memory <= whole.memory / 2);
        job.memory = Some(whole.memory / 8);
        let eighth = planned(&manifest, Usage::default(), source, &job).unwrap().plan();
        assert!(eighth.parted && eighth.tiles > half.tiles);
        assert!(half.largest_tile.pixels() > eighth.largest_tile.pixels());
    }

    #[test]
    fn a_chain_runs_each_network_once_and_to_make_smaller_only_what_restores() {
        let text = include_str!("../models/realesr-general-x4v3/manifest.toml");
        let of = |scale: u32| Manifest::parse(&text.replace("scale = 4", &format!("scale = {scale}"))).unwrap().0;
        let (two, three) = (of(2), of(3));
        fn chain_of<'a>(networks: &[&'a Manifest]) -> Steps<'a> {
            let step = |manifest: &&'a Manifest| Step { manifest, usage: Usage::default(), stream: &|_| None };
            Steps { networks: networks.iter().map(step).collect(), chained: true }
        }
        let steps = chain_of(&[&two, &three]);
        let source = Size { width: 50, height: 40 };
        let chain = Layout::new(&steps, source, &Job::new(Target::Factor(6.0))).unwrap();
        assert_eq!(chain.passes().iter().map(|pass| (pass.scale, pass.network)).collect::<Vec<_>>(), [(2, 0), (3, 1)]);
        assert_eq!(chain.passes()[1].grid.picture, Size { width: 100, height: 80 });
        assert_eq!(chain.native(), Size { width: 300, height: 240 });
        // Whatever the factor, but for one that only makes smaller.
        let scales = |networks: &[&Manifest], factor: f64| -> Vec<u32> {
            let layout = Layout::new(&chain_of(networks), source, &Job::new(Target::Factor(factor))).unwrap();
            layout.passes().iter().map(|pass| pass.scale).collect()
        };
        let one = of(1);
        assert_eq!(scales(&[&two, &three], 1.5), [2, 3]);
        assert!(scales(&[&two, &three], 0.5).is_empty());
        assert_eq!(scales(&[&one, &two], 1.0), [1, 2]);
        assert_eq!(scales(&[&one, &two], 0.5), [1]);
        assert_eq!(scales(&[&one, &one, &two, &one], 0.9), [1, 1]);
        assert!(scales(&[&two, &one], 0.5).is_empty());
    }

    #[test]
    fn a_stream_is_taken_where_there_is_memory_for_it() {
        let (manifest, _) = Manifest::parse(include_str!("../models/realesr-general-x4v3/manifest.toml")).unwrap();
        let source = Size { width: 2000, height: 3000 };
        let mut job = Job::new(Target::Factor(4.0));
        job.memory = Some(1 << 30);
        let layout = |manifest: &Manifest, bytes: u64| {
            let stream = |width| Some(bytes * width as u64);
            let networks = vec![Step { manifest, usage: Usage::default(), stream: &stream }];
            Layout::new(&Steps { networks, chained: false }, source, &job).unwrap()
        };
        let streamed = |layout: &Layout| layout.passes().iter().all(|pass| pass.stream.is_some());
        let cheap = layout(&manifest, 10_000);
        assert!(streamed(&cheap));
        let cheap = cheap.plan();
        assert_eq!(cheap.network_pixels, (2000 + 68) * (3000 + 68));
        let dear = layout(&manifest, 100_000).plan();
        assert_eq!(dear.memory - cheap.memory, 90_000 * (2000 + 68));
        // Too much for a stream, but not for tiles.
        let tiled = layout(&manifest, 1_000_000);
        assert!(!streamed(&tiled));
        let tiled = tiled.plan();
        assert!(tiled.network_pixels > cheap.network_pixels && tiled.memory <= 1 << 30);
        let with_noise = include_str!("../models/realesr-general-x4v3/manifest.toml").to_owned()
            + "[[extra]]\nname = \"noise\"\nkind = \"noise_level\"\nminimum = 0.0\nmaximum = 1.0\ndefault = 0.5\n";
        let (manifest, _) = Manifest::parse(&with_noise).unwrap();
        assert!(!streamed(&layout(&manifest, 1)), "a stream takes no noise level");
    }

    #[test]
    fn a_noise_level_that_is_not_a_number_is_refused() {
        let (manifest, _) = Manifest::parse(include_str!("../models/realesr-general-x4v3/manifest.toml")).unwrap();
        let mut job = Job::new(Target::Factor(4.0));
        for (level, good) in [(0.5, true), (f32::INFINITY, true), (f32::NAN, false)] {
            job.noise_level = NoiseLevel::ModelUnit(level);
            let layout = planned(&manifest, Usage::default(), Size { width: 8, height: 8 }, &job);
            assert_eq!(layout.err().map(|e| e.kind()), (!good).then_some(ErrorKind::Argument), "{level}");
        }
    }
}
