//! Options: string keys, typed values, and descriptions from which dialogs are built.
//!
//! No option is known here by its key; the core has the table of options.

use std::ffi::{c_char, c_void};
use std::slice;
use std::sync::Arc;

use enlarger::{
    Colour, Damage, Mask, OPTIONS, OptionChoice, OptionDescription, OptionKey, OptionKind, OptionValue, Settings,
    Source,
};

use crate::boundary::{guard, null, read_text};
use crate::handle::{self, HandleType, Table};
use crate::query::{self, TextBuffer};
use crate::registry::{Registry, enl_registry, no_property};
use crate::status::{ENL_ERROR_ARGUMENT, ENL_ERROR_BUFFER, Failure, Result};
use crate::view::{Pixels, ViewSource, enl_view};

/// The most bytes that an option may have.
pub(crate) const MAX_BYTES: usize = 64 << 20;

/// Options for upscalers and runs, by key. For the keys see OPTIONS at the top.
#[allow(non_camel_case_types)]
pub struct enl_options(());

/// Values, and the registry against which they are checked.
pub(crate) struct Options {
    registry: Registry,
    pub(crate) settings: Settings,
    /// What was found in the picture of the next run.
    pub(crate) damage: Option<Damage>,
}

impl HandleType for Options {
    type Opaque = enl_options;
    const KIND: usize = 2;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<Options> = Table::new();
        &TABLE
    }
}

/// Creates options with default values.
///
/// @param registry  The registry whose presets, models, engines and devices the options can name. It may be freed
///                  before the options.
/// @param options   Out: the new handle, to be freed with enl_options_free; NULL on failure.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_LIMIT.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_new(registry: *const enl_registry, options: *mut *mut enl_options) -> i32 {
    let make = || {
        let registry = handle::with(registry, |registry: &Registry| Ok(registry.clone()))?;
        Ok(Options { registry, settings: Settings::default(), damage: None })
    };
    // SAFETY: the header requires a pointer to a handle.
    guard(|| unsafe { handle::create(options, "'options'", make) })
}

/// Sets an option from a string, such as "4", "2.5", "on", "off" or "natural". Any type except bytes and mask is
/// allowed.
///
/// Numbers use a decimal point, whatever the locale. The value is checked immediately, except that engines and devices
/// are checked when an upscaler opens them. A refused value leaves the option unchanged.
///
/// @param options  The handle.
/// @param key      The option's key.
/// @param value    The value in UTF-8; it is copied.
/// @return ENL_OK; ENL_ERROR_ARGUMENT for an unknown key, an unknown preset, or a value that has another type or is out
///         of range; ENL_ERROR_MODEL_NOT_FOUND for an unknown model; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE,
///         ENL_ERROR_BUSY.
///
/// Threads: any, one call at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set(options: *mut enl_options, key: *const c_char, value: *const c_char) -> i32 {
    guard(|| {
        // SAFETY: the header requires texts.
        let (key, value) = unsafe { (read_text(key, "the key")?, read_text(value, "the value")?) };
        set(options, &key, OptionValue::Text(value))
    })
}

/// Sets an option of type integer or float, or a boolean with 0 or 1.
///
/// @param options  The handle.
/// @param key      The option's key.
/// @param value    The value.
/// @return As enl_options_set.
///
/// Threads: any, one call at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_integer(options: *mut enl_options, key: *const c_char, value: i64) -> i32 {
    guard(|| {
        // SAFETY: the header requires a text.
        let key = unsafe { read_text(key, "the key")? };
        set(options, &key, OptionValue::Integer(value))
    })
}

/// Sets an option of type float.
///
/// @param options  The handle.
/// @param key      The option's key.
/// @param value    The value; NaN is refused.
/// @return As enl_options_set.
///
/// Threads: any, one call at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_float(options: *mut enl_options, key: *const c_char, value: f64) -> i32 {
    guard(|| {
        // SAFETY: the header requires a text.
        let key = unsafe { read_text(key, "the key")? };
        set(options, &key, OptionValue::Float(value))
    })
}

