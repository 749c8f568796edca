//! Restored faces in the pipeline: which rows and networks each face is made of. The arithmetic is in the room `restoration`.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::layout::Layout;
use crate::layout::restored::RestoredFace;
use crate::machine::memory;
use crate::plan::job::Job;
use crate::restoration::align;
use crate::restoration::crop::Held;
use crate::restoration::kept_faces::Key;
use crate::restoration::paste::{Change, Paste, PastedFace};
use crate::restoration::restorer::{Restorer, WARNING};
use crate::restoration::warp::Planes;
use crate::run::run::Run;
use crate::stages::stage::BoxStage;
use crate::stages::tee::Tee;
use crate::upscale::upscaler::Upscaler;

impl Upscaler {
    /// What becomes of the job's faces, a sentence each.
    pub(crate) fn restoration_notes(&self, layout: &Layout, job: &Job) -> Vec<String> {
        let Some(restorer) = self.restorer.as_ref().filter(|_| job.restores()) else { return Vec::new() };
        if layout.repeats() {
            return vec!["faces of a picture that repeats are not restored; leave out 'wrap' to restore them".into()];
        }
        let faces = |count: usize| if count == 1 { "1 face was".to_owned() } else { format!("{count} faces were") };
        let mut notes = Vec::new();
        let restored = layout.restored().len();
        if restored > 0 {
            notes.push(format!("{} restored by the model {}; {WARNING}", faces(restored), restorer.model().id()));
        }
        let unfit = job.faces.iter().filter(|face| align::to_crop(face, restorer.side()).is_none()).count();
        if unfit > 0 {
            notes.push(format!("{} not restored, because eyes, nose and mouth do not make a face", faces(unfit)));
        }
        notes
    }

    /// The enlarged picture with its faces restored. `job`: the job inside faces.
    pub(crate) fn with_faces_restored<'a>(
        &'a self,
        colour: BoxStage<'a>,
        layout: &'a Layout,
        job: &'a Job,
        decoded: &Tee<'a>,
        mask: Option<&Tee<'a>>,
    ) -> Result<BoxStage<'a>> {
        let no_restorer = || Error::new(ErrorKind::Internal, "faces without a restorer; please report this");
        let restorer = self.restorer.as_ref().ok_or_else(no_restorer)?;
        let enlarging = self.for_faces.as_deref().unwrap_or(self);
        let pasted = |face: &'a RestoredFace| {
            let rows = decoded.reader(face.read_rect(), 0..3);
            let change: Change<'a> = Box::new(move |run| match &face.enlargement {
                Some(enlargement) => enlarging.change_after_networks(run, restorer, face, enlargement, job, rows),
                None => {
                    let crop = face.crop.read(run, rows, 1)?;
                    let mut hash = Sha256::new();
                    crop.data.iter().for_each(|v| hash.update(v.to_le_bytes()));
                    kept_or_made(run, restorer, hash.finalize().into(), 0, |run| restorer.change(run, crop))
                }
            });
            PastedFace { oval: face.oval, area: face.area, map: face.map, change: Some(change) }
        };
        let faces = memory::collect(layout.restored().iter().map(pasted))?;
        let mask = mask.map(|mask| mask.reader(layout.wanted(), 0..1));
        // As the enlargement itself, its restored faces are mixed with the plain one.
        Ok(Box::new(Paste::new(colour, faces, mask, job.strength * (1.0 - job.face_fidelity))?))
    }

    /// The change of a face that the networks enlarge first.
    fn change_after_networks(
        &self,
        run: &mut Run<'_>,
        restorer: &Restorer,
        face: &RestoredFace,
        enlargement: &Layout,
        job: &Job,
        rows: BoxStage<'_>,
    ) -> Result<Arc<Planes>> {
        let held = Held::read(run, rows)?;
        let mut hash = Sha256::new();
        held.add_to(&mut hash);
        let models: Vec<&str> = self.models().map(|model| model.manifest().file.sha256.as_str()).collect();
        let order: Vec<usize> = enlargement.passes().iter().map(|pass| pass.network).collect();
        let settings = (job.noise_level, job.colour_lock, job.creativity, job.seed);
        hash.update(format!("{models:?} {order:?} {settings:?} {:?}", face.crop));
        kept_or_made(run, restorer, hash.finalize().into(), enlargement.tiles(), |run| {
            let enlarged = self.passes(enlargement, job, Box::new(held))?;
            let crop = face.crop.read(run, enlarged, enlargement.scale())?;
            restorer.change(run, crop)
        })
    }
}

/// The change with this key: as it is kept or, if it is not, as `make` makes it after `tiles` tiles.
fn kept_or_made(
    run: &mut Run<'_>,
    restorer: &Restorer,
    key: Key,
    tiles: u64,
    make: impl FnOnce(&mut Run<'_>) -> Result<Planes>,
) -> Result<Arc<Planes>> {
    if let Some(kept) = restorer.kept.find(&key) {
        run.tiles_saved(tiles + 1);
        return Ok(kept);
    }
    let change = Arc::new(make(run)?);
    run.tile_done();
    restorer.kept.keep(key, change.clone());
    Ok(change)
}
