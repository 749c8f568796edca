//! The parts of the source and of the mask that a run reads.

use crate::geometry::{Rect, Size};
use crate::layout::Layout;
use crate::plan::method::Method;
use crate::stages::alpha_bleed;
use crate::stages::damaged_rows;
use crate::stages::decode::Planes;
use crate::stages::edge_care;
use crate::stages::resample::Axis;
use crate::stages::source_noise;

impl Layout {
    /// The part of the source whose limits edge care needs, and the part that must be read for it.
    pub(crate) fn limits(&self) -> Option<(Rect, Rect)> {
        self.limits.map(|rect| (rect, rect.grown(edge_care::REACH, self.source)))
    }

    /// The part of the source whose noise the grain needs, and the part that must be read for it.
    pub(crate) fn noise(&self) -> Option<(Rect, Rect)> {
        self.noise.map(|rect| (rect, rect.grown(source_noise::REACH, self.source)))
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
        if self.fills { whole.grown(damaged_rows::REACH, self.original) } else { whole }
    }

    /// The part of the mask that must be read.
    pub(crate) fn mask_rect(&self) -> Rect {
        resampled_from(self.method, self.original, self.whole, self.wanted)
    }
}

pub(super) fn union(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, width: a.right().max(b.right()) - x, height: a.bottom().max(b.bottom()) - y }
}

/// The part of a picture of size `from` that resampling it to `whole` reads for the part `wanted` of the result.
pub(super) fn resampled_from(method: Method, from: Size, whole: Size, wanted: Rect) -> Rect {
    let across = Axis::span(method, from.width, whole.width, wanted.x, wanted.right());
    let down = Axis::span(method, from.height, whole.height, wanted.y, wanted.bottom());
    Rect { x: across.0, y: down.0, width: across.1 - across.0, height: down.1 - down.0 }
}
