//! A model on an engine, ready to run.

use std::ffi::c_char;

use enlarger::{Colour, Job, Model};
use enlarger_engines::Opened;

use crate::answer::{self, Room};
use crate::boundary::guard;
use crate::handle::{self, Noun, Table};
use crate::log::{self, ENL_LOG_INFO, ENL_LOG_WARNING};
use crate::options::{Options, enl_options};
use crate::registry::{Registry, enl_registry, no_property};
use crate::settings::Settings;
use crate::status::Result;

/// A model on an engine, ready to run.
#[allow(non_camel_case_types)]
pub struct enl_upscaler(());

/// An open model and what it was opened with.
pub(crate) struct Upscaler {
    opened: Opened,
    settings: Settings,
    /// Of the last run.
    pub(crate) notes: Vec<String>,
}

impl Upscaler {
    pub(crate) fn upscaler(&self) -> &enlarger::Upscaler {
        &self.opened.upscaler
    }

    fn model(&self) -> &Model {
        self.upscaler().model()
    }

    /// What is to be done by these options, or by those that it was made with, and what the pixels' numbers mean.
    pub(crate) fn job(&self, options: *const enl_options) -> Result<(Job, Colour)> {
        let of = |settings: &Settings| Ok((settings.job(&self.settings, self.model())?, settings.colour()));
        if options.is_null() {
            return of(&self.settings);
        }
        handle::with(options, |options: &Options| of(&options.settings))
    }
}

impl Noun for Upscaler {
    type Opaque = enl_upscaler;
    const KIND: usize = 3;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<Upscaler> = Table::new();
        &TABLE
    }
}

/// Opens a model on an engine. That takes a fraction of a second; keep the upscaler for many pictures.
///
/// Which engine was taken, and why, is said to the log and by enl_upscaler_text. A named engine or device is taken
/// or refused, never replaced.
///
/// @param registry  Where the model and the engines are. It may be freed before the upscaler.
/// @param options   What is wanted; NULL for the defaults. They are copied; their later changes count only where
///                  they are given to a plan or a run.
/// @param upscaler  Out: the new handle, to be freed with enl_upscaler_free; NULL on failure.
/// @return ENL_OK; ENL_ERROR_MODEL_NOT_FOUND, ENL_ERROR_MODEL_INVALID, ENL_ERROR_MODEL_CONTRACT,
///         ENL_ERROR_MODEL_HASH; ENL_ERROR_ENGINE_NOT_FOUND, ENL_ERROR_ENGINE_VERSION, ENL_ERROR_DEVICE,
///         ENL_ERROR_INFERENCE; ENL_ERROR_IO, ENL_ERROR_MEMORY, ENL_ERROR_LIMIT; ENL_ERROR_NULL,
///         ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY; ENL_ERROR_PANIC.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_new(
    registry: *const enl_registry,
    options: *const enl_options,
    upscaler: *mut *mut enl_upscaler,
) -> i32 {
    let make = || {
        let registry = handle::with(registry, |registry: &Registry| Ok(registry.clone()))?;
        let settings = match options.is_null() {
            true => Settings::default(),
            false => handle::with(options, |options: &Options| Ok(options.settings.clone()))?,
        };
        let model = registry.model(settings.model())?;
        for warning in model.warnings() {
            log::say(ENL_LOG_WARNING, warning);
        }
        let opened = registry.engines().open(Some(settings.engine()), model, &settings.session_options())?;
        let device = &opened.upscaler.session().device().name;
        log::say(ENL_LOG_INFO, &format!("model {} on {device}: {}", model.id(), opened.reason));
        Ok(Upscaler { opened, settings, notes: Vec::new() })
    };
    // SAFETY: the header asks for a pointer to a handle.
    guard(|| unsafe { handle::give(upscaler, "the place for the upscaler", make) })
}

/// What an upscaler is, and what its last run was like.
///
/// Properties: "model": its id; "scale": the model's own factor; "engine": its id; "engine_version"; "device": its
/// id; "device_name"; "reason": which engine was taken and why; "notes": what went otherwise than planned in the
/// last run, a sentence a line, often none.
///
/// @param upscaler  The handle.
/// @param property  One of those above.
/// @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
/// @param size      Bytes of `buffer`, the NUL included.
/// @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
///                  is not.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for another property, ENL_ERROR_BUFFER if the buffer is too
///         small (it is left alone), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY, ENL_ERROR_POISONED.
///
/// Threads: any, several at once, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_text(
    upscaler: *const enl_upscaler,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |upscaler: &Upscaler, property: &str| {
        let Opened { engine, reason, .. } = &upscaler.opened;
        let device = upscaler.upscaler().session().device();
        Ok(match property {
            "model" => upscaler.model().id().to_owned(),
            "scale" => upscaler.model().manifest().scale.to_string(),
            "engine" => engine.id().to_owned(),
            "engine_version" => engine.version(),
            "device" => device.id.clone(),
            "device_name" => device.name.clone(),
            "reason" => reason.clone(),
            "notes" => upscaler.notes.join("\n"),
            _ => return Err(no_property("an upscaler", property)),
        })
    };
    // SAFETY: the header asks for texts, a buffer of this size, and a pointer to a size_t.
    unsafe { answer::property(upscaler, property, Room(buffer, size, length), ask) }
}

/// Frees an upscaler. A run that is under way on another thread goes on to its end.
///
/// @param upscaler  The handle; NULL is fine.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_free(upscaler: *mut enl_upscaler) -> i32 {
    guard(|| handle::release::<Upscaler>(upscaler))
}
