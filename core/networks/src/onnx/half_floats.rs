//! Turns the half-precision floats (f16) of a network into single precision (f32).
//!
//! Networks are often published in half precision to halve their size. Some engines cannot compute with it, and those that
//! can gain nothing on a processor. The values stay the same. Conversions between the two types go; nothing else in the
//! file may change.

use std::borrow::Cow;

use enlarger::{Error, ErrorKind, Result};

use super::field_numbers::{attribute, graph, model, node, tensor, value};
use super::idle_casts::without_idle_casts;
use super::limits::{Budget, MAX_NETWORK, damaged};
use super::rewrite::rewritten;
use super::tensor::{ElementType, Tensor};
use crate::protobuf::{Message, Value, fields};

/// How deep subgraphs may be nested.
const MAX_DEPTH: u32 = 8;

/// The attributes that name the type of a node's result.
const TYPES: [&str; 3] = ["to", "dtype", "output_dtype"];

/// Returns the network with all half-precision floats in single precision; the file itself if it has none.
///
/// # Errors
/// `ModelInvalid` for a damaged file, `Limit` if the result would be too large.
pub fn widened(file: &[u8]) -> Result<Cow<'_, [u8]>> {
    let mut widening = Widening { found: false, budget: Budget::new(), written: 0 };
    let whole = rewritten(
        file,
        |field, bytes| {
            if field == model::GRAPH { widening.graph(bytes, 0).map(Some) } else { Ok(None) }
        },
    )?;
    Ok(if widening.found { Cow::Owned(without_idle_casts(whole.bytes())?) } else { Cow::Borrowed(file) })
}

struct Widening {
    /// Whether there was anything to change.
    found: bool,
    budget: Budget,
    /// Bytes of the tensors that were changed.
    written: u64,
}

impl Widening {
    fn graph(&mut self, message: &[u8], depth: u32) -> Result<Message> {
        if depth > MAX_DEPTH {
            return Err(damaged());
        }
        /// The field number of the types of inner values.
        const INNER: u64 = 13;
        rewritten(message, |field, bytes| {
            Ok(match field {
                graph::NODE => Some(self.node(bytes, depth)?),
                graph::TENSOR => self.tensor(bytes)?,
                graph::INPUT | graph::OUTPUT | INNER => Some(self.port(bytes)?),
                _ => None,
            })
        })
    }

    fn node(&mut self, message: &[u8], depth: u32) -> Result<Message> {
        rewritten(message, |field, bytes| {
            self.budget.spend()?;
            if field == node::ATTRIBUTE { self.attribute(bytes, depth).map(Some) } else { Ok(None) }
        })
    }

    fn attribute(&mut self, message: &[u8], depth: u32) -> Result<Message> {
        let mut names_type = false;
        for field in fields(message) {
            if let (attribute::NAME, value) = field.ok_or_else(damaged)? {
                names_type = TYPES.contains(&value.text().ok_or_else(damaged)?);
            }
        }
        let mut copy = Message::new();
        for field in fields(message) {
            let (field, value) = field.ok_or_else(damaged)?;
            match (field, value) {
                (attribute::INTEGER, value) if names_type && value.number() == Some(ElementType::F16.0) => {
                    self.found = true;
                    copy.number(field, ElementType::F32.0);
                }
                (attribute::TENSOR, Value::Bytes(bytes)) => match self.tensor(bytes)? {
                    Some(tensor) => drop(copy.message(field, &tensor)),
                    None => drop(copy.value(field, value)),
                },
                (attribute::GRAPH | attribute::GRAPHS, Value::Bytes(bytes)) => {
                    copy.message(field, &self.graph(bytes, depth + 1)?);
                }
                _ => {
                    copy.value(field, value);
                }
            }
        }
        Ok(copy)
    }

    fn tensor(&mut self, message: &[u8]) -> Result<Option<Message>> {
        let read = Tensor::read(message, &mut self.budget)?;
        if read.element != ElementType::F16 {
            return Ok(None);
        }
        self.found = true;
        self.written = self.written.saturating_add(read.values().unwrap_or(u64::MAX).saturating_mul(4));
        if self.written > MAX_NETWORK {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "in 32-bit floats the network has more than the limit of {} MiB; use a smaller model",
                    MAX_NETWORK >> 20
                ),
            ));
        }
        let values = read.floats().ok_or_else(damaged)?;
        let mut copy = Message::new();
        for field in fields(message) {
            let (field, value) = field.ok_or_else(damaged)?;
            match field {
                tensor::TYPE => drop(copy.number(tensor::TYPE, ElementType::F32.0)),
                tensor::RAW | tensor::INT32S => {}
                _ => drop(copy.value(field, value)),
            }
        }
        copy.floats(tensor::RAW, &values);
        Ok(Some(copy))
    }

    /// The type of an input, an output or an inner value.
    fn port(&mut self, message: &[u8]) -> Result<Message> {
        rewritten(message, |field, bytes| {
            if field != value::TYPE {
                return Ok(None);
            }
            let widened = rewritten(bytes, |field, bytes| {
                if field != value::TYPE_TENSOR {
                    return Ok(None);
                }
                let mut copy = Message::new();
                for field in fields(bytes) {
                    let (field, number) = field.ok_or_else(damaged)?;
                    if field == value::ELEMENT && number.number() == Some(ElementType::F16.0) {
                        self.found = true;
                        copy.number(field, ElementType::F32.0);
                    } else {
                        copy.value(field, number);
                    }
                }
                Ok(Some(copy))
            })?;
            Ok(Some(widened))
        })
    }
}
