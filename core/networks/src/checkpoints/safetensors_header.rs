//! The header of a safetensors file, as its JSON says it.
//!
//! Counts are limited while the JSON is read, so that a hostile header cannot grow in memory.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::limits;

/// The key of the texts beside the tensors.
const METADATA: &str = "__metadata__";
/// The most texts beside the tensors.
const TEXTS: usize = 10_000;

/// A header.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// The tensors in the header's order.
    pub(super) tensors: Vec<(String, Entry)>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// What the header says about a tensor.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) dtype: String,
    pub(super) shape: Shape,
    /// The start and the end in the data.
    pub(super) data_offsets: [u64; 2],
}

/// A shape of a few dimensions.
#[derive(Debug)]
pub(super) struct Shape(pub(super) Vec<usize>);

/// Texts beside the tensors.
struct Texts(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut header = Header::default();
                while let Some(name) = map.next_key::<String>()? {
                    if name == METADATA {
                        header.metadata = map.next_value::<Texts>()?.0;
                        continue;
                    }
                    if name.len() > limits::NAME {
                        return Err(A::Error::custom("the name of a tensor is too long"));
                    }
                    if header.tensors.len() >= limits::TENSORS {
                        return Err(A::Error::custom(format_args!("more than {} tensors", limits::TENSORS)));
                    }
                    header.tensors.push((name, map.next_value()?));
                }
                Ok(header)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lengths;
        impl<'de> Visitor<'de> for Lengths {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of lengths")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
                let mut shape = Vec::new();
                while let Some(length) = items.next_element()? {
                    if shape.len() >= limits::DIMENSIONS {
                        return Err(A::Error::custom(format_args!("more than {} dimensions", limits::DIMENSIONS)));
                    }
                    shape.push(length);
                }
                Ok(Shape(shape))
            }
        }
        deserializer.deserialize_seq(Lengths)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((key, text)) = map.next_entry()? {
                    if texts.len() >= TEXTS {
                        return Err(A::Error::custom(format_args!("more than {TEXTS} texts beside the tensors")));
                    }
                    texts.insert(key, text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
