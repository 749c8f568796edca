//! What a picture must be looked at for before it is streamed: its wear, from which presets choose noise levels, and its faces.
//!
//! A picture is never read if its level would not be used.

use enlarger::{Size, Source, Wear};

use crate::boundary::{guard, write};
use crate::cancel::{self, enl_cancel};
use crate::handle;
use crate::options::enl_options;
use crate::status::Result;
use crate::stream::{RowSource, enl_source};
use crate::upscaler::{Request, Upscaler, enl_upscaler};

/// Measures how much noise and JPEG damage a picture has, for presets that choose their noise level from it.
///
/// If the level is 0 to 100, set the option "denoise" to it before you stream the same picture. If it is -1, leave the
/// option as it is.
///
/// The function reads rows of the source in full, in ascending order, each at most once: all of them, or stripes of a
/// picture of more than 2080 rows. A picture of fewer than three
/// rows is not read, and its level is 0.
///
/// The level is -1, and nothing is read, if the measurement would not be used:
/// - the preset does not analyse pictures, or the options name a model;
/// - the option "denoise" is set;
/// - no network runs, because the factor is below 1 or the option "strength" is 0.
///
/// @param upscaler  The handle.
/// @param options   The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param source    The source of the rows.
/// @param cancel    Stops the measurement from another thread; NULL for none.
/// @param denoise   Out: the level, 0 to 100, or -1.
/// @return ENL_OK; ENL_CANCELLED, also if a callback did not return ENL_CONTINUE; ENL_ERROR_ARGUMENT for an invalid
///         option or source; ENL_ERROR_FORMAT for an invalid format or profile; ENL_ERROR_LIMIT for a source or a
///         result that is too large; ENL_ERROR_MEMORY; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_measure(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    source: *const enl_source,
    cancel: *const enl_cancel,
    denoise: *mut i32,
) -> i32 {
    // SAFETY: the header requires what `measure` does.
    guard(|| unsafe { measure(upscaler, options, source, cancel, denoise, Upscaler::looks_at_wear) })
}

/// Measures how much noise and JPEG damage a picture has, for faces, which have a noise level of their own.
///
/// If the level is 0 to 100, set the option "face_denoise" to it before you stream the same picture. If it is -1, leave the
/// option as it is. Rows are read as by enl_upscaler_measure.
///
/// The level is -1, and nothing is read, if the measurement would not be used:
/// - neither the preset nor the option "faces" treats faces apart, or the option "face_points" names none;
/// - the option "face_denoise" is set;
/// - no network runs, because the factor is below 1 or the option "strength" is 0.
///
/// @param upscaler  The handle.
/// @param options   The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param source    The source of the rows.
/// @param cancel    Stops the measurement from another thread; NULL for none.
/// @param denoise   Out: the level, 0 to 100, or -1.
/// @return As enl_upscaler_measure.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_measure_faces(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    source: *const enl_source,
    cancel: *const enl_cancel,
    denoise: *mut i32,
) -> i32 {
    // SAFETY: the header requires what `measure` does.
    guard(|| unsafe {
        measure(upscaler, options, source, cancel, denoise, |upscaler, request, size| {
            let factor = request.job.factor(size)?;
            let runs = factor >= 1.0 && request.job.strength > 0.0;
            Ok(runs && request.face_denoise.is_none() && upscaler.keeps_faces(request))
        })
    })
}

/// Tells whether a run wants to know where the faces of a picture are: something is done to them, and the option "face_points" does
/// not name any. enl_upscaler_run finds them itself. Before enl_upscaler_stream, call enl_faces_find and set the option to what it
/// finds, or, if that is nothing, the option "faces" to "off".
///
/// @param upscaler  The handle.
/// @param options   The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param width     The width of the whole source in pixels, 1 to 1048576.
/// @param height    The height of the whole source in pixels, 1 to 1048576.
/// @param wants     Out: 1 if it does, otherwise 0.
/// @return ENL_OK; ENL_ERROR_ARGUMENT for an invalid size or option; ENL_ERROR_LIMIT for a source or a result that is too large;
///         ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_wants_faces(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    width: u32,
    height: u32,
    wants: *mut i32,
) -> i32 {
    guard(|| {
        let wanted = handle::with(upscaler, |upscaler: &Upscaler| {
            upscaler.looks_for_faces(&upscaler.request(options)?, Size::new(width, height)?)
        })?;
        // SAFETY: the header requires a pointer to an int32_t.
        unsafe { write(wants, i32::from(wanted), "'wants'") }
    })
}

/// Measures a picture of which `looks` says that it must be measured.
///
/// # Safety
/// `source` and `denoise` are NULL or what the header requires.
unsafe fn measure(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    source: *const enl_source,
    cancel: *const enl_cancel,
    denoise: *mut i32,
    looks: impl FnOnce(&Upscaler, &Request, Size) -> Result<bool>,
) -> Result<()> {
    let cancel = cancel::from_handle(cancel)?;
    let level = handle::with(upscaler, |upscaler: &Upscaler| {
        let request = upscaler.request(options)?;
        // SAFETY: the caller of this function promises it.
        let mut source = unsafe { RowSource::new(source, request.colour.clone())? };
        if !looks(upscaler, &request, source.size())? {
            return Ok(-1);
        }
        Ok(i32::from(Wear::measure(&mut source, &cancel)?.level()))
    })?;
    // SAFETY: the caller of this function promises it.
    unsafe { write(denoise, level, "'denoise'") }
}
