//! GeoTIFF: where on Earth the pixels of a picture are.
//!
//! The fields are kept with their scale made right for the enlarged picture. A pixel of the result covers less ground, and
//! places that are counted in pixels move. Nothing else is changed.

use enlarger::Size;

use super::ifd::Field;

const PIXEL_SCALE: u16 = 33550;
const TIE_POINTS: u16 = 33922;
const TRANSFORMATION: u16 = 34264;
const KEYS: u16 = 34735;
const RPC: u16 = 50844;
/// The key that says whether places are counted from corners or from centres of pixels.
const RASTER_TYPE: u16 = 1025;

/// The GeoTIFF and GDAL fields of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Geo {
    fields: Vec<Field>,
    /// The size of the picture that the fields describe.
    size: Size,
}

impl Geo {
    /// Whether a tag is one of these fields.
    pub fn holds(tag: u16) -> bool {
        matches!(tag, PIXEL_SCALE | TIE_POINTS | TRANSFORMATION | KEYS | 34736 | 34737 | 42112 | 42113 | RPC)
    }

    /// The fields among those of a picture of `size`. `None` if there are none.
    pub fn read<'a>(fields: impl Iterator<Item = &'a Field>, size: Size) -> Option<Self> {
        let fields: Vec<Field> = fields.filter(|f| Self::holds(f.tag) && !f.value.is_empty()).cloned().collect();
        (!fields.is_empty()).then_some(Geo { fields, size })
    }

    /// The fields, in ascending order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Corrects the fields for a result of `size`.
    pub fn update_for_result(&mut self, size: Size) {
        let (x, y) =
            (f64::from(size.width) / f64::from(self.size.width), f64::from(size.height) / f64::from(self.size.height));
        // Counted from the centre of the first pixel, every place lies half a pixel further from the corner.
        let half = if self.counts_from_centres() { 0.5 } else { 0.0 };
        let place = |at: f64, factor: f64| (at + half) * factor - half;
        for field in &mut self.fields {
            if field.data_type != 12 {
                continue;
            }
            let mut values: Vec<f64> = field.value.as_chunks().0.iter().map(|b| f64::from_ne_bytes(*b)).collect();
            match (field.tag, values.as_mut_slice()) {
                (PIXEL_SCALE, [across, down, ..]) => {
                    *across /= x;
                    *down /= y;
                }
                (TIE_POINTS, points) => {
                    for point in points.chunks_exact_mut(6) {
                        point[0] = place(point[0], x);
                        point[1] = place(point[1], y);
                    }
                }
                (TRANSFORMATION, matrix) if matrix.len() == 16 => {
                    for row in matrix.chunks_exact_mut(4) {
                        // What an old place was, from a new one: (new + half) / factor - half.
                        row[3] += row[0] * (half / x - half) + row[1] * (half / y - half);
                        row[0] /= x;
                        row[1] /= y;
                    }
                    // The last row is not a place.
                    matrix[12..].copy_from_slice(&[0.0, 0.0, 0.0, 1.0]);
                }
                // Line and sample are counted from centres of pixels, and scaled.
                (RPC, numbers) if numbers.len() >= 9 => {
                    numbers[2] = (numbers[2] + 0.5) * y - 0.5;
                    numbers[3] = (numbers[3] + 0.5) * x - 0.5;
                    numbers[7] *= y;
                    numbers[8] *= x;
                }
                _ => {}
            }
            field.value = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
        }
        self.size = size;
    }

    fn counts_from_centres(&self) -> bool {
        let Some(keys) = self.fields.iter().find(|f| f.tag == KEYS && f.data_type == 3) else { return false };
        let numbers: Vec<u16> = keys.value.as_chunks().0.iter().map(|b| u16::from_ne_bytes(*b)).collect();
        // A header of four numbers, then four numbers for each key: its number, where its value is, how many, the value.
        numbers.chunks_exact(4).skip(1).any(|key| key[..2] == [RASTER_TYPE, 0] && key[3] == 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubles(tag: u16, values: &[f64]) -> Field {
        Field { tag, data_type: 12, value: values.iter().flat_map(|v| v.to_ne_bytes()).collect(), position: 0 }
    }

    fn read(geo: &Geo, tag: u16) -> Vec<f64> {
        let field = geo.fields().iter().find(|f| f.tag == tag).unwrap();
        field.value.as_chunks().0.iter().map(|b| f64::from_ne_bytes(*b)).collect()
    }

    fn keys(raster_type: u16) -> Field {
        let numbers = [1, 1, 0, 2, 1024, 0, 1, 1, RASTER_TYPE, 0, 1, raster_type];
        Field {
            tag: KEYS,
            data_type: 3,
            value: numbers.iter().flat_map(|n: &u16| n.to_ne_bytes()).collect(),
            position: 0,
        }
    }

    /// Where a place in the picture's raster is on the ground, by scale and tie point.
    fn ground(geo: &Geo, at: [f64; 2]) -> [f64; 2] {
        let (scale, tie) = (read(geo, PIXEL_SCALE), read(geo, TIE_POINTS));
        [tie[3] + (at[0] - tie[0]) * scale[0], tie[4] - (at[1] - tie[1]) * scale[1]]
    }

    #[test]
    fn corners_of_the_picture_stay_where_they_are() {
        let (old, new) = (Size { width: 100, height: 80 }, Size { width: 250, height: 160 });
        for (raster_type, half) in [(1, 0.0), (2, 0.5)] {
            let fields = [
                doubles(PIXEL_SCALE, &[10.0, 20.0, 0.0]),
                doubles(TIE_POINTS, &[7.0, 3.0, 0.0, 5000.0, 9000.0, 0.0]),
                keys(raster_type),
            ];
            let mut geo = Geo::read(fields.iter(), old).unwrap();
            let corners = |geo: &Geo, size: Size| {
                [[0.0, 0.0], [f64::from(size.width), f64::from(size.height)]]
                    .map(|[x, y]| ground(geo, [x - half, y - half]))
            };
            let before = corners(&geo, old);
            geo.update_for_result(new);
            let after = corners(&geo, new);
            assert!(
                before.iter().flatten().zip(after.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-9),
                "{before:?} {after:?}"
            );
            assert_eq!(read(&geo, PIXEL_SCALE), [4.0, 10.0, 0.0]);
        }
    }

    #[test]
    fn a_transformation_keeps_the_corners_too() {
        let (old, new) = (Size { width: 10, height: 8 }, Size { width: 30, height: 16 });
        for (raster_type, half) in [(1, 0.0), (2, 0.5)] {
            let matrix = [2.0, 0.5, 0.0, 100.0, -0.25, -3.0, 0.0, 200.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
            let fields = [doubles(TRANSFORMATION, &matrix), keys(raster_type)];
            let mut geo = Geo::read(fields.iter(), old).unwrap();
            let ground = |geo: &Geo, x: f64, y: f64| {
                let m = read(geo, TRANSFORMATION);
                let (x, y) = (x - half, y - half);
                [m[0] * x + m[1] * y + m[3], m[4] * x + m[5] * y + m[7]]
            };
            let before = [ground(&geo, 0.0, 0.0), ground(&geo, 10.0, 8.0)];
            geo.update_for_result(new);
            let after = [ground(&geo, 0.0, 0.0), ground(&geo, 30.0, 16.0)];
            assert!(
                before.iter().flatten().zip(after.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-9),
                "{before:?} {after:?}"
            );
        }
    }
}
