//! The search for damage: reads the source once and hands its rows to those who measure.

use crate::colour::conversion::Conversion;
use crate::error::Result;
use crate::faces::face::Face;
use crate::geometry::Rect;
use crate::machine::memory;
use crate::old::border;
use crate::old::fading::Samples;
use crate::old::judge::Spared;
use crate::old::scratches::Search;
use crate::pixels::rows::Source;
use crate::plan::damage::{Damage, Fading};
use crate::plan::job::Job;
use crate::run::cancel::Cancel;
use crate::run::run::Run;
use crate::stages::decode::Decode;
use crate::stages::stage::Stage;

impl Damage {
    /// Finds the damage that `job` wants repaired, in the whole source. Rows are read in full, in ascending order, each at most
    /// once. For fading alone, most rows of large pictures are skipped.
    ///
    /// # Errors
    /// `Cancelled`, `Memory`, or the error that stopped the reading.
    pub fn find(source: &mut dyn Source, job: &Job, cancel: &Cancel) -> Result<Self> {
        let size = source.size();
        let mut samples = Samples::new(size)?;
        let mut search = job.searches().then(|| Search::new(size, job.scratches));
        let conversion = Conversion::new(&source.colour(), source.format().is_gray())?;
        let mut silent = |_| {};
        let mut run = Run::new(cancel, &mut silent, 0, size.height);
        let mut row = Vec::new();
        for y in 0..size.height {
            if search.is_none() && !samples.needs(y) {
                continue;
            }
            let rect = Rect { x: 0, y, width: size.width, height: 1 };
            let mut decoded = Decode::new(&mut *source, conversion.clone(), rect)?;
            memory::grow(&mut row, decoded.row_length())?;
            decoded.next(&mut run, &mut row)?;
            let width = size.width as usize;
            let colour = [0, 1, 2].map(|channel| &row[channel * width..][..width]);
            samples.add(y, colour)?;
            if let Some(search) = &mut search {
                search.add(colour)?;
            }
        }
        // A tile that repeats has no border.
        let inside = if job.wrap { size.rect() } else { border::inside(&samples, size) };
        let tones = (job.fading != Fading::NONE).then(|| samples.tones(inside));
        let spared: Vec<Spared> = job.faces.iter().flat_map(eyes).collect();
        let (scratches, scratched) = match search {
            Some(search) => search.finish(inside, samples.ends(inside), &spared)?.into_mask(),
            None => (None, 0),
        };
        Ok(Damage { tones, scratches, scratched, searched: job.searches().then_some(job.scratches) })
    }
}

/// The parts of a face in which nothing is damage: squares around the eyes, with lashes and highlights.
fn eyes(face: &Face) -> [Spared; 2] {
    let reach = 0.16 * face.width.max(face.height);
    [face.points[0], face.points[1]].map(|[x, y]| [x - reach, y - reach, x + reach, y + reach])
}
