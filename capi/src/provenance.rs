//! Provenance: what a result says about how it was made.

use std::ffi::c_char;

use enlarger::{Provenance, Size};

use crate::boundary::read_text;
use crate::options::enl_options;
use crate::plan::{enl_rect, read_rect};
use crate::query::{self, TextBuffer};
use crate::registry::no_property;
use crate::upscaler::{Upscaler, enl_upscaler};

/// Gets what a result of a run with these options should say about how it was made, for its metadata.
///
/// Call it after the run, with the run's options and size. If a preset analysed the picture in enl_upscaler_run, the
/// noise level of the last such run counts.
///
/// Properties:
/// - "xmp": an XMP packet in UTF-8: IPTC's digital source type, and properties of the namespace urn:enlarger:xmp:1.0/,
///   which docs/provenance.md describes: software, models with their SHA-256 or the method, preset, factor, sizes,
///   strength. If the file has XMP already, merge the properties into it.
/// - "software": one line in ASCII, such as "Enlarger 0.1.0 (natural: realesr-general-x4v3, x4)", for EXIF's Software and
///   similar texts.
/// - "source_type": the URI of IPTC's digital source type: algorithmicallyEnhanced, or
///   compositeWithTrainedAlgorithmicMedia if a model that adds detail ran.
///
/// @param upscaler  The handle.
/// @param options   The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param width     The width of the whole source in pixels, 1 to 1048576.
/// @param height    The height of the whole source in pixels, 1 to 1048576.
/// @param rect      The part of the source that was enlarged; NULL for all of it.
/// @param property  One of the properties above.
/// @param buffer    Receives the string, in UTF-8; NULL to get only its length.
/// @param size      The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @param length    Out: the length of the string without the NUL, also if the call returns ENL_ERROR_BUFFER. May be
///                  NULL if `buffer` is not NULL.
/// @return ENL_OK; ENL_ERROR_ARGUMENT for an unknown property, and for an invalid size, rectangle or option;
///         ENL_ERROR_BUFFER if the buffer is too small (it then stays unchanged); otherwise as enl_upscaler_plan.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_upscaler_provenance(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    width: u32,
    height: u32,
    rect: *const enl_rect,
    property: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    let ask = |upscaler: &Upscaler| {
        // SAFETY: the header requires a text, and NULL or a rectangle.
        let (property, rect) = unsafe { (read_text(property, "the property")?, read_rect(rect)?) };
        let text: fn(&Provenance) -> String = match property.as_str() {
            "xmp" => Provenance::xmp_packet,
            "software" => Provenance::software,
            "source_type" => |made| made.digital_source_type().to_owned(),
            _ => return Err(no_property("a provenance", &property)),
        };
        let mut request = upscaler.request(options)?;
        request.job.rect = rect;
        Ok(text(&upscaler.provenance(request, Size::new(width, height)?)?))
    };
    // SAFETY: the header requires a buffer of this size and a pointer to a size_t.
    unsafe { query::text(upscaler, TextBuffer { data: buffer, size, length }, ask) }
}
