//! libenlarger: the C interface. Its manual is the header, `include/enlarger.h`, which is generated from the comments
//! here.
//!
//! Each object of the interface has a file. Every exported function wraps its body in `guard`, so that no panic reaches
//! C. `handle.rs` checks handles, and `boundary.rs` and `view.rs` check memory, before anything uses them.
// The manual at the top of the header states once what callers must guarantee.
#![allow(clippy::missing_safety_doc)]
// A run has more parameters than Rust functions usually have.
#![allow(clippy::too_many_arguments)]
#![deny(missing_docs)]

mod boundary;
mod handle;
mod query;

// The objects, in the order in which the header shows them.
mod version;

mod status;

mod log;

mod registry;

mod options;

mod upscaler;

mod plan;

mod view;

mod format;

mod stream;

mod progress;

mod cancel;

mod run;

mod wear;

mod content;

mod advice;

mod faces;

mod damage;

mod provenance;

mod catalogue;

mod step;

mod user_models;

mod serve;

mod worker;

pub use advice::{enl_advice, enl_advice_count, enl_advice_free, enl_advice_new, enl_advice_text, enl_advice_value};
pub use cancel::{enl_cancel, enl_cancel_free, enl_cancel_is_requested, enl_cancel_new, enl_cancel_request};
pub use catalogue::{enl_registry_available_count, enl_registry_available_text};
pub use content::{ENL_CONTENT_DRAWING, ENL_CONTENT_PHOTO, ENL_CONTENT_UNUSED, enl_upscaler_measure_content};
pub use damage::{enl_damage, enl_damage_find, enl_damage_free, enl_damage_mask, enl_options_set_damage};
pub use faces::{enl_face, enl_faces, enl_faces_count, enl_faces_find, enl_faces_free, enl_faces_get};
pub use format::*;
pub use log::{ENL_LOG_INFO, ENL_LOG_WARNING, enl_log_callback, enl_log_set};
pub use options::*;
pub use plan::{enl_plan, enl_rect, enl_upscaler_plan};
pub use progress::{ENL_PHASE_FINISH, ENL_PHASE_PREPARE, ENL_PHASE_TILES, enl_progress, enl_progress_callback};
pub use provenance::enl_upscaler_provenance;
pub use registry::*;
pub use run::{enl_upscaler_run, enl_upscaler_stream};
pub use serve::read_frames;
pub use status::*;
pub use step::enl_step_callback;
pub use stream::{ENL_CONTINUE, enl_read_callback, enl_sink, enl_source, enl_write_callback};
pub use upscaler::{enl_upscaler, enl_upscaler_free, enl_upscaler_new, enl_upscaler_text};
pub use user_models::{enl_registry_import, enl_registry_install, enl_registry_remove};
pub use version::*;
pub use view::enl_view;
pub use wear::{enl_upscaler_measure, enl_upscaler_measure_faces, enl_upscaler_wants_faces};
pub use worker::enl_worker_run;
