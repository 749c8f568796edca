//! What a run will do, known before it starts.

use enlarger::{Rect, Size};

use crate::boundary::{guard, read, write};
use crate::handle;
use crate::options::enl_options;
use crate::status::Result;
use crate::upscaler::{Upscaler, enl_upscaler};

/// A rectangle of whole pixels. This struct will never change.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_rect {
    /// The left column.
    pub x: u32,
    /// The top row.
    pub y: u32,
    /// Columns; at least 1.
    pub width: u32,
    /// Rows; at least 1.
    pub height: u32,
}

/// What a run will do. You give the memory; the library fills all of it.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_plan {
    /// The width of the result (of the rectangle's, where one is wanted), in pixels.
    pub width: u32,
    /// The height of the result.
    pub height: u32,
    /// The part of the source that will be read, or a little less where it has no transparency.
    pub read: enl_rect,
    /// Network passes one after another; 0 where resampling alone is enough.
    pub passes: u32,
    /// The width of the largest tile, halo included; 0 without a network.
    pub tile_width: u32,
    /// Its height.
    pub tile_height: u32,
    /// 0 today; to be ignored.
    pub reserved: u32,
    /// Tiles, all passes together.
    pub tiles: u64,
    /// Pixels that the network will see, halos included. Time grows with them.
    pub network_pixels: u64,
    /// Bytes of memory that the run is expected to take at most, the source and the result not counted.
    pub memory: u64,
    /// 0 today; to be ignored.
    pub future: [u64; 4],
}

/// The rectangle that the caller wants, if any.
///
/// # Safety
/// `rect` is NULL or points to a rectangle.
pub(crate) unsafe fn wanted(rect: *const enl_rect) -> Result<Option<Rect>> {
    if rect.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller of this function promises it.
    let enl_rect { x, y, width, height } = unsafe { read(rect, "the rectangle")? };
    Ok(Some(Rect { x, y, width, height }))
}

/// Says what a run would do with a picture of this size: how large the result is, how much memory it takes. Takes
/// microseconds, unless a preset wants another network than before, which is then opened; nothing runs.
///
/// @param upscaler  The handle.
/// @param options   What is wanted; NULL for what the upscaler was made with.
/// @param width     The width of the whole source, in pixels; 1 to 1048576.
/// @param height    The height of the whole source.
/// @param rect      The part of the source that is wanted; NULL for all of it. The result is then that part of the
///                  whole result.
/// @param plan      Out.
/// @return ENL_OK; ENL_ERROR_ARGUMENT for a size, a rectangle or an option that cannot be; ENL_ERROR_LIMIT for a
///         picture too large; ENL_ERROR_MEMORY if the run cannot be made to fit; as enl_upscaler_new where a preset
///         wants another network; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY, ENL_ERROR_POISONED.
///
/// Threads: any, several at once, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_plan(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    width: u32,
    height: u32,
    rect: *const enl_rect,
    plan: *mut enl_plan,
) -> i32 {
    guard(|| {
        // SAFETY: the header asks for NULL or a rectangle.
        let rect = unsafe { wanted(rect)? };
        let made = handle::with(upscaler, |upscaler: &Upscaler| {
            let mut wanted = upscaler.wanted(options)?;
            wanted.job.rect = rect;
            let size = Size::new(width, height)?;
            Ok(upscaler.choose(&mut wanted, size)?.plan(size, &wanted.job)?)
        })?;
        let Rect { x, y, width, height } = made.read;
        let made = enl_plan {
            width: made.output.width,
            height: made.output.height,
            read: enl_rect { x, y, width, height },
            passes: made.passes,
            tile_width: made.largest_tile.width,
            tile_height: made.largest_tile.height,
            reserved: 0,
            tiles: made.tiles,
            network_pixels: made.network_pixels,
            memory: made.memory,
            future: [0; 4],
        };
        // SAFETY: the header asks for a pointer to a plan.
        unsafe { write(plan, made, "the place for the plan") }
    })
}
