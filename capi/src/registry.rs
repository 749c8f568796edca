//! Registries: the models, engines and devices of this machine.
//!
//! A registry is a snapshot and does not change. After a model is installed or removed, create a new one.

use std::ffi::c_char;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{Device, Engine, EngineList, Installed, OptionChoice, Presets};
use enlarger_engines::{Candidate, Engines};
use enlarger_import::{Catalogue, UserModels};
use once_cell::sync::OnceCell;

use crate::boundary::{guard, null, read, read_text};
use crate::handle::{self, HandleType, Table};
use crate::log::{self, ENL_LOG_INFO, ENL_LOG_WARNING};
use crate::query::{self, TextBuffer};
use crate::status::{ENL_ERROR_ARGUMENT, Failure, Result};
use crate::worker::worker;

/// The presets, models, engines and devices of this machine.
#[allow(non_camel_case_types)]
pub struct enl_registry(());

/// Shared by all objects that were created with it.
#[derive(Clone)]
pub(crate) struct Registry(Arc<Inner>);

struct Inner {
    models: enlarger::Registry,
    /// The program's own folders, in which models were searched for first.
    folders: Vec<PathBuf>,
    presets: Presets,
    /// Read on first use, because few programs install models.
    catalogue: OnceCell<Catalogue>,
    /// Discovered on first use, because that loads libraries.
    engines: OnceCell<Engines>,
}

impl Registry {
    pub(crate) fn new(folders: &[PathBuf]) -> Self {
        let models = enlarger::Registry::open_with(folders);
        for error in models.broken() {
            log::send(ENL_LOG_WARNING, &format!("a model is skipped: {error}"));
        }
        for model in models.hidden() {
            let message = format!(
                "the model {} in {} is ignored, because one with the same id was found earlier",
                model.id(),
                model.origin()
            );
            log::send(ENL_LOG_INFO, &message);
        }
        let presets = Presets::open();
        for error in presets.broken() {
            log::send(ENL_LOG_WARNING, &format!("presets are skipped: {error}"));
        }
        let folders = folders.to_owned();
        Registry(Arc::new(Inner { models, folders, presets, catalogue: OnceCell::new(), engines: OnceCell::new() }))
    }

    /// The models that are there now, while those of the registry are those that were there when it was created.
    pub(crate) fn models_now(&self) -> enlarger::Registry {
        enlarger::Registry::open_with(&self.0.folders)
    }

    pub(crate) fn catalogue(&self) -> Result<&Catalogue> {
        let read = || {
            let catalogue = Catalogue::open()?;
            for error in catalogue.broken() {
                log::send(ENL_LOG_WARNING, &format!("a model of the catalogue is skipped: {error}"));
            }
            Ok(catalogue)
        };
        let catalogue: Result<&Catalogue> = self.0.catalogue.get_or_try_init(read);
        catalogue.inspect_err(|failure| log::send(ENL_LOG_WARNING, failure.message()))
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
            // Without a worker, GPUs are tried in the program's own process.
            if let Ok(worker) = worker() {
                engines = engines.with_gpu_process(worker);
            }
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

impl HandleType for Registry {
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

/// Adds an engine of a Rust program. Registries that are created afterwards list it before the engines that they find.
pub fn add_engine(engine: Arc<dyn Engine>) {
    own_engines().push(engine);
}

/// Creates a registry and searches for models.
///
/// The search covers `folders`, the folders in the environment variable ENLARGER_MODELS, the user's data folder, the
/// system's data folders, and the built-in models, in this order. If two models have the same id, the first one is
/// used. There is always at least one model. A folder that is missing or cannot be read is skipped. Models that cannot
/// be used are skipped and reported to the log.
///
/// Engines and devices are searched for when they are first needed, because that loads libraries and takes longer.
///
/// @param folders   Paths in UTF-8 of folders that contain one folder for each model; NULL if `count` is 0.
/// @param count     The number of paths.
/// @param registry  Out: the new handle, to be freed with enl_registry_free; NULL on failure.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for a path that is not UTF-8, ENL_ERROR_LIMIT.
///
/// Threads: any. Several threads may use the registry concurrently. Since: 0.1.
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
            // SAFETY: the header requires `count` pointers to texts.
            let path = unsafe { read_text(read(folders.wrapping_add(i), "the list of folders")?, "a folder")? };
            Ok(PathBuf::from(path))
        };
        Ok(Registry::new(&(0..count).map(folder).collect::<Result<Vec<_>>>()?))
    };
    // SAFETY: the header requires a pointer to a handle.
    guard(|| unsafe { handle::create(registry, "'registry'", make) })
}

/// Gets the number of models.
///
/// @param registry  The handle.
/// @param count     Out: the number of models. Their indices are 0 to count - 1.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_model_count(registry: *const enl_registry, count: *mut usize) -> i32 {
    // SAFETY: the header requires a pointer to a size_t.
    unsafe { query::count(registry, count, |registry: &Registry| registry.models().models().len()) }
}

