//! Nearest neighbour on pixels as they are stored: each pixel of the result is a copy of one pixel of the source.
//!
//! Pixel art, masks and index maps must keep their values. The way through planar colour would round, drop colour under
//! transparent pixels, and turn NaN into a number. Nothing here may compute on a sample, except that samples are converted
//! if the sink has another format than the source.

use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::machine::memory;
use crate::pixels::convert;
use crate::pixels::format::Format;
use crate::pixels::rows::{Sink, Source};
use crate::plan::method::Method;
use crate::run::run::Run;
use crate::stages::resample::{Axis, nearest};

/// Writes the part `wanted` of the source, resized from `size` to `whole`, to a sink that takes the source's colours.
pub(crate) fn write(
    run: &mut Run<'_>,
    source: &mut dyn Source,
    size: Size,
    whole: Size,
    wanted: Rect,
    sink: &mut dyn Sink,
) -> Result<()> {
    let (from, to) = (source.format(), sink.format());
    let (left, right) = Axis::span(Method::Nearest, size.width, whole.width, wanted.x, wanted.right());
    let columns: Vec<usize> = memory::collect((0..wanted.width as usize).map(|x| {
        let x = wanted.x + x as u32;
        (nearest(size.width, whole.width, x) - left) as usize
    }))?;
    let mut read = memory::zeros(from.row_size(right - left))?;
    let mut converted = memory::zeros(if from == to { 0 } else { to.row_size(right - left) })?;
    let mut planar = Vec::new();
    let mut row = memory::zeros(to.row_size(wanted.width))?;
    let mut last = None;
    for y in 0..wanted.height {
        run.cancel.check()?;
        let at = nearest(size.height, whole.height, wanted.y + y);
        if last != Some(at) {
            source.read(left, at, &mut read)?;
            let pixels = if from == to {
                &read
            } else {
                convert_row(from, &read, to, (right - left) as usize, &mut planar, &mut converted)?;
                &converted
            };
            copy_pixels(to.pixel_size(), pixels, &columns, &mut row);
            last = Some(at);
        }
        sink.write(y, &row)?;
        run.row_done()?;
    }
    Ok(())
}

/// Copies the pixels at `columns` to `row`.
fn copy_pixels(size: usize, pixels: &[u8], columns: &[usize], row: &mut [u8]) {
    for (to, &column) in row.chunks_exact_mut(size).zip(columns) {
        to.copy_from_slice(&pixels[column * size..][..size]);
    }
}

/// Converts a row from one format to another of the same colours. The sink can hold what the source holds: gray becomes
/// colour and opaque pixels get alpha, never the reverse.
fn convert_row(
    from: Format,
    bytes: &[u8],
    to: Format,
    width: usize,
    planar: &mut Vec<f32>,
    converted: &mut [u8],
) -> Result<()> {
    planar.clear();
    memory::grow(planar, from.channels.count() * width)?;
    convert::unpack(from, bytes, width, planar);
    let alpha = from.has_alpha();
    let mut all = Vec::new();
    memory::reserve(&mut all, 4 * width)?;
    let colours = if from.is_gray() { width } else { 3 * width };
    for _ in 0..if from.is_gray() && !to.is_gray() { 3 } else { 1 } {
        all.extend_from_slice(&planar[..colours]);
    }
    if to.has_alpha() {
        match alpha {
            true => all.extend(planar[colours..colours + width].iter().map(|a| a.clamp(0.0, 1.0))),
            false => all.extend(std::iter::repeat_n(1.0, width)),
        }
    }
    convert::pack(to, &mut all, width, converted);
    Ok(())
}
