//! CIE Lab colours with the white D50, converted to sRGB.
//!
//! TIFF and PSD store Lab in four ways; their readers bring it to L from 0 to 100, and a and b around 0. Colours outside sRGB are
//! clipped, which the note says.

/// What the user should know about the conversion.
pub const NOTE: &str = "the Lab colours are converted to sRGB; colours outside it are clipped";

/// A colour in encoded sRGB, 0 to 1.
pub fn to_srgb([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let y = (lightness + 16.0) / 116.0;
    let linear = |t: f32| if t > 6.0 / 29.0 { t * t * t } else { (t - 4.0 / 29.0) * (108.0 / 841.0) };
    // The white of ICC's connection space.
    let x = 0.9642 * linear(y + a / 500.0);
    let z = 0.8249 * linear(y - b / 200.0);
    let y = linear(y);
    // From XYZ with the white D50, adapted by Bradford, to linear sRGB.
    [
        3.133_856 * x - 1.616_867 * y - 0.490_615 * z,
        -0.978_768 * x + 1.916_142 * y + 0.033_454 * z,
        0.071_945 * x - 0.228_991 * y + 1.405_243 * z,
    ]
    .map(|v| {
        let v = v.clamp(0.0, 1.0);
        if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_colours_are_right() {
        // From littleCMS, in 1/255.
        for (lab, rgb) in [
            ([100.0, 0.0, 0.0], [255.0, 255.0, 255.0]),
            ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
            ([53.585, 0.0, 0.0], [128.0, 128.0, 128.0]),
            ([54.29, 80.81, 69.89], [255.0, 0.0, 0.0]),
        ] {
            let found = to_srgb(lab).map(|v| v * 255.0);
            assert!(found.iter().zip(rgb).all(|(a, b): (&f32, f32)| (a - b).abs() < 1.0), "{lab:?} {found:?}");
        }
    }
}
