//! The layout of a run, computed before it starts: sizes, passes, tiles, the rows to read, and the memory needed.
//!
//! The layout works backwards: the part of the result that is wanted determines what each pass must produce, and so
//! what it must read. This is arithmetic on sizes; nothing here may touch a pixel.

mod faces;
mod memory_fall_backs;
mod periods;
pub(crate) mod restored;
#[cfg(test)]
mod tests;

pub(crate) use faces::FacePatch;
use memory_fall_backs::{Attempt, FALL_BACKS};
use periods::{Periods, in_period};

use crate::error::{Error, ErrorKind, Result};
use crate::faces::face::Face;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::plan::damage::Fading;
use crate::plan::grid::{Grid, Limits};
use crate::plan::job::{Job, target_rect, target_size};
use crate::plan::method::Method;
use crate::plan::networks::Networks;
use crate::plan::pass::Pass;
use crate::plan::plan::Plan;
use crate::stages::alpha_bleed;
use crate::stages::colour_lock::{self, ColourLock};
use crate::stages::decode::Planes;
use crate::stages::edge_care::{self, Limits as EdgeLimits};
use crate::stages::fill::{self, Fill};
use crate::stages::grain_noise::GrainNoise;
use crate::stages::resample::{Axis, Light, Resample};
use crate::stages::source_noise::{self, SourceNoise};
use crate::stages::texture::{self, Texture};
use crate::stages::tiles::tile_stage::TileStage;

/// Bytes that a band of finished rows may take. A larger limit makes flat tiles rarer in very wide pictures; a smaller
/// one saves memory.
const MAX_BAND_BYTES: u64 = 256 << 20;

/// The most rows of a band, and the most pixels of a tile with its halo, where a row stream runs the network. Tiles are
/// then only the units that are verified, counted, and computed again if necessary.
const STREAMED: (u32, u64) = (64, 256 * 256);

/// The planes of a source that has all of them, which needs the most of the picture.
const ALL_PLANES: Planes = Planes { alpha: true, remainder: true };

/// Everything that a run needs to know before it starts.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The size of what is read: the source or, if it repeats, a sheet of it.
    original: Size,
    /// The size of the picture that the stages see: what is read, reduced if the job wants that.
    source: Size,
    /// How often the source is seen. If it repeats, `native` and `whole` are sheets, too.
    periods: Periods,
    /// The size of one period.
    period: Size,
    /// The size of the whole picture after the last pass.
    native: Size,
    /// The size of the whole result.
    whole: Size,
    /// The part of `whole` that is wanted.
    wanted: Rect,
    /// The index of each pass's network.
    order: Vec<usize>,
    passes: Vec<Pass>,
    /// The part of the source that the colour path reads.
    colour: Rect,
    /// The part of the source that is read for planes that no network sees: alpha, the remainder, the faithful
    /// enlargement.
    aside: Rect,
    memory: u64,
    /// Whether a network that needs the whole picture gets parts of it.
    in_parts: bool,
    /// Whether a faithful enlargement of the source is mixed in.
    mixed: bool,
    /// Whether a mask is read.
    masked: bool,
    /// Whether damage is filled from its surroundings, and whether anything of the source is repaired.
    fills: bool,
    repairs: bool,
    /// The part of the source whose limits edge care needs, if there is edge care.
    limits: Option<Rect>,
    /// The part of the source whose noise the grain needs, if there is grain.
    noise: Option<Rect>,
    /// The surroundings of faces, which other networks enlarge.
    faces: Vec<FacePatch>,
    /// By how much the result is larger, as the job wants it: along the side that grows more.
    factor: f64,
    /// The kernel of all resampling.
    method: Method,
    /// The faces that a restorer paints anew.
    restored: Vec<restored::RestoredFace>,
}

