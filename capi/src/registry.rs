//! What is installed here: models, engines, devices.
//!
//! A registry is a look at one moment; it does not change. Make another one after a model was installed.

use std::ffi::c_char;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{Device, Engine, EngineList, Installed, OptionChoice, Presets};
use enlarger_engines::{Candidate, Engines};
use once_cell::sync::OnceCell;

use crate::answer::{self, Room};
use crate::boundary::{guard, null, read, read_text};
use crate::handle::{self, Noun, Table};
use crate::log::{self, ENL_LOG_INFO, ENL_LOG_WARNING};
use crate::status::{ENL_ERROR_ARGUMENT, Failure, Result};

/// The models, engines and devices of this machine.
#[allow(non_camel_case_types)]
pub struct enl_registry(());

/// Shared by all that was made with it.
#[derive(Clone)]
pub(crate) struct Registry(Arc<Inner>);

struct Inner {
    models: enlarger::Registry,
    presets: Presets,
    /// Looked for when first needed: it loads libraries.
    engines: OnceCell<Engines>,
}

impl Registry {
    pub(crate) fn new(folders: &[PathBuf]) -> Self {
        let models = enlarger::Registry::open_with(folders);
        for error in models.broken() {
            log::say(ENL_LOG_WARNING, &format!("a model cannot be used: {error}"));
        }
        for model in models.hidden() {
            let message = format!("model {} in {} is hidden by one found earlier", model.id(), model.origin());
            log::say(ENL_LOG_INFO, &message);
        }
        let presets = Presets::open();
        for error in presets.broken() {
            log::say(ENL_LOG_WARNING, &format!("presets cannot be used: {error}"));
        }
        Registry(Arc::new(Inner { models, presets, engines: OnceCell::new() }))
    }

    pub(crate) fn models(&self) -> &enlarger::Registry {
        &self.0.models
    }

    /// What options can name.
    pub(crate) fn installed(&self) -> Installed<'_> {
        Installed { models: &self.0.models, presets: &self.0.presets }
    }

    pub(crate) fn engines(&self) -> &Engines {
        self.0.engines.get_or_init(|| {
            let mut engines = Engines::discover();
            own_engines().iter().for_each(|engine| engines.put_first(engine.clone()));
            engines
        })
    }

    pub(crate) fn devices(&self) -> Vec<(&Candidate, Device)> {
        let mut devices = Vec::new();
        for candidate in self.engines().candidates() {
            if let Ok(engine) = &candidate.engine {
                devices.extend(engine.devices().into_iter().map(|device| (candidate, device)));
            }
        }
        devices
    }
}

impl EngineList for Registry {
    fn engines(&self) -> Vec<OptionChoice> {
        let usable = Registry::engines(self).candidates().filter(|candidate| candidate.engine.is_ok());
        usable.map(|candidate| OptionChoice::new(&candidate.id, &candidate.id, "")).collect()
    }

    fn devices(&self) -> Vec<OptionChoice> {
        let mut choices: Vec<OptionChoice> = Vec::new();
        for (_, device) in Registry::devices(self) {
            // Two engines may use the same device.
            if choices.iter().all(|choice| choice.value != device.id) {
                choices.push(OptionChoice::new(&device.id, &device.name, ""));
            }
        }
        choices
    }
}

impl Noun for Registry {
    type Opaque = enl_registry;
    const KIND: usize = 1;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<Registry> = Table::new();
        &TABLE
    }
}

fn own_engines() -> std::sync::MutexGuard<'static, Vec<Arc<dyn Engine>>> {
    static OWN: Mutex<Vec<Arc<dyn Engine>>> = Mutex::new(Vec::new());
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts an engine of a Rust program's own before those that registries made from now on find by themselves.
pub fn add_engine(engine: Arc<dyn Engine>) {
    own_engines().push(engine);
}

/// Looks for models. Engines and devices are looked for when they are first needed, which takes longer: it loads
/// libraries. What cannot be used is said to the log.
///
/// Models are searched for in `folders`, in the folders that the environment variable ENLARGER_MODELS names, in the
/// user's data folder, in the system's, and inside the library; the first of an id counts. One model is always
/// there.
///
/// @param folders   Paths, UTF-8, of folders that hold a folder for each model; NULL if `count` is 0.
/// @param count     How many.
/// @param registry  Out: the new handle, to be freed with enl_registry_free; NULL on failure.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for a path that is not UTF-8, ENL_ERROR_LIMIT.
///
/// Threads: any. The registry may be used by several threads at once. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_new(
    folders: *const *const c_char,
    count: usize,
    registry: *mut *mut enl_registry,
) -> i32 {
    let make = || {
        if folders.is_null() && count > 0 {
            return Err(null("the list of folders"));
        }
        let folder = |i| {
            // SAFETY: the header asks for `count` pointers to texts.
            let path = unsafe { read_text(read(folders.wrapping_add(i), "the list of folders")?, "a folder")? };
            Ok(PathBuf::from(path))
        };
        Ok(Registry::new(&(0..count).map(folder).collect::<Result<Vec<_>>>()?))
    };
    // SAFETY: the header asks for a pointer to a handle.
    guard(|| unsafe { handle::give(registry, "the place for the registry", make) })
}

/// How many models there are.
///
/// @param registry  The handle.
/// @param count     Out: models. Their indices are 0 to count - 1.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, several at once. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_model_count(registry: *const enl_registry, count: *mut usize) -> i32 {
    // SAFETY: the header asks for a pointer to a size_t.
    unsafe { answer::count(registry, count, |registry: &Registry| registry.models().models().len()) }
}

