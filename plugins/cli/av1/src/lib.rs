//! A safe wrapper of the AV1 decoder rav1d.
//!
//! The decoder is written in Rust, but offers only the C interface of dav1d, so all `unsafe` that AVIF pictures need is here.
//! One still picture is decoded, and its samples are copied out. Nothing of the decoder outlives a call.

use std::fmt;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use rav1d::include::dav1d::data::Dav1dData;
use rav1d::include::dav1d::dav1d::{Dav1dContext, Dav1dSettings};
use rav1d::include::dav1d::headers::{
    DAV1D_PIXEL_LAYOUT_I400, DAV1D_PIXEL_LAYOUT_I420, DAV1D_PIXEL_LAYOUT_I422, DAV1D_PIXEL_LAYOUT_I444,
};
use rav1d::include::dav1d::picture::Dav1dPicture;
use rav1d::src::lib::{
    dav1d_close, dav1d_data_create, dav1d_data_unref, dav1d_default_settings, dav1d_get_picture, dav1d_open,
    dav1d_picture_unref, dav1d_send_data,
};

/// A decoded picture.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The size in pixels.
    pub width: usize,
    /// The size in pixels.
    pub height: usize,
    /// Bits of a sample: 8, 10 or 12.
    pub bits: u8,
    /// Luminance, and the two chrominance planes if there are any.
    pub planes: Vec<Plane>,
    /// The primaries as a number of H.273.
    pub primaries: u8,
    /// The transfer function as a number of H.273.
    pub transfer: u8,
    /// The matrix as a number of H.273.
    pub matrix: u8,
    /// Whether black is 0 and white the largest number.
    pub full_range: bool,
}

/// The samples of one channel.
#[derive(Clone, Debug)]
pub struct Plane {
    /// Samples in a row.
    pub width: usize,
    /// The rows, one after the other.
    pub samples: Vec<u16>,
}

/// Why a picture could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The data are no sound AV1 picture.
    Damaged,
    /// The data end too soon.
    CutShort,
    /// There is not enough memory.
    Memory,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Damaged => "its AV1 data are damaged",
            Error::CutShort => "its AV1 data end too soon",
            Error::Memory => "not enough memory for its AV1 data",
        })
    }
}

impl std::error::Error for Error {}

/// An open decoder, which is closed when it is dropped.
struct Decoder(Option<Dav1dContext>);

impl Decoder {
    fn new(max_pixels: u32) -> Result<Self, Error> {
        let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
        let place = NonNull::new(settings.as_mut_ptr()).ok_or(Error::Memory)?;
        // SAFETY: `place` points to memory of the right size, which the call fills.
        let mut settings = unsafe {
            dav1d_default_settings(place);
            settings.assume_init()
        };
        // On one thread nothing waits for another, whatever the data say.
        settings.n_threads = 1;
        settings.max_frame_delay = 1;
        settings.frame_size_limit = max_pixels;
        let mut context: Option<Dav1dContext> = None;
        // SAFETY: both point to initialised values that live over the call.
        let result = unsafe { dav1d_open(Some(NonNull::from(&mut context)), Some(NonNull::from(&mut settings))) };
        if result.0 == 0 { Ok(Decoder(context)) } else { Err(Error::Memory) }
    }

    /// Gives the decoder `data`. Returns the first picture that comes out.
    fn decode(&self, data: &[u8]) -> Result<Picture, Error> {
        let mut buffer = Data::new(data)?;
        loop {
            // SAFETY: the context is open, and the buffer is initialised.
            let sent = unsafe { dav1d_send_data(self.0, Some(NonNull::from(&mut buffer.0))) };
            let all = buffer.0.sz == 0;
            if sent.0 != 0 && all {
                return Err(Error::Damaged);
            }
            // Asked again without new data, the decoder waits for its threads.
            for _ in 0..if all { 4 } else { 1 } {
                let mut picture = Picture(Dav1dPicture::default());
                // SAFETY: the context is open, and the picture is initialised.
                let got = unsafe { dav1d_get_picture(self.0, Some(NonNull::from(&mut picture.0))) };
                if got.0 == 0 {
                    return Ok(picture);
                }
            }
            if all {
                return Err(Error::CutShort);
            }
            // Neither side goes on.
            if sent.0 != 0 {
                return Err(Error::Damaged);
            }
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context came from `dav1d_open` and is closed once.
        unsafe { dav1d_close(Some(NonNull::from(&mut self.0))) };
    }
}

/// Data that the decoder owns.
struct Data(Dav1dData);

impl Data {
    fn new(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::CutShort);
        }
        let mut data = Data(Dav1dData::default());
        // SAFETY: the call writes an owner of `bytes.len()` bytes into `data` and returns where they begin, or null.
        let to = unsafe { dav1d_data_create(Some(NonNull::from(&mut data.0)), bytes.len()) };
        if to.is_null() {
            return Err(Error::Memory);
        }
        // SAFETY: `to` begins `bytes.len()` bytes that nobody else uses yet.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        Ok(data)
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        // SAFETY: the value is initialised; what the decoder has taken is no longer in it.
        unsafe { dav1d_data_unref(Some(NonNull::from(&mut self.0))) };
    }
}

