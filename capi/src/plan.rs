//! Plans: what a run will do, calculated before it starts.

use enlarger::{Rect, Size};

use crate::boundary::{guard, read, write};
use crate::handle;
use crate::options::enl_options;
use crate::status::Result;
use crate::upscaler::{Upscaler, enl_upscaler};

/// A rectangle of whole pixels.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_rect {
    /// The leftmost column.
    pub x: u32,
    /// The top row.
    pub y: u32,
    /// The number of columns, at least 1.
    pub width: u32,
    /// The number of rows, at least 1.
    pub height: u32,
}

/// What a run will do. The caller provides the struct; enl_upscaler_plan fills in every field.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_plan {
    /// The width in pixels of the result or, if there is a rectangle, of the result for the rectangle.
    pub width: u32,
    /// The height in pixels of the result or, if there is a rectangle, of the result for the rectangle.
    pub height: u32,
    /// The part of the source that the run reads. For a source without alpha, the run may read slightly less.
    pub read: enl_rect,
    /// The number of successive passes of a network; 0 if resampling alone is enough.
    pub passes: u32,
    /// The width of the largest tile including its halo; 0 without a network.
    pub tile_width: u32,
    /// The height of the largest tile including its halo; 0 without a network.
    pub tile_height: u32,
    /// Currently 0; ignore it.
    pub reserved: u32,
    /// The number of tiles in all passes.
    pub tiles: u64,
    /// The number of pixels that networks process, including halos. The running time is
    /// roughly proportional to it.
    pub network_pixels: u64,
    /// The expected peak memory of the run in bytes, excluding the source and the result.
    pub memory: u64,
    /// Currently 0; ignore it.
    pub future: [u64; 4],
}

/// Reads the caller's rectangle, if there is one.
///
/// # Safety
/// `rect` is NULL or points to a rectangle.
pub(crate) unsafe fn read_rect(rect: *const enl_rect) -> Result<Option<Rect>> {
    if rect.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller of this function promises it.
    let enl_rect { x, y, width, height } = unsafe { read(rect, "the rectangle")? };
    Ok(Some(Rect { x, y, width, height }))
}

/// Calculates what a run would do with a picture of this size, such as the size of the result and the memory needed.
///
/// This usually takes microseconds, because no network runs. If a network must be opened first, it takes a fraction of
/// a second.
///
/// @param upscaler  The handle.
/// @param options   The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param width     The width of the whole source in pixels, 1 to 1048576.
/// @param height    The height of the whole source in pixels, 1 to 1048576.
/// @param rect      The part of the source to enlarge; NULL for all of it. The result is the corresponding part of the
///                  whole result.
/// @param plan      Out: the plan.
/// @return ENL_OK; ENL_ERROR_ARGUMENT for an invalid size, rectangle or option; ENL_ERROR_LIMIT for a source or
///         a result that is too large; ENL_ERROR_MEMORY if the run does not fit into memory; if a network must be
///         opened, also ENL_ERROR_MODEL_NOT_FOUND, ENL_ERROR_MODEL_INVALID, ENL_ERROR_MODEL_CONTRACT,
///         ENL_ERROR_MODEL_HASH, ENL_ERROR_ENGINE_NOT_FOUND, ENL_ERROR_ENGINE_VERSION, ENL_ERROR_DEVICE,
///         ENL_ERROR_INFERENCE, ENL_ERROR_IO; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
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
        // SAFETY: the header requires NULL or a rectangle.
        let rect = unsafe { read_rect(rect)? };
        let made = handle::with(upscaler, |upscaler: &Upscaler| {
            let mut request = upscaler.request(options)?;
            request.job.rect = rect;
            let size = Size::new(width, height)?;
            Ok(upscaler.open_for(&mut request, size)?.plan(size, &request.job)?)
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
        // SAFETY: the header requires a pointer to a plan.
        unsafe { write(plan, made, "'plan'") }
    })
}
