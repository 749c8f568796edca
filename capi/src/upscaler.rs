//! Upscalers: a preset or a model, opened on an engine, or a classical method.
//!
//! A model, an engine or a device that the options name is used or refused, never replaced; only the CPU takes over from a GPU, with
//! a note.

use std::ffi::c_char;
use std::sync::{Mutex, MutexGuard, PoisonError};

use enlarger::{
    Asked, Cancel, Colour, Content, Damage, ErrorKind, Face, FaceMode, Format, Job, Method, Provenance, Question,
    Settings, Size, Source, available_memory,
};
use enlarger_engines::{Chosen, Opened, Opener};

use crate::boundary::guard;
use crate::handle::{self, HandleType, Table};
use crate::log::{self, ENL_LOG_INFO, ENL_LOG_WARNING};
use crate::options::{Options, enl_options};
use crate::query::{self, TextBuffer};
use crate::registry::{Registry, enl_registry, no_property};
use crate::status::Result;

/// The networks of a preset, or one model, opened on an engine; or a classical method, which has neither.
#[allow(non_camel_case_types)]
pub struct enl_upscaler(());

/// The networks, which are opened on demand, and the settings that they are opened with.
pub(crate) struct Upscaler {
    registry: Registry,
    opener: Opener,
    settings: Settings,
    last: Mutex<LastChoice>,
}

/// The networks and notes of the last plan or run. At first, the networks for the options' factor.
struct LastChoice {
    chosen: Chosen,
    notes: Vec<String>,
    /// The faces that the last run found.
    faces: Vec<Face>,
    /// What the last run measured.
    measured: Measured,
}

/// What a run measures in a picture before it chooses networks, where it needs that.
#[derive(Clone, Copy, Default)]
pub(crate) struct Measured {
    /// The noise level in percent.
    pub(crate) denoise: Option<u8>,
    /// What the picture is.
    pub(crate) content: Option<Content>,
}

/// What a plan or a run is asked to do with a picture.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) job: Job,
    /// The noise level in percent, if it was set or measured.
    pub(crate) denoise: Option<u8>,
    /// What becomes of faces.
    pub(crate) faces: FaceMode,
    /// The noise level in percent for faces, if it was set or measured.
    pub(crate) face_denoise: Option<u8>,
    /// What the picture is, if that was said or measured.
    pub(crate) content: Option<Content>,
    /// The colour space of the pixels.
    pub(crate) colour: Colour,
    /// The options that a method ignores, as a sentence.
    pub(crate) unused: Option<String>,
}

impl Upscaler {
    /// The request for these options; for NULL, for the options that the upscaler was created with.
    pub(crate) fn request(&self, options: *const enl_options) -> Result<Request> {
        let of = |settings: &Settings, damage: Option<&Damage>| {
            let mut job = settings.job(&self.settings, self.opener.choice())?;
            job.damage = damage.cloned();
            let unused = settings.unused(self.opener.choice());
            let faces = settings.face_mode(self.opener.choice());
            let (denoise, face_denoise) = (settings.denoise(), settings.face_denoise());
            let (content, colour) = (settings.content(), settings.colour());
            Ok(Request { job, denoise, faces, face_denoise, content, colour, unused })
        };
        if options.is_null() {
            return of(&self.settings, None);
        }
        handle::with(options, |options: &Options| of(&options.settings, options.damage.as_ref()))
    }

    /// Whether a picture of this size must be analysed for its noise level.
    pub(crate) fn looks_at_wear(&self, request: &Request, size: Size) -> Result<bool> {
        let factor = request.job.factor(size)?;
        Ok(self.opener.choice().looks_at_wear(factor, request.job.strength, request.denoise))
    }

    /// Whether a picture of this size must be analysed for what it is.
    pub(crate) fn looks_at_content(&self, request: &Request, size: Size) -> Result<bool> {
        let factor = request.job.factor(size)?;
        Ok(self.opener.choice().looks_at_content(factor, request.job.strength, request.content))
    }

    /// Whether faces must be looked for in a picture of this size: something is done to them, and nobody said where they are.
    pub(crate) fn looks_for_faces(&self, request: &Request, size: Size) -> Result<bool> {
        Ok(request.job.faces.is_empty() && request.faces.looks(request.job.factor(size)?, &request.job))
    }

    /// Whether there are faces that networks of their own enlarge.
    pub(crate) fn keeps_faces(&self, request: &Request) -> bool {
        !request.job.faces.is_empty() && request.faces.keeps(self.opener.choice())
    }

    /// Finds the faces of a picture.
    pub(crate) fn find_faces(&self, source: &mut dyn Source, cancel: &Cancel) -> Result<Vec<Face>> {
        Ok(self.opener.find_faces(self.registry.engines(), source, cancel)?)
    }

