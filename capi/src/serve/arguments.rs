//! The arguments of one call: where their memory is during the call, and how what the library has written goes back.

use std::any::Any;
use std::ffi::{CString, c_char};
use std::ptr;

use super::pixels::Memory;
use super::wire::{Garbage, Reader, Result, put_bytes};

/// What a handle is before the library has written it. No handle and not NULL.
pub(super) const NOT_WRITTEN: usize = usize::MAX;

/// The first byte of a buffer before the library has written it. No text in UTF-8 contains it.
pub(super) const NO_TEXT: u8 = 0xff;

/// The arguments of one call, and their memory.
pub(super) struct Arguments<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) memory: Memory,
    /// The size that belongs to the pointer before it.
    pub(super) size: Option<usize>,
    kept: Vec<Box<dyn Any>>,
    pub(super) written: Vec<Written>,
    /// The parts of the memory that the host wants back.
    pub(super) wanted: Vec<(usize, usize)>,
}

/// Memory that the library may write to.
pub(super) enum Written {
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
    pub(super) fn keep<T: 'static>(&mut self, value: T) -> *const T {
        let kept = Box::new(value);
        let place: *const T = &*kept;
        self.kept.push(kept);
        place
    }

    pub(super) fn text(&mut self) -> Result<*const c_char> {
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
    pub(super) fn value<T: Copy>(&mut self) -> Result<*mut T> {
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
