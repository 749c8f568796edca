//! Where tensors become activations, and activations a tensor again.
//!
//! Tensors are planes of floats, as the session trait has them. The end does three things in one go: channels become
//! pixels, the enlarged input is added, values are clipped. It must never write beyond the output's rows.

use enlarger::{Result, TensorMut};

use crate::convolution::Stored;
use crate::kernels::isa::Isa;
use crate::kernels::plane::Size;
use crate::kernels::simd::BLOCK;
use crate::kernels::widen::Widen;
use crate::pictures::{Picture, Pictures};
use crate::plan::Emit;
use crate::threads::Threads;

/// Makes a picture of planes.
pub(crate) fn load<E: Stored>(threads: &Threads, planes: &[f32], picture: &mut Picture<E>) -> Result<()> {
    let (size, channels, row) = (picture.size, picture.channels, picture.row());
    let plane = size.height * size.width;
    threads.strips(&mut picture.data, row, 1, |top, rows| {
        for (y, row) in (top..).zip(rows.chunks_exact_mut(row)) {
            for (i, pixel) in row.chunks_exact_mut(BLOCK).enumerate() {
                let (block, x) = (i / size.pitch(), i % size.pitch());
                for (lane, value) in pixel.iter_mut().enumerate() {
                    let channel = block * BLOCK + lane;
                    let inside = channel < channels && x < size.width;
                    *value =
                        if inside { E::from_f32(planes[channel * plane + y * size.width + x]) } else { E::default() };
                }
            }
        }
        Ok(())
    })
}

/// Compares the shape that the plan makes with the output's.
pub(crate) fn check(emit: &Emit, sizes: &[Size], output: &TensorMut<'_>) -> Result<()> {
    let Size { height, width } = sizes[emit.from];
    let factor = emit.shuffle.factor;
    let made = [1, emit.channels, height.saturating_mul(factor), width.saturating_mul(factor)];
    output.check_made(&made)?;
    if let Some((base, times)) = emit.base {
        let base = sizes[base];
        output.check_made(&[1, emit.channels, base.height.saturating_mul(times), base.width.saturating_mul(times)])?;
    }
    Ok(())
}

/// Writes the output, whose shape has been checked.
pub(crate) fn emit<E: Stored>(
    threads: &Threads,
    isa: Isa,
    emit: &Emit,
    pictures: &Pictures<E>,
    output: TensorMut<'_>,
) -> Result<()> {
    let from = pictures.get(emit.from)?;
    let base = match emit.base {
        Some((value, times)) => Some((pictures.get(value)?, times)),
        None => None,
    };
    let (factor, width) = (emit.shuffle.factor, from.size.width);
    let (out_width, lines) = (width * factor, from.size.height * factor);
    let (least, greatest) = emit.clip.unwrap_or((f32::NEG_INFINITY, f32::INFINITY));
    // A strip of all planes is not one slice; so plane after plane.
    for (channel, plane) in output.data.chunks_exact_mut(lines * out_width).enumerate() {
        threads.strips(plane, out_width, factor, |top, rows| {
            let (mut values, mut under) = (vec![0.0; width * BLOCK], Vec::new());
            for (y, rows) in (top / factor..).zip(rows.chunks_exact_mut(factor * out_width)) {
                let mut widened = None;
                for (dy, row) in rows.chunks_exact_mut(out_width).enumerate() {
                    for dx in 0..factor {
                        let source = emit.shuffle.from(emit.channels, channel, dy, dx);
                        if widened != Some(source / BLOCK) {
                            widened = Some(source / BLOCK);
                            let plane = from.plane(source / BLOCK);
                            isa.run(Widen { from: &plane.from(y, 0)[..width * BLOCK], to: &mut values });
                        }
                        let values = values[source % BLOCK..].iter().step_by(BLOCK);
                        for (to, value) in row[dx..].iter_mut().step_by(factor).zip(values) {
                            *to = *value;
                        }
                    }
                    if let Some((base, times)) = base {
                        let plane = base.plane(channel / BLOCK);
                        under.resize(base.size.width * BLOCK, 0.0);
                        let from = &plane.from((y * factor + dy) / times, 0)[..base.size.width * BLOCK];
                        isa.run(Widen { from, to: &mut under });
                        for (to, value) in row.chunks_mut(times).zip(under[channel % BLOCK..].iter().step_by(BLOCK)) {
                            to.iter_mut().for_each(|to| *to += value);
                        }
                    }
                    row.iter_mut().for_each(|value| *value = value.max(least).min(greatest));
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