    /// The networks for a picture of this size, those for its faces included.
    fn open_all(&self, request: &mut Request, size: Size) -> Result<Chosen> {
        let (engines, models, factor) = (self.registry.engines(), self.registry.models(), request.job.factor(size)?);
        let mut chosen = self.opener.open(engines, models, factor, request.denoise, request.content)?;
        let faces = (request.faces, request.face_denoise);
        self.opener.add_faces(engines, models, faces, &request.job, factor, &mut chosen)?;
        request.job.noise_level = request.job.noise_level.or(chosen.noise_level);
        request.job.face_noise_level = chosen.face_noise_level;
        Ok(chosen)
    }

    /// What is asked of a picture of this size, whose result the program keeps in memory, in this format.
    pub(crate) fn question(&self, request: &Request, size: Size, format: Format) -> Result<Question> {
        let mut question = Question::of_job(&request.job, size, self.opener.choice())?;
        let result = request.job.target.size(size)?;
        let kept = result.pixels().saturating_mul(format.pixel_size() as u64);
        let needed = self.memory(request, size)?.saturating_add(kept);
        question.result = Some(Asked { memory: Some((needed, available_memory())), ..Asked::new(result) });
        Ok(question)
    }

    /// The bytes that a run needs; where that is more than it may use, those that it would use without a limit.
    fn memory(&self, request: &Request, size: Size) -> Result<u64> {
        let mut request = request.clone();
        let chosen = self.open_all(&mut request, size)?;
        let mut job = request.job;
        match chosen.upscaler.plan(size, &job) {
            Err(error) if error.kind() == ErrorKind::Memory => job.memory = Some(u64::MAX),
            plan => return Ok(plan?.memory),
        }
        Ok(chosen.upscaler.plan(size, &job)?.memory)
    }

    /// Opens the networks for a picture of this size, and sets the job's noise level.
    pub(crate) fn open_for(&self, request: &mut Request, size: Size) -> Result<enlarger::Upscaler> {
        let chosen = self.open_all(request, size)?;
        let upscaler = chosen.upscaler.clone();
        let notes = chosen.notes.iter().cloned().chain(request.unused.take()).collect();
        let mut last = self.last();
        (last.notes, last.chosen) = (notes, chosen);
        Ok(upscaler)
    }

    /// Remembers what a run measured and the faces that it found.
    pub(crate) fn set_found(&self, measured: Measured, faces: Vec<Face>) {
        let mut last = self.last();
        (last.measured, last.faces) = (measured, faces);
    }

    /// What a run makes a result of. The networks and notes of the last plan or run stay.
    pub(crate) fn provenance(&self, mut request: Request, size: Size) -> Result<Provenance> {
        if self.looks_at_wear(&request, size)? {
            request.denoise = self.last().measured.denoise;
        }
        if self.looks_at_content(&request, size)? {
            request.content = self.last().measured.content;
        }
        if self.looks_for_faces(&request, size)? {
            request.job.faces.clone_from(&self.last().faces);
        }
        if request.face_denoise.is_none() {
            request.face_denoise = self.last().measured.denoise;
        }
        let chosen = self.open_all(&mut request, size)?;
        let models = self.registry.models();
        let preset = self.opener.choice().preset();
        let mut made = chosen.upscaler.provenance(size, &request.job, preset.map(|preset| preset.id.as_str()))?;
        // A preset may choose its models by the level, without a model that takes one.
        let level = preset
            .filter(|preset| preset.takes_levels(models))
            .and_then(|preset| Some(preset.limited(request.denoise.or(preset.denoise)?)));
        if !made.models.is_empty() {
            made.denoise = made.denoise.or(level);
        }
        if let Some(faces) = &mut made.faces {
            faces.denoise = faces.denoise.or(request.face_denoise);
        }
        Ok(made)
    }

    /// Adds notes to those of the last plan or run.
    pub(crate) fn add_notes(&self, notes: impl IntoIterator<Item = String>) {
        self.last().notes.extend(notes);
    }

    fn last(&self) -> MutexGuard<'_, LastChoice> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HandleType for Upscaler {
    type Opaque = enl_upscaler;
    const KIND: usize = 3;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<Upscaler> = Table::new();
        &TABLE
    }
}

