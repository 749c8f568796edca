//! The types of parameters of the exported functions: how each is read from a frame.
//!
//! The types of the functions themselves choose, so that no argument can be forgotten or taken for another one. Every pointer that the
//! library gets is NULL, or to memory of the size that it is told.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::arguments::{Arguments, NO_TEXT, NOT_WRITTEN, Written};
use super::callbacks;
use super::wire::{Garbage, Result};
use crate::advice::enl_advice;
use crate::cancel::enl_cancel;
use crate::damage::enl_damage;
use crate::faces::{enl_face, enl_faces};
use crate::log::enl_log_callback;
use crate::options::{MAX_BYTES, enl_options};
use crate::plan::{enl_plan, enl_rect};
use crate::progress::enl_progress_callback;
use crate::registry::enl_registry;
use crate::step::enl_step_callback;
use crate::stream::{enl_sink, enl_source};
use crate::upscaler::enl_upscaler;
use crate::view::enl_view;

/// The most texts of one list, such as folders.
const MOST_TEXTS: usize = 1 << 16;

/// The largest buffer for a text. All texts are shorter.
const LARGEST_BUFFER: usize = 64 << 20;

/// A type of parameter.
pub(super) trait Argument: Sized {
    /// The type in C. The host compares it with what it sends.
    const TYPE: &'static str;

    /// Reads the argument.
    fn take(from: &mut Arguments<'_>) -> Result<Self>;
}

macro_rules! numbers {
    ($($type:ident $name:literal),*) => {
        $(impl Argument for $type {
            const TYPE: &'static str = $name;
            fn take(from: &mut Arguments<'_>) -> Result<Self> {
                from.reader.$type()
            }
        })*
    };
}
numbers!(i32 "int32_t", u32 "uint32_t", i64 "int64_t", f64 "double");

impl Argument for usize {
    const TYPE: &'static str = "size_t";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        // The size of memory is not what the host says but what it has become here.
        match from.size.take() {
            Some(size) => Ok(size),
            None => from.reader.size(),
        }
    }
}

macro_rules! handles {
    ($($type:ident $constant:literal $mutable:literal $new:literal),*) => {
        $(impl Argument for *const $type {
            const TYPE: &'static str = $constant;
            fn take(from: &mut Arguments<'_>) -> Result<Self> {
                Ok(ptr::without_provenance(from.reader.size()?))
            }
        }
        impl Argument for *mut $type {
            const TYPE: &'static str = $mutable;
            fn take(from: &mut Arguments<'_>) -> Result<Self> {
                Ok(ptr::without_provenance_mut(from.reader.size()?))
            }
        }
        impl Argument for *mut *mut $type {
            const TYPE: &'static str = $new;
            fn take(from: &mut Arguments<'_>) -> Result<Self> {
                if !from.reader.is_some()? {
                    return Ok(ptr::null_mut());
                }
                let mut handle = Box::new(NOT_WRITTEN);
                let place: *mut usize = &mut *handle;
                from.written.push(Written::Handle(handle));
                Ok(place.cast())
            }
        })*
    };
}
handles!(
    enl_registry "const enl_registry *" "enl_registry *" "enl_registry **",
    enl_options "const enl_options *" "enl_options *" "enl_options **",
    enl_upscaler "const enl_upscaler *" "enl_upscaler *" "enl_upscaler **",
    enl_cancel "const enl_cancel *" "enl_cancel *" "enl_cancel **",
    enl_advice "const enl_advice *" "enl_advice *" "enl_advice **",
    enl_faces "const enl_faces *" "enl_faces *" "enl_faces **",
    enl_damage "const enl_damage *" "enl_damage *" "enl_damage **"
);

macro_rules! values {
    ($($type:ident $name:literal),*) => {
        $(impl Argument for *mut $type {
            const TYPE: &'static str = $name;
            fn take(from: &mut Arguments<'_>) -> Result<Self> {
                from.value()
            }
        })*
    };
}
values!(usize "size_t *", i32 "int32_t *", f64 "double *", enl_plan "enl_plan *", enl_face "enl_face *");

impl Argument for *const c_char {
    const TYPE: &'static str = "const char *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        from.text()
    }
}

