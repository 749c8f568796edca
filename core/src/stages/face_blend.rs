//! Faces over the rest: mixes enlargements of faces into that of the whole picture, inside the faces' ovals.
//!
//! Each patch, the surroundings of one or several faces, is a pipeline of its own. It is opened when its first row is due and
//! dropped after its last one, so time and memory follow the faces. Both sides have the colours of the source, and the ovals have no
//! edge, so there is no seam. Nothing here may know what made either side.

use crate::error::Result;
use crate::faces::oval::PlacedOval;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::run::run::Run;
use crate::stages::stage::{BoxStage, Stage};

/// Opens the pipeline of a patch.
type Open<'a> = Box<dyn FnOnce() -> Result<BoxStage<'a>> + 'a>;

/// The surroundings of one or several faces.
pub(crate) struct Patch<'a> {
    rect: Rect,
    ovals: &'a [PlacedOval],
    /// The pipeline, before and after its first row.
    open: Option<Open<'a>>,
    stage: Option<BoxStage<'a>>,
}

impl<'a> Patch<'a> {
    /// The patch `rect` of the result, mixed in by these ovals. `open` is called when the first row is due, and must give the rows
    /// of `rect`.
    pub(crate) fn new(rect: Rect, ovals: &'a [PlacedOval], open: impl FnOnce() -> Result<BoxStage<'a>> + 'a) -> Self {
        Patch { rect, ovals, open: Some(Box::new(open)), stage: None }
    }

    /// The share of the patch at a pixel. Where ovals overlap, each takes its share of what the others left.
    fn share(&self, x: u32, y: u32) -> f32 {
        1.0 - self.ovals.iter().fold(1.0, |left, oval| left * (1.0 - oval.at(x, y)))
    }
}

/// The stage that mixes.
pub(crate) struct FaceBlend<'a> {
    background: BoxStage<'a>,
    patches: Vec<Patch<'a>>,
    /// The next row.
    y: u32,
    /// A row of a patch.
    row: Vec<f32>,
}

impl<'a> FaceBlend<'a> {
    /// The rectangles of the patches must lie inside that of the background.
    pub(crate) fn new(background: BoxStage<'a>, patches: Vec<Patch<'a>>) -> Result<Self> {
        let widest = patches.iter().map(|patch| patch.rect.width).max().unwrap_or(0);
        let row = memory::zeros(background.channels() * widest as usize)?;
        let y = background.rect().y;
        Ok(FaceBlend { background, patches, y, row })
    }
}

