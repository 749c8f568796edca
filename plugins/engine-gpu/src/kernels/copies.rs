//! Copies of pixels to other places, and of channels to pixels.

use crate::arithmetic::Element;

use super::THREADS;
use super::text::{Binding, fields, head, inputs, main};

/// Each pixel of the result is one of the source. By the mode, row y of the result is row `y / factor + top` (0), or that of a
/// source with mirrored rows (1) or repeated ones (2) above and below, of which `top` are above. Columns are alike.
pub(super) fn moved(element: Element) -> String {
    let mut immediates = fields(&["w", "h", "left", "top", "factor"], "i32");
    immediates.extend(fields(&["mode", "ow", "vectors"], "u32"));
    let mut text = head(element, &immediates, &inputs(1), Binding::Vectors);
    text.push_str(
        "fn source(i: i32, before: i32, length: i32) -> i32 {
  if (p.mode == 0u) { return i / p.factor + before; }
  let away = abs(i - before);
  if (p.mode == 2u) { return select(min(away, length - 1), 0, i < before); }
  return select(2 * (length - 1) - away, away, i < before || away < length);
}
",
    );
    text.push_str(&main());
    text.push_str(&format!(
        "  let i = g.x * {THREADS}u + t;
  if (i >= p.ow * p.vectors) {{ return; }}
  let sx = source(i32(i / p.vectors), p.left, p.w); let sy = source(i32(g.y), p.top, p.h);
  y[g.y * p.ow * p.vectors + i] = x0[u32(sy * p.w + sx) * p.vectors + i % p.vectors];
}}
"
    ));
    text
}

/// `factor²` channels of the source become a square of pixels.
pub(super) fn shuffled(element: Element) -> String {
    let names = ["w", "ow", "factor", "channels", "vectors", "source_vectors", "pixels_first"];
    let mut text = head(element, &fields(&names, "u32"), &inputs(1), Binding::Vectors);
    text.push_str(
        "fn sample(x: u32, y: u32, channel: u32) -> E {
  if (channel >= p.channels) { return E(); }
  let place = y % p.factor * p.factor + x % p.factor;
  let origin = select(channel * p.factor * p.factor + place, place * p.channels + channel, p.pixels_first == 1u);
  return x0[(y / p.factor * p.w + x / p.factor) * p.source_vectors + origin / 4u][origin % 4u];
}
",
    );
    text.push_str(&main());
    text.push_str(&format!(
        "  let i = g.x * {THREADS}u + t;
  if (i >= p.ow * p.vectors) {{ return; }}
  let x = i / p.vectors; let c = i % p.vectors * 4u;
  y[g.y * p.ow * p.vectors + i] = V(sample(x, g.y, c), sample(x, g.y, c + 1u), sample(x, g.y, c + 2u), sample(x, g.y, c + 3u));
}}
"
    ));
    text
}
