//! The finder: all faces in a picture, of any size and turned in any way.
//!
//! The picture is read once, reduced to a size that limits time and memory. The network sees that image, its halves, and
//! all of these turned; what it finds there are candidates. Each candidate is then looked at once more on its own, upright and in
//! the size that the network knows best. Only what that second look confirms is a face, whichever image it was found in: as it is
//! and mirrored, and clearly more than upside down. A thing that looks the same both ways up has no face.
//!
//! The result depends on the picture only, never on time, memory or the number of threads.

use std::fmt;

use crate::engine::engine::{Engine, SessionOptions};
use crate::error::Result;
use crate::faces::face::Face;
use crate::finding::detector::Detector;
use crate::finding::frame::Frame;
use crate::finding::image::Image;
use crate::finding::overlap::{blended, order, overlap, surest};
use crate::models::model::Model;
use crate::pixels::rows::Source;
use crate::run::cancel::Cancel;
use crate::run::run::Run;

/// The most pixels of the image that is searched.
const MOST_PIXELS: u64 = 700_000;

/// Halving ends when a side would be shorter than this; a face fills such an image.
const SHORTEST: usize = 40;

/// The least score of a candidate, and of a face: the mean of its second look and of the mirrored one.
const CANDIDATE: f32 = 0.3;
const CERTAIN: f32 = 0.6;

/// The least score in a second look that makes more looks worth their time.
const PROMISING: f32 = 0.4;

/// How much the score must fall when the face is turned upside down. Faces fall by 0.4 mostly; a round blur fell by 0.15.
const FALLS: f32 = 0.2;

/// The most candidates that are looked at, the surest first.
const MOST_CANDIDATES: usize = 512;

/// The side of the image of a second look, and the width of the face in it, in pixels.
const LOOK: usize = 128;
const LOOK_FACE: f32 = 52.0;

/// How far the box of a second look must agree with that of the candidate.
const AGREES: f32 = 0.3;

/// The sine of the angle that eyes may slope by in a second look; beyond it, the look is turned and repeated.
const SLOPE: f32 = 0.25;

/// The most looks at one candidate.
const LOOKS: usize = 3;

/// What is searched first, for the progress: the share of time that reading takes, and all that follows up to the second looks.
const READ: f32 = 0.3;
const SEARCHED: f32 = 0.9;

/// Finds faces in pictures. May be shared between threads.
pub struct FaceFinder(Detector);

impl fmt::Debug for FaceFinder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaceFinder")
    }
}

impl FaceFinder {
    /// The network that finds faces. It is embedded in this crate.
    ///
    /// # Errors
    /// `ModelInvalid`, which would be a defect of this crate.
    pub fn model() -> Result<Model> {
        Detector::model()
    }

    /// Opens the network on an engine.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open(engine: &dyn Engine, options: &SessionOptions) -> Result<Self> {
        Ok(FaceFinder(Detector::open(engine, options)?))
    }

    /// Finds the faces in a picture, the surest first. The search is meant for faces at least about 20 pixels wide, in a picture that
    /// is reduced to 700 000 pixels if it has more; smaller ones are missed.
    ///
    /// The picture is read once, from top to bottom. `progress` is called on this thread with the share that is done, 0 to 1,
    /// which never goes backwards. Memory follows the reduced picture and a row of the source.
    ///
    /// # Errors
    /// `Cancelled`, `Memory`, an error of the source, or one of the engine.
    pub fn find(&self, source: &mut dyn Source, cancel: &Cancel, progress: &mut dyn FnMut(f32)) -> Result<Vec<Face>> {
        let size = source.size();
        let mut silent = |_| {};
        let mut run = Run::new(cancel, &mut silent, 0, size.height);
        let image = Image::read(source, MOST_PIXELS, &mut run, &mut |share| progress(share * READ))?;
        let scale = [size.width as f32 / image.width as f32, size.height as f32 / image.height as f32];
        let levels = halves(image)?;

        let mut candidates =
            self.candidates(&levels, cancel, &mut |share| progress(READ + share * (SEARCHED - READ)))?;
        candidates.truncate(MOST_CANDIDATES);
        let mut faces = Vec::new();
        for (at, candidate) in candidates.iter().enumerate() {
            faces.extend(self.look(&levels, candidate, cancel)?);
            progress(SEARCHED + (1.0 - SEARCHED) * (at + 1) as f32 / candidates.len() as f32);
        }
        progress(1.0);
        let mut faces: Vec<Face> = surest(faces, AGREES).iter().map(|face| stretched(face, scale)).collect();
        faces.sort_by(order);
        Ok(faces)
    }

    /// What may be a face, in pixels of the first level, the surest first.
    fn candidates(&self, levels: &[Image], cancel: &Cancel, progress: &mut dyn FnMut(f32)) -> Result<Vec<Face>> {
        // The first level takes most of the time, so it is searched for upright faces only. Turned by up to 60°, the network
        // finds them as well.
        let searches: Vec<(usize, u8)> = (0..levels.len())
            .flat_map(|level| (0..4).map(move |quarters| (level, quarters)))
            .filter(|(level, quarters)| *level > 0 || *quarters == 0 || levels.len() == 1)
            .collect();
        let pixels = |level: usize| (levels[level].width * levels[level].height) as f32;
        let all: f32 = searches.iter().map(|(level, _)| pixels(*level)).sum();
        let (mut done, mut found) = (0.0, Vec::new());
        for (level, quarters) in searches {
            let image = &levels[level];
            let step = (1u32 << level) as f32;
            let across = [[step, 0.0], [0.0, step], [-step, 0.0], [0.0, -step]][usize::from(quarters)];
            let centre = [image.width as f32 * step / 2.0, image.height as f32 * step / 2.0];
            let turned;
            let seen = match quarters {
                0 => image,
                quarters => {
                    turned = image.turned(quarters)?;
                    &turned
                }
            };
            let frame = Frame::around(centre, across, [seen.width as f32, seen.height as f32]);
            let cells = self.0.detect(seen, CANDIDATE, cancel)?;
            // Cells of one search agree about a face; their best is enough.
            found.extend(surest(cells, AGREES).iter().map(|face| frame.face(face)));
            done += pixels(level);
            progress(done / all);
        }
        Ok(surest(found, AGREES))
    }

    /// Looks at a candidate on its own. `None` if it is no face.
    fn look(&self, levels: &[Image], candidate: &Face, cancel: &Cancel) -> Result<Option<Face>> {
        let mut face = *candidate;
        for _ in 0..LOOKS {
            let frame = closely(&face);
            let cells = self.0.detect(&shown(levels, &frame)?, CANDIDATE, cancel)?;
            let Some(best) = in_the_middle(&cells).min_by(|a, b| order(a, b)) else { return Ok(None) };
            let seen = blended(best, &cells);
            face = frame.face(&seen);
            if eyes(&seen)[1].abs() <= SLOPE && eyes(&seen)[0] > 0.0 {
                break;
            }
        }
        // A head that was not level in the first look may be sure only in a later one.
        if face.score < PROMISING {
            return Ok(None);
        }
        let upright = shown(levels, &closely(&face))?;
        let score = (face.score + self.score(&upright.mirrored()?, cancel)?) / 2.0;
        if score < CERTAIN {
            return Ok(None);
        }
        let turned = upright.turned(2)?;
        let upside_down = (self.score(&turned, cancel)? + self.score(&turned.mirrored()?, cancel)?) / 2.0;
        Ok((score - upside_down >= FALLS).then_some(Face { score, ..face }))
    }

    /// How sure the network is of the face in the middle of a second look; 0 if it sees none there.
    fn score(&self, look: &Image, cancel: &Cancel) -> Result<f32> {
        let cells = self.0.detect(look, 0.0, cancel)?;
        Ok(in_the_middle(&cells).map(|cell| cell.score).fold(0.0, f32::max))
    }
}

