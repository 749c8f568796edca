//! Runs: pixels in, enlarged pixels out.

use std::ffi::c_void;

use enlarger::{Cancel, ChildCancel, Colour, Damage, Measures, Sink, Source, Wear};
use enlarger_engines::NO_FACE;

use crate::boundary::guard;
use crate::cancel::{self, enl_cancel};
use crate::handle;
use crate::log::{self, ENL_LOG_WARNING};
use crate::options::enl_options;
use crate::plan::{enl_rect, read_rect};
use crate::progress::{enl_progress_callback, reporter};
use crate::status::{ENL_ERROR_ARGUMENT, Failure, Result};
use crate::stream::{RowSink, RowSource, enl_sink, enl_source};
use crate::upscaler::{Measured, Upscaler, enl_upscaler};
use crate::view::{Pixels, ViewSink, ViewSource, enl_view};

/// Enlarges pixels in memory. A factor of 1 restores them; a factor below 1 reduces them.
///
/// Call enl_upscaler_plan first to get the size of the result. The result has the colour space of the source but may
/// have another format. A source with colour needs a target with colour, and a source with alpha a target with alpha.
///
/// Some presets analyse the whole source first, to choose a noise level or networks that suit its content. Set the option
/// "denoise" or "content" to choose yourself. Presets that treat faces apart from the rest look for them and measure their
/// noise; set the options "face_points" and "face_denoise" to say where faces are and how much noise is removed from them.
/// Faded tones and scratches are looked for if the preset or the options "fading" and "scratches" ask for it.
///
/// @param upscaler   The handle.
/// @param options    The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param source     The whole source, even if there is a rectangle. It is only read.
/// @param rect       The part of the source to enlarge; NULL for all of it. The result is the corresponding part of the
///                   whole result: the edges of the rectangle, multiplied by the factor and rounded.
/// @param cancel     Stops the run from another thread; NULL for none.
/// @param progress   Receives progress reports; NULL for none.
/// @param user_data  Passed to `progress`.
/// @param target     The memory for the result. It must not overlap with the source. After a failure its contents are
///                   undefined.
/// @return ENL_OK; ENL_CANCELLED; ENL_ERROR_ARGUMENT for an invalid rectangle, option or view, or views that overlap;
///         ENL_ERROR_BUFFER for a buffer or stride that is too small, or a target whose width or height in pixels is
///         not the plan's; ENL_ERROR_FORMAT for a format or a profile that is invalid or cannot hold the result;
///         ENL_ERROR_LIMIT for a source or a result that is too large; ENL_ERROR_MEMORY; ENL_ERROR_INFERENCE,
///         ENL_ERROR_DEVICE, ENL_ERROR_MODEL_CONTRACT, ENL_ERROR_OUTPUT; if a network must be opened, also
///         ENL_ERROR_MODEL_NOT_FOUND, ENL_ERROR_MODEL_INVALID, ENL_ERROR_MODEL_HASH, ENL_ERROR_ENGINE_NOT_FOUND,
///         ENL_ERROR_ENGINE_VERSION, ENL_ERROR_IO; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, one call at a time per upscaler. Different upscalers run concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_run(
    upscaler: *mut enl_upscaler,
    options: *const enl_options,
    source: *const enl_view,
    rect: *const enl_rect,
    cancel: *const enl_cancel,
    progress: enl_progress_callback,
    user_data: *mut c_void,
    target: *const enl_view,
) -> i32 {
    guard(|| {
        // SAFETY: the header requires views.
        let (source, target) = unsafe { (Pixels::new(source, "the source")?, Pixels::new(target, "the target")?) };
        if source.overlaps(&target) {
            let message = "the source and the target share memory; give the target its own memory";
            return Err(Failure::new(ENL_ERROR_ARGUMENT, message));
        }
        // SAFETY: the header requires NULL or a rectangle.
        let call = unsafe { Call::new(upscaler, options, rect, cancel, progress, user_data)? };
        call.run(|colour| {
            let first = ViewSource { pixels: source.clone(), colour: colour.clone() };
            Ok((Some(first), ViewSource { pixels: source, colour }, ViewSink { pixels: target }))
        })
    })
}

/// Enlarges a picture row by row. The memory needed depends on the width of the picture but not on its height, except
/// for models that need the whole picture in one tile.
///
/// The result is identical to that of enl_upscaler_run, except for presets that analyse the picture first. This
/// function cannot do that, because it reads each row only once. Call enl_upscaler_measure first and, unless the level
/// is -1, set the option "denoise" to it. Otherwise such a preset uses a default noise level and says so in the notes. For
/// presets that treat faces apart, call enl_faces_find and set the option "face_points", then call enl_upscaler_measure_faces and
/// set the option "face_denoise"; otherwise faces are enlarged as the rest is, and the notes say so. For presets that have
/// networks for photos and for drawings, call enl_upscaler_measure_content and set the option "content". For presets and options
/// that repair old photographs, call enl_damage_find and enl_options_set_damage; otherwise only the places of the option
/// "scratch_mask" are repaired, and the notes say so.
///
/// @param upscaler   The handle.
/// @param options    The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param source     The source of the rows.
/// @param rect       The part of the source to enlarge; NULL for all of it.
/// @param cancel     Stops the run from another thread; NULL for none.
/// @param progress   Receives progress reports; NULL for none.
/// @param user_data  Passed to `progress`; the source and the sink have their own.
/// @param sink       The sink for the rows. After a failure it has received only some of them.
/// @return As enl_upscaler_run, with the source and the sink in place of the views; ENL_CANCELLED also if a callback
///         does not return ENL_CONTINUE.
///
/// Threads: any, one call at a time per upscaler. Different upscalers run concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_stream(
    upscaler: *mut enl_upscaler,
    options: *const enl_options,
    source: *const enl_source,
    rect: *const enl_rect,
    cancel: *const enl_cancel,
    progress: enl_progress_callback,
    user_data: *mut c_void,
    sink: *const enl_sink,
) -> i32 {
    guard(|| {
        // SAFETY: the header requires NULL or a rectangle.
        let call = unsafe { Call::new(upscaler, options, rect, cancel, progress, user_data)? };
        // SAFETY: the header requires a source and a sink.
        call.run(|colour| unsafe { Ok((None::<RowSource>, RowSource::new(source, colour)?, RowSink::new(sink)?)) })
    })
}

