//! Channels of several values, in any order.

use crate::arithmetic::Element;

use super::THREADS;
use super::text::{Binding, ends, fields, head, inputs, main, read_inputs};

/// An entry of the table of channels that stands for no channel.
pub(crate) const NOTHING: u32 = u32::MAX;

/// The table has an entry for each channel of the result: the place of a channel among those of all inputs, whose last vectors are
/// whole.
pub(super) fn text(count: usize, element: Element) -> String {
    let mut immediates = fields(&["w", "vectors"], "u32");
    immediates.extend(ends(count));
    let mut reads = inputs(count);
    reads.push(("table".to_owned(), Binding::Integers));
    let mut text = head(element, &immediates, &reads, Binding::Vectors);
    text.push_str(&read_inputs(count));
    text.push_str(&format!(
        "fn sample(pixel: u32, channel: u32) -> E {{
  let origin = table[channel];
  if (origin == {NOTHING}u) {{ return E(); }}
  let v = x(pixel, origin / 4u);
  return v[origin % 4u];
}}
"
    ));
    text.push_str(&main());
    text.push_str(&format!(
        "  let i = g.x * {THREADS}u + t;
  if (i >= p.w * p.vectors) {{ return; }}
  let pixel = g.y * p.w + i / p.vectors; let c = i % p.vectors * 4u;
  y[g.y * p.w * p.vectors + i] = V(sample(pixel, c), sample(pixel, c + 1u), sample(pixel, c + 2u), sample(pixel, c + 3u));
}}
"
    ));
    text
}