impl Layout {
    /// The layout of a run that fits into the job's memory limit. `method` resizes what the networks made, or the
    /// source if there are none. `for_faces`: the networks for the job's faces, if there are any.
    ///
    /// # Errors
    /// `Argument` or `Limit` for an impossible job, `Memory` if even the smallest layout needs more than the limit.
    pub(crate) fn new(
        networks: &Networks<'_>,
        for_faces: Option<&Networks<'_>>,
        method: Method,
        source: Size,
        job: &Job,
    ) -> Result<Self> {
        // The nearest pixel never lies beyond the border.
        let wraps = job.wrap && method != Method::Nearest;
        source.check()?;
        let mut periods = if wraps { Periods::fewest(job.reduced(source)?) } else { Periods::ALONE };
        loop {
            let layout = Layout::with_periods(networks, for_faces, method, source, periods, job)?;
            // A network that needs the whole picture gets the whole sheet, whose border is as far away as it will be.
            let whole = layout.all_passes().any(|pass| pass.grid.rules.whole);
            match periods.more(layout.original_rect(ALL_PLANES), layout.original) {
                Some(more) if !whole => periods = more,
                _ => return Ok(layout),
            }
        }
    }

    fn with_periods(
        networks: &Networks<'_>,
        for_faces: Option<&Networks<'_>>,
        method: Method,
        source: Size,
        periods: Periods,
        job: &Job,
    ) -> Result<Self> {
        let mut layout = Layout::undivided(networks, method, source, periods, job)?;
        if let Some(networks) = for_faces {
            layout.faces = faces::patches(&layout, networks, job)?;
        }
        let budget = job.memory.unwrap_or_else(|| memory::available() / 2);
        let mut attempt = Attempt {
            // A caller who sets a tile size gets tiles.
            streams: job.tile.is_none(),
            in_parts: false,
            tile_pixels: layout.max_tile_pixels(networks, false),
            band_rows: u32::MAX,
        };
        loop {
            layout.divide(networks, attempt, job);
            if let Some(networks) = for_faces {
                let job = job.in_faces();
                layout.faces.iter_mut().for_each(|patch| patch.layout.divide(networks, attempt, &job));
                layout.memory = layout.memory.saturating_add(faces::memory(&layout));
            }
            if layout.memory <= budget {
                return Ok(layout);
            }
            let next = FALL_BACKS.iter().find_map(|fall_back| fall_back.after(attempt, &layout, networks, job));
            attempt = next.ok_or_else(|| too_little_memory(layout.memory, budget))?;
        }
    }

    /// Sizes and the order of passes; the passes are not yet divided into tiles.
    fn undivided(networks: &Networks<'_>, method: Method, source: Size, periods: Periods, job: &Job) -> Result<Self> {
        let (whole, _) = target_size(source, job.target)?;
        let (reduced, factor) = (job.reduced(source)?, job.factor(source)?);
        let rect = job.rect.unwrap_or(source.rect());
        rect.check_inside(source)?;
        job.noise_level.check()?;
        if !(0.0..=1.0).contains(&job.strength) {
            return Err(Error::new(ErrorKind::Argument, format!("the strength is {}; give 0 to 1", job.strength)));
        }
        let fading = match job.fading {
            Fading::Measured => 0.0,
            Fading::Share(share) => share,
        };
        let shares = [
            ("correction of fading", fading),
            ("repair of scratches", job.scratches),
            ("edge care", job.edge_care),
            ("grain", job.grain),
            ("creativity", job.creativity),
            ("strength of faces", job.face_strength),
            ("grain of faces", job.face_grain),
            ("fidelity of faces", job.face_fidelity),
        ];
        for (name, share) in shares {
            if !(0.0..=1.0).contains(&share) {
                return Err(Error::new(ErrorKind::Argument, format!("the {name} is {share}; give 0 to 1")));
            }
        }
        for mask in [&job.mask, &job.scratch_mask].into_iter().flatten() {
            mask.check(source)?;
        }
        if let Some(damage) = &job.damage {
            damage.check(source)?;
        }
        job.face_noise_level.check()?;
        job.faces.iter().try_for_each(Face::check)?;
        let wanted = periods.in_sheet(target_rect(source, whole, rect), whole);
        let period = source;
        let (original, source, whole) = (periods.sheet(source)?, periods.sheet(reduced)?, periods.sheet(whole)?);
        let layout = Layout {
            original,
            source,
            periods,
            period,
            native: source,
            whole,
            wanted,
            order: Vec::new(),
            passes: Vec::new(),
            colour: wanted,
            aside: wanted,
            memory: 0,
            in_parts: false,
            mixed: false,
            masked: false,
            fills: job.places_to_repair().is_some(),
            repairs: job.places_to_repair().is_some() || job.tones().is_some(),
            limits: None,
            noise: None,
            faces: Vec::new(),
            factor,
            method,
            restored: Vec::new(),
        };
        let layout = layout.with_networks(networks, job, wanted);
        if job.creativity > 0.0 {
            check_lock(networks, &layout.order, job)?;
        }
        Ok(layout)
    }

