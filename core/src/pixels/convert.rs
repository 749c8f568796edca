//! The conversion between the bytes of the caller and planar f32.
//!
//! The type of a sample gives its depth. Integers become 0 to 1; converting back rounds once, to the nearest. Nothing
//! here may convert colours: values stay encoded as they are.

use half::f16;

use crate::pixels::format::{Alpha, Channels, Format, Sample};

/// The largest magnitude of a sample. Larger ones are clamped, so that sums stay finite.
pub(crate) const LARGEST: f32 = 1e9;

/// The plane of each stored sample: colour planes first, alpha last.
fn planes(channels: Channels) -> &'static [usize] {
    match channels {
        Channels::Gray => &[0],
        Channels::GrayAlpha => &[0, 1],
        Channels::Rgb => &[0, 1, 2],
        Channels::Rgba => &[0, 1, 2, 3],
        Channels::Bgra => &[2, 1, 0, 3],
    }
}

/// Converts a row of bytes to planes of `width` samples: gray, or red, green and blue; then alpha, if there is one.
/// Colour becomes straight. NaN becomes 0.
pub(crate) fn unpack(format: Format, bytes: &[u8], width: usize, out: &mut [f32]) {
    let planes = planes(format.channels);
    let n = planes.len();
    for (channel, &plane) in planes.iter().enumerate() {
        let out = &mut out[plane * width..][..width];
        match format.sample {
            Sample::U8 => {
                for (v, pixel) in out.iter_mut().zip(bytes.chunks_exact(n)) {
                    *v = f32::from(pixel[channel]) / 255.0;
                }
            }
            Sample::U16 => each(bytes, n, channel, out, |b: [u8; 2]| f32::from(u16::from_ne_bytes(b)) / 65535.0),
            Sample::F16 => each(bytes, n, channel, out, |b: [u8; 2]| finite(f16::from_ne_bytes(b).to_f32())),
            Sample::F32 => each(bytes, n, channel, out, |b: [u8; 4]| finite(f32::from_ne_bytes(b))),
        }
    }
    if format.alpha == Alpha::Premultiplied && format.has_alpha() {
        // Integers hold no colour above white. If one seems to, alpha was rounded or the format is wrong.
        let white = if format.sample.is_float() { LARGEST } else { 1.0 };
        let (colour, alpha) = out[..n * width].split_at_mut((n - 1) * width);
        for plane in colour.chunks_exact_mut(width) {
            for (v, &a) in plane.iter_mut().zip(&*alpha) {
                *v = if a > 0.0 { (*v / a).clamp(-white, white) } else { 0.0 };
            }
        }
    }
}

fn each<const N: usize>(bytes: &[u8], n: usize, channel: usize, out: &mut [f32], value: impl Fn([u8; N]) -> f32) {
    let (samples, _) = bytes.as_chunks::<N>();
    for (v, pixel) in out.iter_mut().zip(samples.chunks_exact(n)) {
        *v = value(pixel[channel]);
    }
}

fn finite(v: f32) -> f32 {
    if v.is_nan() { 0.0 } else { v.clamp(-LARGEST, LARGEST) }
}

/// Converts planes back to a row of bytes. `planar` is laid out as by [`unpack`], with straight colour; it is changed
/// if the format is premultiplied.
pub(crate) fn pack(format: Format, planar: &mut [f32], width: usize, bytes: &mut [u8]) {
    let planes = planes(format.channels);
    let n = planes.len();
    if format.alpha == Alpha::Premultiplied && format.has_alpha() {
        let (colour, alpha) = planar[..n * width].split_at_mut((n - 1) * width);
        for plane in colour.chunks_exact_mut(width) {
            for (v, &a) in plane.iter_mut().zip(&*alpha) {
                *v *= a;
            }
        }
    }
    for (channel, &plane) in planes.iter().enumerate() {
        let values = &planar[plane * width..][..width];
        match format.sample {
            Sample::U8 => {
                for (pixel, &v) in bytes.chunks_exact_mut(n).zip(values) {
                    // The cast saturates; adding a half rounds to the nearest.
                    pixel[channel] = (v * 255.0 + 0.5) as u8;
                }
            }
            Sample::U16 => put(bytes, n, channel, values, |v| ((v * 65535.0 + 0.5) as u16).to_ne_bytes()),
            Sample::F16 => put(bytes, n, channel, values, |v| f16::from_f32(v.clamp(-65504.0, 65504.0)).to_ne_bytes()),
            Sample::F32 => put(bytes, n, channel, values, f32::to_ne_bytes),
        }
    }
}

