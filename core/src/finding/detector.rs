//! The detector: the network that finds faces in an image of about their size, and what its output means.
//!
//! The layout of the output is told in the NOTICE.md of the model's folder. Its coordinates must be checked before they are used:
//! a network may give anything.

use std::sync::Arc;

use crate::engine::contract::Contract;
use crate::engine::engine::{Engine, Session, SessionOptions};
use crate::error::Result;
use crate::faces::face::Face;
use crate::finding::image::Image;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::models::model::Model;
use crate::models::noise::NoiseLevel;
use crate::run::cancel::Cancel;

/// The side of a cell, in pixels.
const CELL: usize = 4;

/// The sides of what the network takes are multiples of this.
const MULTIPLE: usize = 32;

/// The longest side of a tile. It takes half a second at most on slow machines, and 64 MiB.
const TILE: usize = 512;

/// How far tiles overlap. A face that is wider lies in several tiles in part only; it is found in the halved image.
const OVERLAP: usize = 160;

/// The detector, ready to run.
pub(super) struct Detector {
    session: Arc<dyn Session>,
    contract: Contract,
}

impl Detector {
    /// The embedded network.
    pub(super) fn model() -> Result<Model> {
        Model::embedded(
            include_str!("../../models/blazeface-full-range/manifest.toml"),
            include_bytes!("../../models/blazeface-full-range/model.onnx"),
        )
    }

    pub(super) fn open(engine: &dyn Engine, options: &SessionOptions) -> Result<Self> {
        let model = Self::model()?;
        let contract = Contract::new(model.manifest(), NoiseLevel::NoNoise);
        Ok(Detector { session: engine.open(&model, options)?, contract })
    }

    /// The cells of an image with a score of at least `least`, as faces in pixels of the image. Many belong to one face.
    pub(super) fn detect(&self, image: &Image, least: f32, cancel: &Cancel) -> Result<Vec<Face>> {
        let mut faces = Vec::new();
        for down in spans(image.height) {
            for across in spans(image.width) {
                cancel.check()?;
                let rect = Rect { x: across.start, y: down.start, width: across.side, height: down.side };
                let size = Size { width: rect.width, height: rect.height };
                let planes = image.cut(rect)?;
                let mut output = memory::zeros(planes.len())?;
                self.contract.run(&*self.session, &planes, size, &mut output, cancel)?;
                let own = |face: &Face, x: f32, y: f32| {
                    let inside = across.owns(x + rect.x as f32) && down.owns(y + rect.y as f32);
                    inside && face.score >= least && is_sound(face)
                };
                cells(&output, size, |face, [x, y]| {
                    if own(&face, x, y) {
                        faces.push(moved(face, [rect.x as f32, rect.y as f32]));
                    }
                });
            }
        }
        Ok(faces)
    }
}

/// A span of tiles along one side.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    start: u32,
    side: u32,
    /// The cells that this tile answers for, so that none is counted twice.
    own: [f32; 2],
}

impl Span {
    fn owns(&self, at: f32) -> bool {
        (self.own[0]..self.own[1]).contains(&at)
    }
}

/// Equal tiles over `length` pixels, as few as possible. Neighbours meet in the middle of their overlap. The last one may reach
/// beyond the end.
fn spans(length: usize) -> Vec<Span> {
    let count = if length <= TILE { 1 } else { (length - OVERLAP).div_ceil(TILE - OVERLAP) };
    let side = (length + (count - 1) * OVERLAP).div_ceil(count).next_multiple_of(MULTIPLE);
    let start = |i: usize| if count > 1 { (i * (length - side) / (count - 1)).next_multiple_of(CELL) } else { 0 };
    let meet = |i: usize| (start(i) + start(i - 1) + side) as f32 / 2.0;
    (0..count)
        .map(|i| Span {
            start: start(i) as u32,
            side: side as u32,
            own: [if i > 0 { meet(i) } else { 0.0 }, if i + 1 < count { meet(i + 1) } else { length as f32 }],
        })
        .collect()
}

