//! The faces that a run restores: what is read for each, how networks enlarge it first, and the memory that it takes.
//!
//! A face is known before the run, so that a plan tells the memory. A face that the wanted part of the result does not show costs
//! nothing.

use std::sync::Arc;

use super::Layout;
use super::estimate::too_little_memory;
use super::parts::union;
use crate::error::Result;
use crate::faces::face::Face;
use crate::faces::oval::{Oval, PlacedOval};
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::plan::job::Job;
use crate::plan::method::Method;
use crate::plan::networks::Networks;
use crate::restoration::affine::Affine;
use crate::restoration::crop::Crop;
use crate::restoration::paste::Paste;
use crate::restoration::restorer::Restorer;

/// Bytes of all planes of a pixel of the source.
const ALL_PLANES_BYTES: u128 = 28;

/// A face that a run restores.
#[derive(Clone, Debug)]
pub(crate) struct RestoredFace {
    pub(crate) crop: Crop,
    /// Where the result changes, and how much.
    pub(crate) oval: PlacedOval,
    /// The part of the wanted result outside which nothing changes.
    pub(crate) area: Rect,
    /// From places in the whole result to places in the crop.
    pub(crate) map: Affine,
    /// How the networks enlarge the face before the restorer sees it; `None` if the picture itself has pixels enough.
    pub(crate) enlargement: Option<Arc<Layout>>,
}

impl RestoredFace {
    /// The part of the picture that the stages see which is read for it.
    pub(crate) fn read_rect(&self) -> Rect {
        self.enlargement.as_ref().map_or(self.crop.rect, |layout| layout.colour_rect())
    }

    /// The tiles that are computed for it, with the one of the restorer.
    fn tiles(&self) -> u64 {
        1 + self.enlargement.as_ref().map_or(0, |layout| layout.tiles())
    }

    /// The most bytes that making its change takes, without the restorer.
    fn memory(&self) -> u128 {
        let read = self.read_rect();
        match &self.enlargement {
            Some(layout) => {
                let scale = layout.scale();
                12 * u128::from(read.size().pixels())
                    + u128::from(layout.memory)
                    + self.crop.memory(self.crop.rect.times(scale), scale)
            }
            None => self.crop.memory(read, 1),
        }
    }
}

impl Layout {
    /// The layout of a run that also restores the job's faces.
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub(crate) fn with_restorer(
        networks: &Networks<'_>,
        for_faces: Option<&Networks<'_>>,
        method: Method,
        source: Size,
        job: &Job,
        restorer: &Restorer,
    ) -> Result<Self> {
        let budget = job.memory.unwrap_or_else(|| memory::available() / 2);
        let limited = |bytes: u64| Job { memory: Some(bytes), ..job.clone() };
        let layout = Layout::new(networks, for_faces, method, source, &limited(budget))?;
        let in_faces = if for_faces.is_some() { limited(budget).in_faces() } else { limited(budget) };
        let faces = match in_faces.restores() && !layout.repeats() {
            true => {
                layout.restored_faces(for_faces.unwrap_or(networks), source, &job.faces, &in_faces, restorer.side())?
            }
            false => Vec::new(),
        };
        if faces.is_empty() {
            return Ok(layout);
        }
        let width = faces.iter().fold(layout.colour, |rect, face| union(rect, face.read_rect())).width;
        let most = |bytes: fn(&RestoredFace) -> u128| faces.iter().map(bytes).max().unwrap_or(0);
        // While a face is read, the rows of its height wait for the stages that come to them later.
        let waiting = most(|face| face.read_rect().height.into()) * u128::from(width) * ALL_PLANES_BYTES;
        let pasted = Paste::memory(restorer.side(), layout.wanted.width);
        let more = u64::try_from(most(RestoredFace::memory) + waiting + pasted + restorer.memory()).unwrap_or(u64::MAX);
        let Some(rest) = budget.checked_sub(more) else {
            return Err(too_little_memory(layout.memory.saturating_add(more), budget));
        };
        let mut layout = Layout::new(networks, for_faces, method, source, &limited(rest))?;
        layout.restored = faces;
        layout.memory = layout.memory.saturating_add(more);
        Ok(layout)
    }

    /// The faces that the wanted part shows. `networks` enlarge them first, `job` is the job inside faces.
    fn restored_faces(
        &self,
        networks: &Networks<'_>,
        source: Size,
        faces: &[Face],
        job: &Job,
        side: u32,
    ) -> Result<Vec<RestoredFace>> {
        let mut found = Vec::new();
        let whole = |from: Size| {
            let factor = |from: u32, to: u32| f64::from(to) / f64::from(from);
            [factor(from.width, self.whole.width), factor(from.height, self.whole.height)]
        };
        for face in faces {
            let Some(crop) = Crop::of(face, side, source, self.source) else { continue };
            let oval = Oval::of(face).placed([0.0, 0.0], whole(source));
            let Some(area) = oval.rect(self.wanted) else { continue };
            let [x, y] = whole(self.source);
            let map = Affine::scale(1.0 / x, 1.0 / y).then(crop.map);
            let enlargement = match crop.is_small() {
                true => {
                    Some(Layout::new(networks, None, self.method, source, &self.enlarging(crop.rect, source, job))?)
                }
                false => None,
            };
            let enlargement = enlargement.filter(|layout| !layout.passes.is_empty()).map(Arc::new);
            found.push(RestoredFace { crop, oval, area, map, enlargement });
        }
        Ok(found)
    }

    /// The job of enlarging a part of the picture that the stages see, by networks alone.
    fn enlarging(&self, part: Rect, source: Size, job: &Job) -> Job {
        // In pixels of the source, from which the picture may have been reduced.
        let side = |start: u32, end: u32, from: u32, to: u32| {
            let first = (u64::from(start) * u64::from(to) / u64::from(from)) as u32;
            let last = (u64::from(end) * u64::from(to)).div_ceil(u64::from(from)) as u32;
            (first, last.min(to) - first)
        };
        let (x, width) = side(part.x, part.right(), self.source.width, source.width);
        let (y, height) = side(part.y, part.bottom(), self.source.height, source.height);
        Job {
            rect: Some(Rect { x, y, width, height }),
            strength: 1.0,
            mask: None,
            edge_care: 0.0,
            grain: 0.0,
            face_grain: 0.0,
            faces: Vec::new(),
            ..job.clone()
        }
    }

    /// The faces that the run restores.
    pub(crate) fn restored(&self) -> &[RestoredFace] {
        &self.restored
    }

    /// The tiles of restored faces.
    pub(super) fn restored_tiles(&self) -> u64 {
        self.restored.iter().map(RestoredFace::tiles).sum()
    }

    /// How many times the networks enlarge each side.
    pub(crate) fn scale(&self) -> u32 {
        self.passes.iter().map(|pass| pass.scale).product()
    }
}
