//! libenlarger: the C interface. Its manual is the header, `include/enlarger.h`, made from the comments here.
//!
//! One file for each noun of the interface. Every exported function is a `guard` around a body that returns a `Result`;
//! what it must not do (panic outwards, trust a handle, touch memory that was not checked) is seen to in `boundary.rs`,
//! `handle.rs` and `view.rs`.
// What a caller owes each unsafe function stands once, in the header's manual.
#![allow(clippy::missing_safety_doc)]
// The run takes what C programs give it, one by one.
#![allow(clippy::too_many_arguments)]
#![deny(missing_docs)]

mod answer;
mod boundary;
mod handle;

// The nouns, in the order in which the header shows them.
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

mod measure;

pub use cancel::{enl_cancel, enl_cancel_free, enl_cancel_is_requested, enl_cancel_new, enl_cancel_request};
pub use format::*;
pub use log::{ENL_LOG_INFO, ENL_LOG_WARNING, enl_log_callback, enl_log_set};
pub use measure::enl_upscaler_measure;
pub use options::*;
pub use plan::{enl_plan, enl_rect, enl_upscaler_plan};
pub use progress::{ENL_PHASE_FINISH, ENL_PHASE_PREPARE, ENL_PHASE_TILES, enl_progress, enl_progress_callback};
pub use registry::*;
pub use run::{enl_upscaler_run, enl_upscaler_stream};
pub use status::*;
pub use stream::{ENL_CONTINUE, enl_read_callback, enl_sink, enl_source, enl_write_callback};
pub use upscaler::{enl_upscaler, enl_upscaler_free, enl_upscaler_new, enl_upscaler_text};
pub use version::*;
pub use view::enl_view;