/// Sets an option of type bytes, such as "icc_profile".
///
/// @param options  The handle.
/// @param key      The option's key.
/// @param data     The bytes; they are copied. NULL if `size` is 0.
/// @param size     The number of bytes, at most 64 MiB.
/// @return As enl_options_set; ENL_ERROR_BUFFER for more than 64 MiB.
///
/// Threads: any, one call at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_bytes(
    options: *mut enl_options,
    key: *const c_char,
    data: *const c_void,
    size: usize,
) -> i32 {
    guard(|| {
        // SAFETY: the header requires a text.
        let key = unsafe { read_text(key, "the key")? };
        if size > MAX_BYTES {
            let message = format!("{size} bytes are too many for the option '{key}'; give at most {MAX_BYTES}");
            return Err(Failure::new(ENL_ERROR_BUFFER, message));
        }
        let bytes: Arc<[u8]> = match size {
            0 => Arc::new([]),
            _ if data.is_null() => return Err(null("'data'")),
            // SAFETY: the header requires `size` bytes, which are copied at once.
            _ => unsafe { slice::from_raw_parts(data.cast::<u8>(), size) }.into(),
        };
        set(options, &key, OptionValue::Bytes(bytes))
    })
}

/// Sets the option "mask": where to use the network's result.
///
/// The mask multiplies the option "strength", pixel by pixel: black stands for 0 and white for 1, or the reverse if the
/// option "mask_white" is "protect". Where the product is 0, the result is the plain enlargement of the source. The
/// mask is enlarged with the picture.
///
/// @param options  The handle.
/// @param mask     A picture of the size of the whole source, even if a run has a rectangle; NULL for no mask. Its
///                 values are taken as they are stored, without a colour space: of gray pixels the sample, of others
///                 the luminance. Alpha is not used. The pixels are copied. Each plan and run checks the size and
///                 returns ENL_ERROR_ARGUMENT if it is not that of the source.
/// @return ENL_OK; ENL_ERROR_BUFFER for a buffer or stride that is too small; ENL_ERROR_FORMAT for an invalid format;
///         ENL_ERROR_ARGUMENT for an invalid size; ENL_ERROR_LIMIT for one that is too large; ENL_ERROR_MEMORY;
///         ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, one call at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_mask(options: *mut enl_options, mask: *const enl_view) -> i32 {
    // SAFETY: the header requires NULL or a view.
    guard(|| unsafe { set_mask(options, OptionKey::Mask, mask) })
}

/// Sets the option "scratch_mask": the places of scratches, hairs and dust, in place of those that would be found. White places are
/// filled from their surroundings; gray ones are mixed with the picture.
///
/// @param options  The handle.
/// @param mask     As for enl_options_set_mask.
/// @return As enl_options_set_mask.
///
/// Threads: any, one call at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_scratch_mask(options: *mut enl_options, mask: *const enl_view) -> i32 {
    // SAFETY: the header requires NULL or a view.
    guard(|| unsafe { set_mask(options, OptionKey::ScratchMask, mask) })
}

/// # Safety
/// `mask` is NULL or points to a view.
unsafe fn set_mask(options: *mut enl_options, key: OptionKey, mask: *const enl_view) -> Result<()> {
    if mask.is_null() {
        return handle::with_mut(options, |options: &mut Options| {
            options.settings.reset(key);
            Ok(())
        });
    }
    // SAFETY: the caller of this function promises it.
    let pixels = unsafe { Pixels::new(mask, "the mask")? };
    let mut source = ViewSource { pixels, colour: Colour::Srgb };
    let mask = Mask::read(source.size(), source.format(), |y, row| source.read(0, y, row))?;
    set(options, key.name(), OptionValue::Mask(mask))
}

fn set(options: *mut enl_options, key: &str, value: OptionValue) -> Result<()> {
    handle::with_mut(options, |Options { registry, settings, .. }: &mut Options| {
        Ok(settings.set(registry.installed(), OptionKey::find(key)?, value)?)
    })
}