/// The image, and its halves down to the smallest one worth searching.
fn halves(image: Image) -> Result<Vec<Image>> {
    let mut levels = vec![image];
    loop {
        let last = &levels[levels.len() - 1];
        if last.width.min(last.height) < 2 * SHORTEST {
            return Ok(levels);
        }
        levels.push(last.half()?);
    }
}

/// The direction from the person's right eye to the left one, of length 1; that of the rows if there is none.
fn eyes(face: &Face) -> [f32; 2] {
    let [x, y] = [0, 1].map(|axis| face.points[1][axis] - face.points[0][axis]);
    let length = x.hypot(y);
    if length > 0.0 { [x / length, y / length] } else { [1.0, 0.0] }
}

fn square(side: f32) -> Face {
    Face { left: 0.0, top: 0.0, width: side, height: side, points: [[0.0; 2]; 6], score: 0.0 }
}

/// The frame of a second look at a face: around it, with its eyes level.
fn closely(face: &Face) -> Frame {
    let centre = [face.left + face.width / 2.0, face.top + face.height / 2.0];
    let step = face.width.max(face.height) / LOOK_FACE;
    Frame::around(centre, eyes(face).map(|v| v * step), [LOOK as f32; 2])
}

/// The faces in a second look that may be the one that is looked at.
fn in_the_middle(faces: &[Face]) -> impl Iterator<Item = &Face> {
    let start = (LOOK as f32 - LOOK_FACE) / 2.0;
    let middle = Face { left: start, top: start, ..square(LOOK_FACE) };
    faces.iter().filter(move |face| overlap(face, &middle) >= AGREES)
}

/// What a frame shows: a square of [`LOOK`] pixels, taken from the level with about its own step.
fn shown(levels: &[Image], frame: &Frame) -> Result<Image> {
    let level = (frame.step().max(1.0).log2().round() as usize).min(levels.len() - 1);
    let (image, step) = (&levels[level], (1u32 << level) as f32);
    let mut shown = Image::new(LOOK, LOOK)?;
    for y in 0..LOOK {
        for x in 0..LOOK {
            let place = frame.place([x as f32 + 0.5, y as f32 + 0.5]).map(|v| v / step);
            (0..3).for_each(|channel| shown.set(channel, x, y, image.at(channel, place[0], place[1])));
        }
    }
    Ok(shown)
}

/// A face in pixels of the source.
fn stretched(face: &Face, scale: [f32; 2]) -> Face {
    Face {
        left: face.left * scale[0],
        top: face.top * scale[1],
        width: face.width * scale[0],
        height: face.height * scale[1],
        points: face.points.map(|[x, y]| [x * scale[0], y * scale[1]]),
        score: face.score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_ends_before_nothing_is_left() {
        let sides = |width, height| -> Vec<usize> {
            halves(Image::new(width, height).unwrap()).unwrap().iter().map(|image| image.width).collect()
        };
        assert_eq!(sides(966, 725), [966, 483, 242, 121, 61]);
        assert_eq!(sides(1, 1), [1]);
        assert_eq!(sides(800, 30), [800]);
    }

    #[test]
    fn the_eyes_give_the_direction_of_a_face() {
        let mut face = square(10.0);
        assert_eq!(eyes(&face), [1.0, 0.0]);
        face.points[0] = [5.0, 1.0];
        face.points[1] = [5.0, 4.0];
        assert_eq!(eyes(&face), [0.0, 1.0]);
    }
}
