//! Where tensors become activations, and activations a tensor again.
//!
//! Tensors are planes of floats, as the session trait has them. The end does three things in one go: channels become
//! pixels, the enlarged input is added, values are clipped.

use std::ops::Range;

use enlarger::{Result, TensorMut};

use crate::kernels::isa::Isa;
use crate::kernels::plane::Size;
use crate::kernels::simd::{BLOCK, Element};
use crate::kernels::widen::Widen;
use crate::plan::Emit;
use crate::rows::{Row, View};

/// Makes a row of activations of lines, one for each channel.
pub(crate) fn load<'a, E: Element>(lines: impl Iterator<Item = &'a [f32]>, row: &mut Row<E>) {
    row.fill(E::default());
    let mut lines = lines.peekable();
    let width = lines.peek().map_or(0, |line| line.len());
    let part = Size { height: 1, width }.pitch() * BLOCK;
    for (channel, line) in lines.enumerate() {
        let to = row[channel / BLOCK * part + channel % BLOCK..].iter_mut().step_by(BLOCK);
        for (to, value) in to.zip(line) {
            *to = E::from_f32(*value);
        }
    }
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

/// Writes the output of some rows: line after line, in each channel after channel.
pub(crate) fn emit<E: Element>(
    isa: Isa,
    emit: &Emit,
    from: &View<'_, E>,
    base: Option<&View<'_, E>>,
    rows: Range<usize>,
    lines: &mut [&mut [f32]],
) {
    let (factor, width, channels) = (emit.shuffle.factor, from.size.width, emit.channels);
    let (least, greatest) = emit.clip.unwrap_or((f32::NEG_INFINITY, f32::INFINITY));
    let (mut values, mut under) = (vec![0.0; width * BLOCK], Vec::new());
    // The usual case: four pixels beside one another are four channels beside one another.
    let fours = factor == 4 && !emit.shuffle.pixels_first;
    for (y, lines) in rows.zip(lines.chunks_exact_mut(factor * channels)) {
        for channel in 0..channels {
            let mut widened = None;
            for dy in 0..factor {
                let line = &mut *lines[dy * channels + channel];
                for dx in (0..factor).step_by(if fours { 4 } else { 1 }) {
                    let source = emit.shuffle.from(channels, channel, dy, dx);
                    if widened != Some(source / BLOCK) {
                        widened = Some(source / BLOCK);
                        let plane = from.plane(source / BLOCK);
                        isa.run(Widen { from: &plane.from(y, 0)[..width * BLOCK], to: &mut values });
                    }
                    let first = source % BLOCK;
                    if fours {
                        let pixels = values.as_chunks::<BLOCK>().0;
                        for (to, pixel) in line.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
                            to.copy_from_slice(&pixel[first..first + 4]);
                        }
                    } else {
                        for (to, value) in
                            line[dx..].iter_mut().step_by(factor).zip(values[first..].iter().step_by(BLOCK))
                        {
                            *to = *value;
                        }
                    }
                }
                if let (Some(base), Some((_, times))) = (base, emit.base) {
                    let plane = base.plane(channel / BLOCK);
                    under.resize(base.size.width * BLOCK, 0.0);
                    let from = &plane.from((y * factor + dy) / times, 0)[..base.size.width * BLOCK];
                    isa.run(Widen { from, to: &mut under });
                    for (to, value) in line.chunks_mut(times).zip(under[channel % BLOCK..].iter().step_by(BLOCK)) {
                        to.iter_mut().for_each(|to| *to += value);
                    }
                }
                line.iter_mut().for_each(|value| *value = value.max(least).min(greatest));
            }
        }
    }
}
