//! A 3×3 convolution with everything that is done to its result: bias, slopes, sums, a gate.
//!
//! A workgroup makes a tile of 16 columns for up to 64, 32 or 16 outputs; each thread makes 8 pixels of 8 outputs, in registers.
//! Pixels and filters of 8 channels at a time lie in workgroup memory.

use crate::arithmetic::Element;

use super::THREADS;
use super::text::{Binding, ends, fields, head, inputs, main, read_inputs};

/// The columns of a tile.
pub(crate) const PIXELS_ACROSS: usize = 16;

/// The channels that lie in workgroup memory at once.
pub(crate) const CHANNELS_AT_ONCE: usize = 8;

/// The outputs of a thread, and its pixels, which lie side by side.
const OUTPUTS_OF_A_THREAD: usize = 8;
const PIXELS: usize = 8;

const LANES: [&str; 4] = ["x", "y", "z", "w"];

/// A 3×3 convolution with stride 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Convolution3x3 {
    /// The number of values that it reads.
    pub(crate) inputs: usize,
    /// The number of values that are added to the result.
    pub(crate) residuals: usize,
    /// Whether the result is multiplied by its sigmoid.
    pub(crate) gate: bool,
    /// The outputs that a workgroup makes: 64, 32 or 16.
    pub(crate) outputs: usize,
    /// Whether products are summed in halves.
    pub(crate) halves: bool,
}

impl Convolution3x3 {
    /// The outputs of a workgroup that suit this many outputs of all.
    pub(crate) fn outputs_for(outputs: usize) -> usize {
        match outputs {
            ..=16 => 16,
            17..=32 => 32,
            _ => 64,
        }
    }

    /// The rows of a tile.
    pub(crate) fn rows(&self) -> usize {
        THREADS / (self.outputs / OUTPUTS_OF_A_THREAD) / (PIXELS_ACROSS / PIXELS)
    }

    pub(super) fn reads(&self) -> usize {
        self.inputs + 2 + self.residuals
    }

    /// The vectors of pixels and of filters in workgroup memory.
    fn workgroup_memory(&self) -> [usize; 2] {
        let vectors = CHANNELS_AT_ONCE / 4;
        [(PIXELS_ACROSS + 2) * (self.rows() + 2) * vectors, 9 * CHANNELS_AT_ONCE * self.outputs / 4]
    }

    pub(super) fn text(&self, element: Element) -> String {
        let mut immediates = fields(&["w", "h", "ow", "oh", "left", "top"], "i32");
        immediates.extend(fields(&["turns", "outs"], "u32"));
        immediates.extend(ends(self.inputs));
        immediates.extend((0..self.residuals).map(|i| format!("f{i}: f32")));
        immediates.extend(self.gate.then(|| "offset: f32".to_owned()));
        let mut reads = inputs(self.inputs);
        reads.push(("k".to_owned(), Binding::Vectors));
        reads.push(("b".to_owned(), Binding::FloatVectors));
        reads.extend((0..self.residuals).map(|i| (format!("r{i}"), Binding::Vectors)));

        let mut text = head(element, &immediates, &reads, Binding::Vectors);
        text.push_str(&read_inputs(self.inputs));
        // Workgroup memory holds what the products are computed in, so that nothing is converted in the inner loop.
        let [pixels, filters] = self.workgroup_memory();
        let held = if self.halves { "V" } else { "F" };
        text.push_str(&format!(
            "var<workgroup> xs: array<{held}, {pixels}>;\nvar<workgroup> ks: array<{held}, {filters}>;\n"
        ));
        text.push_str(&main());
        let groups = self.outputs / OUTPUTS_OF_A_THREAD;
        text.push_str(&format!(
            "  let x0 = i32(g.x) * {PIXELS_ACROSS} - p.left; let y0 = i32(g.y) * {rows} - p.top;
  let group = t % {groups}u; let place = t / {groups}u; let px = (place % 2u) * {PIXELS}u; let py = place / 2u;
",
            rows = self.rows(),
        ));
        for i in 0..PIXELS {
            text.push_str(&format!("  var a{i} = F(); var c{i} = F();\n"));
        }
        text.push_str(&self.fill(held));
        text.push_str(&if self.halves { self.products_in_halves() } else { self.products_in_floats() });
        text.push_str("  }\n");
        text.push_str(&self.finish());
        text
    }

    /// The beginning of the loop over channels, which fills the workgroup memory.
    fn fill(&self, held: &str) -> String {
        let ([pixels, filters], vectors, width) = (self.workgroup_memory(), CHANNELS_AT_ONCE / 4, self.outputs / 4);
        format!(
            "  for (var q = 0u; q < p.turns; q += 1u) {{
    workgroupBarrier();
    for (var i = t; i < {pixels}u; i += {THREADS}u) {{
      let pixel = i / {vectors}u; let gx = x0 + i32(pixel % {across}u); let gy = y0 + i32(pixel / {across}u);
      var v = V();
      if (gx >= 0 && gy >= 0 && gx < p.w && gy < p.h) {{ v = x(u32(gy * p.w + gx), q * {vectors}u + i % {vectors}u); }}
      xs[i] = {held}(v);
    }}
    for (var i = t; i < {filters}u; i += {THREADS}u) {{
      let r = i / {width}u; let o = g.z * {width}u + i % {width}u;
      var v = V();
      if (o < p.outs) {{ v = k[((r / {CHANNELS_AT_ONCE}u * p.turns + q) * {CHANNELS_AT_ONCE}u + r % {CHANNELS_AT_ONCE}u) * p.outs + o]; }}
      ks[i] = {held}(v);
    }}
    workgroupBarrier();
",
            across = PIXELS_ACROSS + 2,
        )
    }

