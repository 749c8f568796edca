//! Faces: where they are in a picture. It must never say whose they are.

use std::ffi::c_void;

use enlarger::{Face, Settings};

use crate::boundary::{guard, write};
use crate::cancel::{self, enl_cancel};
use crate::handle::{self, HandleType, Table};
use crate::log::{self, ENL_LOG_INFO};
use crate::options::{Options, enl_options};
use crate::query;
use crate::registry::{Registry, enl_registry, no_index};
use crate::status::Result;
use crate::step::{self, enl_step_callback};
use crate::stream::{RowSource, enl_source};

/// The faces in one picture: a list, often empty.
#[allow(non_camel_case_types)]
pub struct enl_faces(());

/// A face, in pixels of the source. The origin is the upper left corner of the upper left pixel.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_face {
    /// The left edge of the box around the face, from the eyebrows to the chin. The box may reach over the picture's border.
    pub left: f32,
    /// Its upper edge.
    pub top: f32,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// The x and y of six points: the person's right eye and left eye, the tip of the nose, the middle of the mouth, the right
    /// ear and the left ear.
    pub points: [f32; 12],
    /// How sure the search is, 0 to 1.
    pub score: f32,
}

impl From<&Face> for enl_face {
    fn from(face: &Face) -> Self {
        let Face { left, top, width, height, score, .. } = *face;
        let points = std::array::from_fn(|i| face.points[i / 2][i % 2]);
        enl_face { left, top, width, height, points, score }
    }
}

struct FaceList(Vec<Face>);

impl HandleType for FaceList {
    type Opaque = enl_faces;
    const KIND: usize = 6;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<FaceList> = Table::new();
        &TABLE
    }
}

/// Finds the faces in a picture, the surest first.
///
/// The function reads the rows of the source in full, in ascending order, each once. The network that it runs is part of the
/// library. Small faces are missed: the search is meant for faces at least about 20 pixels wide, in a picture that is reduced to
/// 700000 pixels if it has more. Whose faces they are is not looked at.
///
/// @param registry  The registry with the engines.
/// @param options   The options "engine", "device" and "threads" choose what runs the network, "icc_profile" and "colour_space"
///                  tell what the pixels mean; the others are ignored. NULL for the defaults.
/// @param source    The source of the rows.
/// @param cancel    Stops the function from another thread; NULL for none.
/// @param progress  Receives the progress; NULL for none.
/// @param user_data Passed to `progress`.
/// @param faces     Out: the new handle, to be freed with enl_faces_free; NULL on failure. It needs neither the registry nor
///                  the source any more.
/// @return ENL_OK; ENL_CANCELLED, also if a callback did not return ENL_CONTINUE; ENL_ERROR_ARGUMENT for an invalid source;
///         ENL_ERROR_FORMAT for an invalid format or profile; ENL_ERROR_LIMIT for a source that is too large;
///         ENL_ERROR_ENGINE_NOT_FOUND, ENL_ERROR_ENGINE_VERSION, ENL_ERROR_DEVICE, ENL_ERROR_INFERENCE; ENL_ERROR_MEMORY;
///         ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_faces_find(
    registry: *const enl_registry,
    options: *const enl_options,
    source: *const enl_source,
    cancel: *const enl_cancel,
    progress: enl_step_callback,
    user_data: *mut c_void,
    faces: *mut *mut enl_faces,
) -> i32 {
    let find = || -> Result<FaceList> {
        let registry = handle::with(registry, |registry: &Registry| Ok(registry.clone()))?;
        let settings = match options.is_null() {
            true => Settings::default(),
            false => handle::with(options, |options: &Options| Ok(options.settings.clone()))?,
        };
        let own = enlarger::ChildCancel::new(&cancel::from_handle(cancel)?);
        // SAFETY: the header requires a source.
        let mut source = unsafe { RowSource::new(source, settings.colour())? };
        let (finder, reason) = registry.engines().open_finder(settings.engine(), &settings.session_options())?;
        log::send(ENL_LOG_INFO, &format!("faces are found by {reason}"));
        let mut report = step::reporter(progress, user_data, own.get().clone());
        let found = finder.find(&mut source, own.get(), &mut |share| {
            report(enlarger_models::Report::Step { text: "finding faces", fraction: Some(f64::from(share)) });
        })?;
        Ok(FaceList(found))
    };
    // SAFETY: the header requires a pointer to a handle.
    guard(|| unsafe { handle::create(faces, "'faces'", find) })
}

/// Gets the number of faces.
///
/// @param faces  The handle.
/// @param count  Out: the number. The indices are 0 to count - 1.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_faces_count(faces: *const enl_faces, count: *mut usize) -> i32 {
    // SAFETY: the header requires a pointer to a size_t.
    unsafe { query::count(faces, count, |faces: &FaceList| faces.0.len()) }
}

/// Gets a face.
///
/// @param faces  The handle.
/// @param index  The index, from 0.
/// @param face   Out: the face.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for an index that is too large, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, concurrently. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_faces_get(faces: *const enl_faces, index: usize, face: *mut enl_face) -> i32 {
    guard(|| {
        let found = handle::with(faces, |faces: &FaceList| {
            faces.0.get(index).map(enl_face::from).ok_or_else(|| no_index("face", index))
        })?;
        // SAFETY: the header requires a pointer to a face.
        unsafe { write(face, found, "'face'") }
    })
}

/// Frees a list of faces.
///
/// @param faces  The handle; NULL is ignored.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_faces_free(faces: *mut enl_faces) -> i32 {
    guard(|| handle::release::<FaceList>(faces))
}
