//! Finds out what a picture is, for presets that have networks for photos and others for drawings.
//!
//! A picture is never read if the answer would not be used.

use enlarger::{Content, Measures, Source};

use crate::boundary::{guard, write};
use crate::cancel::{self, enl_cancel};
use crate::handle;
use crate::options::enl_options;
use crate::stream::{RowSource, enl_source};
use crate::upscaler::{Upscaler, enl_upscaler};

/// What the picture is makes no difference; the option "content" can stay as it is.
pub const ENL_CONTENT_UNUSED: i32 = 0;
/// The picture is a photo, or not certainly a drawing: the value "photo" of the option "content".
pub const ENL_CONTENT_PHOTO: i32 = 1;
/// The picture is a drawing, a screenshot or pixel art: the value "drawing" of the option "content".
pub const ENL_CONTENT_DRAWING: i32 = 2;

/// Finds out whether a picture is a photo or a drawing, for presets that have networks for each.
///
/// Set the option "content" to the answer before you stream the same picture; if it is ENL_CONTENT_UNUSED, leave the option as it is.
/// Generated pictures are not recognised: a user has to say that a picture is one.
///
/// The function reads the rows of the source in full, in ascending order, each at most once.
///
/// The answer is ENL_CONTENT_UNUSED, and nothing is read, if it would not be used:
/// - the preset has the same networks for all pictures, or the options name a model or a method;
/// - the option "content" is set;
/// - no network runs, because the factor is below 1, the option "strength" is 0, or the option "creativity" of a preset that follows it is 0.
///
/// @param upscaler  The handle.
/// @param options   The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param source    The source of the rows.
/// @param cancel    Stops the measurement from another thread; NULL for none.
/// @param content   Out: ENL_CONTENT_PHOTO, ENL_CONTENT_DRAWING or ENL_CONTENT_UNUSED.
/// @return ENL_OK; ENL_CANCELLED, also if a callback did not return ENL_CONTINUE; ENL_ERROR_ARGUMENT for an invalid
///         option or source; ENL_ERROR_FORMAT for an invalid format or profile; ENL_ERROR_LIMIT for a source or a
///         result that is too large; ENL_ERROR_MEMORY; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_measure_content(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    source: *const enl_source,
    cancel: *const enl_cancel,
    content: *mut i32,
) -> i32 {
    guard(|| {
        let cancel = cancel::from_handle(cancel)?;
        let found = handle::with(upscaler, |upscaler: &Upscaler| {
            let request = upscaler.request(options)?;
            // SAFETY: the header requires a source.
            let mut source = unsafe { RowSource::new(source, request.colour.clone())? };
            if !upscaler.looks_at_content(&request, source.size())? {
                return Ok(ENL_CONTENT_UNUSED);
            }
            Ok(match Measures::measure(&mut source, &cancel)?.content() {
                Content::Drawing => ENL_CONTENT_DRAWING,
                _ => ENL_CONTENT_PHOTO,
            })
        })?;
        // SAFETY: the header requires a pointer to an int32_t.
        unsafe { write(content, found, "'content'") }
    })
}
