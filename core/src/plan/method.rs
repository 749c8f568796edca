//! The classical methods: resizing by a fixed kernel, without a network.
//!
//! They are the baseline against which networks are judged, and the right choice for pixel art. A method needs no model
//! and no engine; none may be asked for when one is chosen.

/// A way to resize a picture without a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Each pixel of the result is a copy of the source pixel under its centre. No value is ever computed.
    Nearest,
    /// The triangle kernel: linear interpolation.
    Bilinear,
    /// Catmull-Rom, the cubic kernel with a = -0.5 (R. Keys, "Cubic convolution interpolation for digital image
    /// processing", 1981; B = 0, C = 1/2 of D. Mitchell and A. Netravali, "Reconstruction filters in computer graphics",
    /// 1988).
    Bicubic,
    /// Lanczos with three lobes: a sinc windowed by a sinc (C. Duchon, "Lanczos filtering in one and two dimensions",
    /// 1979).
    Lanczos,
}

impl Method {
    /// All methods, the simplest first.
    pub const ALL: [Method; 4] = [Method::Nearest, Method::Bilinear, Method::Bicubic, Method::Lanczos];

    /// The factor to use if none is given.
    pub const FACTOR: f64 = 4.0;

    /// The method's id: nearest, bilinear, bicubic or lanczos.
    pub fn id(self) -> &'static str {
        match self {
            Method::Nearest => "nearest",
            Method::Bilinear => "bilinear",
            Method::Bicubic => "bicubic",
            Method::Lanczos => "lanczos",
        }
    }

    /// The method with this id.
    pub fn find(id: &str) -> Option<Self> {
        Method::ALL.into_iter().find(|method| method.id() == id)
    }

    /// How far the kernel reaches to each side, in samples of the larger picture's spacing. The nearest sample has no
    /// kernel.
    pub(crate) fn radius(self) -> u32 {
        match self {
            Method::Nearest => 0,
            Method::Bilinear => 1,
            Method::Bicubic => 2,
            Method::Lanczos => 3,
        }
    }

    /// The kernel at distance `x`; 0 from the radius on.
    pub(crate) fn kernel(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Method::Nearest => 1.0,
            Method::Bilinear => (1.0 - x).max(0.0),
            Method::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Method::Bicubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Method::Lanczos if x < 3.0 => sinc(x) * sinc(x / 3.0),
            Method::Bicubic | Method::Lanczos => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x == 0.0 { 1.0 } else { x.sin() / x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_one_at_zero_and_zero_at_whole_numbers() {
        for method in [Method::Bilinear, Method::Bicubic, Method::Lanczos] {
            assert_eq!(Method::find(method.id()), Some(method));
            assert_eq!(method.kernel(0.0), 1.0, "{method:?}");
            for whole in 1..5 {
                assert!(method.kernel(f64::from(whole)).abs() < 1e-15, "{method:?} at {whole}");
            }
            assert_eq!(method.kernel(-0.3), method.kernel(0.3));
        }
        assert_eq!(Method::find("network"), None);
    }
}
