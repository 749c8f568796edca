//! Pixels of a call: in memory that the host shares, or in memory here that the pipe fills.
//!
//! The host sends rows without what lies between them, so that memory follows the picture and not the strides. A view that the library
//! would refuse is passed on as the host has it, to be refused; nothing of it may be read.

use std::{ptr, slice};

use enlarger_system::SharedMemory;

use super::wire::{Garbage, Reader, Result};
use crate::format::format;
use crate::status::{ENL_ERROR_MEMORY, Failure};
use crate::view::{Pixels, enl_view};

/// The memory of a call.
pub(super) enum Memory {
    None,
    Shared(SharedMemory),
    /// Written through its pointer, never through a reference.
    Own(Vec<u8>, *mut u8),
}

/// Why there is no memory.
pub(super) enum Lack {
    /// The host's memory cannot be opened here; it is to send the pixels.
    NotShared,
    /// The machine has too little.
    Failure(Failure),
}

impl Memory {
    /// The memory that a call announces. `sent` is what came through the pipe; `most` tells how many bytes
    /// there may be; it is asked only if memory is taken here.
    pub(super) fn take(
        reader: &mut Reader<'_>,
        sent: Option<Vec<u8>>,
        most: impl FnOnce() -> u64,
    ) -> Result<std::result::Result<Self, Lack>> {
        let kind = reader.u8()?;
        if sent.is_some() && kind != 2 {
            return Err(Garbage::new("pixels were sent for a call that uses none"));
        }
        match kind {
            0 => Ok(Ok(Memory::None)),
            1 => {
                let name = str::from_utf8(reader.bytes()?).map_err(|_| Garbage::new("a name is not UTF-8"))?;
                let size = reader.size()?;
                Ok(SharedMemory::open(name, size).map(Memory::Shared).map_err(|_| Lack::NotShared))
            }
            2 => {
                let size = reader.size()?;
                let mut bytes = sent.unwrap_or_default();
                let Some(more) = size.checked_sub(bytes.len()) else {
                    return Err(Garbage::new("more pixels were sent than announced"));
                };
                // A number alone must not fill the machine's memory, which some systems promise without having it.
                if size as u64 > most() || bytes.try_reserve_exact(more).is_err() {
                    let message = format!("there is not enough memory for pixels of {} MiB", size >> 20);
                    return Ok(Err(Lack::Failure(Failure::new(ENL_ERROR_MEMORY, message))));
                }
                bytes.resize(size, 0);
                Ok(Ok(Memory::own(bytes)))
            }
            other => Err(Garbage::new(format!("{other} is not a kind of memory"))),
        }
    }

    fn own(mut bytes: Vec<u8>) -> Self {
        let start = bytes.as_mut_ptr();
        Memory::Own(bytes, start)
    }

    fn start(&self) -> (*mut u8, usize) {
        match self {
            Memory::None => (ptr::null_mut(), 0),
            Memory::Shared(memory) => (memory.start(), memory.size()),
            Memory::Own(bytes, start) => (*start, bytes.len()),
        }
    }

    /// A view of the host, at its place in this memory, and the bytes of its rows; or as it is, and 0, if the library refuses it.
    pub(super) fn placed(&self, view: enl_view, place: usize) -> Result<(enl_view, usize)> {
        // SAFETY: the view is a local; its pixels are not looked at.
        if unsafe { Pixels::new(&view, "the view") }.is_err() {
            return Ok((view, 0));
        }
        let Ok(format) = format(view.format) else { return Ok((view, 0)) };
        let stride = format.row_size(view.width);
        let size = stride * view.height as usize;
        let (start, length) = self.start();
        if place.checked_add(size).is_none_or(|end| end > length) {
            return Err(Garbage::new("the pixels of a view are not in the memory of its call"));
        }
        Ok((enl_view { data: start.wrapping_add(place).cast(), size, stride, ..view }, size))
    }

    /// Calls `send` with the pieces of a part that the host wants back, unless the host sees them anyway.
    pub(super) fn send(&self, (place, size): (usize, usize), piece: usize, mut send: impl FnMut(usize, &[u8])) {
        if let Memory::Own(_, start) = self {
            // SAFETY: the part was placed in these bytes, and the library has returned.
            let bytes = unsafe { slice::from_raw_parts(start.add(place), size) };
            for (i, part) in bytes.chunks(piece).enumerate() {
                send(place + i * piece, part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{ENL_CHANNELS_RGB, ENL_SAMPLE_U8};

    fn view() -> enl_view {
        enl_view {
            data: ptr::without_provenance_mut(4096),
            size: 1 << 40,
            stride: 1 << 30,
            width: 4,
            height: 3,
            format: ENL_SAMPLE_U8 + ENL_CHANNELS_RGB,
            reserved: 0,
        }
    }

    #[test]
    fn more_pixels_than_there_is_memory_are_refused_and_no_memory_is_taken_for_them() {
        for size in [1001, u64::MAX] {
            let announced = [&[2], &size.to_ne_bytes()[..]].concat();
            let taken = Memory::take(&mut Reader::new(&announced), None, || 1000).unwrap();
            assert!(matches!(taken, Err(Lack::Failure(failure)) if failure.status == ENL_ERROR_MEMORY), "{size}");
        }
        let announced = [&[2], &1000u64.to_ne_bytes()[..]].concat();
        let taken = Memory::take(&mut Reader::new(&announced), None, || 1000).unwrap();
        assert!(taken.is_ok_and(|memory| memory.start().1 == 1000));
    }

    #[test]
    fn a_view_gets_the_memory_of_its_rows_only() {
        let memory = Memory::own(vec![0; 40]);
        let (placed, size) = memory.placed(view(), 4).unwrap();
        assert_eq!((size, placed.size, placed.stride), (36, 36, 12));
        assert_eq!(placed.data.addr(), memory.start().0.addr() + 4);
    }

    #[test]
    fn a_view_beyond_its_memory_is_garbage() {
        for (length, place) in [(35, 0), (40, 5), (40, usize::MAX), (0, 0)] {
            assert!(Memory::own(vec![0; length]).placed(view(), place).is_err(), "{length} {place}");
        }
        assert!(Memory::None.placed(view(), 0).is_err());
    }

    #[test]
    fn a_view_that_the_library_refuses_stays_as_it_is() {
        for wrong in [
            enl_view { data: ptr::null_mut(), ..view() },
            enl_view { stride: 11, ..view() },
            enl_view { size: 1, ..view() },
            enl_view { width: 0, ..view() },
            enl_view { format: 7, ..view() },
            enl_view { reserved: 1, ..view() },
            enl_view { data: ptr::without_provenance_mut(usize::MAX), ..view() },
        ] {
            let (same, size) = Memory::None.placed(wrong, 0).unwrap();
            assert_eq!((size, same.data, same.stride, same.size), (0, wrong.data, wrong.stride, wrong.size));
        }
    }
}
