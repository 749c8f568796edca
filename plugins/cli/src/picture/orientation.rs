//! Turning a picture upright.
//!
//! Cameras store a picture as the sensor saw it, with a tag that says how to turn it. It is turned here, and the tag is
//! cleared. A turned picture is held in memory; an upright one passes through untouched.

use std::mem;

use enlarger::{Result, Size};

use super::in_memory::InMemory;
use super::limits::Limits;
use super::source::{Picture, RowReader};

/// Applies the orientation of `picture`.
pub fn upright(mut picture: Picture, limits: &Limits) -> Result<Picture> {
    let orientation = picture.metadata.orientation;
    if !(2..=8).contains(&orientation) {
        picture.metadata.turn_upright(1, picture.size);
        return Ok(picture);
    }
    let (stored, pixel) = (picture.size, picture.format.pixel_size());
    let size = if orientation >= 5 { Size { width: stored.height, height: stored.width } } else { stored };
    let bytes = stored.pixels() * pixel as u64;
    limits.check_memory(bytes, "a picture that has to be turned upright")?;
    picture.metadata.turn_upright(orientation, size);
    let (limits, stride) = (*limits, size.width as usize * pixel);
    picture.turned = orientation;
    picture.size = size;
    let mut rows = mem::replace(&mut picture.rows, Box::new(InMemory::new(0, || Ok(Vec::new()))));
    picture.rows = Box::new(InMemory::new(stride, move || {
        let mut data = limits.allocate(bytes, "a picture that has to be turned upright")?;
        turn(&mut *rows, stored, orientation, pixel, stride, &mut data)?;
        Ok(data)
    }));
    Ok(picture)
}

fn turn(
    rows: &mut dyn RowReader,
    stored: Size,
    orientation: u8,
    pixel: usize,
    stride: usize,
    data: &mut [u8],
) -> Result<()> {
    let (right, bottom) = (stored.width as usize - 1, stored.height as usize - 1);
    for y in 0..stored.height {
        let row = rows.row(y)?;
        let y = y as usize;
        for (x, value) in row.chunks_exact(pixel).enumerate() {
            // The standard defines an orientation by where the stored row 0 and column 0 appear.
            let (to_x, to_y) = match orientation {
                2 => (right - x, y),
                3 => (right - x, bottom - y),
                4 => (x, bottom - y),
                5 => (y, x),
                6 => (bottom - y, x),
                7 => (bottom - y, right - x),
                8 => (y, right - x),
                _ => (x, y),
            };
            let at = to_y * stride + to_x * pixel;
            data[at..at + pixel].copy_from_slice(value);
        }
    }
    Ok(())
}
