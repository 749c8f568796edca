//! Converts the rows of input tensors to activations, and activations to the output.
//!
//! Tensors are planes of floats, as the session trait defines them. Writing the output does three things in one pass:
//! it rearranges channels to pixels, adds the enlarged input, and clips. It must never write lines that belong to
//! another task.

use std::ops::Range;

use enlarger_compiler::OutputAssembly;

use crate::kernels::element::{BLOCK, Element};
use crate::kernels::plane::{Pitch, Size};
use crate::kernels::simd::InstructionSet;
use crate::kernels::widen::Widen;

use super::activation_rows::{ActivationRow, RowsView};

/// Fills a row of activations from one line of samples per channel.
pub(crate) fn load_row<'a, E: Element>(lines: impl Iterator<Item = &'a [f32]>, row: &mut ActivationRow<E>) {
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

/// Writes some rows of the output. `lines` are row after row, and within a row channel after channel.
pub(crate) fn write_output<E: Element>(
    isa: InstructionSet,
    assembly: &OutputAssembly,
    from: &RowsView<'_, E>,
    base: Option<&RowsView<'_, E>>,
    rows: Range<usize>,
    lines: &mut [&mut [f32]],
) {
    let (factor, width, channels) = (assembly.shuffle.factor, from.size.width, assembly.channels);
    let (least, greatest) = assembly.clip.unwrap_or((f32::NEG_INFINITY, f32::INFINITY));
    let (mut values, mut under) = (vec![0.0; width * BLOCK], Vec::new());
    // The usual case: four neighbouring pixels are four neighbouring channels.
    let fours = factor == 4 && !assembly.shuffle.pixels_first;
    for (y, lines) in rows.zip(lines.chunks_exact_mut(factor * channels)) {
        for channel in 0..channels {
            let mut widened = None;
            for dy in 0..factor {
                let line = &mut *lines[dy * channels + channel];
                for dx in (0..factor).step_by(if fours { 4 } else { 1 }) {
                    let source = assembly.shuffle.from(channels, channel, dy, dx);
                    if widened != Some(source / BLOCK) {
                        widened = Some(source / BLOCK);
                        let plane = from.plane(source / BLOCK);
                        isa.execute(Widen { from: &plane.from(y, 0)[..width * BLOCK], to: &mut values });
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
                if let (Some(base), Some((_, times))) = (base, assembly.base) {
                    let plane = base.plane(channel / BLOCK);
                    under.resize(base.size.width * BLOCK, 0.0);
                    let from = &plane.from((y * factor + dy) / times, 0)[..base.size.width * BLOCK];
                    isa.execute(Widen { from, to: &mut under });
                    for (to, value) in line.chunks_mut(times).zip(under[channel % BLOCK..].iter().step_by(BLOCK)) {
                        to.iter_mut().for_each(|to| *to += value);
                    }
                }
                line.iter_mut().for_each(|value| *value = value.max(least).min(greatest));
            }
        }
    }
}