/// Gets a property of a model.
///
/// Properties:
/// - "id": the value for the option "model".
/// - "name": its name for users.
/// - "version": its version.
/// - "task": "upscale" if it enlarges pictures, "restore" if it improves them at their size, "face" if it restores
///   faces, "detect" if it finds faces and makes no pictures.
/// - "mode": "faithful" if it keeps to the detail of the source, "creative" if it adds plausible detail.
/// - "content": the kinds of pictures it is made for, as words separated by commas.
/// - "architecture": the family of its network.
/// - "scale": its own factor, a whole number.
/// - "licence": the licence of the weights: an SPDX identifier, or "unknown".
/// - "commercial": "yes" if the model's manifest says that the licence allows commercial use, otherwise "no".
/// - "attribution": the credit that the licence asks for; may be empty.
/// - "author": who trained it. "source": where the weights were published. "training_data": what it was trained on.
///   "known_limits": what it is known to do badly. Each may be empty.
/// - "sha256": the SHA-256 of the network's file, in hexadecimal.
/// - "origin": where the model was found on this machine.
/// - "removable": "yes" if enl_registry_remove can remove it, otherwise "no".
///
/// @param registry  The handle.
/// @param index     The index, from 0.
/// @param property  One of the properties above.
/// @param buffer    Receives the string, in UTF-8; NULL to get only its length.
/// @param size      The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length    Out: the length of the string without the NUL, also if the call returns ENL_ERROR_BUFFER. May be
///                  NULL if `buffer` is not NULL.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for an index out of range or an unknown property,
///         ENL_ERROR_BUFFER if the buffer is too small (it then stays unchanged), ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
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
            "task" => manifest.task.id().to_owned(),
            "mode" => manifest.mode.id().to_owned(),
            "content" => manifest.content.join(","),
            "architecture" => manifest.architecture.clone(),
            "scale" => manifest.scale.to_string(),
            "licence" => manifest.licence.weights.clone(),
            "commercial" => yes_or_no(manifest.licence.commercial),
            "attribution" => manifest.licence.attribution.clone(),
            "author" => manifest.card.author.clone(),
            "source" => manifest.card.source.clone(),
            "training_data" => manifest.card.training_data.clone(),
            "known_limits" => manifest.card.known_limits.clone(),
            "sha256" => manifest.file.sha256.clone(),
            "origin" => model.origin().to_string(),
            "removable" => yes_or_no(UserModels::open().is_ok_and(|models| models.holds(model))),
            _ => return Err(no_property("a model", property)),
        })
    };
    // SAFETY: the header requires texts, a buffer of this size, and a pointer to a size_t.
    unsafe { query::property(registry, property, TextBuffer { data: buffer, size, length }, ask) }
}

/// Gets the number of engines that the library knows, including those that cannot be used here.
///
/// @param registry  The handle.
/// @param count     Out: the number of engines. Their indices are 0 to count - 1, in the order in which
///                  "auto" tries them, which is by their usual speed.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. The first call searches for engines and may take about 0.2 seconds. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_engine_count(registry: *const enl_registry, count: *mut usize) -> i32 {
    // SAFETY: the header requires a pointer to a size_t.
    unsafe { query::count(registry, count, |registry: &Registry| registry.engines().candidates().count()) }
}

/// Gets a property of an engine.
///
/// Properties:
/// - "id": the value for the option "engine".
/// - "version": its version; empty if the engine cannot be used.
/// - "problem": why it cannot be used, and what to do about it; empty if it can.
///
/// @param registry  The handle.
/// @param index     The index, from 0.
/// @param property  One of the properties above.
/// @param buffer    Receives the string, in UTF-8; NULL to get only its length.
/// @param size      The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length    Out: the length of the string without the NUL, also if the call returns ENL_ERROR_BUFFER. May be
///                  NULL if `buffer` is not NULL.
/// @return As enl_registry_model_text.
///
/// Threads: any, concurrently. Since: 0.1.
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
    // SAFETY: the header requires texts, a buffer of this size, and a pointer to a size_t.
    unsafe { query::property(registry, property, TextBuffer { data: buffer, size, length }, ask) }
}

/// Gets the number of devices that the engines can use.
///
/// @param registry  The handle.
/// @param count     Out: the number of devices. Their indices are 0 to count - 1, grouped by engine, each engine's best
///                  device first.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. The first call searches for engines and may take about 0.2 seconds. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_device_count(registry: *const enl_registry, count: *mut usize) -> i32 {
    // SAFETY: the header requires a pointer to a size_t.
    unsafe { query::count(registry, count, |registry: &Registry| registry.devices().len()) }
}

/// Gets a property of a device.
///
/// Properties: "id": the value for the option "device". "name": its name for users. "engine": the id of its engine.
///
/// @param registry  The handle.
/// @param index     The index, from 0.
/// @param property  One of the properties above.
/// @param buffer    Receives the string, in UTF-8; NULL to get only its length.
/// @param size      The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length    Out: the length of the string without the NUL, also if the call returns ENL_ERROR_BUFFER. May be
///                  NULL if `buffer` is not NULL.
/// @return As enl_registry_model_text.
///
/// Threads: any, concurrently. Since: 0.1.
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
    // SAFETY: the header requires texts, a buffer of this size, and a pointer to a size_t.
    unsafe { query::property(registry, property, TextBuffer { data: buffer, size, length }, ask) }
}

/// Frees a registry. Objects that were created with it stay usable.
///
/// @param registry  The handle; NULL is ignored.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_free(registry: *mut enl_registry) -> i32 {
    guard(|| handle::release::<Registry>(registry))
}

pub(crate) fn no_index(what: &str, index: usize) -> Failure {
    Failure::new(
        ENL_ERROR_ARGUMENT,
        format!("there is no {what} with the index {index}; the index must be below their count"),
    )
}

pub(crate) fn no_property(what: &str, property: &str) -> Failure {
    let message = format!("{what} has no property '{property}'; the header lists the properties");
    Failure::new(ENL_ERROR_ARGUMENT, message)
}

pub(crate) fn yes_or_no(answer: bool) -> String {
    if answer { "yes" } else { "no" }.to_owned()
}
