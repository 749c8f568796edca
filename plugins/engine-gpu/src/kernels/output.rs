//! From tensors to feature maps and back. Tensors are planes of numbers.

use crate::arithmetic::Element;

use super::THREADS;
use super::text::{Binding, fields, head, main};

/// Reads planes of 32-bit floats.
pub(super) fn load(element: Element) -> String {
    let reads = [("x0".to_owned(), Binding::Floats)];
    let mut text = head(element, &fields(&["w", "plane", "channels", "vectors"], "u32"), &reads, Binding::Vectors);
    text.push_str(
        "fn sample(pixel: u32, channel: u32) -> E {
  if (channel >= p.channels) { return E(); }
  return E(x0[channel * p.plane + pixel]);
}
",
    );
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

/// Writes planes of numbers as they are stored: channels become pixels, another value is enlarged and added, and the result is
/// limited to a range.
pub(super) fn emit(base: bool, element: Element) -> String {
    let mut immediates = fields(
        &["w", "ow", "oh", "channels", "factor", "pixels_first", "vectors", "base_w", "base_vectors", "times"],
        "u32",
    );
    immediates.extend(fields(&["least", "greatest"], "f32"));
    let names = if base { &["x0", "base"][..] } else { &["x0"] };
    let reads: Vec<_> = names.iter().map(|name| ((*name).to_owned(), Binding::Vectors)).collect();
    let mut text = head(element, &immediates, &reads, Binding::Elements);
    text.push_str(&main());
    text.push_str(&format!(
        "  let x = g.x * {THREADS}u + t; let c = g.z;
  if (x >= p.ow) {{ return; }}
  let place = g.y % p.factor * p.factor + x % p.factor;
  let origin = select(c * p.factor * p.factor + place, place * p.channels + c, p.pixels_first == 1u);
  var v = f32(x0[(g.y / p.factor * p.w + x / p.factor) * p.vectors + origin / 4u][origin % 4u]);
"
    ));
    if base {
        text.push_str(
            "  v += f32(base[(g.y / p.times * p.base_w + x / p.times) * p.base_vectors + c / 4u][c % 4u]);\n",
        );
    }
    text.push_str("  y[(c * p.oh + g.y) * p.ow + x] = E(min(max(v, p.least), p.greatest));\n}\n");
    text
}
