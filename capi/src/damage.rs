//! Damage of old photographs: found before a picture is streamed, and handed to the stream with its options.
//!
//! A picture is never read if nothing of it would be repaired.

use enlarger::{Channels, ChildCancel, Damage, Format, Sample, Sink, Size, Source};

use crate::boundary::guard;
use crate::cancel::{self, enl_cancel};
use crate::handle::{self, HandleType, Table};
use crate::options::{Options, enl_options};
use crate::status::{ENL_ERROR_BUFFER, ENL_ERROR_FORMAT, Failure, Result};
use crate::stream::{RowSource, enl_source};
use crate::upscaler::{Upscaler, enl_upscaler};
use crate::view::{Pixels, ViewSink, enl_view};

/// What was found of the damage of one picture: how its tones have faded, and where scratches, hairs and dust are.
#[allow(non_camel_case_types)]
pub struct enl_damage(());

/// The damage, and the size of the picture.
struct Found {
    damage: Damage,
    size: Size,
}

impl HandleType for Found {
    type Opaque = enl_damage;
    const KIND: usize = 7;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<Found> = Table::new();
        &TABLE
    }
}

/// Finds the damage that a run would repair in a picture: faded tones, scratches, hairs and dust. enl_upscaler_run finds it
/// itself. Before enl_upscaler_stream, call this function, and pass what it finds to enl_options_set_damage.
///
/// The function reads rows of the source in full, in ascending order, each at most once. Set the option "face_points" first: eyes
/// are never taken for damage.
///
/// The handle is NULL, and nothing is read, if nothing would be repaired: neither the preset nor the options "fading" and "scratches"
/// ask for it, or the options have the damage already.
///
/// @param upscaler  The handle.
/// @param options   The options, in place of all of the upscaler's; NULL for those that it was created with.
/// @param source    The source of the rows.
/// @param cancel    Stops the search from another thread; NULL for none.
/// @param damage    Out: the new handle, to be freed with enl_damage_free, or NULL; NULL also on failure. It needs neither the
///                  upscaler nor the source any more.
/// @return ENL_OK; ENL_CANCELLED, also if a callback did not return ENL_CONTINUE; ENL_ERROR_ARGUMENT for an invalid
///         option or source; ENL_ERROR_FORMAT for an invalid format or profile; ENL_ERROR_LIMIT for a source that is too large;
///         ENL_ERROR_MEMORY; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently, but not while the upscaler runs. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_damage_find(
    upscaler: *const enl_upscaler,
    options: *const enl_options,
    source: *const enl_source,
    cancel: *const enl_cancel,
    damage: *mut *mut enl_damage,
) -> i32 {
    let find = || -> Result<Option<Found>> {
        let own = ChildCancel::new(&cancel::from_handle(cancel)?);
        handle::with(upscaler, |upscaler: &Upscaler| {
            let request = upscaler.request(options)?;
            // SAFETY: the header requires a source.
            let mut source = unsafe { RowSource::new(source, request.colour.clone())? };
            if !request.job.needs_damage() {
                return Ok(None);
            }
            let size = source.size();
            Ok(Some(Found { damage: Damage::find(&mut source, &request.job, own.get())?, size }))
        })
    };
    // SAFETY: the header requires a pointer to a handle.
    guard(|| unsafe { handle::create_some(damage, "'damage'", find) })
}

/// Writes a picture of the places of scratches, hairs and dust: white where they are, otherwise black. Edit it, and pass it to
/// enl_options_set_scratch_mask to repair other places than those that were found.
///
/// @param damage  The handle.
/// @param mask    The memory for the picture, in ENL_SAMPLE_U8 + ENL_CHANNELS_GRAY and of the source's size.
/// @return ENL_OK; ENL_ERROR_BUFFER for a buffer or stride that is too small, or another size than the source's; ENL_ERROR_FORMAT for
///         another format; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_damage_mask(damage: *const enl_damage, mask: *const enl_view) -> i32 {
    guard(|| {
        // SAFETY: the header requires a view.
        let mut sink = ViewSink { pixels: unsafe { Pixels::new(mask, "the mask")? } };
        handle::with(damage, |found: &Found| {
            if sink.format() != Format::new(Sample::U8, Channels::Gray) {
                let message = "a mask of damage has 8-bit gray pixels without alpha; give the memory that format";
                return Err(Failure::new(ENL_ERROR_FORMAT, message));
            }
            if sink.size() != found.size {
                let (mask, picture) = (sink.size(), found.size);
                let message = format!("the mask is {mask} and the picture {picture}; give the mask the picture's size");
                return Err(Failure::new(ENL_ERROR_BUFFER, message));
            }
            let mut places = found.damage.scratches.as_ref().map(|mask| mask.open()).transpose()?;
            let mut row = vec![0; found.size.width as usize];
            for y in 0..found.size.height {
                if let Some(places) = &mut places {
                    places.read(0, y, &mut row)?;
                }
                sink.write(y, &row)?;
            }
            Ok(())
        })
    })
}

/// Sets the damage that is repaired: what enl_damage_find has found in the same picture with the same options.
///
/// It counts for plans, runs and provenance with these options, but not for an upscaler that is created with them. The option "fading"
/// and the preset still decide how much is repaired. If the option "scratches" changes, scratches must be found anew.
///
/// @param options  The handle.
/// @param damage   The damage, which may be freed at once; NULL for none.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY. Plans and runs return ENL_ERROR_ARGUMENT for damage of a
///         picture of another size.
///
/// Threads: any, one call at a time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_options_set_damage(options: *mut enl_options, damage: *const enl_damage) -> i32 {
    guard(|| {
        let found = match damage.is_null() {
            true => None,
            false => Some(handle::with(damage, |found: &Found| Ok(found.damage.clone()))?),
        };
        handle::with_mut(options, |options: &mut Options| {
            options.damage = found;
            Ok(())
        })
    })
}

/// Frees damage. Options that it was set in keep it.
///
/// @param damage  The handle; NULL is ignored.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_damage_free(damage: *mut enl_damage) -> i32 {
    guard(|| handle::release::<Found>(damage))
}
