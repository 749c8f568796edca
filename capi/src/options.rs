//! Options: string keys, values with types, and descriptions to build dialogs from.

use std::ffi::{c_char, c_void};
use std::slice;
use std::sync::Arc;

use enlarger::{OPTIONS, OptionChoice, OptionDescription, OptionKey, OptionKind, OptionValue, Settings};

use crate::answer::{self, Room};
use crate::boundary::{guard, null, read_text};
use crate::handle::{self, Noun, Table};
use crate::registry::{Registry, enl_registry, no_property};
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
        set(options, &key, OptionValue::Text(value))
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
        set(options, &key, OptionValue::Integer(value))
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
        set(options, &key, OptionValue::Float(value))
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
        set(options, &key, OptionValue::Bytes(bytes))
    })
}

fn set(options: *mut enl_options, key: &str, value: OptionValue) -> Result<()> {
    handle::with_mut(options, |Options { registry, settings }: &mut Options| {
        Ok(settings.set(registry.installed(), OptionKey::find(key)?, value)?)
    })
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
        handle::with_mut(options, |options: &mut Options| {
            options.settings.reset(OptionKey::find(&key)?);
            Ok(())
        })
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
        Some(option) => Ok(option.name.to_owned()),
        None => {
            let message = format!("there is no option number {index}; there are {}", OPTIONS.len());
            Err(Failure::new(ENL_ERROR_ARGUMENT, message))
        }
    };
    // SAFETY: the header asks for a buffer of this size and for a pointer to a size_t.
    unsafe { answer::text(options, Room(buffer, size, length), ask) }
}

/// Describes an option for a dialog, for the preset or model that is chosen in these options.
///
/// Properties:
/// - "type": choice, integer, float, boolean or bytes.
/// - "group": where a dialog shows it. "size": the size of the result; "main": what most people choose; "more": shown
///   on request; "host": not shown, because the host program sets it itself.
/// - "scope": "upscaler" if it is fixed when an upscaler is created, "run" if it can differ for each plan and run.
/// - "label": a word or two. "help": a sentence or two. "unit": of a number; may be empty.
/// - "default": the default, as enl_options_set takes it; empty for bytes.
/// - "minimum", "maximum": of an integer or a float; otherwise empty.
/// - "choices", "choice_labels", "choice_help": of a choice, with one line for each value: the value, its label, and
///   what it is for, which may be an empty line.
/// - "applies": "yes", or "no" if the preset or model does not use the option.
/// - "value": the current value, or the default if none is set; for bytes, their number.
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

fn describe(Options { registry, settings }: &Options, key: &str, property: &str) -> Result<String> {
    let key = OptionKey::find(key)?;
    let option = key.definition();
    match property {
        "label" => return Ok(option.label.to_owned()),
        "help" => return Ok(option.help()),
        "unit" => return Ok(option.unit.to_owned()),
        "type" => return Ok(option.kind.name().to_owned()),
        "group" => return Ok(option.group.name().to_owned()),
        "scope" => return Ok(option.scope.name().to_owned()),
        _ => {}
    }
    let chosen = settings.model_choice(registry.installed())?;
    let OptionDescription { kind, default, choices, applies, .. } =
        option.describe(registry.installed(), &chosen, registry);
    let (minimum, maximum) = match kind {
        OptionKind::Integer { least, most, .. } => (least.to_string(), most.to_string()),
        OptionKind::Float { least, most } => (least.to_string(), most.to_string()),
        _ => Default::default(),
    };
    let lines = |part: fn(&OptionChoice) -> &String| {
        choices.iter().map(|choice| part(choice).as_str()).collect::<Vec<_>>().join("\n")
    };
    Ok(match property {
        "default" => default,
        "minimum" => minimum,
        "maximum" => maximum,
        "choices" => lines(|choice| &choice.value),
        "choice_labels" => lines(|choice| &choice.label),
        "choice_help" => lines(|choice| &choice.help),
        "applies" => if applies { "yes" } else { "no" }.to_owned(),
        "value" => match settings.get(key) {
            None => default,
            Some(OptionValue::Text(text)) => text.clone(),
            Some(OptionValue::Integer(number)) => number.to_string(),
            Some(OptionValue::Float(number)) => number.to_string(),
            Some(OptionValue::Boolean(on)) => if *on { "on" } else { "off" }.to_owned(),
            Some(OptionValue::Bytes(bytes)) => bytes.len().to_string(),
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