/// Creates an upscaler: opens the networks of a preset, or the model that the options name, on an engine.
///
/// This takes a fraction of a second. Use the upscaler for many pictures.
///
/// If the option "method" names a classical method, no model and no engine is looked for or opened. The options that
/// concern networks are then ignored, and the property "notes" names those that are set.
///
/// The networks of a preset depend on the factor. This function opens those for the factor in the options. If a plan or
/// a run needs others, it opens them once, and may then fail like this function.
///
/// If the options name a model, an engine or a device, this function uses it or fails; it never chooses another one, with one
/// exception: a GPU, which the device "gpu", "gpu:N" or "gpu:NAME" stands for, is checked with each network once, and the CPU
/// takes over from one that fails. The property "notes" then says so. During a run, the CPU may take over from a device that
/// fails. The log and enl_upscaler_text tell which engine was chosen, and why.
///
/// @param registry  The registry with the models and engines. It may be freed before the upscaler. It need not be the
///                  one that the options were created with; the preset and the model are looked up in this one.
/// @param options   The options; NULL for the defaults. They are copied, so later changes have no effect unless the
///                  options are passed to a plan or a run.
/// @param upscaler  Out: the new handle, to be freed with enl_upscaler_free; NULL on failure.
/// @return ENL_OK; ENL_ERROR_ARGUMENT for an unknown preset, or if "denoise" is set for a model that cannot use it;
///         ENL_ERROR_MODEL_NOT_FOUND, ENL_ERROR_MODEL_INVALID, ENL_ERROR_MODEL_CONTRACT,
///         ENL_ERROR_MODEL_HASH; ENL_ERROR_ENGINE_NOT_FOUND, ENL_ERROR_ENGINE_VERSION, ENL_ERROR_DEVICE,
///         ENL_ERROR_INFERENCE; ENL_ERROR_IO, ENL_ERROR_MEMORY, ENL_ERROR_LIMIT; ENL_ERROR_NULL,
///         ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
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
        let opener = Opener::new(choice, settings.engine(), settings.session_options(), log_opened);
        let chosen =
            opener.open(registry.engines(), registry.models(), factor, settings.denoise(), settings.content())?;
        // A better model is no news in every dialog.
        chosen.advice.iter().for_each(|advice| log::send(ENL_LOG_INFO, advice));
        let notes = chosen.notes.iter().cloned().chain(settings.unused(opener.choice())).collect();
        let last = Mutex::new(LastChoice { notes, chosen, measured: Measured::default(), faces: Vec::new() });
        Ok(Upscaler { registry, opener, settings, last })
    };
    // SAFETY: the header requires a pointer to a handle.
    guard(|| unsafe { handle::create(upscaler, "'upscaler'", make) })
}

fn log_opened(Opened { upscaler, reason, .. }: &Opened) {
    let (Some(model), Some(session)) = (upscaler.model(), upscaler.session()) else { return };
    model.warnings().iter().for_each(|warning| log::send(ENL_LOG_WARNING, warning));
    let device = &session.device().name;
    log::send(ENL_LOG_INFO, &format!("model {} on {device}: {reason}", model.id()));
}

/// Gets a property of an upscaler, or of its last plan or run.
///
/// Properties:
/// - "preset": the preset's id; empty if a model or a method was named.
/// - "method": the classical method's id; "network" for a preset or a model.
/// - "factor": the default factor, used if the options set neither a factor nor a size.
/// - "model": the model's id. If several models run one after another, their ids separated by commas. Empty for a
///   method.
/// - "scale": the first model's own factor; 1 for a method.
/// - "engine": the engine's id. "engine_version": its version. Empty for a method.
/// - "device": the device's id. "device_name": its name for users. Empty for a method.
/// - "reason": which engine was chosen, and why.
/// - "notes": what the result lacks, such as that the model that a preset needs is not installed, and warnings about the
///   last run, such as that a tile was computed twice. One per line; often none.
///
/// All but "preset", "method" and "factor" refer to the last plan or run, because a preset may use other models for another
/// factor. If several threads plan at the same time, the plan that finished choosing its networks last counts. Before
/// the first plan or run, they refer to the factor in the options.
///
/// @param upscaler  The handle.
/// @param property  One of the properties above.
/// @param buffer    Receives the string, in UTF-8; NULL to get only its length.
/// @param size      The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length    Out: the length of the string without the NUL, also if the call returns ENL_ERROR_BUFFER. May be
///                  NULL if `buffer` is not NULL.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for an unknown property, ENL_ERROR_BUFFER if the buffer is too
///         small (it then stays unchanged), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_text(
    upscaler: *const enl_upscaler,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |upscaler: &Upscaler, property: &str| {
        let LastChoice { chosen, notes, .. } = &*upscaler.last();
        let Chosen { upscaler: opened, engine, reason, .. } = chosen;
        let device = chosen.device();
        let choice = upscaler.opener.choice();
        Ok(match property {
            "preset" => choice.preset().map(|preset| preset.id.clone()).unwrap_or_default(),
            "method" => choice.method().map_or("network", Method::id).to_owned(),
            "factor" => choice.factor().to_string(),
            "model" => chosen.models().join(", "),
            "scale" => opened.model().map_or(1, |model| model.manifest().scale).to_string(),
            "engine" => engine.as_ref().map(|engine| engine.id().to_owned()).unwrap_or_default(),
            "engine_version" => engine.as_ref().map(|engine| engine.version()).unwrap_or_default(),
            "device" => device.map(|device| device.id.clone()).unwrap_or_default(),
            "device_name" => device.map(|device| device.name.clone()).unwrap_or_default(),
            "reason" => reason.clone(),
            "notes" => notes.join("\n"),
            _ => return Err(no_property("an upscaler", property)),
        })
    };
    // SAFETY: the header requires texts, a buffer of this size, and a pointer to a size_t.
    unsafe { query::property(upscaler, property, TextBuffer { data: buffer, size, length }, ask) }
}

/// Frees an upscaler. This is possible even while a run uses it; the run continues until it ends.
///
/// @param upscaler  The handle; NULL is ignored.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_free(upscaler: *mut enl_upscaler) -> i32 {
    guard(|| handle::release::<Upscaler>(upscaler))
}
