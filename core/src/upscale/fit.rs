//! Resampling in the pipeline: what fits the sizes of the source, of the networks' result and of the mask together. The
//! arithmetic is in `stages/resample.rs`.

use std::ops::Range;

use crate::error::Result;
use crate::geometry::Size;
use crate::layout::Layout;
use crate::pixels::sheet::Sheet;
use crate::plan::job::Job;
use crate::plan::method::Method;
use crate::run::run::Run;
use crate::stages::clip::Clip;
use crate::stages::decode::Planes;
use crate::stages::join::Join;
use crate::stages::mask::MaskRows;
use crate::stages::resample::{Axis, Light, Resample};
use crate::stages::stage::BoxStage;
use crate::stages::tee::Tee;

/// Colour after the passes, resampled or cut to the part of the result that is wanted.
pub(crate) fn fit<'a>(layout: &Layout, colour: BoxStage<'a>) -> Result<BoxStage<'a>> {
    if layout.native() != layout.whole() {
        let (horizontal, vertical) = axes(layout, layout.native())?;
        return Ok(Box::new(Resample::new(colour, horizontal, vertical, layout.wanted(), layout.light())?));
    }
    if colour.rect() != layout.wanted() {
        return Ok(Tee::new(colour).reader(layout.wanted(), 0..3));
    }
    Ok(colour)
}

/// The source, reduced as a run of its own would reduce it: colour in linear light.
pub(crate) fn reduce<'a>(layout: &Layout, decoded: BoxStage<'a>, planes: Planes) -> Result<BoxStage<'a>> {
    let (rect, from, to, method) = (layout.read_rect(planes), layout.original(), layout.source(), layout.method());
    let decoded = Tee::new(decoded);
    let part = |planes: Range<usize>, light: Light| -> Result<BoxStage<'a>> {
        let horizontal = Axis::new(method, from.width, to.width, rect.x, rect.right())?;
        let vertical = Axis::new(method, from.height, to.height, rect.y, rect.bottom())?;
        let rows = decoded.reader(layout.reduced_from(rect), planes);
        Ok(Box::new(Resample::new(rows, horizontal, vertical, rect, light)?))
    };
    let mut reduced = part(0..3, if method == Method::Nearest { Light::Encoded } else { Light::Linear })?;
    let mut next = 3;
    if planes.alpha {
        reduced = Box::new(Join::new(reduced, Box::new(Clip(part(3..4, Light::Plain)?))));
        next = 4;
    }
    if planes.remainder {
        reduced = Box::new(Join::new(reduced, part(next..planes.count(), Light::Plain)?));
    }
    Ok(reduced)
}

/// Planes of the source, resampled to the part of the result that is wanted.
pub(crate) fn resample<'a>(
    layout: &Layout,
    decoded: &Tee<'a>,
    planes: Range<usize>,
    light: Light,
) -> Result<BoxStage<'a>> {
    let (horizontal, vertical) = axes(layout, layout.source())?;
    let rows = decoded.reader(layout.aside_rect(), planes);
    Ok(Box::new(Resample::new(rows, horizontal, vertical, layout.wanted(), light)?))
}

/// What a stage measures for each pixel of the source, interpolated for the part of the result that is wanted.
pub(crate) fn beside<'a>(layout: &Layout, measured: BoxStage<'a>) -> Result<BoxStage<'a>> {
    let (horizontal, vertical) = axes_of(Method::Bilinear, layout, layout.source())?;
    Ok(Box::new(Resample::new(measured, horizontal, vertical, layout.wanted(), Light::Plain)?))
}

/// The job's mask, enlarged to the part of the result that is wanted.
pub(crate) fn mask<'a>(layout: &Layout, job: &Job, run: &Run<'_>) -> Result<Option<Tee<'a>>> {
    let Some(mask) = &job.mask else { return Ok(None) };
    let mut source = mask.open()?;
    if layout.repeats() {
        source = Box::new(Sheet::read(run, source.as_mut(), layout.original(), layout.mask_rect())?);
    }
    let rows = Box::new(MaskRows::new(source, job.mask_white, layout.mask_rect())?);
    let (horizontal, vertical) = axes(layout, layout.original())?;
    let enlarged = Box::new(Resample::new(rows, horizontal, vertical, layout.wanted(), Light::Plain)?);
    Ok(Some(Tee::new(Box::new(Clip(enlarged)))))
}

/// The weights that resample a picture of size `from` to the part of the result that is wanted.
fn axes(layout: &Layout, from: Size) -> Result<(Axis, Axis)> {
    axes_of(layout.method(), layout, from)
}

fn axes_of(method: Method, layout: &Layout, from: Size) -> Result<(Axis, Axis)> {
    let (whole, wanted) = (layout.whole(), layout.wanted());
    let horizontal = Axis::new(method, from.width, whole.width, wanted.x, wanted.right())?;
    let vertical = Axis::new(method, from.height, whole.height, wanted.y, wanted.bottom())?;
    Ok((horizontal, vertical))
}