/// Calls `each` with the face of each cell and the cell's centre.
fn cells(output: &[f32], size: Size, mut each: impl FnMut(Face, [f32; 2])) {
    let (width, height) = (size.width as usize, size.height as usize);
    let (coordinates, scores) = output.split_at(width * height);
    for top in (0..height).step_by(CELL) {
        for left in (0..width).step_by(CELL) {
            let score = 1.0 / (1.0 + (-scores[top * width + left]).exp());
            let value = |i: usize| coordinates[(top + i / CELL) * width + left + i % CELL];
            let centre = [(left + CELL / 2) as f32, (top + CELL / 2) as f32];
            let (wide, high) = (value(2), value(3));
            let points = [0, 1, 2, 3, 4, 5].map(|i| [centre[0] + value(4 + 2 * i), centre[1] + value(5 + 2 * i)]);
            let (left, top) = (centre[0] + value(0) - wide / 2.0, centre[1] + value(1) - high / 2.0);
            each(Face { left, top, width: wide, height: high, points, score }, centre);
        }
    }
}

/// Whether all values are numbers and the box has a size.
fn is_sound(face: &Face) -> bool {
    let Face { left, top, width, height, points, score } = face;
    let values = [left, top, width, height, score];
    values.into_iter().chain(points.iter().flatten()).all(|v| v.is_finite()) && *width >= 1.0 && *height >= 1.0
}

fn moved(face: Face, [x, y]: [f32; 2]) -> Face {
    Face { left: face.left + x, top: face.top + y, points: face.points.map(|[px, py]| [px + x, py + y]), ..face }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_a_side_and_share_it_without_gaps() {
        for length in [1, 31, 32, 500, 512, 513, 725, 966, 5000, 856_740] {
            let spans = spans(length);
            assert_eq!((spans[0].own[0], spans[spans.len() - 1].own[1]), (0.0, length as f32));
            let last = spans[spans.len() - 1];
            assert!((last.start + last.side) as usize >= length, "{length}: {spans:?}");
            for pair in spans.windows(2) {
                assert_eq!(pair[0].own[1], pair[1].own[0]);
                let overlap = pair[0].start + pair[0].side - pair[1].start;
                assert!(overlap as usize >= OVERLAP - MULTIPLE, "{length}: {overlap}");
                assert!(pair[0].side as usize <= TILE);
            }
        }
    }

    #[test]
    fn a_cell_is_read_as_the_notice_says() {
        let mut output = vec![0.0; 3 * 8 * 8];
        // The cell at the lower right: coordinates 1 to 16 row by row, and its score.
        for i in 0..16 {
            output[(4 + i / 4) * 8 + 4 + i % 4] = (i + 1) as f32;
        }
        output[64 + 4 * 8 + 4] = 2.0;
        let mut found = Vec::new();
        cells(&output, Size { width: 8, height: 8 }, |face, centre| found.push((face, centre)));
        let (face, centre) = found[3];
        assert_eq!((found.len(), centre), (4, [6.0, 6.0]));
        assert_eq!((face.left, face.top, face.width, face.height), (7.0 - 1.5, 8.0 - 2.0, 3.0, 4.0));
        assert_eq!((face.points[0], face.points[5]), ([11.0, 12.0], [21.0, 22.0]));
        assert!((face.score - 0.880_797).abs() < 1e-6);
    }

    #[test]
    fn values_that_are_no_numbers_are_no_face() {
        let face = Face { left: 0.0, top: 0.0, width: 9.0, height: 9.0, points: [[1.0; 2]; 6], score: 0.9 };
        assert!(is_sound(&face));
        assert!(!is_sound(&Face { left: f32::NAN, ..face }) && !is_sound(&Face { width: -3.0, ..face }));
    }
}