/// A picture that the decoder shares with us.
struct Picture(Dav1dPicture);

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: the value is initialised, and given back once.
        unsafe { dav1d_picture_unref(Some(NonNull::from(&mut self.0))) };
        // What is written in its place is empty, but for one allocation that nobody else frees.
        if let Some(empty) = self.0.itut_t35_ref.take() {
            // SAFETY: it was made by the call before from an `Arc`, and this is its only copy.
            drop(unsafe { empty.into_arc() });
        }
    }
}

impl Picture {
    fn frame(&self) -> Result<Frame, Error> {
        let picture = &self.0;
        let side = |n: i32| usize::try_from(n).ok().filter(|n| *n > 0).ok_or(Error::Damaged);
        let (width, height) = (side(picture.p.w)?, side(picture.p.h)?);
        let bits = u8::try_from(picture.p.bpc).map_err(|_| Error::Damaged)?;
        // How often chrominance is halved, across and down.
        let (count, across, down) = match picture.p.layout {
            DAV1D_PIXEL_LAYOUT_I400 => (1, 0, 0),
            DAV1D_PIXEL_LAYOUT_I420 => (3, 1, 1),
            DAV1D_PIXEL_LAYOUT_I422 => (3, 1, 0),
            DAV1D_PIXEL_LAYOUT_I444 => (3, 0, 0),
            _ => return Err(Error::Damaged),
        };
        let mut planes = Vec::new();
        for index in 0..count {
            let halved = |n: usize, times: u32| if index == 0 { n } else { n.div_ceil(1 << times) };
            let (width, height) = (halved(width, across), halved(height, down));
            let start = picture.data[index].ok_or(Error::Damaged)?.cast::<u8>();
            let stride = picture.stride[usize::from(index > 0)];
            let mut samples = Vec::new();
            samples.try_reserve_exact(width * height).map_err(|_| Error::Memory)?;
            for y in 0..height {
                let offset = stride.checked_mul(y as isize).ok_or(Error::Damaged)?;
                // SAFETY: the decoder's picture has `height` rows of `width` samples, `stride` bytes apart, and is alive. Samples
                // of more than 8 bits are 16-bit numbers in the machine's order, at even addresses.
                unsafe {
                    let row = start.as_ptr().offset(offset);
                    if bits == 8 {
                        samples.extend(std::slice::from_raw_parts(row, width).iter().map(|v| u16::from(*v)));
                    } else {
                        samples.extend_from_slice(std::slice::from_raw_parts(row.cast::<u16>(), width));
                    }
                }
            }
            planes.push(Plane { width, samples });
        }
        let header = picture.seq_hdr.ok_or(Error::Damaged)?;
        // SAFETY: the picture keeps its header alive.
        let header = unsafe { header.as_ref() };
        let number = |n: u32| u8::try_from(n).unwrap_or(2);
        Ok(Frame {
            width,
            height,
            bits,
            planes,
            primaries: number(header.pri),
            transfer: number(header.trc),
            matrix: number(header.mtrx),
            full_range: header.color_range != 0,
        })
    }
}

/// Decodes one still picture of at most `max_pixels`.
///
/// # Errors
/// If the data are no sound picture, or memory is short.
pub fn decode(data: &[u8], max_pixels: u32) -> Result<Frame, Error> {
    let decoder = Decoder::new(max_pixels)?;
    decoder.decode(data)?.frame()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_an_error() {
        assert!(decode(&[], 100).is_err());
        for length in 1..200usize {
            let noise: Vec<u8> = (0..length).map(|i| (i * 37 + length * 11) as u8).collect();
            assert!(decode(&noise, 1 << 20).is_err());
        }
    }
}
