//! The two ends of the pipeline: whether source and sink fit each other, their colours, and the last step, which writes
//! rows.

use crate::colour::colour::Colour;
use crate::colour::conversion::Conversion;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size};
use crate::layout::Layout;
use crate::machine::memory;
use crate::pixels::format::Format;
use crate::pixels::rows::{Sink, Source};
use crate::run::cancel::{Cancel, ChildCancel};
use crate::run::progress::Progress;
use crate::run::run::Run;
use crate::stages::encode::Encode;
use crate::stages::repeat;
use crate::stages::stage::BoxStage;
use crate::upscale::report::Report;

/// Checks that the sink can take the result.
pub(crate) fn check_sink(input: Format, sink: &dyn Sink, size: Size) -> Result<()> {
    let output = sink.format();
    let (kind, message) = if sink.size() != size {
        let taken = sink.size();
        let message = format!(
            "the result has {size} pixels, but the sink takes {taken}; use the output size that the plan gives"
        );
        (ErrorKind::Buffer, message)
    } else if output.is_gray() && !input.is_gray() {
        (
            ErrorKind::Format,
            "a colour picture does not fit into a gray format; use a colour format for the result".into(),
        )
    } else if input.has_alpha() && !output.has_alpha() {
        let message = "the picture has transparency, and the format of the result has none; use a format with alpha";
        (ErrorKind::Format, message.into())
    } else {
        return Ok(());
    };
    Err(Error::new(kind, message))
}

/// Whether the sink takes the source's colours as they are.
pub(crate) fn takes_pixels(source: &dyn Source, sink: &dyn Sink) -> bool {
    let colour = source.colour();
    let same = sink.colour().is_none_or(|other| other == colour);
    // A gray profile cannot describe colour pixels.
    same && (!matches!(colour, Colour::Icc(_)) || source.format().is_gray() == sink.format().is_gray())
}

/// The conversions between linear light and the colours of the source and of the sink.
pub(crate) fn conversions(source: &dyn Source, sink: &dyn Sink) -> Result<(Conversion, Conversion)> {
    let (input, output) = (source.format().is_gray(), sink.format().is_gray());
    let colour = source.colour();
    let conversion = Conversion::new(&colour, input)?;
    let out = match sink.colour() {
        Some(colour) => Conversion::new(&colour, output)?,
        None if matches!(colour, Colour::Icc(_)) && input != output => {
            return Err(Error::new(
                ErrorKind::Format,
                "a gray ICC profile cannot describe a colour result; use a gray format or another colour space for the result",
            ));
        }
        None => conversion.clone(),
    };
    Ok((conversion, out))
}

/// Copies the nearest pixels, without the way through planar colour: every bit of a pixel is kept.
pub(crate) fn repeat_pixels(
    layout: &Layout,
    source: &mut dyn Source,
    sink: &mut dyn Sink,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report> {
    let cancel = ChildCancel::new(cancel);
    let mut run = Run::new(cancel.get(), progress, 0, layout.output().height);
    repeat::write(&mut run, source, layout.source(), layout.whole(), layout.wanted(), sink)?;
    Ok(Report { tiles: 0, notes: run.into_notes() })
}

/// Pulls all rows through the stages and writes them to the sink.
pub(crate) fn write_rows(
    run: &mut Run<'_>,
    mut colour: BoxStage<'_>,
    mut aside: Option<BoxStage<'_>>,
    mut encode: Encode,
    sink: &mut dyn Sink,
) -> Result<()> {
    let Rect { width, height, .. } = colour.rect();
    let mut colour_row = memory::zeros(colour.row_length())?;
    let mut aside_row = memory::zeros(aside.as_ref().map_or(0, |stage| stage.row_length()))?;
    let mut bytes = memory::zeros(sink.format().row_size(width))?;
    for y in 0..height {
        colour.next(run, &mut colour_row)?;
        if let Some(aside) = &mut aside {
            aside.next(run, &mut aside_row)?;
        }
        encode.row(&colour_row, &aside_row, &mut bytes)?;
        sink.write(y, &bytes)?;
        run.row_done()?;
    }
    Ok(())
}
