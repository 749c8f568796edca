//! The primaries and the white of RGB colours.
//!
//! Files state them in place of a profile, and EXR in place of everything else. Implausible numbers are no primaries.

/// The CIE 1931 xy coordinates of the primaries and of white.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chromaticities {
    pub red: [f64; 2],
    pub green: [f64; 2],
    pub blue: [f64; 2],
    pub white: [f64; 2],
}

impl Chromaticities {
    /// Those of sRGB and ITU-R BT.709, with the white D65.
    pub const SRGB: Self =
        Chromaticities { red: [0.64, 0.33], green: [0.30, 0.60], blue: [0.15, 0.06], white: [0.3127, 0.3290] };
    /// Those of Adobe RGB (1998), section 4.3.1.
    pub const ADOBE_RGB: Self =
        Chromaticities { red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06], white: [0.3127, 0.3290] };

    /// The luminance of red, green and blue light of these primaries, with white as 1.
    pub fn luminance_weights(&self) -> [f32; 3] {
        // XYZ of each primary with a luminance of 1, and of white; solved by Cramer's rule.
        let xyz = |[x, y]: [f64; 2]| [x / y, 1.0, (1.0 - x - y) / y];
        let columns = [xyz(self.red), xyz(self.green), xyz(self.blue)];
        let white = xyz(self.white);
        let determinant = |m: [[f64; 3]; 3]| {
            let minor = |a: usize, b: usize| m[1][a] * m[2][b] - m[1][b] * m[2][a];
            m[0][0] * minor(1, 2) - m[0][1] * minor(0, 2) + m[0][2] * minor(0, 1)
        };
        let whole = determinant(columns);
        let weights = [0, 1, 2].map(|n| {
            let mut replaced = columns;
            replaced[n] = white;
            determinant(replaced) / whole
        });
        if weights.iter().all(|w| w.is_finite()) { weights.map(|w| w as f32) } else { [0.2126, 0.7152, 0.0722] }
    }

    /// Whether no coordinate differs by more than `tolerance`.
    pub fn is_near(&self, other: &Self, tolerance: f64) -> bool {
        self.points().iter().zip(other.points()).all(|(a, b)| (a - b).abs() <= tolerance)
    }

    fn points(&self) -> [f64; 8] {
        let Chromaticities { red, green, blue, white } = *self;
        [red[0], red[1], green[0], green[1], blue[0], blue[1], white[0], white[1]]
    }

    /// Whether the points span a triangle. Primaries may be imaginary colours, as in ACES.
    pub fn is_plausible(&self) -> bool {
        let Chromaticities { red, green, blue, white } = *self;
        let area = (green[0] - red[0]) * (blue[1] - red[1]) - (blue[0] - red[0]) * (green[1] - red[1]);
        self.points().iter().all(|v| v.is_finite() && v.abs() < 2.0) && area.abs() > 1e-3 && white[1] > 1e-3
    }
}
