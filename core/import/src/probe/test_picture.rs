//! The picture that networks are probed with. It is computed, so that a probe needs no file and always sees the same picture.
//!
//! Like a photo it has gradients, edges, fine texture, and saturated and gray colours. Its ends differ greatly, so that the
//! result of a network that looks at the whole picture changes when one end is cut off.

/// Three planes of red, green and blue, from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TestPicture {
    pub(super) planes: Vec<f32>,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl TestPicture {
    pub(super) fn new(height: usize, width: usize) -> Self {
        let mut state = 1u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        // Patches of colour with sharp edges, some of them gray.
        let patches: Vec<[f32; 7]> = (0..12 + height * width / 400)
            .map(|at| {
                let colour = [random(), random(), random()];
                let gray = at % 3 == 0;
                let [r, g, b] = if gray { [colour[0]; 3] } else { colour };
                [random(), random(), 0.02 + 0.1 * random(), 0.02 + 0.2 * random(), r, g, b]
            })
            .collect();
        let side = height.max(width) as f32;
        let mut planes = vec![0.0; 3 * height * width];
        for y in 0..height {
            for x in 0..width {
                let (u, v) = (x as f32 / side, y as f32 / side);
                let mut colour = [0.2 + 0.5 * u, 0.3 + 0.4 * v, 0.6 - 0.3 * u * v];
                for [px, py, w, h, r, g, b] in &patches {
                    let (px, py) = (px * width as f32 / side, py * height as f32 / side);
                    if (u - px).abs() < *w && (v - py).abs() < *h {
                        colour = [*r, *g, *b];
                    }
                }
                // Bright at the left edge, dark at the right and bottom edges.
                let light = if u < 0.12 {
                    0.9
                } else if u > 0.88 || v > 0.88 {
                    -0.9
                } else {
                    0.0
                };
                let fine = 0.06 * ((x * y % 7) as f32 / 6.0 - 0.5) + 0.05 * (random() - 0.5);
                for (channel, value) in colour.into_iter().enumerate() {
                    let value = value + fine + if light == 0.0 { 0.0 } else { light * (1.0 - (value - 0.5).abs()) };
                    planes[(channel * height + y) * width + x] = value.clamp(0.02, 0.98);
                }
            }
        }
        TestPicture { planes, height, width }
    }

    /// The columns from `from` to `to`.
    pub(super) fn columns(&self, from: usize, to: usize) -> Self {
        let rows = self.planes.chunks(self.width);
        TestPicture {
            planes: rows.flat_map(|row| &row[from..to]).copied().collect(),
            height: self.height,
            width: to - from,
        }
    }

    /// The picture with rows and columns exchanged.
    pub(super) fn transposed(&self) -> Self {
        let (height, width) = (self.height, self.width);
        let mut planes = Vec::with_capacity(self.planes.len());
        for plane in self.planes.chunks(height * width) {
            (0..width).for_each(|x| planes.extend((0..height).map(|y| plane[y * width + x])));
        }
        TestPicture { planes, height: width, width: height }
    }

    /// The picture reduced by a whole factor: each pixel is the mean of a square with `by` pixels a side.
    pub(super) fn reduced(&self, by: usize) -> Self {
        let (height, width) = (self.height / by, self.width / by);
        let mut planes = vec![0.0; 3 * height * width];
        for (at, value) in planes.iter_mut().enumerate() {
            let (channel, y, x) = (at / (height * width), at / width % height, at % width);
            let mut sum = 0.0;
            for row in y * by..(y + 1) * by {
                let start = (channel * self.height + row) * self.width + x * by;
                sum += self.planes[start..start + by].iter().sum::<f32>();
            }
            *value = sum / (by * by) as f32;
        }
        TestPicture { planes, height, width }
    }

    /// The root mean square difference.
    pub(super) fn distance(&self, other: &TestPicture) -> f32 {
        let squares: f64 = self.planes.iter().zip(&other.planes).map(|(a, b)| f64::from(a - b).powi(2)).sum();
        (squares / self.planes.len().max(1) as f64).sqrt() as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_transposed_cropped_and_reduced() {
        let picture = TestPicture::new(6, 9);
        assert!(picture.planes.iter().all(|value| (0.0..=1.0).contains(value)));
        assert_eq!(picture.transposed().transposed(), picture);
        let part = picture.columns(2, 5);
        assert_eq!((part.width, part.planes[0], part.planes[3]), (3, picture.planes[2], picture.planes[11]));
        let small = picture.reduced(3);
        assert_eq!((small.height, small.width), (2, 3));
        let mean = (0..3).flat_map(|y| (0..3).map(move |x| y * 9 + x)).map(|at| picture.planes[at]).sum::<f32>() / 9.0;
        assert!((small.planes[0] - mean).abs() < 1e-6);
        assert_eq!(picture.distance(&picture), 0.0);
    }
}
