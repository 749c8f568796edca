//! The catalogue: the models that can be installed.

use std::ffi::c_char;

use crate::query::{self, TextBuffer};
use crate::registry::{Registry, enl_registry, no_index, no_property, yes_or_no};

/// Gets the number of models of the catalogue, installed or not.
///
/// @param registry  The handle.
/// @param count     Out: the number of models. Their indices are 0 to count - 1. 0 if the catalogue cannot be read, which
///                  the log tells.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_registry_available_count(registry: *const enl_registry, count: *mut usize) -> i32 {
    let ask = |registry: &Registry| registry.catalogue().map_or(0, |catalogue| catalogue.entries().len());
    // SAFETY: the header requires a pointer to a size_t.
    unsafe { query::count(registry, count, ask) }
}

/// Gets a property of a model of the catalogue.
///
/// Properties:
/// - "id": the id to install it by, and the value for the option "model" then.
/// - "name", "version", "mode", "content", "architecture", "commercial", "attribution", "author", "source",
///   "training_data", "known_limits": as in enl_registry_model_text.
/// - "scale": its own factor, a whole number; empty if that is found out when it is installed.
/// - "licence": the licence of the weights: an SPDX identifier, or "unknown".
/// - "licence_certain": "yes" if that licence was read, "no" if it is unclear; see enl_registry_install.
/// - "size": the size of what is fetched to install it, in bytes, a whole number. Models may share what is fetched.
/// - "tried": "yes" if the makers of the catalogue have run the model, otherwise "no".
/// - "installed": "yes" if this model was installed when the registry was created, perhaps in another version, otherwise
///   "no". Another model may have its id.
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
pub unsafe extern "C" fn enl_registry_available_text(
    registry: *const enl_registry,
    index: usize,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |registry: &Registry, property: &str| {
        let entry = registry.catalogue()?.entries().get(index).ok_or_else(|| no_index("model", index))?;
        let words = &entry.description;
        Ok(match property {
            "id" => words.id.clone(),
            "name" => words.name.clone(),
            "version" => words.version.clone(),
            "mode" => words.mode.id().to_owned(),
            "content" => words.content.join(","),
            "architecture" => words.architecture.clone(),
            "scale" => entry.scale().map(|scale| scale.to_string()).unwrap_or_default(),
            "licence" => words.licence.clone(),
            "licence_certain" => yes_or_no(entry.licence_is_certain),
            "commercial" => yes_or_no(words.commercial),
            "attribution" => words.attribution.clone(),
            "author" => words.author.clone(),
            "source" => words.source.clone(),
            "training_data" => words.training_data.clone(),
            "known_limits" => words.known_limits.clone(),
            "size" => entry.package.size.to_string(),
            "tried" => yes_or_no(entry.tried),
            "installed" => yes_or_no(entry.is_in(registry.models())),
            _ => return Err(no_property("a model of the catalogue", property)),
        })
    };
    // SAFETY: the header requires texts, a buffer of this size, and a pointer to a size_t.
    unsafe { query::property(registry, property, TextBuffer { data: buffer, size, length }, ask) }
}