    /// What `networks` do for the part `wanted` of the same result.
    fn with_networks(&self, networks: &Networks<'_>, job: &Job, wanted: Rect) -> Self {
        let (source, whole, method) = (self.source, self.whole, self.method);
        let order = if job.strength > 0.0 { networks.passes(self.factor) } else { Vec::new() };
        let native = order.iter().fold(source, |size, network| {
            let scale = networks.networks[*network].manifest.scale;
            Size { width: size.width * scale, height: size.height * scale }
        });
        let mixed = !order.is_empty() && (job.strength < 1.0 || job.mask.is_some());
        // The nearest pixel is copied as it is.
        let grained = job.grain > 0.0 && !(order.is_empty() && method == Method::Nearest);
        let cared = job.edge_care > 0.0 && !order.is_empty() && self.factor >= 1.0;
        let beside = || resampled_from(Method::Bilinear, source, whole, wanted);
        Layout {
            masked: job.mask.is_some() && (mixed || grained),
            limits: cared.then(beside),
            noise: grained.then(beside),
            native,
            wanted,
            mixed,
            order,
            colour: wanted,
            aside: resampled_from(method, source, whole, wanted),
            faces: Vec::new(),
            restored: Vec::new(),
            ..self.clone()
        }
    }

    /// The most pixels that a tile of any pass may have.
    fn max_tile_pixels(&self, networks: &Networks<'_>, in_parts: bool) -> u64 {
        let most = |network: &usize| networks.networks[*network].max_tile_pixels(in_parts);
        self.order.iter().map(most).max().unwrap_or(1)
    }

    /// Divides each pass into tiles, from the last pass to the first, and estimates the memory.
    fn divide(&mut self, networks: &Networks<'_>, attempt: Attempt, job: &Job) {
        // What is needed of the picture after the pass at hand.
        let mut needed = match self.native == self.whole {
            true => self.wanted,
            false => resampled_from(self.method, self.native, self.whole, self.wanted),
        };
        let mut picture = self.native;
        self.passes.clear();
        for index in self.order.iter().rev().copied() {
            let network = networks.networks[index];
            let (scale, rules) = (network.manifest.scale, network.rules(attempt.in_parts));
            picture = Size { width: picture.width / scale, height: picture.height / scale };
            let (x, y) = (needed.x / scale, needed.y / scale);
            let (right, bottom) = (needed.right().div_ceil(scale), needed.bottom().div_ceil(scale));
            let wanted = Rect { x, y, width: right - x, height: bottom - y };
            let locks = job.colour_lock && !network.manifest.verify.changes_colours;
            // Only the last pass gets texture: a network that came after it would take it for detail.
            let textured = job.creativity > 0.0 && self.passes.is_empty();
            let locked = if locks { wanted.grown(colour_lock::REACH, picture) } else { wanted };
            let area = match (rules.whole, textured) {
                (true, _) => picture.rect(),
                (false, true) => locked.grown(texture::REACH, picture),
                (false, false) => locked,
            };
            let stream = if attempt.streams { network.stream(rules, area.width) } else { None };
            let (rows, pixels) = if stream.is_some() { STREAMED } else { (attempt.band_rows, attempt.tile_pixels) };
            let limits = Limits {
                pixels: pixels.min(network.max_tile_pixels(attempt.in_parts)),
                rows: rows.min(max_band_rows(area.width, scale)),
                side: job.tile,
            };
            let grid = Grid::new(picture, area, rules, limits);
            needed = grid.read_rect();
            let wanted = if locks { wanted } else { area };
            let texture = textured.then_some(locked);
            self.passes.push(Pass { grid, wanted, texture, scale, network: index, stream });
        }
        self.passes.reverse();
        self.colour = needed;
        self.in_parts = attempt.in_parts;
        self.memory = self.estimate(networks);
    }

