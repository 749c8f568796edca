//! Functions of each sample, and of two samples at the same place.

use crate::arithmetic::Element;

use super::THREADS;
use super::text::{Binding, fields, head, inputs, main};

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    /// Times a factor, plus a summand, for each channel.
    Affine,
    /// Times a slope for each channel where the sample is negative.
    Leaky,
    Clip,
    Sigmoid,
    Tanh,
    SquareRoot,
    /// The sum of two samples, each times a factor.
    Sum,
    Product,
    /// The sum of one sample or two, times the sigmoid of the first one plus a number.
    Gate {
        second: bool,
    },
}

impl Function {
    fn has_second(self) -> bool {
        matches!(self, Function::Sum | Function::Product | Function::Gate { second: true })
    }

    /// Whether it has parameters for each channel: factors or slopes, then as many summands.
    fn has_parameters(self) -> bool {
        matches!(self, Function::Affine | Function::Leaky)
    }

    pub(super) fn reads(self) -> usize {
        1 + usize::from(self.has_second()) + usize::from(self.has_parameters())
    }

    fn expression(self) -> &'static str {
        match self {
            Function::Affine => "fma(u, b[c], b[p.vectors + c])",
            Function::Leaky => "select(u, u * b[c], u < F())",
            Function::Clip => "clamp(u, F(p.a), F(p.b))",
            Function::Sigmoid => "1.0 / (1.0 + exp(-u))",
            // Beyond 15 the result is 1, and the function may overflow on the way to it.
            Function::Tanh => "tanh(clamp(u, F(-15.0), F(15.0)))",
            // Channels that only fill a vector may be negative, and must stay numbers.
            Function::SquareRoot => "sqrt(max(u, F()))",
            Function::Sum => "p.a * u + p.b * v",
            Function::Product => "u * v",
            Function::Gate { second: false } => "u * (1.0 / (1.0 + exp(-u)) + p.a)",
            Function::Gate { second: true } => "(u + v) * (1.0 / (1.0 + exp(-u)) + p.a)",
        }
    }

    pub(super) fn text(self, element: Element) -> String {
        // `length` vectors in a row; the second value may have one pixel (`single`) or one channel (`one`) for all.
        let mut immediates = fields(&["length", "vectors", "second_vectors", "single", "one"], "u32");
        immediates.extend(fields(&["a", "b"], "f32"));
        let mut reads = inputs(1 + usize::from(self.has_second()));
        if self.has_parameters() {
            reads.push(("b".to_owned(), Binding::FloatVectors));
        }
        let mut text = head(element, &immediates, &reads, Binding::Vectors);
        text.push_str(&main());
        text.push_str(&format!(
            "  let i = g.x * {THREADS}u + t;
  if (i >= p.length) {{ return; }}
  let at = g.y * p.length + i; let c = at % p.vectors; let u = F(x0[at]);
"
        ));
        if self.has_second() {
            text.push_str(
                "  let pixel = select(at / p.vectors, 0u, p.single == 1u); var v = F(x1[pixel * p.second_vectors + select(c, 0u, p.one == 1u)]);
  if (p.one == 1u) { v = F(v.x); }
",
            );
        }
        text.push_str(&format!("  y[at] = V({});\n}}\n", self.expression()));
        text
    }
}