    /// Products of one row of taps and four channels, added to the sums `a` and `c`. `vector` is the vector of channels.
    fn products(&self, vector: &str, [a, c]: [&str; 2]) -> String {
        let (vectors, width) = (CHANNELS_AT_ONCE / 4, self.outputs / 4);
        let mut text = format!(
            "      {{ let xb = ((py + ky) * {across}u + px) * {vectors}u + {vector};\n",
            across = PIXELS_ACROSS + 2,
        );
        for i in 0..PIXELS + 2 {
            text.push_str(&format!("      let v{i} = xs[xb + {}u];\n", i * vectors));
        }
        for tap in 0..3 {
            text.push_str(&format!(
                "      {{ let kb = ((ky * 3u + {tap}u) * {CHANNELS_AT_ONCE}u + {vector} * 4u) * {width}u + group * 2u;\n"
            ));
            for (j, lane) in LANES.iter().enumerate() {
                text.push_str(&format!(
                    "      {{ let m = ks[kb + {}u]; let n = ks[kb + {}u];\n",
                    j * width,
                    j * width + 1
                ));
                for i in 0..PIXELS {
                    let pixel = i + tap;
                    text.push_str(&format!(
                        "        {a}{i} = fma(vec4(v{pixel}.{lane}), m, {a}{i}); {c}{i} = fma(vec4(v{pixel}.{lane}), n, {c}{i});\n"
                    ));
                }
                text.push_str("      }\n");
            }
            text.push_str("      }\n");
        }
        text.push_str("      }\n");
        text
    }

    fn products_in_floats(&self) -> String {
        format!(
            "    for (var ky = 0u; ky < 3u; ky += 1u) {{ for (var cv = 0u; cv < {}u; cv += 1u) {{\n{}    }} }}\n",
            CHANNELS_AT_ONCE / 4,
            self.products("cv", ["a", "c"])
        )
    }

    /// Sums over the channels of one row of taps, 24 products, are halves.
    fn products_in_halves(&self) -> String {
        let mut text = "    for (var ky = 0u; ky < 3u; ky += 1u) {\n".to_owned();
        for i in 0..PIXELS {
            text.push_str(&format!("      var m{i} = V(); var n{i} = V();\n"));
        }
        for vector in 0..CHANNELS_AT_ONCE / 4 {
            text.push_str(&self.products(&format!("{vector}u"), ["m", "n"]));
        }
        for i in 0..PIXELS {
            text.push_str(&format!("      a{i} += F(m{i}); c{i} += F(n{i});\n"));
        }
        text.push_str("    }\n");
        text
    }

    /// What is done to the sums before they are stored.
    fn finish(&self) -> String {
        let width = self.outputs / 4;
        let mut text = format!(
            "  let o = g.z * {width}u + group * 2u; let oy = i32(g.y) * {rows} + i32(py); let ox = i32(g.x) * {PIXELS_ACROSS} + i32(px);
  if (o >= p.outs || oy >= p.oh) {{ return; }}
  let pair = o + 1u < p.outs; let all = (p.outs + 1u) / 2u * 2u;
  let b0 = b[o]; let b1 = b[o + 1u]; let s0 = b[all + o]; let s1 = b[all + o + 1u];
",
            rows = self.rows(),
        );
        for i in 0..PIXELS {
            text.push_str(&format!(
                "  if (ox + {i} < p.ow) {{ let at = u32(oy * p.ow + ox + {i}) * p.outs + o;\n{}    if (pair) {{\n{}    }}\n  }}\n",
                self.stored("a", i, "at", 0),
                self.stored("c", i, "at + 1u", 1)
            ));
        }
        text.push_str("}\n");
        text
    }

    /// The statements that finish and store one vector of outputs.
    fn stored(&self, sum: &str, i: usize, at: &str, vector: usize) -> String {
        let mut text = format!(
            "    let s{sum} = {sum}{i} + b{vector}; let d{sum} = select(s{sum}, s{sum} * s{vector}, s{sum} < F()); var u{sum} = d{sum};\n"
        );
        for residual in 0..self.residuals {
            text.push_str(&format!("    u{sum} += p.f{residual} * F(r{residual}[{at}]);\n"));
        }
        if self.gate {
            text.push_str(&format!("    u{sum} *= 1.0 / (1.0 + exp(-d{sum})) + p.offset;\n"));
        }
        text.push_str(&format!("    y[{at}] = V(u{sum});\n"));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workgroup_memory_is_at_most_32_kib() {
        for outputs in [16, 32, 64] {
            let kernel = Convolution3x3 { inputs: 1, residuals: 0, gate: false, outputs, halves: false };
            let bytes = 16 * kernel.workgroup_memory().iter().sum::<usize>();
            assert!(bytes <= 32 << 10, "{outputs} outputs take {bytes} bytes");
            assert_eq!(kernel.rows() * PIXELS_ACROSS * outputs, THREADS * PIXELS * OUTPUTS_OF_A_THREAD);
        }
    }
}
