//! The mean of each channel, in two steps: sums of parts of the feature map, then the mean from these sums.
//!
//! Sums are 32-bit floats, added in the shape of a tree, so that their rounding does not grow with the picture.

use crate::arithmetic::Element;

use super::THREADS;
use super::text::{Binding, fields, head, inputs, main};

/// The pixels of a part.
pub(crate) const PIXELS_OF_A_PART: usize = 4096;

/// Adds the sums of all threads; the first thread then holds the sum of all.
fn tree() -> String {
    format!(
        "  sums[t] = sum;
  for (var half = {}u; half > 0u; half /= 2u) {{
    workgroupBarrier();
    if (t < half) {{ sums[t] += sums[t + half]; }}
  }}
",
        THREADS / 2
    )
}

/// A workgroup sums one vector of channels over a part.
pub(super) fn partial_sums(element: Element) -> String {
    let mut text = head(element, &fields(&["pixels", "vectors"], "u32"), &inputs(1), Binding::FloatVectors);
    text.push_str(&format!("var<workgroup> sums: array<F, {THREADS}>;\n"));
    text.push_str(&main());
    text.push_str(&format!(
        "  var sum = F(); let end = min((g.y + 1u) * {PIXELS_OF_A_PART}u, p.pixels);
  for (var i = g.y * {PIXELS_OF_A_PART}u + t; i < end; i += {THREADS}u) {{ sum += F(x0[i * p.vectors + g.x]); }}
"
    ));
    text.push_str(&tree());
    text.push_str("  if (t == 0u) { y[g.y * p.vectors + g.x] = sums[0]; }\n}\n");
    text
}

/// A workgroup makes one vector of channels of the mean.
pub(super) fn mean(element: Element) -> String {
    let reads = [("x0".to_owned(), Binding::FloatVectors)];
    let mut text = head(element, &fields(&["pixels", "vectors", "parts"], "u32"), &reads, Binding::Vectors);
    text.push_str(&format!("var<workgroup> sums: array<F, {THREADS}>;\n"));
    text.push_str(&main());
    text.push_str(&format!(
        "  var sum = F();
  for (var i = t; i < p.parts; i += {THREADS}u) {{ sum += x0[i * p.vectors + g.x]; }}
"
    ));
    text.push_str(&tree());
    text.push_str("  if (t == 0u) { y[g.x] = V(sums[0] / f32(p.pixels)); }\n}\n");
    text
}
