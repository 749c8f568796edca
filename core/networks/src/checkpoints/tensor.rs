//! A tensor of a checkpoint: its shape, the type of its values, and their place in the file.
//!
//! Values are copied only when they are asked for. A stored tensor has been checked: all of its values lie inside its storage.

use std::borrow::Cow;

use enlarger::Result;
use half::{bf16, f16};

use crate::errors::invalid;

/// The type of a tensor's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// 16-bit floats.
    F16,
    /// 16-bit floats with the range of 32-bit ones.
    Bf16,
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
    /// Signed 64-bit integers.
    I64,
    /// Signed 32-bit integers.
    I32,
    /// Bytes.
    U8,
    /// True or false, a byte each.
    Bool,
}

impl Element {
    /// Bytes of one value.
    pub fn width(self) -> usize {
        match self {
            Element::F16 | Element::Bf16 => 2,
            Element::F32 | Element::I32 => 4,
            Element::F64 | Element::I64 => 8,
            Element::U8 | Element::Bool => 1,
        }
    }
}

/// A tensor of a checkpoint.
#[derive(Clone, Debug)]
pub struct StoredTensor<'a> {
    /// The length of each dimension; empty for a single value.
    pub shape: Vec<usize>,
    /// The type of the values.
    pub element: Element,
    /// The storage's bytes. Other tensors may share them.
    pub(super) storage: Cow<'a, [u8]>,
    /// The place of the first value in the storage, in values.
    pub(super) offset: usize,
    /// For each dimension, the distance between neighbours in the storage, in values.
    pub(super) strides: Vec<usize>,
}

impl StoredTensor<'_> {
    /// The number of values.
    pub fn values(&self) -> usize {
        self.shape.iter().product()
    }

    /// The values as 32-bit floats, the last dimension varying fastest.
    ///
    /// # Errors
    /// `ModelInvalid` for a value that is not a finite number.
    pub fn floats(&self) -> Result<Vec<f32>> {
        let values: Vec<f32> = match self.element {
            Element::F16 => self.collect(|bytes| f16::from_le_bytes(bytes).to_f32()),
            Element::Bf16 => self.collect(|bytes| bf16::from_le_bytes(bytes).to_f32()),
            Element::F32 => self.collect(f32::from_le_bytes),
            Element::F64 => self.collect(|bytes| f64::from_le_bytes(bytes) as f32),
            Element::I64 => self.collect(|bytes| i64::from_le_bytes(bytes) as f32),
            Element::I32 => self.collect(|bytes| i32::from_le_bytes(bytes) as f32),
            Element::U8 | Element::Bool => self.collect(|[byte]| f32::from(byte)),
        };
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(invalid(format!(
                "a weight is not a finite number ({value}), so the file is damaged or its training failed; fetch it again, or use another model"
            )));
        }
        Ok(values)
    }

    /// The values in order, each read from its bytes.
    fn collect<T, const N: usize>(&self, read: impl Fn([u8; N]) -> T) -> Vec<T> {
        let mut values = Vec::with_capacity(self.values());
        let mut at = vec![0usize; self.shape.len()];
        for _ in 0..self.values() {
            let value = self.offset + at.iter().zip(&self.strides).map(|(at, stride)| at * stride).sum::<usize>();
            let bytes = self.storage.get(value * N..).and_then(|rest| rest.first_chunk::<N>());
            values.extend(bytes.map(|bytes| read(*bytes)));
            for (at, length) in at.iter_mut().zip(&self.shape).rev() {
                *at += 1;
                if *at < *length {
                    break;
                }
                *at = 0;
            }
        }
        values
    }
}
