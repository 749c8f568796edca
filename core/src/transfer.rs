//! The sRGB transfer function, both ways, fast and for values beyond 0 to 1.
//!
//! IEC 61966-2-1: below a threshold a line, above it a power of 2.4. Negative values mirror positive ones, as in the
//! extended range of scRGB. Tables over a float's leading bits keep the relative error below 2e-6.

use std::sync::LazyLock;

/// Where the line ends, in encoded values.
const ENCODED_KNEE: f32 = 0.04045;
/// Where the line ends, in linear light.
const LINEAR_KNEE: f32 = 0.003_130_8;

/// Table entries for each power of two.
const STEP_BITS: u32 = 9;
const SHIFT: u32 = 23 - STEP_BITS;
/// The tables span 2^-9 to 2^4; the line covers what is below, `powf` the rare values above.
const FIRST: u32 = (127 - 9) << STEP_BITS;
const LAST: u32 = (127 + 4) << STEP_BITS;

type Table = Vec<f32>;

static DECODE: LazyLock<Table> = LazyLock::new(|| table(decode_exact));
static ENCODE: LazyLock<Table> = LazyLock::new(|| table(encode_exact));

fn table(f: fn(f64) -> f64) -> Table {
    (FIRST..=LAST).map(|i| f(f64::from(f32::from_bits(i << SHIFT))) as f32).collect()
}

fn decode_exact(v: f64) -> f64 {
    ((v + 0.055) / 1.055).powf(2.4)
}

fn encode_exact(v: f64) -> f64 {
    1.055 * v.powf(1.0 / 2.4) - 0.055
}

fn look_up(table: &[f32], exact: fn(f64) -> f64, v: f32) -> f32 {
    let bits = v.to_bits();
    let index = bits >> SHIFT;
    if !(FIRST..LAST).contains(&index) {
        return exact(f64::from(v)) as f32;
    }
    let i = (index - FIRST) as usize;
    let t = (bits & ((1 << SHIFT) - 1)) as f32 * (1.0 / (1 << SHIFT) as f32);
    table[i] + (table[i + 1] - table[i]) * t
}

/// sRGB-encoded values to linear light, in place.
pub(crate) fn decode(values: &mut [f32]) {
    let table: &[f32] = &DECODE;
    for v in values {
        let a = v.abs();
        let linear = if a <= ENCODED_KNEE { a * (1.0 / 12.92) } else { look_up(table, decode_exact, a) };
        *v = linear.copysign(*v);
    }
}

/// Linear light to sRGB-encoded values, in place.
pub(crate) fn encode(values: &mut [f32]) {
    let table: &[f32] = &ENCODE;
    for v in values {
        let a = v.abs();
        let encoded = if a <= LINEAR_KNEE { a * 12.92 } else { look_up(table, encode_exact, a) };
        *v = encoded.copysign(*v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_follow_the_formula_and_undo_each_other() {
        for i in 0..=200_000u32 {
            let v = i as f32 / 65535.0 - 0.5; // -0.5 to 2.55
            let mut x = [v];
            decode(&mut x);
            let a = f64::from(v.abs());
            let exact = if a <= f64::from(ENCODED_KNEE) { a / 12.92 } else { decode_exact(a) };
            assert!((f64::from(x[0].abs()) - exact).abs() <= 3e-6 * exact.max(0.01), "{v}: {} {exact}", x[0]);
            encode(&mut x);
            assert!((x[0] - v).abs() < 3e-6 * v.abs().max(0.1), "{v} came back as {}", x[0]);
        }
        let mut far = [1000.0f32, -1000.0];
        encode(&mut far);
        decode(&mut far);
        assert!((far[0] - 1000.0).abs() < 0.01 && far[1] == -far[0]);
    }
}
