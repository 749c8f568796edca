//! A look at a picture before it is enlarged.
//!
//! It must never read a picture that nobody wants looked at.

use enlarger::{Source, Wear};

use crate::boundary::{guard, write};
use crate::cancel::{self, enl_cancel};
use crate::handle;
use crate::options::enl_options;
use crate::stream::{RowSource, enl_source};
use crate::upscaler::{Upscaler, enl_upscaler};

/// Looks how worn a picture is, for a preset that goes by that: how noisy it is, and whether it went through JPEG.
///
/// What it finds is the value for the option "denoise" of a run that streams the same picture. All rows are asked for,
/// whole, from the first to the last, each once; a picture of less than three rows tells nothing, so that none of its are,
/// and the level is 0. Where the preset does not go by the picture, a model is named, the option "denoise" is set, or no
/// network runs, because the factor is below 1 or the option "strength" is 0, nothing is read and the level is -1.
///
/// @param upscaler  The handle.
/// @param options   What is wanted; NULL for what the upscaler was made with.
/// @param source    Where rows come from.
/// @param cancel    Stops the look from another thread; NULL for none.
/// @param denoise   Out: the level, 0 to 100; or -1.
/// @return ENL_OK; ENL_CANCELLED, also if a callback did not return ENL_CONTINUE; ENL_ERROR_ARGUMENT,
///         ENL_ERROR_FORMAT, ENL_ERROR_MEMORY; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY,
///         ENL_ERROR_POISONED; ENL_ERROR_PANIC.
///
/// Threads: any, several at once, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_measure(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    source: *const enl_source,
    cancel: *const enl_cancel,
    denoise: *mut i32,
) -> i32 {
    guard(|| {
        let cancel = cancel::given(cancel)?;
        let level = handle::with(upscaler, |upscaler: &Upscaler| {
            let wanted = upscaler.wanted(options)?;
            // SAFETY: the header asks for a source.
            let mut source = unsafe { RowSource::new(source, wanted.colour.clone())? };
            if !upscaler.looks_at_wear(&wanted, source.size())? {
                return Ok(-1);
            }
            Ok(i32::from(Wear::measure(&mut source, &cancel)?.level()))
        })?;
        // SAFETY: the header asks for a pointer to an int32_t.
        unsafe { write(denoise, level, "the place for the level") }
    })
}
