//! Pickles: what Python's `pickle` writes, read as values.
//!
//! A pickle is a program that can call any function of Python. Here nothing is ever called: a function is a name, and what
//! it would make is an opaque value, except for the few that only build tensors and maps. Values are shared, never copied,
//! so memory follows the bytes of the pickle.

mod bytes;
mod calls;
mod escapes;
mod instructions;
mod literals;
mod machine;
mod memo;
mod value;

use super::limits;

pub(super) use machine::{examine, read};
pub(super) use value::{Container, Global, PickledStorage, PickledTensor, Value};

/// A pickle that has been read.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    bytes: &'a [u8],
    /// What the pickle holds.
    pub(super) root: Value,
    /// How many bytes it has.
    pub(super) length: usize,
    escaped: Vec<String>,
    containers: Vec<Container>,
    globals: Vec<Global>,
    /// The storages, in the order in which the pickle names them; one may be named often.
    pub(super) storages: Vec<PickledStorage>,
    tensors: Vec<PickledTensor>,
}

impl Pickle<'_> {
    /// The text of a value that is a text of at most `longest` bytes. Texts are shared, so looking at one must not take long.
    pub(super) fn text(&self, value: Value, longest: usize) -> Option<&str> {
        match value {
            Value::Text(span) if span.length as usize <= longest => {
                std::str::from_utf8(bytes::slice(self.bytes, span)).ok()
            }
            Value::Escaped(number) => {
                self.escaped.get(number as usize).map(String::as_str).filter(|text| text.len() <= longest)
            }
            _ => None,
        }
    }

    /// The text of a value that may be a name.
    pub(super) fn name(&self, value: Value) -> Option<&str> {
        self.text(value, limits::NAME)
    }

    /// The bytes or the digits of a whole number beyond 64 bits.
    pub(super) fn big_int(&self, value: Value) -> Option<&[u8]> {
        if let Value::BigInt(span) = value { Some(bytes::slice(self.bytes, span)) } else { None }
    }

    /// The items of a list, a tuple or a set.
    pub(super) fn sequence(&self, value: Value) -> Option<&[Value]> {
        let Value::Sequence(number) = value else { return None };
        self.containers.get(number as usize).map(|container| &container.items[..])
    }

    /// The keys and values of a map.
    pub(super) fn map(&self, value: Value) -> Option<&[[Value; 2]]> {
        let Value::Map(number) = value else { return None };
        self.containers.get(number as usize).map(|container| container.items.as_chunks().0)
    }

    /// The value of a map under this key. As in Python, the last of several counts.
    pub(super) fn get(&self, map: Value, key: &str) -> Option<Value> {
        self.map(map)?.iter().rev().find(|[k, _]| self.name(*k) == Some(key)).map(|[_, value]| *value)
    }

    /// The global with this number.
    pub(super) fn global(&self, number: u32) -> Option<&Global> {
        self.globals.get(number as usize)
    }

    /// The storage with this number.
    pub(super) fn storage(&self, number: u32) -> Option<&PickledStorage> {
        self.storages.get(number as usize)
    }

    /// The tensor with this number.
    pub(super) fn tensor(&self, number: u32) -> Option<&PickledTensor> {
        self.tensors.get(number as usize)
    }
}
