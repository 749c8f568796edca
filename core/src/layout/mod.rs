//! The layout of a run, computed before it starts: sizes, passes, tiles, the rows to read, and the memory needed.
//!
//! The layout works backwards: the part of the result that is wanted determines what each pass must produce, and so
//! what it must read. This is arithmetic on sizes; nothing here may touch a pixel.

mod divide;
mod estimate;
mod faces;
mod memory_fall_backs;
mod parts;
mod periods;
pub(crate) mod restored;
#[cfg(test)]
mod tests;
mod undivided;

pub(crate) use faces::FacePatch;
use memory_fall_backs::{Attempt, FALL_BACKS};
use periods::{Periods, in_period};

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::layout::estimate::too_little_memory;
use crate::machine::memory;
use crate::plan::grid::Grid;
use crate::plan::job::Job;
use crate::plan::method::Method;
use crate::plan::networks::Networks;
use crate::plan::pass::Pass;
use crate::plan::plan::Plan;
use crate::stages::decode::Planes;
use crate::stages::resample::Light;

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
}
