//! What a trial of a network on a GPU has measured.

use std::fmt;

use enlarger::Difference;

/// What a trial has measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GpuMeasurement {
    /// How far the results are from those of exact arithmetic; the worst of all sample pictures.
    pub difference: Difference,
    /// The time for the last sample picture, in seconds.
    pub seconds: f64,
}

impl GpuMeasurement {
    /// The form in which it is kept and sent; [`GpuMeasurement::read`] reads it.
    pub fn text(self) -> String {
        format!("{} {} {}", self.difference.decibels, self.difference.greatest, self.seconds)
    }

    /// Reads the text of a measurement; `None` if it is none.
    pub fn read(text: &str) -> Option<Self> {
        let numbers: Vec<f64> = text.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
        let [decibels, greatest, seconds] = <[f64; 3]>::try_from(numbers).ok()?;
        Some(GpuMeasurement { difference: Difference { decibels, greatest }, seconds })
    }
}

impl fmt::Display for GpuMeasurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from exact arithmetic, {:.1} ms for a sample picture", self.difference, 1000.0 * self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_read_as_it_was_written() {
        for (decibels, greatest) in [(75.25, 0.005), (f64::INFINITY, 0.0), (f64::NEG_INFINITY, f64::INFINITY)] {
            let measured = GpuMeasurement { difference: Difference { decibels, greatest }, seconds: 0.004 };
            assert_eq!(GpuMeasurement::read(&measured.text()), Some(measured));
        }
        for text in ["", "75", "75 0.1", "75 0.1 x", "75 0.1 0.2 0.3"] {
            assert_eq!(GpuMeasurement::read(text), None, "{text}");
        }
    }
}
