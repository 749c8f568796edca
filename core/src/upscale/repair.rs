//! Repair in the pipeline: scratches are filled and tones corrected in the source, before all else. Nothing here may compute on a pixel.

use crate::error::Result;
use crate::layout::Layout;
use crate::pixels::mask::MaskWhite;
use crate::pixels::sheet::Sheet;
use crate::plan::job::Job;
use crate::run::run::Run;
use crate::stages::decode::Planes;
use crate::stages::fill::Fill;
use crate::stages::mask::MaskRows;
use crate::stages::stage::BoxStage;
use crate::stages::tone::ToneStage;

/// What a run says that should repair damage, but knows of none.
const NOT_EXAMINED: &str = "the picture was not examined for fading and scratches, so that none were repaired; examine it first, or set the options 'fading' and 'scratches' to 0";

/// The decoded source with its damage repaired, as far as the job wants that.
pub(crate) fn repair<'a>(
    layout: &Layout,
    job: &Job,
    run: &mut Run<'_>,
    mut decoded: BoxStage<'a>,
    planes: Planes,
) -> Result<BoxStage<'a>> {
    if job.needs_damage() {
        run.note(NOT_EXAMINED.to_owned());
    }
    let rect = decoded.rect();
    if let Some(mask) = job.places_to_repair() {
        let mut source = mask.open()?;
        if layout.repeats() {
            source = Box::new(Sheet::read(run, source.as_mut(), layout.original(), rect)?);
        }
        let places = Box::new(MaskRows::new(source, MaskWhite::Apply, rect)?);
        decoded = Box::new(Fill::new(decoded, places, planes.alpha));
    }
    if let Some(tones) = job.tones() {
        decoded = Box::new(ToneStage::new(decoded, tones, layout.period()));
    }
    Ok(decoded)
}