impl Stage for FaceBlend<'_> {
    fn rect(&self) -> Rect {
        self.background.rect()
    }

    fn channels(&self) -> usize {
        self.background.channels()
    }

    fn next(&mut self, run: &mut Run<'_>, row: &mut [f32]) -> Result<()> {
        self.background.next(run, row)?;
        let (area, y) = (self.background.rect(), self.y);
        self.y += 1;
        for patch in self.patches.iter_mut().filter(|patch| (patch.rect.y..patch.rect.bottom()).contains(&y)) {
            if let Some(open) = patch.open.take() {
                patch.stage = Some(open()?);
            }
            let (rect, Some(stage)) = (patch.rect, &mut patch.stage) else { continue };
            let face = &mut self.row[..stage.row_length()];
            stage.next(run, face)?;
            let (width, all) = (rect.width as usize, area.width as usize);
            for x in 0..width {
                let share = patch.share(rect.x + x as u32, y);
                if share == 0.0 {
                    continue;
                }
                let at = (rect.x - area.x) as usize + x;
                for (face, row) in face.chunks_exact(width).zip(row.chunks_exact_mut(all)) {
                    // Where the face has it all, rounding must not change it.
                    row[at] = if share < 1.0 { row[at] + (face[x] - row[at]) * share } else { face[x] };
                }
            }
            if y + 1 == rect.bottom() {
                patch.stage = None;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::faces::oval::Oval;
    use crate::faces::oval::tests::turned;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::{Painted, with_run};

    const AREA: Rect = Rect { x: 10, y: 20, width: 300, height: 200 };

    fn oval(centre: [f32; 2], height: f32) -> PlacedOval {
        Oval::of(&turned(centre, height, 15.0)).placed([0.0, 0.0], [1.0, 1.0])
    }

    /// The first plane of all rows; the background is black, and patches are white.
    fn blended(patches: Vec<Patch<'_>>) -> Vec<Vec<f32>> {
        let mut stage = FaceBlend::new(Box::new(Painted::new(AREA, 3, |_, _| 0.0)), patches).unwrap();
        let mut rows = Vec::new();
        with_run(&Cancel::new(), |run| {
            for _ in 0..AREA.height {
                let mut row = vec![0.5; stage.row_length()];
                stage.next(run, &mut row).unwrap();
                assert_eq!((&row[..300], &row[..300]), (&row[300..600], &row[600..]));
                row.truncate(300);
                rows.push(row);
            }
        });
        rows
    }

    fn white<'a>(ovals: &'a [PlacedOval], rect: Rect, opened: &'a Cell<u32>) -> Patch<'a> {
        Patch::new(rect, ovals, move || {
            opened.set(opened.get() + 1);
            Ok(Box::new(Painted::new(rect, 3, |_, _| 1.0)))
        })
    }

    #[test]
    fn the_face_has_the_patch_the_rest_the_background_and_there_is_no_edge() {
        let (ovals, opened) = ([oval([150.0, 120.0], 50.0)], Cell::new(0));
        let rect = ovals[0].rect(AREA).unwrap();
        let rows = blended(vec![white(&ovals, rect, &opened)]);
        assert_eq!(opened.get(), 1);
        assert_eq!((rows[120 - 20][150 - 10], rows[0][0], rows[199][299]), (1.0, 0.0, 0.0));
        for (row, y) in rows.iter().zip(AREA.y..) {
            for (v, x) in row.iter().zip(AREA.x..) {
                assert!((v - ovals[0].at(x, y)).abs() < 1e-6, "{x}, {y}");
            }
        }
        let step = |a: f32, b: f32| (a - b).abs();
        let across = rows.iter().flat_map(|row| row.windows(2).map(|two| step(two[0], two[1])));
        let down = rows.windows(2).flat_map(|two| two[0].iter().zip(&two[1]).map(|(a, b)| step(*a, *b)));
        assert!(across.chain(down).fold(0.0, f32::max) < 0.2, "there is an edge");
    }

    #[test]
    fn overlapping_faces_give_the_same_as_one_patch_as_two() {
        let (ovals, opened) = ([oval([140.0, 120.0], 50.0), oval([180.0, 125.0], 60.0)], Cell::new(0));
        let rects = ovals.map(|oval| oval.rect(AREA).unwrap());
        let two = blended(vec![white(&ovals[..1], rects[0], &opened), white(&ovals[1..], rects[1], &opened)]);
        let one = blended(vec![white(&ovals, AREA, &opened)]);
        let pairs = || one.iter().flatten().zip(two.iter().flatten());
        assert!(pairs().all(|(a, b)| (a - b).abs() < 1e-6));
        assert!(pairs().any(|(a, _)| *a > 0.1 && *a < 0.9));
    }

    #[test]
    fn a_patch_that_cannot_be_opened_ends_the_run() {
        let ovals = [oval([150.0, 120.0], 50.0)];
        let refused = || Err(crate::error::Error::new(crate::error::ErrorKind::Memory, "full"));
        let patch = Patch::new(ovals[0].rect(AREA).unwrap(), &ovals, refused);
        let mut stage = FaceBlend::new(Box::new(Painted::new(AREA, 3, |_, _| 0.0)), vec![patch]).unwrap();
        let mut row = vec![0.0; 900];
        let (failed, _) = with_run(&Cancel::new(), |run| (0..200).any(|_| stage.next(run, &mut row).is_err()));
        assert!(failed);
    }
}