/// The note of a stream whose noise level was neither set nor measured.
const NOT_MEASURED: &str = "the picture was not analysed for noise, so a default noise level was used; call enl_upscaler_measure first, or set the option 'denoise'";

/// The note of a stream in whose picture nobody looked for faces.
const NOT_SEARCHED: &str = "nobody looked for faces in the picture, so all of it is enlarged alike; call enl_faces_find first and set the option 'face_points', or set 'faces' to off";

/// The note of a stream whose noise level for faces was neither set nor measured.
const NOT_MEASURED_IN_FACES: &str = "the picture was not analysed for noise, so none was removed from faces; call enl_upscaler_measure_faces first, or set the option 'face_denoise'";
/// The note of a stream whose content was neither set nor measured.
const NOT_LOOKED_AT: &str = "the picture was not analysed for what it is, so it was taken for a photo; call enl_upscaler_measure_content first, or set the option 'content'";

/// Measures what is asked for, reading the source once, or not at all if nothing is.
fn measure(source: &mut dyn Source, wear: bool, content: bool, cancel: &Cancel) -> Result<Measured> {
    if content {
        let measures = Measures::measure(source, cancel)?;
        return Ok(Measured { denoise: wear.then(|| measures.wear().level()), content: Some(measures.content()) });
    }
    let level = if wear { Some(Wear::measure(source, cancel)?.level()) } else { None };
    Ok(Measured { denoise: level, content: None })
}

/// The arguments that both kinds of runs share.
struct Call {
    upscaler: *mut enl_upscaler,
    options: *const enl_options,
    rect: Option<enlarger::Rect>,
    cancel: Cancel,
    progress: enl_progress_callback,
    user_data: *mut c_void,
}

impl Call {
    /// # Safety
    /// `rect` is NULL or points to a rectangle; `progress` may be called with `user_data`.
    unsafe fn new(
        upscaler: *mut enl_upscaler,
        options: *const enl_options,
        rect: *const enl_rect,
        cancel: *const enl_cancel,
        progress: enl_progress_callback,
        user_data: *mut c_void,
    ) -> Result<Self> {
        // SAFETY: the caller of this function promises it.
        let rect = unsafe { read_rect(rect)? };
        Ok(Call { upscaler, options, rect, cancel: cancel::from_handle(cancel)?, progress, user_data })
    }

    /// `endpoints` makes three things: the source for measuring, if it can be read twice; the source; the sink.
    fn run<I: Source, O: Sink>(self, endpoints: impl FnOnce(Colour) -> Result<(Option<I>, I, O)>) -> Result<()> {
        // A callback stops this run, but not other runs with the same cancellation token.
        let own = ChildCancel::new(&self.cancel);
        let cancel = own.get();
        let mut report = reporter(self.progress, self.user_data, cancel.clone());
        handle::with_mut(self.upscaler, |upscaler: &mut Upscaler| {
            let mut request = upscaler.request(self.options)?;
            request.job.rect = self.rect;
            let (first, mut source, mut sink) = endpoints(request.colour.clone())?;
            let mut first = first;
            let mut notes = Vec::new();
            if upscaler.looks_for_faces(&request, source.size())? {
                match &mut first {
                    Some(first) => request.job.faces = upscaler.find_faces(first, cancel)?,
                    None => notes.push(NOT_SEARCHED.to_owned()),
                }
                if first.is_some() && request.job.faces.is_empty() {
                    notes.push(NO_FACE.to_owned());
                }
            }
            // Pixels in memory can be read as often as needed.
            if let (true, Some(first)) = (request.job.needs_damage(), &mut first) {
                request.job.damage = Some(Damage::find(first, &request.job, cancel)?);
            }
            let looks = upscaler.looks_at_wear(&request, source.size())?;
            let looks_at_faces = request.face_denoise.is_none() && upscaler.keeps_faces(&request);
            let looks_at_content = upscaler.looks_at_content(&request, source.size())?;
            let mut measured = Measured::default();
            if let Some(mut first) = first {
                measured = measure(&mut first, looks || looks_at_faces, looks_at_content, cancel)?;
                request.denoise = request.denoise.or(measured.denoise.filter(|_| looks));
                request.face_denoise = request.face_denoise.or(measured.denoise);
                request.content = request.content.or(measured.content);
            }
            upscaler.set_found(measured, request.job.faces.clone());
            let chosen = upscaler.open_for(&mut request, source.size())?;
            if looks && request.denoise.is_none() {
                notes.push(NOT_MEASURED.to_owned());
            }
            if looks_at_faces && request.face_denoise.is_none() {
                notes.push(NOT_MEASURED_IN_FACES.to_owned());
            }
            if looks_at_content && request.content.is_none() {
                notes.push(NOT_LOOKED_AT.to_owned());
            }
            upscaler.add_notes(notes);
            let done = chosen.run(&mut source, &mut sink, &request.job, cancel, &mut report)?;
            done.notes.iter().for_each(|note| log::send(ENL_LOG_WARNING, note));
            upscaler.add_notes(done.notes);
            // The last report may have stopped the run after all rows were written.
            Ok(cancel.check()?)
        })
    }
}