impl Argument for *const *const c_char {
    const TYPE: &'static str = "const char *const *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        let (is_some, count) = (from.reader.is_some()?, from.reader.size()?);
        from.size = Some(count);
        if !is_some {
            return Ok(ptr::null());
        }
        if count > MOST_TEXTS {
            return Err(Garbage::new(format!("{count} texts are too many; {MOST_TEXTS} are allowed")));
        }
        let mut texts = Vec::new();
        for _ in 0..count {
            texts.push(from.text()?);
        }
        let start = texts.as_ptr();
        from.keep(texts);
        Ok(start)
    }
}

impl Argument for *mut c_char {
    const TYPE: &'static str = "char *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        let (is_some, size) = (from.reader.is_some()?, from.reader.size()?);
        if !is_some {
            from.size = Some(size);
            return Ok(ptr::null_mut());
        }
        let size = size.min(LARGEST_BUFFER);
        from.size = Some(size);
        // Zeroes are no memory yet, so a size costs nothing before a text is written.
        let mut buffer = vec![0; size];
        if let Some(first) = buffer.first_mut() {
            *first = NO_TEXT;
        }
        let start = buffer.as_mut_ptr().cast();
        from.written.push(Written::Text(buffer));
        Ok(start)
    }
}

impl Argument for *const c_void {
    const TYPE: &'static str = "const void *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        let (is_some, size) = (from.reader.is_some()?, from.reader.size()?);
        from.size = Some(size);
        if !is_some {
            return Ok(ptr::null());
        }
        if size > MAX_BYTES {
            // The library refuses so many before it looks at them, so they were not sent.
            return Ok(ptr::dangling());
        }
        let bytes = from.reader.take(size)?.to_vec();
        let start = bytes.as_ptr().cast();
        from.keep(bytes);
        Ok(start)
    }
}

impl Argument for *mut c_void {
    const TYPE: &'static str = "void *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        // What the host's callbacks are given is the host's own; only the log has to tell one from the next.
        Ok(ptr::without_provenance_mut(from.reader.size()?))
    }
}

macro_rules! callbacks {
    ($($type:ident $name:literal $function:ident),*) => {
        $(impl Argument for $type {
            const TYPE: &'static str = $name;
            fn take(from: &mut Arguments<'_>) -> Result<Self> {
                Ok(from.reader.is_some()?.then_some(callbacks::$function as _))
            }
        })*
    };
}
callbacks!(
    enl_progress_callback "enl_progress_callback" progress,
    enl_step_callback "enl_step_callback" step,
    enl_log_callback "enl_log_callback" log
);

impl Argument for *const enl_rect {
    const TYPE: &'static str = "const enl_rect *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        if !from.reader.is_some()? {
            return Ok(ptr::null());
        }
        callbacks::set_rows(|rows| rows.is_part = true);
        let mut number = || from.reader.u32();
        let rect = enl_rect { x: number()?, y: number()?, width: number()?, height: number()? };
        Ok(from.keep(rect))
    }
}

macro_rules! streams {
    ($($type:ident $name:literal $function:ident $height:ident),*) => {
        $(impl Argument for *const $type {
            const TYPE: &'static str = $name;
            fn take(from: &mut Arguments<'_>) -> Result<Self> {
                if !from.reader.is_some()? {
                    return Ok(ptr::null());
                }
                let reader = &mut from.reader;
                let stream = $type {
                    $function: reader.is_some()?.then_some(callbacks::$function as _),
                    user_data: ptr::null_mut(),
                    width: reader.u32()?,
                    height: reader.u32()?,
                    format: reader.i32()?,
                    reserved: reader.u32()?,
                };
                callbacks::set_rows(|rows| rows.$height = stream.height);
                Ok(from.keep(stream))
            }
        })*
    };
}
streams!(enl_source "const enl_source *" read source_height, enl_sink "const enl_sink *" write result_height);

impl Argument for *const enl_view {
    const TYPE: &'static str = "const enl_view *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        if !from.reader.is_some()? {
            return Ok(ptr::null());
        }
        let reader = &mut from.reader;
        let view = enl_view {
            data: ptr::without_provenance_mut(reader.size()?),
            size: reader.size()?,
            stride: reader.size()?,
            width: reader.u32()?,
            height: reader.u32()?,
            format: reader.i32()?,
            reserved: reader.u32()?,
        };
        let (place, is_wanted) = (reader.size()?, reader.is_some()?);
        let (view, size) = from.memory.placed(view, place)?;
        if is_wanted && size > 0 {
            from.wanted.push((place, size));
        }
        Ok(from.keep(view))
    }
}