fn put<const N: usize>(bytes: &mut [u8], n: usize, channel: usize, values: &[f32], value: impl Fn(f32) -> [u8; N]) {
    let (samples, _) = bytes.as_chunks_mut::<N>();
    for (pixel, &v) in samples.chunks_exact_mut(n).zip(values) {
        pixel[channel] = value(v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn formats() -> impl Strategy<Value = Format> {
        let sample = prop::sample::select(vec![Sample::U8, Sample::U16, Sample::F16, Sample::F32]);
        let channels = prop::sample::select(vec![
            Channels::Gray,
            Channels::GrayAlpha,
            Channels::Rgb,
            Channels::Rgba,
            Channels::Bgra,
        ]);
        (sample, channels).prop_map(|(sample, channels)| Format::new(sample, channels))
    }

    proptest! {
        /// Unpacking and packing keeps every bit, in all formats; floats are in the usual range.
        #[test]
        fn straight_round_trip(format in formats(), width in 1usize..40, seed in any::<u64>()) {
            let mut state = seed | 1;
            let mut random = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state };
            let count = width * format.channels.count();
            let bytes: Vec<u8> = (0..count).flat_map(|_| {
                let value = (random() % 4001) as f32 / 1000.0 - 1.0;
                match format.sample {
                    Sample::U8 => vec![random() as u8],
                    Sample::U16 => (random() as u16).to_ne_bytes().to_vec(),
                    Sample::F16 => f16::from_f32(value).to_ne_bytes().to_vec(),
                    Sample::F32 => value.to_ne_bytes().to_vec(),
                }
            }).collect();
            let mut planar = vec![0.0; count];
            unpack(format, &bytes, width, &mut planar);
            let mut back = vec![0; bytes.len()];
            pack(format, &mut planar, width, &mut back);
            prop_assert_eq!(bytes, back);
        }
    }

    #[test]
    fn channels_go_to_their_planes() {
        let mut planar = [0.0; 4];
        unpack(Format::new(Sample::U8, Channels::Bgra), &[1, 2, 3, 4], 1, &mut planar);
        assert_eq!(planar, [3.0 / 255.0, 2.0 / 255.0, 1.0 / 255.0, 4.0 / 255.0]);
    }

    #[test]
    fn premultiplied_colour_becomes_straight_and_back() {
        let format = Format { sample: Sample::U8, channels: Channels::GrayAlpha, alpha: Alpha::Premultiplied };
        let (bytes, mut planar, mut back) = ([50, 100, 9, 0], [0.0; 4], [0; 4]);
        unpack(format, &bytes, 2, &mut planar);
        assert!((planar[0] - 0.5).abs() < 1e-6 && planar[1] == 0.0);
        pack(format, &mut planar, 2, &mut back);
        assert_eq!(back, [50, 100, 0, 0]);
        unpack(format, &[200, 100], 1, &mut planar[..2]);
        assert_eq!(planar[0], 1.0, "colour above alpha becomes white");
    }

    #[test]
    fn nan_and_infinity_become_finite() {
        let format = Format::new(Sample::F32, Channels::Gray);
        let bytes: Vec<u8> = [f32::NAN, f32::INFINITY].iter().flat_map(|v| v.to_ne_bytes()).collect();
        let mut planar = [9.0; 2];
        unpack(format, &bytes, 2, &mut planar);
        assert_eq!(planar, [0.0, 1e9]);
    }
}