    /// The most bytes that the run is expected to need. Each stage states its own need; this only adds them up.
    fn estimate(&self, networks: &Networks<'_>) -> u64 {
        // The largest picture in one tile of a network that needs much memory exceeds 64 bits.
        let mut bytes = 0u128;
        for pass in &self.passes {
            let network = networks.networks[pass.network];
            bytes += TileStage::memory(pass, network.manifest, network.usage) + ColourLock::memory(pass);
        }
        if let Some(pass) = self.passes.last().filter(|pass| pass.texture.is_some()) {
            bytes += Texture::memory(pass, self.native_factors().0.max(self.native_factors().1));
        }
        // The colour path and the planes beside it are resampled; a faithful enlargement takes as much again.
        let paths = if self.mixed { 2 } else { 1 };
        if self.periods.repeats() {
            // One period in memory, with pixels of the largest format, and one of the mask.
            let held = if self.masked { 32 } else { 16 } + if self.fills { 16 } else { 0 };
            bytes += held * u128::from(in_period(self.original_rect(ALL_PLANES), self.period).size().pixels());
        }
        let width = self.wanted.width;
        let resampled = |method| Resample::memory(method, width, self.source.height, self.whole.height);
        if let Some((_, read)) = self.limits() {
            bytes += EdgeLimits::memory(read.width) + 2 * resampled(Method::Bilinear);
        }
        if let Some((_, read)) = self.noise() {
            let factor = self.factors().0.max(self.factors().1);
            bytes += SourceNoise::memory(read.width) + resampled(Method::Bilinear) + GrainNoise::memory(factor, width);
        }
        if self.masked {
            bytes += resampled(self.method);
        }
        if self.fills {
            bytes += Fill::memory(self.original_rect(ALL_PLANES).width, ALL_PLANES.count() as u32);
        }
        if self.reduces() {
            // Colour, and the planes beside it.
            bytes += 2 * Resample::memory(self.method, self.source.width, self.original.height, self.source.height);
        }
        for from in [self.native, self.source] {
            bytes += paths * Resample::memory(self.method, self.wanted.width, from.height, self.whole.height);
        }
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// The passes over the picture, and those over the surroundings of faces.
    fn all_passes(&self) -> impl Iterator<Item = &Pass> {
        self.passes.iter().chain(self.faces.iter().flat_map(|patch| &patch.layout.passes))
    }

    /// The layout as callers see it.
    pub(crate) fn plan(&self) -> Plan {
        let sum = |f: fn(&Grid) -> u64| self.all_passes().map(|p| f(&p.grid)).sum();
        let largest = self.all_passes().map(|p| p.grid.tile_size()).max_by_key(|t| t.pixels());
        Plan {
            output: self.output(),
            method: self.all_passes().next().is_none().then_some(self.method),
            passes: self.passes.len() as u32,
            tiles: self.tiles(),
            bands: sum(|g| u64::from(g.rows)),
            network_pixels: self.all_passes().fold(0, |sum, pass| sum.saturating_add(pass.network_pixels())),
            largest_tile: largest.unwrap_or(Size { width: 0, height: 0 }),
            read: in_period(self.original_rect(ALL_PLANES), self.period),
            memory: self.memory,
            parted: self.in_parts,
        }
    }

    pub(crate) fn output(&self) -> Size {
        self.wanted.size()
    }

    pub(crate) fn tiles(&self) -> u64 {
        self.all_passes().map(|p| p.grid.tiles()).sum::<u64>() + self.restored_tiles()
    }

    /// The surroundings of faces, which other networks enlarge.
    pub(crate) fn faces(&self) -> &[FacePatch] {
        &self.faces
    }

    pub(crate) fn is_mixed(&self) -> bool {
        self.mixed
    }

    pub(crate) fn is_masked(&self) -> bool {
        self.masked
    }

    /// The part of the source whose limits edge care needs, and the part that must be read for it.
    pub(crate) fn limits(&self) -> Option<(Rect, Rect)> {
        self.limits.map(|rect| (rect, rect.grown(edge_care::REACH, self.source)))
    }

    /// The part of the source whose noise the grain needs, and the part that must be read for it.
    pub(crate) fn noise(&self) -> Option<(Rect, Rect)> {
        self.noise.map(|rect| (rect, rect.grown(source_noise::REACH, self.source)))
    }

    /// How many times wider and higher the result is.
    pub(crate) fn factors(&self) -> (f64, f64) {
        let factor = |from: u32, to: u32| f64::from(to) / f64::from(from);
        (factor(self.source.width, self.whole.width), factor(self.source.height, self.whole.height))
    }

    /// How many times wider and higher the picture is after the last pass.
    pub(crate) fn native_factors(&self) -> (f64, f64) {
        let factor = |from: u32, to: u32| f64::from(to) / f64::from(from);
        (factor(self.source.width, self.native.width), factor(self.source.height, self.native.height))
    }

    /// The size of the picture after the last pass after which it repeats, if it does.
    pub(crate) fn native_period(&self) -> Option<Size> {
        self.repeats().then(|| self.periods.one_of(self.native))
    }

    /// Whether texture is added.
    pub(crate) fn is_textured(&self) -> bool {
        self.passes.iter().any(|pass| pass.texture.is_some())
    }

    /// The size of the result after which it repeats, if it does.
    pub(crate) fn result_period(&self) -> Option<Size> {
        self.repeats().then(|| self.periods.one_of(self.whole))
    }

    /// Whether anything of the source is repaired before all else.
    pub(crate) fn repairs(&self) -> bool {
        self.repairs
    }

    /// The size of the source itself, after which a sheet repeats.
    pub(crate) fn period(&self) -> Size {
        self.period
    }

    /// What resampling of colour preserves: enlarging keeps the mean of the encoded values, shrinking that of the
    /// light.
    pub(crate) fn light(&self) -> Light {
        // The nearest sample is not mixed with others.
        if self.factor >= 1.0 || self.method == Method::Nearest { Light::Encoded } else { Light::Linear }
    }

    /// The kernel of all resampling.
    pub(crate) fn method(&self) -> Method {
        self.method
    }

    /// Whether colour must be filled in under transparent pixels, because they are mixed with visible ones.
    pub(crate) fn bleeds(&self) -> bool {
        self.method != Method::Nearest
    }

    /// Whether the source repeats, so that the stages see a sheet of it.
    pub(crate) fn repeats(&self) -> bool {
        self.periods.repeats()
    }

    pub(crate) fn is_in_parts(&self) -> bool {
        self.in_parts
    }

    pub(crate) fn passes(&self) -> &[Pass] {
        &self.passes
    }

    pub(crate) fn original(&self) -> Size {
        self.original
    }

    pub(crate) fn source(&self) -> Size {
        self.source
    }

    /// Whether what is read is reduced before all else.
    pub(crate) fn reduces(&self) -> bool {
        self.source != self.original
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

    /// The part of the picture before its enlargement, reduced or not, that the stages of colour read, without those of faces.
    pub(crate) fn colour_read_rect(&self) -> Rect {
        let mut rect = self.colour;
        if self.mixed {
            rect = union(rect, self.aside);
        }
        for (_, read) in self.limits().into_iter().chain(self.noise()) {
            rect = union(rect, read);
        }
        rect
    }

    /// The part of the picture before its enlargement, reduced or not, that is needed for these planes.
    pub(crate) fn read_rect(&self, planes: Planes) -> Rect {
        let faces = self.faces.iter().map(|patch| patch.layout.colour_read_rect());
        let mut rect = faces.fold(self.colour_read_rect(), union);
        rect = self.restored.iter().fold(rect, |rect, face| union(rect, face.read_rect()));
        if planes.count() > 3 {
            rect = union(rect, self.aside);
        }
        if planes.alpha && self.bleeds() {
            rect = alpha_bleed::read_rect(rect, self.source);
        }
        rect
    }

    /// The part of the source that a reduction to the part `reduced` reads.
    pub(crate) fn reduced_from(&self, reduced: Rect) -> Rect {
        resampled_from(self.method, self.original, self.source, reduced)
    }

    /// The part of the source that must be read for these planes.
    pub(crate) fn original_rect(&self, planes: Planes) -> Rect {
        let read = self.read_rect(planes);
        let whole = match self.reduces() {
            false => read,
            true if planes.alpha && self.bleeds() => alpha_bleed::read_rect(self.reduced_from(read), self.original),
            true => self.reduced_from(read),
        };
        if self.fills { whole.grown(fill::REACH, self.original) } else { whole }
    }

    /// The part of the mask that must be read.
    pub(crate) fn mask_rect(&self) -> Rect {
        resampled_from(self.method, self.original, self.whole, self.wanted)
    }
}

/// Checks that the colour lock holds what texture is added to.
fn check_lock(networks: &Networks<'_>, order: &[usize], job: &Job) -> Result<()> {
    let unlocked = |network: &usize| networks.networks[*network].manifest.verify.changes_colours;
    let sentence = match order.last() {
        Some(_) if !job.colour_lock => {
            "creativity needs the colour lock, which keeps colours and shapes; turn it on, or set creativity to 0"
                .into()
        }
        Some(last) if unlocked(last) => format!(
            "creativity needs the colour lock, and the model {} changes colours on purpose; choose another model, or set creativity to 0",
            networks.networks[*last].manifest.id
        ),
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::Argument, sentence))
}

fn union(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, width: a.right().max(b.right()) - x, height: a.bottom().max(b.bottom()) - y }
}

/// The part of a picture of size `from` that resampling it to `whole` reads for the part `wanted` of the result.
fn resampled_from(method: Method, from: Size, whole: Size, wanted: Rect) -> Rect {
    let across = Axis::span(method, from.width, whole.width, wanted.x, wanted.right());
    let down = Axis::span(method, from.height, whole.height, wanted.y, wanted.bottom());
    Rect { x: across.0, y: down.0, width: across.1 - across.0, height: down.1 - down.0 }
}

/// The most rows of a band over `width` columns that stay below [`MAX_BAND_BYTES`] once they are enlarged.
fn max_band_rows(width: u32, scale: u32) -> u32 {
    let row = 12 * u64::from(width) * u64::from(scale) * u64::from(scale);
    (MAX_BAND_BYTES / row).clamp(16, u64::from(u32::MAX)) as u32
}

fn too_little_memory(needed: u64, budget: u64) -> Error {
    Error::new(
        ErrorKind::Memory,
        format!(
            "this run needs about {} MiB of memory and may use {} MiB; enlarge a part of the picture, choose a smaller factor or tile, or allow more memory",
            needed >> 20,
            budget >> 20
        ),
    )
}
