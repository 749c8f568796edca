//! Options: string keys, values with types, and descriptions to build dialogs from.

use std::ffi::{c_char, c_void};
use std::slice;
use std::sync::Arc;

use crate::answer::{self, Room};
use crate::boundary::{guard, null, read_text};
use crate::handle::{self, Noun, Table};
use crate::option::{Choice, Kind, OPTIONS};
use crate::registry::{Registry, enl_registry, no_property};
use crate::settings::{Settings, Value, definition};
use crate::status::{ENL_ERROR_ARGUMENT, ENL_ERROR_BUFFER, Failure, Result};

/// What is wanted: preset, model, size, engine and the rest, by key.
#[allow(non_camel_case_types)]
pub struct enl_options(());

/// Values, and the registry that says which values there can be.
pub(crate) struct Options {
    registry: Registry,
    pub(crate) settings: Settings,
}

impl Noun for Options {
    type Opaque = enl_options;
    const KIND: usize = 2;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<Options> = Table::new();
        &TABLE
    }
}

/// Makes options with the defaults.
///
/// @param registry  Says which models, engines and devices there are. It may be freed before the options.
/// @param options   Out: the new handle, to be freed with enl_options_free; NULL on failure.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_LIMIT.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_new(registry: *const enl_registry, options: *mut *mut enl_options) -> i32 {
    let make = || {
        let registry = handle::with(registry, |registry: &Registry| Ok(registry.clone()))?;
        Ok(Options { registry, settings: Settings::default() })
    };
    // SAFETY: the header asks for a pointer to a handle.
    guard(|| unsafe { handle::give(options, "the place for the options", make) })
}

/// Sets an option by a text, whatever its type (but not bytes): "4", "2.5" with a point in every language, "on" or
/// "off".
///
/// Whether an engine or a device is here shows when it is opened; everything else is checked at once.
///
/// @param options  The handle.
/// @param key      The option.
/// @param value    The value, UTF-8; it is copied.
/// @return ENL_OK; ENL_ERROR_ARGUMENT for a key that is none, a value of another type or outside its range;
///         ENL_ERROR_MODEL_NOT_FOUND; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, one at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set(options: *mut enl_options, key: *const c_char, value: *const c_char) -> i32 {
    guard(|| {
        // SAFETY: the header asks for texts.
        let (key, value) = unsafe { (read_text(key, "the key")?, read_text(value, "the value")?) };
        set(options, &key, Value::Text(value))
    })
}

/// Sets an option of the type integer, float or (by 0 and 1) boolean.
///
/// @param options  The handle.
/// @param key      The option.
/// @param value    The value.
/// @return As enl_options_set.
///
/// Threads: any, one at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_integer(options: *mut enl_options, key: *const c_char, value: i64) -> i32 {
    guard(|| {
        // SAFETY: the header asks for a text.
        let key = unsafe { read_text(key, "the key")? };
        set(options, &key, Value::Integer(value))
    })
}

/// Sets an option of the type float.
///
/// @param options  The handle.
/// @param key      The option.
/// @param value    The value; not a NaN.
/// @return As enl_options_set.
///
/// Threads: any, one at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_float(options: *mut enl_options, key: *const c_char, value: f64) -> i32 {
    guard(|| {
        // SAFETY: the header asks for a text.
        let key = unsafe { read_text(key, "the key")? };
        set(options, &key, Value::Float(value))
    })
}

/// Sets an option of the type bytes, such as "icc_profile".
///
/// @param options  The handle.
/// @param key      The option.
/// @param data     The bytes; they are copied. NULL if `size` is 0.
/// @param size     How many; at most 64 MiB.
/// @return As enl_options_set; ENL_ERROR_BUFFER if there are too many.
///
/// Threads: any, one at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_bytes(
    options: *mut enl_options,
    key: *const c_char,
    data: *const c_void,
    size: usize,
) -> i32 {
    const MOST: usize = 64 << 20;
    guard(|| {
        // SAFETY: the header asks for a text.
        let key = unsafe { read_text(key, "the key")? };
        if size > MOST {
            let message = format!("{size} bytes are too many for '{key}'; give at most {MOST}");
            return Err(Failure::new(ENL_ERROR_BUFFER, message));
        }
        let bytes: Arc<[u8]> = match size {
            0 => Arc::new([]),
            _ if data.is_null() => return Err(null("the data")),
            // SAFETY: the header asks for `size` bytes, which are copied at once.
            _ => unsafe { slice::from_raw_parts(data.cast::<u8>(), size) }.into(),
        };
        set(options, &key, Value::Bytes(bytes))
    })
}

fn set(options: *mut enl_options, key: &str, value: Value) -> Result<()> {
    handle::with_mut(options, |options: &mut Options| options.settings.set(&options.registry, key, value))
}

