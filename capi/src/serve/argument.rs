//! Arguments of the exported functions: how each C type is read from a frame, where its memory is during the call, and how what the
//! library has written goes back.
//!
//! The types of the functions themselves choose, so that no argument can be forgotten or taken for another one. Every pointer that the
//! library gets is NULL, or to memory of the size that it is told.

use std::any::Any;
use std::ffi::{CString, c_char, c_void};
use std::ptr;

use super::callbacks;
use super::pixels::Memory;
use super::wire::{Garbage, Reader, Result, put_bytes};
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

/// What a handle is before the library has written it. No handle and not NULL.
const NOT_WRITTEN: usize = usize::MAX;

/// The first byte of a buffer before the library has written it. No text in UTF-8 contains it.
const NO_TEXT: u8 = 0xff;

/// The arguments of one call, and their memory.
pub(super) struct Arguments<'a> {
    reader: Reader<'a>,
    pub(super) memory: Memory,
    /// The size that belongs to the pointer before it.
    size: Option<usize>,
    kept: Vec<Box<dyn Any>>,
    written: Vec<Written>,
    /// The parts of the memory that the host wants back.
    pub(super) wanted: Vec<(usize, usize)>,
}

/// Memory that the library may write to.
enum Written {
    /// A value of so many bytes.
    Value(Box<[u64]>, usize),
    Handle(Box<usize>),
    Text(Vec<u8>),
}

impl<'a> Arguments<'a> {
    pub(super) fn new(reader: Reader<'a>, memory: Memory) -> Self {
        Arguments { reader, memory, size: None, kept: Vec::new(), written: Vec::new(), wanted: Vec::new() }
    }

    pub(super) fn end(&self) -> Result<()> {
        self.reader.end()
    }

    /// Adds what the library has written, in the order of the parameters.
    pub(super) fn put_written(&self, answer: &mut Vec<u8>) {
        for written in &self.written {
            match written {
                Written::Value(words, size) => {
                    let bytes = words.iter().flat_map(|word| word.to_ne_bytes()).take(*size);
                    answer.extend(bytes);
                }
                Written::Handle(handle) if **handle == NOT_WRITTEN => answer.push(0),
                Written::Handle(handle) => {
                    answer.push(1);
                    answer.extend((**handle as u64).to_ne_bytes());
                }
                Written::Text(buffer) => match buffer.iter().position(|byte| *byte == 0) {
                    Some(length) if buffer[0] != NO_TEXT => {
                        answer.push(1);
                        put_bytes(answer, &buffer[..length]);
                    }
                    _ => answer.push(0),
                },
            }
        }
    }

    /// Keeps a value until the call has returned. Its place in memory does not change.
    fn keep<T: 'static>(&mut self, value: T) -> *const T {
        let kept = Box::new(value);
        let place: *const T = &*kept;
        self.kept.push(kept);
        place
    }

    fn text(&mut self) -> Result<*const c_char> {
        if !self.reader.is_some()? {
            return Ok(ptr::null());
        }
        let text = CString::new(self.reader.bytes()?).map_err(|_| Garbage::new("a text contains a NUL"))?;
        let start = text.as_ptr();
        // The bytes of a CString stay where they are when it moves.
        self.keep(text);
        Ok(start)
    }

    /// Memory for a value that the library may write. It begins with the host's, so that the host gets that back otherwise.
    fn value<T: Copy>(&mut self) -> Result<*mut T> {
        if !self.reader.is_some()? {
            return Ok(ptr::null_mut());
        }
        let size = size_of::<T>();
        let mut words = vec![0u64; size.div_ceil(8)].into_boxed_slice();
        for (word, bytes) in words.iter_mut().zip(self.reader.take(size)?.chunks(8)) {
            let mut all = [0; 8];
            all[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(all);
        }
        let start = words.as_mut_ptr().cast();
        self.written.push(Written::Value(words, size));
        Ok(start)
    }
}

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
        let mut number = || from.reader.u32();
        let rect = enl_rect { x: number()?, y: number()?, width: number()?, height: number()? };
        Ok(from.keep(rect))
    }
}

impl Argument for *const enl_source {
    const TYPE: &'static str = "const enl_source *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        if !from.reader.is_some()? {
            return Ok(ptr::null());
        }
        let reader = &mut from.reader;
        let source = enl_source {
            read: reader.is_some()?.then_some(callbacks::read as _),
            user_data: ptr::null_mut(),
            width: reader.u32()?,
            height: reader.u32()?,
            format: reader.i32()?,
            reserved: reader.u32()?,
        };
        Ok(from.keep(source))
    }
}

impl Argument for *const enl_sink {
    const TYPE: &'static str = "const enl_sink *";
    fn take(from: &mut Arguments<'_>) -> Result<Self> {
        if !from.reader.is_some()? {
            return Ok(ptr::null());
        }
        let reader = &mut from.reader;
        let sink = enl_sink {
            write: reader.is_some()?.then_some(callbacks::write as _),
            user_data: ptr::null_mut(),
            width: reader.u32()?,
            height: reader.u32()?,
            format: reader.i32()?,
            reserved: reader.u32()?,
        };
        Ok(from.keep(sink))
    }
}

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
