//! The run: pixels in, enlarged pixels out.

use std::ffi::c_void;

use enlarger::{Cancel, ChildCancel, Colour, Sink, Source, Wear};

use crate::boundary::guard;
use crate::cancel::{self, enl_cancel};
use crate::handle;
use crate::log::{self, ENL_LOG_WARNING};
use crate::options::enl_options;
use crate::plan::{enl_rect, wanted};
use crate::progress::{enl_progress_callback, reporter};
use crate::status::{ENL_ERROR_ARGUMENT, Failure, Result};
use crate::stream::{RowSink, RowSource, enl_sink, enl_source};
use crate::upscaler::{Upscaler, enl_upscaler};
use crate::view::{Pixels, ViewSink, ViewSource, enl_view};

/// Enlarges pixels in memory (or restores them, at a factor of 1).
///
/// A preset that goes by the picture's wear looks at all of the source first, unless the option "denoise" is set.
///
/// Ask enl_upscaler_plan for the result's size first. The result may have another format than the source; it has
/// its colour space. Colour does not fit into gray, nor transparency into a format without alpha.
///
/// @param upscaler   The handle.
/// @param options    What is wanted; NULL for what the upscaler was made with.
/// @param source     The whole source, whatever part of it is wanted. It is only read.
/// @param rect       The part of the source that is wanted; NULL for all of it. The result is then that part of the
///                   whole result: from the source's edges times the factor, rounded, to the same.
/// @param cancel     Stops the run from another thread; NULL for none.
/// @param progress   Told how far it is; NULL for nobody.
/// @param user_data  Given to `progress`.
/// @param target     Where the result goes; it must not overlap with the source. After a failure its content is of
///                   no meaning.
/// @return ENL_OK; ENL_CANCELLED; ENL_ERROR_ARGUMENT for a rectangle, an option or views that cannot be,
///         ENL_ERROR_BUFFER for a buffer or stride too small or a target of another size than the plan's,
///         ENL_ERROR_FORMAT for a format or a profile that cannot be or does not fit, ENL_ERROR_LIMIT for a picture
///         too large; ENL_ERROR_MEMORY; ENL_ERROR_INFERENCE, ENL_ERROR_DEVICE, ENL_ERROR_MODEL_CONTRACT,
///         ENL_ERROR_OUTPUT; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY, ENL_ERROR_POISONED;
///         ENL_ERROR_PANIC, ENL_ERROR_INTERNAL.
///
/// Threads: any, one at a time for an upscaler; upscalers run beside each other. Since: 0.1.
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
        // SAFETY: the header asks for views.
        let (source, target) = unsafe { (Pixels::new(source, "the source")?, Pixels::new(target, "the target")?) };
        if source.overlaps(&target) {
            let message = "the source and the target share memory; give the target memory of its own";
            return Err(Failure::new(ENL_ERROR_ARGUMENT, message));
        }
        // SAFETY: the header asks for NULL or a rectangle.
        let call = unsafe { Call::new(upscaler, options, rect, cancel, progress, user_data)? };
        call.run(|colour| {
            let first = ViewSource { pixels: source.clone(), colour: colour.clone() };
            Ok((Some(first), ViewSource { pixels: source, colour }, ViewSink { pixels: target }))
        })
    })
}

/// Enlarges a picture row by row, as enl_upscaler_run, in memory that follows its width and not its height.
///
/// Rows come once, so that a preset that goes by the picture's wear cannot look at it here: ask enl_upscaler_measure
/// first. Without that it takes a middle level, and says so in the notes.
///
/// @param upscaler   The handle.
/// @param options    What is wanted; NULL for what the upscaler was made with.
/// @param source     Where rows come from.
/// @param rect       The part of the source that is wanted; NULL for all of it.
/// @param cancel     Stops the run from another thread; NULL for none.
/// @param progress   Told how far it is; NULL for nobody.
/// @param user_data  Given to `progress`; source and sink have their own.
/// @param sink       Where rows go. After a failure it has had only some of them.
/// @return As enl_upscaler_run; ENL_CANCELLED also if a callback did not return ENL_CONTINUE.
///
/// Threads: any, one at a time for an upscaler; upscalers run beside each other. Since: 0.1.
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
        // SAFETY: the header asks for NULL or a rectangle.
        let call = unsafe { Call::new(upscaler, options, rect, cancel, progress, user_data)? };
        // SAFETY: the header asks for a source and a sink.
        call.run(|colour| unsafe { Ok((None::<RowSource>, RowSource::new(source, colour)?, RowSink::new(sink)?)) })
    })
}

/// What is said where nobody looked.
const UNSEEN: &str =
    "the noise level was not chosen by the look of the picture; set the option 'denoise', or measure first";

/// What both forms of a run share.
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
        let rect = unsafe { wanted(rect)? };
        Ok(Call { upscaler, options, rect, cancel: cancel::given(cancel)?, progress, user_data })
    }

    /// `ends`: the source for a first look at it, where it can be read twice; the source; the sink.
    fn run<I: Source, O: Sink>(self, ends: impl FnOnce(Colour) -> Result<(Option<I>, I, O)>) -> Result<()> {
        // A callback stops this run and not the others that hold the caller's cancel.
        let own = ChildCancel::new(&self.cancel);
        let cancel = own.get();
        let mut report = reporter(self.progress, self.user_data, cancel.clone());
        handle::with_mut(self.upscaler, |upscaler: &mut Upscaler| {
            let mut wanted = upscaler.wanted(self.options)?;
            wanted.job.rect = self.rect;
            let (first, mut source, mut sink) = ends(wanted.colour.clone())?;
            let looks = upscaler.looks_at_wear(&wanted, source.size())?;
            if let (true, Some(mut first)) = (looks, first) {
                wanted.denoise = Some(Wear::measure(&mut first, cancel)?.level());
            }
            let chosen = upscaler.choose(&mut wanted, source.size())?;
            if looks && wanted.denoise.is_none() {
                upscaler.note([UNSEEN.to_owned()]);
            }
            let done = chosen.run(&mut source, &mut sink, &wanted.job, cancel, &mut report)?;
            done.notes.iter().for_each(|note| log::say(ENL_LOG_WARNING, note));
            upscaler.note(done.notes);
            // Stopped during the last report: the rows are there, but the caller said stop.
            Ok(cancel.check()?)
        })
    }
}
