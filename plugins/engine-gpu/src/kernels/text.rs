//! What all kernels' texts have in common: how they begin.

use crate::arithmetic::Element;

use super::THREADS;

/// The type of a buffer's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// Vectors of four channels of a feature map, or of weights.
    Vectors,
    /// Vectors of four 32-bit floats.
    FloatVectors,
    /// 32-bit floats.
    Floats,
    /// Numbers as they are stored in a feature map.
    Elements,
    /// Whole numbers.
    Integers,
}

impl Binding {
    fn name(self, element: Element) -> String {
        match self {
            Binding::Vectors => format!("vec4<{}>", element.name()),
            Binding::FloatVectors => "vec4<f32>".to_owned(),
            Binding::Floats => "f32".to_owned(),
            Binding::Elements => element.name().to_owned(),
            Binding::Integers => "u32".to_owned(),
        }
    }
}

/// The beginning of a kernel: the immediates, `p`, of which the first one is the first row of workgroups; the buffers that it reads; and
/// the one that it writes, `y`. `V` is a vector of a feature map and `E` a number in it.
pub(super) fn head(element: Element, immediates: &[String], reads: &[(String, Binding)], writes: Binding) -> String {
    let mut text = String::new();
    if element == Element::Half {
        text.push_str("enable f16;\n");
    }
    text.push_str(&format!("alias E = {0};\nalias V = vec4<{0}>;\nalias F = vec4<f32>;\n", element.name()));
    text.push_str(&format!("struct P {{ row: u32, {} }}\nvar<immediate> p: P;\n", immediates.join(", ")));
    for (i, (name, binding)) in reads.iter().enumerate() {
        let of = binding.name(element);
        text.push_str(&format!("@group(0) @binding({i}) var<storage, read> {name}: array<{of}>;\n"));
    }
    let of = writes.name(element);
    text.push_str(&format!("@group(0) @binding({}) var<storage, read_write> y: array<{of}>;\n", reads.len()));
    text
}

/// The beginning of the entry point. `g` is the number of the workgroup, with the first row added, and `t` that of the thread.
pub(super) fn main() -> String {
    format!(
        "@compute @workgroup_size({THREADS}) fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) t: u32) {{
  let g = vec3(id.x, id.y + p.row, id.z);
"
    )
}

/// Immediates of one type.
pub(super) fn fields(names: &[&str], of: &str) -> Vec<String> {
    names.iter().map(|name| format!("{name}: {of}")).collect()
}

/// The ends of the inputs among all vectors of a pixel, as immediates.
pub(super) fn ends(inputs: usize) -> Vec<String> {
    (0..inputs).map(|i| format!("e{i}: u32")).collect()
}

/// A function `x` that reads vector `c` of all inputs of a pixel; zero beyond the last.
pub(super) fn read_inputs(inputs: usize) -> String {
    let mut text = "fn x(pixel: u32, c: u32) -> V {\n".to_owned();
    for i in 0..inputs {
        let (begin, width) = match i {
            0 => ("0u".to_owned(), "p.e0".to_owned()),
            _ => (format!("p.e{}", i - 1), format!("(p.e{i} - p.e{})", i - 1)),
        };
        text.push_str(&format!("  if (c < p.e{i}) {{ return x{i}[pixel * {width} + c - {begin}]; }}\n"));
    }
    text.push_str("  return V();\n}\n");
    text
}

/// Bindings of this many inputs, `x0` and so on.
pub(super) fn inputs(count: usize) -> Vec<(String, Binding)> {
    (0..count).map(|i| (format!("x{i}"), Binding::Vectors)).collect()
}
