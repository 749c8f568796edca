//! A value of a pickle: small, and copied freely.
//!
//! Containers, tensors and names are numbers of entries in the [`Pickle`](super::Pickle) that holds them, so a value that
//! is used a thousand times is stored once. No value can do anything.

use crate::errors::shown;

/// A piece of the pickle's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub start: u32,
    pub length: u32,
}

/// A value.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A whole number beyond 64 bits: its bytes in the pickle.
    BigInt(Span),
    /// A text or bytes, as they are in the pickle.
    Text(Span),
    /// A text that had escapes: the number of an escaped text.
    Escaped(u32),
    /// A list, a tuple or a set: the number of a container.
    Sequence(u32),
    /// A map: the number of a container whose items are keys and values by turns.
    Map(u32),
    /// The name of a class or a function: the number of a global.
    Global(u32),
    /// What calling a global would make, if anybody called it: the number of the global.
    Object(u32),
    /// The number of a storage.
    Storage(u32),
    /// The number of a tensor.
    Tensor(u32),
    /// Anything else.
    Unknown,
}

/// A list, a tuple, a set or a map.
#[derive(Debug, Default)]
pub struct Container {
    pub items: Vec<Value>,
    /// How many containers are inside each other here.
    pub depth: u32,
}

/// The name of a class or a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Global {
    pub module: String,
    pub name: String,
}

impl std::fmt::Display for Global {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", shown(&self.module), shown(&self.name))
    }
}

/// What a pickle says about a storage. The bytes are elsewhere in the file.
#[derive(Clone, Copy, Debug)]
pub struct PickledStorage {
    /// The number of the global that names the type.
    pub kind: u32,
    /// The storage's key, a text.
    pub key: Value,
    /// The number of values.
    pub elements: u64,
    /// The part of the storage that is meant, in values: its start and its length. Only old files have it.
    pub view: Option<(u64, u64)>,
}

/// What a pickle says about a tensor.
#[derive(Clone, Copy, Debug)]
pub struct PickledTensor {
    /// The number of the storage.
    pub storage: u32,
    pub offset: u64,
    /// A sequence of whole numbers.
    pub shape: Value,
    /// A sequence of whole numbers.
    pub strides: Value,
    /// The number of the global that names the type, where the storage's type does not tell.
    pub kind: Option<u32>,
}
