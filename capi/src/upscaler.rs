//! A preset or a model on an engine, ready to run.

use std::ffi::c_char;
use std::sync::{Mutex, MutexGuard, PoisonError};

use enlarger::{Colour, Job, Settings, Size};
use enlarger_engines::{Chosen, Opened, Opener};

use crate::answer::{self, Room};
use crate::boundary::guard;
use crate::handle::{self, Noun, Table};
use crate::log::{self, ENL_LOG_INFO, ENL_LOG_WARNING};
use crate::options::{Options, enl_options};
use crate::registry::{Registry, enl_registry, no_property};
use crate::status::Result;

/// A preset or a model on an engine, ready to run.
#[allow(non_camel_case_types)]
pub struct enl_upscaler(());

/// Networks, opened as pictures want them, and what they are opened with.
pub(crate) struct Upscaler {
    registry: Registry,
    opener: Opener,
    settings: Settings,
    last: Mutex<Last>,
}

/// What the last plan or run took, and what is to be said of it. At first: what the options' factor takes.
struct Last {
    chosen: Chosen,
    notes: Vec<String>,
}

/// What is to be done with a picture.
pub(crate) struct Wanted {
    pub(crate) job: Job,
    /// The noise level, of 100, that was asked for.
    pub(crate) denoise: Option<u8>,
    /// What the pixels' numbers mean.
    pub(crate) colour: Colour,
}

impl Upscaler {
    /// What is to be done by these options, or by those that it was made with.
    pub(crate) fn wanted(&self, options: *const enl_options) -> Result<Wanted> {
        let of = |settings: &Settings| {
            let job = settings.job(&self.settings, self.opener.choice())?;
            Ok(Wanted { job, denoise: settings.denoise(), colour: settings.colour() })
        };
        if options.is_null() {
            return of(&self.settings);
        }
        handle::with(options, |options: &Options| of(&options.settings))
    }

    /// Whether a picture of this size is to be looked at for its noise level.
    pub(crate) fn looks_at_wear(&self, wanted: &Wanted, size: Size) -> Result<bool> {
        let factor = wanted.job.target.factor(size)?;
        Ok(self.opener.choice().looks_at_wear(factor, wanted.job.strength, wanted.denoise))
    }

    /// Opens what a picture of this size wants; completes the job.
    pub(crate) fn choose(&self, wanted: &mut Wanted, size: Size) -> Result<enlarger::Upscaler> {
        let factor = wanted.job.target.factor(size)?;
        let chosen = self.opener.open(self.registry.engines(), self.registry.models(), factor, wanted.denoise)?;
        wanted.job.noise_level = wanted.job.noise_level.or(chosen.noise_level);
        let upscaler = chosen.upscaler.clone();
        *self.last() = Last { notes: chosen.notes.clone(), chosen };
        Ok(upscaler)
    }

    /// Something to be said of what was chosen last.
    pub(crate) fn note(&self, notes: impl IntoIterator<Item = String>) {
        self.last().notes.extend(notes);
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Opens a preset's networks, or a model that is named, on an engine. That takes a fraction of a second; keep the
/// upscaler for many pictures.
///
/// What a preset comes to depends on the factor. Here it is opened for the factor in the options; a plan or a run that
/// wants others opens them then, once, and may fail as this function.
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
        let choice = settings.model_choice(registry.installed())?;
        let factor = settings.factor().unwrap_or(choice.factor());
        let opener = Opener::new(choice, settings.engine(), settings.session_options(), told);
        let chosen = opener.open(registry.engines(), registry.models(), factor, settings.denoise())?;
        let last = Mutex::new(Last { notes: chosen.notes.clone(), chosen });
        Ok(Upscaler { registry, opener, settings, last })
    };
    // SAFETY: the header asks for a pointer to a handle.
    guard(|| unsafe { handle::give(upscaler, "the place for the upscaler", make) })
}

fn told(Opened { upscaler, reason, .. }: &Opened) {
    let model = upscaler.model();
    model.warnings().iter().for_each(|warning| log::say(ENL_LOG_WARNING, warning));
    let device = &upscaler.session().device().name;
    log::say(ENL_LOG_INFO, &format!("model {} on {device}: {reason}", model.id()));
}

/// What an upscaler is, and what its last plan or run was like.
///
/// Properties: "preset": its id, empty where a model was named; "factor": how many times wider and higher where nobody
/// says it; "model": its id, of several that run after one another with commas between; "scale": the first model's own
/// factor; "engine": what it runs on, an id; "engine_version"; "device": its id; "device_name"; "reason": which engine was
/// taken and why; "notes": what is not as good as it could be, such as a model that is not installed, and what went
/// otherwise than planned, a sentence a line, often none. Models and notes are those of the last plan or run; a preset
/// may take others for another factor.
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
        let Last { chosen, notes } = &*upscaler.last();
        let Chosen { upscaler: opened, engine, reason, .. } = chosen;
        let device = opened.session().device();
        let choice = upscaler.opener.choice();
        Ok(match property {
            "preset" => choice.preset().map(|preset| preset.id.clone()).unwrap_or_default(),
            "factor" => choice.factor().to_string(),
            "model" => chosen.models().join(", "),
            "scale" => opened.model().manifest().scale.to_string(),
            "engine" => engine.id().to_owned(),
            "engine_version" => engine.version(),
            "device" => device.id.clone(),
            "device_name" => device.name.clone(),
            "reason" => reason.clone(),
            "notes" => notes.join("\n"),
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
