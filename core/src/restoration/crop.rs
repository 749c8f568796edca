//! The crop of a face: what must be read of the picture so that a restorer sees the face, and how it becomes the square that the
//! restorer takes.
//!
//! Where the picture has fewer pixels than the crop, the networks of the run enlarge the face first; otherwise the picture itself
//! holds all that the crop can show. Only the face's part of the picture may be kept in memory.

use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::faces::face::Face;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::restoration::affine::Affine;
use crate::restoration::align;
use crate::restoration::warp::{Planes, Reduction};
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};

/// How many pixels the kernel of a warp needs around the crop, in the larger of the pixels of the picture and of the crop.
const REACH: f64 = 3.0;

/// A face in the picture that the stages see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crop {
    /// From places in that picture to places in the crop.
    pub(crate) map: Affine,
    /// The side of the crop.
    pub(crate) side: u32,
    /// The part of that picture which the crop shows.
    pub(crate) rect: Rect,
}

impl Crop {
    /// The crop of a face in `original`, which the stages see at the size `picture`. `None` if its points are not those of a face,
    /// or if it lies outside the picture.
    pub(crate) fn of(face: &Face, side: u32, original: Size, picture: Size) -> Option<Self> {
        let back = |from: u32, to: u32| f64::from(from) / f64::from(to);
        let reduced = Affine::scale(back(original.width, picture.width), back(original.height, picture.height));
        let map = reduced.then(align::to_crop(face, side)?);
        let margin = REACH * map.inverse().stretch().max(1.0);
        let [left, top, right, bottom] = map.inverse().bounds([0.0, 0.0, f64::from(side), f64::from(side)]);
        let inside = |v: f64, length: u32| v.clamp(0.0, f64::from(length)) as u32;
        let (x, y) = (inside((left - margin).floor(), picture.width), inside((top - margin).floor(), picture.height));
        let (right, bottom) =
            (inside((right + margin).ceil(), picture.width), inside((bottom + margin).ceil(), picture.height));
        let rect = Rect { x, y, width: right - x, height: bottom - y };
        (rect.width > 0 && rect.height > 0).then_some(Crop { map, side, rect })
    }

    /// How many pixels of a picture that is `scale` times the one of the stages lie along one of the crop.
    fn density(&self, scale: f64) -> f64 {
        self.map.inverse().stretch() * scale
    }

    /// Whether the picture has fewer pixels than the crop, so that networks must enlarge it first.
    pub(crate) fn is_small(&self) -> bool {
        self.density(1.0) < 1.0
    }

    /// By how much a picture that is `scale` times the one of the stages is reduced while it is read. Half of what the crop would
    /// allow: the warp does the rest with its better kernel.
    fn reduction(&self, scale: f64) -> usize {
        ((self.density(scale) / 2.0) as usize).max(1)
    }

    /// The most bytes that reading `rect`, a part of a picture that is `scale` times the one of the stages, and warping it takes.
    pub(crate) fn memory(&self, rect: Rect, scale: u32) -> u128 {
        let by = self.reduction(f64::from(scale)) as u64;
        let kept = u64::from(rect.width).div_ceil(by) * u64::from(rect.height).div_ceil(by);
        // The crop, what the restorer made of it, and the change; a plane of each while colours are matched.
        let crops = 4 * u64::from(self.side) * u64::from(self.side);
        12 * u128::from(kept + u64::from(rect.width) + crops)
    }

    /// The crop of rows that hold a part of a picture `scale` times the one of the stages.
    pub(crate) fn read(&self, run: &mut Run<'_>, mut rows: BoxStage<'_>, scale: u32) -> Result<Planes> {
        let (rect, by) = (rows.rect(), self.reduction(f64::from(scale)));
        let (width, height) = (rect.width as usize, rect.height as usize);
        let mut reduction = Reduction::new(width, height, by)?;
        let mut row = memory::zeros(rows.row_length())?;
        for _ in 0..height {
            rows.next(run, &mut row)?;
            reduction.add([0, 1, 2].map(|plane| &row[plane * width..][..width]));
        }
        let place = Affine { x0: f64::from(rect.x), y0: f64::from(rect.y), ..Affine::scale(by as f64, by as f64) };
        let shrunk = Affine::scale(1.0 / f64::from(scale), 1.0 / f64::from(scale));
        reduction.finish().warped(place.then(shrunk).then(self.map), self.side as usize)
    }
}

/// Rows of a part of the picture, in memory: read once, hashed, and given to the networks only if their result is not known.
pub(crate) struct Held {
    rect: Rect,
    rows: Vec<f32>,
    channels: usize,
    /// The next row to give.
    next: usize,
}

impl Held {
    /// Reads all rows.
    pub(crate) fn read(run: &mut Run<'_>, mut stage: BoxStage<'_>) -> Result<Self> {
        let (rect, channels, length) = (stage.rect(), stage.channels(), stage.row_length());
        let mut rows = memory::zeros(length * rect.height as usize)?;
        for row in rows.chunks_exact_mut(length) {
            stage.next(run, row)?;
        }
        Ok(Held { rect, rows, channels, next: 0 })
    }

    /// Adds place and values to a hash.
    pub(crate) fn add_to(&self, hash: &mut Sha256) {
        let Rect { x, y, width, height } = self.rect;
        [x, y, width, height].iter().for_each(|side| hash.update(side.to_le_bytes()));
        // Bytes in blocks: a call for each value would take most of the time.
        let mut block = Vec::with_capacity(4096);
        for values in self.rows.chunks(1024) {
            block.clear();
            block.extend(values.iter().flat_map(|v| v.to_le_bytes()));
            hash.update(&block);
        }
    }
}

impl Stage for Held {
    fn rect(&self) -> Rect {
        self.rect
    }

    fn channels(&self) -> usize {
        self.channels
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        run.cancel.check()?;
        let length = row.len();
        row.copy_from_slice(&self.rows[self.next * length..][..length]);
        self.next += 1;
        Ok(())
    }
}
