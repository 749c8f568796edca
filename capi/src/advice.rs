//! Advice on a picture: what is wrong with it for an enlargement, and what to do about it.

use std::ffi::c_char;

use enlarger::{Advice, Measures, advise};

use crate::boundary::{guard, write};
use crate::cancel::{self, enl_cancel};
use crate::handle::{self, HandleType, Table};
use crate::options::enl_options;
use crate::query::{self, TextBuffer};
use crate::registry::{no_index, no_property};
use crate::status::Result;
use crate::stream::{RowSource, enl_source};
use crate::upscaler::{Upscaler, enl_upscaler};

/// Advice on one picture: a list, often empty.
#[allow(non_camel_case_types)]
pub struct enl_advice(());

pub(crate) struct AdviceList(Vec<Advice>);

impl AdviceList {
    fn at(&self, index: usize) -> Result<&Advice> {
        self.0.get(index).ok_or_else(|| no_index("piece of advice", index))
    }
}

impl HandleType for AdviceList {
    type Opaque = enl_advice;
    const KIND: usize = 5;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<AdviceList> = Table::new();
        &TABLE
    }
}

/// Looks at a picture and gives advice: what spoils an enlargement of it, and what to do about that.
///
/// The function reads rows of the source in full, in ascending order, each at most once: all of them, or stripes of a
/// picture of more than 2080 rows. It takes a fraction of a second for usual pictures. It runs no network, and changes
/// nothing. It stays silent where it is not sure. With a classical method it only compares the memory that the result
/// needs with what is available, and does not read the source.
///
/// @param upscaler  The handle. The advice is about its preset and the factor or size in the options.
/// @param options   The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param source    The source of the rows.
/// @param cancel    Stops the function from another thread; NULL for none.
/// @param advice    Out: the new handle, to be freed with enl_advice_free; NULL on failure. It needs neither the upscaler
///                  nor the source any more.
/// @return ENL_OK; ENL_CANCELLED, also if a callback did not return ENL_CONTINUE; ENL_ERROR_ARGUMENT for an invalid
///         option or source; ENL_ERROR_FORMAT for an invalid format or profile; ENL_ERROR_LIMIT for a source or a
///         result that is too large; ENL_ERROR_MEMORY; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_advice_new(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    source: *const enl_source,
    cancel: *const enl_cancel,
    advice: *mut *mut enl_advice,
) -> i32 {
    let make = || {
        let cancel = cancel::from_handle(cancel)?;
        handle::with(upscaler, |upscaler: &Upscaler| {
            let request = upscaler.request(options)?;
            // SAFETY: the header requires a source.
            let mut source = unsafe { RowSource::new(source, request.colour.clone())? };
            let (size, format) = (enlarger::Source::size(&source), enlarger::Source::format(&source));
            let question = upscaler.question(&request, size, format)?;
            let measures = match question.method {
                None => Some(Measures::measure(&mut source, &cancel)?),
                Some(_) => None,
            };
            Ok(AdviceList(advise(measures.as_ref(), &question)))
        })
    };
    // SAFETY: the header requires a pointer to a handle.
    guard(|| unsafe { handle::create(advice, "'advice'", make) })
}

/// Gets the number of pieces of advice.
///
/// @param advice  The handle.
/// @param count   Out: the number. The indices are 0 to count - 1.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_advice_count(advice: *const enl_advice, count: *mut usize) -> i32 {
    // SAFETY: the header requires a pointer to a size_t.
    unsafe { query::count(advice, count, |advice: &AdviceList| advice.0.len()) }
}

/// Gets a property of a piece of advice.
///
/// Properties:
/// - "code": what it is about. The codes never change; later versions may add some.
///   "enlarged": the picture was enlarged before. "small": it has too little content for the factor. "noisy". "compressed":
///   damaged by JPEG. "blurred": out of focus or motion blur. "content": another preset or method suits it. "sharpened": too
///   much. "clipped": cut off at black or white. "screened": with the dots of a print. "large": the run and its
///   result, in the source's format, need more memory than is available.
/// - "sentence": what is wrong, with the figure, in English.
/// - "action": what to do, in English.
/// - "option", "option_value": the option that does it and its value, as enl_options_set takes them. Empty if no option
///   does.
///
/// @param advice    The handle.
/// @param index     The index, from 0.
/// @param property  One of the properties above.
/// @param buffer    Receives the string, in UTF-8; NULL to get only its length.
/// @param size      The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length    Out: the length of the string without the NUL, also if the call returns ENL_ERROR_BUFFER. May be
///                  NULL if `buffer` is not NULL.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for an unknown property or an index that is too large,
///         ENL_ERROR_BUFFER if the buffer is too small (it then stays unchanged), ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_advice_text(
    advice: *const enl_advice,
    index: usize,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |advice: &AdviceList, property: &str| {
        let Advice { code, sentence, action, option, .. } = advice.at(index)?;
        Ok(match (property, option) {
            ("code", _) => code.name().to_owned(),
            ("sentence", _) => sentence.clone(),
            ("action", _) => action.clone(),
            ("option", Some((key, _))) => (*key).to_owned(),
            ("option_value", Some((_, value))) => value.clone(),
            ("option" | "option_value", None) => String::new(),
            _ => return Err(no_property("a piece of advice", property)),
        })
    };
    // SAFETY: the header requires texts, a buffer of this size, and a pointer to a size_t.
    unsafe { query::property(advice, property, TextBuffer { data: buffer, size, length }, ask) }
}

/// Gets the figure of a piece of advice.
///
/// It is, by code: "enlarged": the factor; "small": the longer side of the content in pixels; "noisy": the standard
/// deviation of the noise in luminance, where white is 255; "compressed": the quality of JPEG, 1 to 100; "blurred": the
/// width of edges in pixels; "content": the share of neighbouring pixels that are equal, 0 to 1; "sharpened": the height
/// of haloes in percent of that of their edges; "clipped": the share of the pixels in percent; "screened": the period of
/// the dots in pixels; "large": the memory in GB.
///
/// @param advice  The handle.
/// @param index   The index, from 0.
/// @param value   Out: the figure.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for an index that is too large, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_advice_value(advice: *const enl_advice, index: usize, value: *mut f64) -> i32 {
    guard(|| {
        let found = handle::with(advice, |advice: &AdviceList| Ok(advice.at(index)?.value))?;
        // SAFETY: the header requires a pointer to a double.
        unsafe { write(value, found, "'value'") }
    })
}

/// Frees advice.
///
/// @param advice  The handle; NULL is ignored.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_advice_free(advice: *mut enl_advice) -> i32 {
    guard(|| handle::release::<AdviceList>(advice))
}
