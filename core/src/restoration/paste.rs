//! The stage that puts restored faces back: it adds what the restorer changed to the enlarged picture, inside the oval of each face.
//!
//! A change is added, not a face pasted. Detail of the enlargement that is finer than the crop therefore stays, a restorer that
//! changed nothing leaves the picture as it is, and there is no seam. A face is restored when its first row is needed, so memory
//! follows one face. Nothing outside the ovals may change.

use std::sync::Arc;

use crate::error::Result;
use crate::faces::oval::PlacedOval;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::restoration::affine::Affine;
use crate::restoration::warp::{Kernel, Planes};
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};

/// The width of the border of the crop over which a change fades, as a part of the crop's side. An oval may reach beyond the crop.
const FADE: f64 = 1.0 / 16.0;

/// Makes the change of a face, which is then made for all of its rows.
pub(crate) type Change<'a> = Box<dyn FnOnce(&mut Run<'_>) -> Result<Arc<Planes>> + 'a>;

/// A face of the result.
pub(crate) struct PastedFace<'a> {
    /// Where the face changes, and how much.
    pub(crate) oval: PlacedOval,
    /// The part of the result outside which it does not change.
    pub(crate) area: Rect,
    /// From places in the result to places in the crop.
    pub(crate) map: Affine,
    /// What makes its change; `None` once it is made.
    pub(crate) change: Option<Change<'a>>,
}

/// The change of a face, ready to be looked up.
struct Ready {
    planes: Planes,
    /// From places in the result to places in `planes`.
    map: Affine,
    kernel: Kernel,
    /// One over the width of the border that fades, in samples of `planes`.
    fade: f64,
}

impl Ready {
    fn new(change: &Planes, map: Affine) -> Result<Self> {
        let by = (map.stretch() as usize).clamp(1, change.width);
        let map = map.then(Affine::scale(1.0 / by as f64, 1.0 / by as f64));
        let fade = by as f64 / (change.width as f64 * FADE);
        Ok(Ready { planes: change.reduced(by)?, map, kernel: Kernel::new(map), fade })
    }

    /// The change at a pixel, and its share by the border of the crop: 0 outside it.
    fn at(&self, x: u32, y: u32) -> Option<([f32; 3], f32)> {
        let place = self.map.map([f64::from(x) + 0.5, f64::from(y) + 0.5]);
        let inside = |axis: usize, side: usize| place[axis].min(side as f64 - place[axis]);
        let share = (inside(0, self.planes.width).min(inside(1, self.planes.height)) * self.fade).min(1.0);
        // Level at both ends, so that neither shows as an edge.
        (share > 0.0).then(|| (self.planes.sample(&self.kernel, place), (share * share * (3.0 - 2.0 * share)) as f32))
    }
}

/// The stage. Rows are three planes, sRGB-encoded, 0 to 1.
pub(crate) struct Paste<'a> {
    enlarged: BoxStage<'a>,
    faces: Vec<(PastedFace<'a>, Option<Ready>)>,
    /// One plane that multiplies the share, 0 to 1.
    mask: Option<BoxStage<'a>>,
    /// The share of the change that is added, 0 to 1: the same everywhere, and of each pixel of a row.
    share: f32,
    row_shares: Vec<f32>,
    /// The next row.
    y: u32,
    /// The sums over the faces of a row: the change times its share, three planes, and the shares.
    sums: Vec<f32>,
}

impl<'a> Paste<'a> {
    /// Adds `share` of the changes of `faces` to `enlarged`; of pixels whose mask is not 1, less.
    pub(crate) fn new(
        enlarged: BoxStage<'a>,
        faces: Vec<PastedFace<'a>>,
        mask: Option<BoxStage<'a>>,
        share: f32,
    ) -> Result<Self> {
        let (y, width) = (enlarged.rect().y, enlarged.rect().width as usize);
        let faces = memory::collect(faces.into_iter().map(|face| (face, None)))?;
        Ok(Paste {
            enlarged,
            faces,
            mask,
            share,
            row_shares: memory::zeros(width)?,
            y,
            sums: memory::zeros(4 * width)?,
        })
    }

    /// The most bytes beside the changes themselves: one that is reduced for the result, and a row.
    pub(crate) fn memory(side: u32, width: u32) -> u128 {
        12 * u128::from(side) * u128::from(side) + 20 * u128::from(width)
    }
}

impl Stage for Paste<'_> {
    fn rect(&self) -> Rect {
        self.enlarged.rect()
    }

    fn channels(&self) -> usize {
        self.enlarged.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        let (y, rect) = (self.y, self.enlarged.rect());
        self.y += 1;
        self.enlarged.next(run, row)?;
        let width = rect.width as usize;
        self.row_shares.fill(1.0);
        if let Some(mask) = &mut self.mask {
            mask.next(run, &mut self.row_shares)?;
        }
        let (changes, shares) = self.sums.split_at_mut(3 * width);
        let mut changed = false;
        for (face, ready) in &mut self.faces {
            if y < face.area.y || y >= face.area.bottom() {
                // A face whose rows are done is not needed any more.
                *ready = ready.take().filter(|_| y < face.area.y);
                continue;
            }
            if let Some(change) = face.change.take() {
                *ready = Some(Ready::new(&*change(run)?, face.map)?);
            }
            let Some(ready) = ready else { continue };
            if !changed {
                changes.fill(0.0);
                shares.fill(0.0);
                changed = true;
            }
            for x in face.area.x.max(rect.x)..face.area.right().min(rect.right()) {
                let share = face.oval.at(x, y);
                if share > 0.0
                    && let Some((change, inside)) = ready.at(x, y)
                {
                    let at = (x - rect.x) as usize;
                    let share = share * inside;
                    shares[at] += share;
                    (0..3).for_each(|plane| changes[plane * width + at] += share * change[plane]);
                }
            }
        }
        if changed {
            for (plane, change) in row.chunks_exact_mut(width).zip(changes.chunks_exact(width)) {
                for (((v, change), share), masked) in plane.iter_mut().zip(change).zip(&*shares).zip(&self.row_shares) {
                    // Where ovals overlap, their faces share the pixel.
                    if *share > 0.0 {
                        *v = (*v + self.share * masked * change / share.max(1.0)).clamp(0.0, 1.0);
                    }
                }
            }
        }
        Ok(())
    }
}