/// What is known of a model.
///
/// Properties: "id", what the option `model` takes; "name", for people; "version"; "task": upscale, restore or
/// face; "mode": faithful or creative; "content": what it is for, words separated by commas; "architecture";
/// "scale": its own factor, a whole number; "licence", of the weights, an SPDX identifier; "commercial": yes or no;
/// "attribution"; "author"; "source"; "training_data"; "known_limits"; "sha256"; "origin": where it was found.
///
/// @param registry  The handle.
/// @param index     From 0.
/// @param property  One of those above.
/// @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
/// @param size      Bytes of `buffer`, the NUL included.
/// @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
///                  is not.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for another index or property, ENL_ERROR_BUFFER if the buffer
///         is too small (it is left alone), ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, several at once. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_model_text(
    registry: *const enl_registry,
    index: usize,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |registry: &Registry, property: &str| {
        let model = registry.models().models().get(index).ok_or_else(|| no_index("model", index))?;
        let manifest = model.manifest();
        Ok(match property {
            "id" => manifest.id.clone(),
            "name" => manifest.name.clone(),
            "version" => manifest.version.clone(),
            "task" => format!("{:?}", manifest.task).to_lowercase(),
            "mode" => format!("{:?}", manifest.mode).to_lowercase(),
            "content" => manifest.content.join(","),
            "architecture" => manifest.architecture.clone(),
            "scale" => manifest.scale.to_string(),
            "licence" => manifest.licence.weights.clone(),
            "commercial" => if manifest.licence.commercial { "yes" } else { "no" }.to_owned(),
            "attribution" => manifest.licence.attribution.clone(),
            "author" => manifest.card.author.clone(),
            "source" => manifest.card.source.clone(),
            "training_data" => manifest.card.training_data.clone(),
            "known_limits" => manifest.card.known_limits.clone(),
            "sha256" => manifest.file.sha256.clone(),
            "origin" => model.origin().to_string(),
            _ => return Err(no_property("a model", property)),
        })
    };
    // SAFETY: the header asks for texts, a buffer of this size, and a pointer to a size_t.
    unsafe { answer::property(registry, property, Room(buffer, size, length), ask) }
}

/// How many engines the library knows, those that are not here included.
///
/// @param registry  The handle.
/// @param count     Out: engines. Their indices are 0 to count - 1, the fastest first.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, several at once. The first call looks for engines and may take a fifth of a second. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_engine_count(registry: *const enl_registry, count: *mut usize) -> i32 {
    // SAFETY: the header asks for a pointer to a size_t.
    unsafe { answer::count(registry, count, |registry: &Registry| registry.engines().candidates().count()) }
}

/// What is known of an engine.
///
/// Properties: "id", what the option `engine` takes; "version", empty if the engine is not here; "problem": why it
/// is not here and what to do about it, empty if it is.
///
/// @param registry  The handle.
/// @param index     From 0.
/// @param property  One of those above.
/// @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
/// @param size      Bytes of `buffer`, the NUL included.
/// @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
///                  is not.
/// @return As enl_registry_model_text.
///
/// Threads: any, several at once. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_engine_text(
    registry: *const enl_registry,
    index: usize,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |registry: &Registry, property: &str| {
        let candidate = registry.engines().candidates().nth(index).ok_or_else(|| no_index("engine", index))?;
        Ok(match property {
            "id" => candidate.id.clone(),
            "version" => candidate.engine.as_ref().map(|engine| engine.version()).unwrap_or_default(),
            "problem" => candidate.engine.as_ref().err().map(ToString::to_string).unwrap_or_default(),
            _ => return Err(no_property("an engine", property)),
        })
    };
    // SAFETY: the header asks for texts, a buffer of this size, and a pointer to a size_t.
    unsafe { answer::property(registry, property, Room(buffer, size, length), ask) }
}

/// How many devices the engines can use here.
///
/// @param registry  The handle.
/// @param count     Out: devices. Their indices are 0 to count - 1, by engine, each engine's best first.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, several at once. The first call looks for engines and may take a fifth of a second. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_device_count(registry: *const enl_registry, count: *mut usize) -> i32 {
    // SAFETY: the header asks for a pointer to a size_t.
    unsafe { answer::count(registry, count, |registry: &Registry| registry.devices().len()) }
}

/// What is known of a device.
///
/// Properties: "id", what the option `device` takes; "name", for people; "engine": the id of the engine that uses
/// it.
///
/// @param registry  The handle.
/// @param index     From 0.
/// @param property  One of those above.
/// @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
/// @param size      Bytes of `buffer`, the NUL included.
/// @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
///                  is not.
/// @return As enl_registry_model_text.
///
/// Threads: any, several at once. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_device_text(
    registry: *const enl_registry,
    index: usize,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |registry: &Registry, property: &str| {
        let devices = registry.devices();
        let (candidate, device) = devices.get(index).ok_or_else(|| no_index("device", index))?;
        Ok(match property {
            "id" => device.id.clone(),
            "name" => device.name.clone(),
            "engine" => candidate.id.clone(),
            _ => return Err(no_property("a device", property)),
        })
    };
    // SAFETY: the header asks for texts, a buffer of this size, and a pointer to a size_t.
    unsafe { answer::property(registry, property, Room(buffer, size, length), ask) }
}

/// Frees a registry. What was made with it goes on working.
///
/// @param registry  The handle; NULL is fine.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_free(registry: *mut enl_registry) -> i32 {
    guard(|| handle::release::<Registry>(registry))
}

fn no_index(what: &str, index: usize) -> Failure {
    Failure::new(ENL_ERROR_ARGUMENT, format!("there is no {what} number {index}; ask for their count first"))
}

pub(crate) fn no_property(what: &str, property: &str) -> Failure {
    let message = format!("{what} has no property '{property}'; the header lists those there are");
    Failure::new(ENL_ERROR_ARGUMENT, message)
}