/// Sets an option back to its default.
///
/// @param options  The handle.
/// @param key      The option.
/// @return ENL_OK, ENL_ERROR_ARGUMENT for a key that is none, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, one at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_reset(options: *mut enl_options, key: *const c_char) -> i32 {
    guard(|| {
        // SAFETY: the header asks for a text.
        let key = unsafe { read_text(key, "the key")? };
        handle::with_mut(options, |options: &mut Options| options.settings.reset(&key))
    })
}

/// How many options there are.
///
/// @param options  The handle.
/// @param count    Out: options. Their indices are 0 to count - 1, in the order in which a dialog would show them.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, several at once. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_count(options: *const enl_options, count: *mut usize) -> i32 {
    // SAFETY: the header asks for a pointer to a size_t.
    unsafe { answer::count(options, count, |_: &Options| OPTIONS.len()) }
}

/// The key of an option by its index.
///
/// @param options  The handle.
/// @param index    From 0.
/// @param buffer   Where the key goes, UTF-8; NULL to ask only for its length.
/// @param size     Bytes of `buffer`, the NUL included.
/// @param length   Out: the key's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer` is
///                 not.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for another index, ENL_ERROR_BUFFER if the buffer is too
///         small (it is left alone), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, several at once. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_key(
    options: *const enl_options,
    index: usize,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |_: &Options| match OPTIONS.get(index) {
        Some(definition) => Ok(definition.key.to_owned()),
        None => {
            let message = format!("there is no option number {index}; there are {}", OPTIONS.len());
            Err(Failure::new(ENL_ERROR_ARGUMENT, message))
        }
    };
    // SAFETY: the header asks for a buffer of this size and for a pointer to a size_t.
    unsafe { answer::text(options, Room(buffer, size, length), ask) }
}

/// What a dialog needs to know of an option, for the preset or the model that is chosen in these options.
///
/// Properties: "type": choice, integer, float, boolean or bytes; "label"; "help": one sentence or two; "unit", may
/// be empty; "default", as enl_options_set takes it (empty for bytes); "minimum" and "maximum" of integer and
/// float, else empty; "choices": the values of a choice, one a line; "choice_labels": their names for people, one a
/// line; "choice_help": what each is for, one a line, which may be empty; "applies": yes or no, no where the preset
/// or the model has no use for it; "scope": "upscaler" if it counts when an upscaler is made, "run" if for each plan
/// and run; "value": what is set now, or the default (of bytes: their number).
///
/// @param options   The handle.
/// @param key       The option.
/// @param property  One of those above.
/// @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
/// @param size      Bytes of `buffer`, the NUL included.
/// @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
///                  is not.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for another key or property, ENL_ERROR_BUFFER if the buffer
///         is too small (it is left alone), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, several at once. The first look at "engine" or "device" may take a fifth of a second. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_describe(
    options: *const enl_options,
    key: *const c_char,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |options: &Options, property: &str| {
        // SAFETY: the header asks for a text.
        let key = unsafe { read_text(key, "the key")? };
        describe(options, &key, property)
    };
    // SAFETY: the header asks for texts, a buffer of this size, and a pointer to a size_t.
    unsafe { answer::property(options, property, Room(buffer, size, length), ask) }
}

fn describe(options: &Options, key: &str, property: &str) -> Result<String> {
    let definition = definition(key)?;
    match property {
        "label" => return Ok(definition.label.to_owned()),
        "help" => return Ok(definition.help.to_owned()),
        "unit" => return Ok(definition.unit.to_owned()),
        "type" => return Ok(definition.kind.name().to_owned()),
        "scope" => return Ok(if definition.opening { "upscaler" } else { "run" }.to_owned()),
        _ => {}
    }
    let description = definition.describe(&options.registry, &options.settings.wish(&options.registry)?);
    let range = |end: fn((String, String)) -> String| match description.kind {
        Kind::Integer(least, most) => end((least.to_string(), most.to_string())),
        Kind::Float(least, most) => end((least.to_string(), most.to_string())),
        _ => String::new(),
    };
    let lines = |part: fn(&Choice) -> &String| {
        description.choices.iter().map(|choice| part(choice).as_str()).collect::<Vec<_>>().join("\n")
    };
    Ok(match property {
        "default" => description.default,
        "minimum" => range(|(least, _)| least),
        "maximum" => range(|(_, most)| most),
        "choices" => lines(|choice| &choice.value),
        "choice_labels" => lines(|choice| &choice.label),
        "choice_help" => lines(|choice| &choice.help),
        "applies" => if description.applies { "yes" } else { "no" }.to_owned(),
        "value" => match options.settings.get(key) {
            None => description.default,
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Float(number)) => number.to_string(),
            Some(Value::Boolean(on)) => if *on { "on" } else { "off" }.to_owned(),
            Some(Value::Bytes(bytes)) => bytes.len().to_string(),
        },
        _ => return Err(no_property("an option", property)),
    })
}

/// Frees options. Upscalers that were made with them go on working.
///
/// @param options  The handle; NULL is fine.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_free(options: *mut enl_options) -> i32 {
    guard(|| handle::release::<Options>(options))
}