/// Resets an option to its default.
///
/// @param options  The handle.
/// @param key      The option's key.
/// @return ENL_OK, ENL_ERROR_ARGUMENT for an unknown key, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, one call at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_reset(options: *mut enl_options, key: *const c_char) -> i32 {
    guard(|| {
        // SAFETY: the header requires a text.
        let key = unsafe { read_text(key, "the key")? };
        handle::with_mut(options, |options: &mut Options| {
            options.settings.reset(OptionKey::find(&key)?);
            Ok(())
        })
    })
}

/// Gets the number of options.
///
/// @param options  The handle.
/// @param count    Out: the number of options. Their indices are 0 to count - 1, in the order in which a
///                 dialog should show them.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_count(options: *const enl_options, count: *mut usize) -> i32 {
    // SAFETY: the header requires a pointer to a size_t.
    unsafe { query::count(options, count, |_: &Options| OPTIONS.len()) }
}

/// Gets the key of an option.
///
/// @param options  The handle.
/// @param index    The index, from 0.
/// @param buffer   Receives the key, in UTF-8; NULL to get only its length.
/// @param size     The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length   Out: the length of the key without the NUL, also if the call returns ENL_ERROR_BUFFER. May be
///                 NULL if `buffer` is not NULL.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for an index out of range, ENL_ERROR_BUFFER if the buffer is too
///         small (it then stays unchanged), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently. Since: 0.1.
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
            let message =
                format!("there is no option with the index {index}; the index must be below {}", OPTIONS.len());
            Err(Failure::new(ENL_ERROR_ARGUMENT, message))
        }
    };
    // SAFETY: the header requires a buffer of this size and for a pointer to a size_t.
    unsafe { query::text(options, TextBuffer { data: buffer, size, length }, ask) }
}

/// Describes an option for a dialog, for the preset or model that is chosen in these options.
///
/// Properties:
/// - "type": choice, integer, float, boolean, bytes or mask.
/// - "group": the part of a dialog that shows the option: "size" for the size of the result, "main" for what most
///   people choose, "more" for what is shown on request, "advanced" for a page of its own with engines, devices and
///   memory, "host" for what the host program sets itself and no dialog shows.
/// - "scope": "upscaler" if the value is fixed when an upscaler is created, "run" if it can differ for each plan and
///   run. A plan or a run whose options set an option of the scope "upscaler" to another value returns
///   ENL_ERROR_ARGUMENT.
/// - "label": a word or two. "help": a sentence or two. "unit": of a number; may be empty.
/// - "default": the default, as enl_options_set takes it; empty for bytes and masks.
/// - "minimum", "maximum": of an integer or a float; otherwise empty.
/// - "choices", "choice_labels", "choice_help": of a choice, with one line for each value: the value, its label, and
///   what it is for, which may be an empty line.
/// - "applies": "yes", or "no" if the preset or model does not use the option.
/// - "value": the current value, or the default if none is set; for bytes, their number; for a mask, its size,
///   such as "640x480".
///
/// @param options   The handle.
/// @param key       The option's key.
/// @param property  One of the properties above.
/// @param buffer    Receives the string, in UTF-8; NULL to get only its length.
/// @param size      The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length    Out: the length of the string without the NUL, also if the call returns ENL_ERROR_BUFFER. May be
///                  NULL if `buffer` is not NULL.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for an unknown key or property, ENL_ERROR_BUFFER if the buffer
///         is too small (it then stays unchanged), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently. The first call for "engine" or "device" searches for engines and may take
/// about 0.2 seconds. Since: 0.1.
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
        // SAFETY: the header requires a text.
        let key = unsafe { read_text(key, "the key")? };
        describe(options, &key, property)
    };
    // SAFETY: the header requires texts, a buffer of this size, and a pointer to a size_t.
    unsafe { query::property(options, property, TextBuffer { data: buffer, size, length }, ask) }
}

fn describe(Options { registry, settings, .. }: &Options, key: &str, property: &str) -> Result<String> {
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
            Some(OptionValue::Mask(mask)) => mask.size().to_string(),
        },
        _ => return Err(no_property("an option", property)),
    })
}

/// Frees options. Upscalers that were created with them stay usable.
///
/// @param options  The handle; NULL is ignored.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_free(options: *mut enl_options) -> i32 {
    guard(|| handle::release::<Options>(options))
}
