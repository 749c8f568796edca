//! How a network encodes pixels: the values of black and white, and the order of the channels.

/// How a network encodes pixels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PixelEncoding {
    /// The values of black and white.
    pub(super) range: [f32; 2],
    /// Whether blue is the first channel.
    pub(super) bgr: bool,
}

impl Default for PixelEncoding {
    /// The usual encoding: red first, from 0 to 1.
    fn default() -> Self {
        PixelEncoding { range: [0.0, 1.0], bgr: false }
    }
}

impl PixelEncoding {
    /// Converts planes of red, green and blue from 0 to 1 into the network's encoding.
    pub(super) fn encode(&self, planes: &[f32]) -> Vec<f32> {
        let [black, white] = self.range;
        let mut encoded: Vec<f32> = planes.iter().map(|value| black + value * (white - black)).collect();
        self.swap(&mut encoded);
        encoded
    }

    /// Converts planes in the network's encoding into red, green and blue from 0 to 1.
    pub(super) fn decode(&self, planes: &mut [f32]) {
        let [black, white] = self.range;
        planes.iter_mut().for_each(|value| *value = (*value - black) / (white - black));
        self.swap(planes);
    }

    fn swap(&self, planes: &mut [f32]) {
        if self.bgr {
            let plane = planes.len() / 3;
            let (first, rest) = planes.split_at_mut(plane);
            first.swap_with_slice(&mut rest[plane..]);
        }
    }
}
