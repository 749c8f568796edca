//! Convolutions of all other sizes and strides, and transposed ones.
//!
//! A thread makes four pixels of four outputs and reads everything from storage: in the networks that people share, these
//! convolutions take a small part of the time. The four pixels of a thread read the same taps; those of a transposed
//! convolution are therefore as far apart as its stride.

use crate::arithmetic::Element;

use super::THREADS;
use super::text::{Binding, ends, fields, head, inputs, main, read_inputs};

/// The pixels of a thread.
pub(crate) const PIXELS: usize = 4;

/// A convolution of any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DirectConvolution {
    /// The number of values that it reads.
    pub(crate) inputs: usize,
    pub(crate) transposed: bool,
}

impl DirectConvolution {
    pub(super) fn reads(&self) -> usize {
        self.inputs + 2
    }

    pub(super) fn text(&self, element: Element) -> String {
        let mut immediates = fields(&["w", "h", "ow", "oh", "left", "top", "columns", "rows", "across", "down"], "i32");
        immediates.extend(fields(&["vectors", "outs"], "u32"));
        immediates.extend(ends(self.inputs));
        let mut reads = inputs(self.inputs);
        reads.push(("k".to_owned(), Binding::Vectors));
        reads.push(("b".to_owned(), Binding::FloatVectors));
        let mut text = head(element, &immediates, &reads, Binding::Vectors);
        text.push_str(&read_inputs(self.inputs));
        text.push_str(&main());
        // For both axes: the first tap and the distance to the next, and where a tap reads. A tap of a transposed convolution
        // reads a pixel only where the stride divides the distance, so the division is exact.
        let (apart, first_y, first_x, next, row, column, step) = match self.transposed {
            false => (
                "1",
                "0",
                "0",
                ["1", "1"],
                "oy * p.down + ky - p.top",
                "block * 4 * p.across + kx - p.left",
                "p.across",
            ),
            true => (
                "p.across",
                "(oy + p.top) % p.down",
                "(phase + p.left) % p.across",
                ["p.down", "p.across"],
                "(oy + p.top - ky) / p.down",
                "block * 4 + (phase + p.left - kx) / p.across",
                "1",
            ),
        };
        text.push_str(&format!(
            "  let at = g.x * {THREADS}u + t; let o = at % p.outs; let group = i32(at / p.outs);
  let phase = group % {apart}; let block = group / {apart}; let oy = i32(g.y); let ox = block * {PIXELS} * {apart} + phase;
  if (ox >= p.ow || oy >= p.oh) {{ return; }}
  var a0 = F(); var a1 = F(); var a2 = F(); var a3 = F();
  for (var ky = {first_y}; ky < p.rows; ky += {}) {{
    let iy = {row};
    if (iy < 0 || iy >= p.h) {{ continue; }}
    for (var kx = {first_x}; kx < p.columns; kx += {}) {{
      let ix = {column}; var k_at = u32((ky * p.columns + kx)) * p.vectors * 4u * p.outs + o;
      for (var c = 0u; c < p.vectors; c += 1u) {{
        let k0 = F(k[k_at]); let k1 = F(k[k_at + p.outs]); let k2 = F(k[k_at + 2u * p.outs]); let k3 = F(k[k_at + 3u * p.outs]);
        k_at += 4u * p.outs;
",
            next[0], next[1]
        ));
        for i in 0..PIXELS {
            text.push_str(&format!(
                "        {{ let at_x = ix + {i} * {step};
          if (at_x >= 0 && at_x < p.w) {{ let v = F(x(u32(iy * p.w + at_x), c));
            a{i} = fma(F(v.x), k0, fma(F(v.y), k1, fma(F(v.z), k2, fma(F(v.w), k3, a{i})))); }} }}
"
            ));
        }
        text.push_str(
            "      }\n    }\n  }\n  let all = (p.outs + 1u) / 2u * 2u; let bias = b[o]; let slope = b[all + o];\n",
        );
        for i in 0..PIXELS {
            text.push_str(&format!(
                "  {{ let to = ox + {i} * {apart}; if (to < p.ow) {{ let s = a{i} + bias; y[u32(oy * p.ow + to) * p.outs + o] = V(select(s, s * slope, s < F())); }} }}\n"
            ));
        }
        text.push_str("}\n");
        text
    }
}
