//! A tensor of a checkpoint: its shape, the type of its values, and their place in the file.
//!
//! Values are copied only when they are asked for. A stored tensor has been checked: all of its values lie inside its storage.

use std::borrow::Cow;

use enlarger::Result;
use half::{bf16, f16};

use super::limits;
use crate::errors::{invalid, shown};

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
    /// The tensor's name in the file, for messages.
    pub(super) label: Box<str>,
    /// The storage's bytes. Other tensors may share them.
    pub(super) storage: Cow<'a, [u8]>,
    /// The place of the first value in the storage, in values.
    pub(super) offset: usize,
    /// For each dimension, the distance between neighbours in the storage, in values.
    pub(super) strides: Vec<usize>,
}

/// The places of a tensor's values in its storage, in values.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
    pub(super) offset: usize,
}

impl Layout {
    /// The layout of values one after another, from the storage's beginning.
    ///
    /// # Errors
    /// A reason, if the shape is not one that a tensor can have.
    pub(super) fn contiguous(shape: Vec<usize>) -> Result<Self, &'static str> {
        let mut strides = vec![0; shape.len()];
        let mut distance = 1usize;
        for (stride, length) in strides.iter_mut().zip(&shape).rev() {
            *stride = distance;
            distance = distance.checked_mul((*length).max(1)).ok_or("it has more values than any memory")?;
        }
        Ok(Layout { shape, strides, offset: 0 })
    }

    /// Checks that all values lie in a storage of `elements` values.
    fn check(&self, elements: usize) -> Result<(), &'static str> {
        if self.shape.len() > limits::DIMENSIONS {
            return Err("it has more than 8 dimensions");
        }
        if self.strides.len() != self.shape.len() {
            return Err("its strides do not match its shape");
        }
        // Without its zeros, so that no order of factors overflows.
        let values = self.shape.iter().try_fold(1usize, |values, length| values.checked_mul((*length).max(1)));
        if values.is_none() {
            return Err("it has more values than any memory");
        }
        if self.shape.contains(&0) {
            // Nothing in the file stands for the other lengths, by which a network might allocate.
            let small = values.is_some_and(|values| values <= limits::EMPTY);
            return if small { Ok(()) } else { Err("it is empty, and its other dimensions are too long") };
        }
        let dimensions = || self.shape.iter().zip(&self.strides).filter(|(length, _)| **length > 1);
        let last = dimensions()
            .try_fold(self.offset, |last, (length, stride)| last.checked_add((length - 1).checked_mul(*stride)?));
        if last.is_none_or(|last| last >= elements) { Err("it reaches beyond its storage") } else { Ok(()) }
    }
}

impl<'a> StoredTensor<'a> {
    /// A tensor in these bytes, after checking that it lies inside them.
    ///
    /// # Errors
    /// `ModelInvalid`.
    pub(super) fn new(label: &str, element: Element, layout: Layout, storage: Cow<'a, [u8]>) -> Result<Self> {
        let label = shown(label);
        layout.check(storage.len() / element.width()).map_err(|reason| {
            invalid(format!("the tensor `{label}` of the checkpoint is damaged ({reason}); fetch the file again"))
        })?;
        let Layout { shape, strides, offset } = layout;
        if shape.iter().zip(&strides).any(|(length, stride)| *length > 1 && *stride == 0) && !shape.contains(&0) {
            return Err(invalid(format!(
                "the tensor `{label}` of the checkpoint repeats its values by a stride of 0, which is not supported; save the tensor as it is after `.contiguous()`"
            )));
        }
        Ok(StoredTensor { shape, element, label: label.into(), storage, offset, strides })
    }
}

impl StoredTensor<'_> {
    /// The number of values.
    pub fn values(&self) -> usize {
        // Zeros first: the other lengths of an empty tensor say nothing.
        if self.shape.contains(&0) { 0 } else { self.shape.iter().product() }
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
            Element::U8 => self.collect(|[byte]| f32::from(byte)),
            Element::Bool => self.collect(|[byte]| f32::from(u8::from(byte != 0))),
        };
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(invalid(format!(
                "the tensor `{}` has a value that is not a finite number ({value}), so the file is damaged or its training failed; fetch it again, or use another model",
                self.label
            )));
        }
        Ok(values)
    }

    /// The values in order, each read from its bytes.
    fn collect<T, const N: usize>(&self, read: impl Fn([u8; N]) -> T) -> Vec<T> {
        let count = self.values();
        let (storage, _) = self.storage.as_chunks::<N>();
        if count == 0 {
            return Vec::new();
        }
        // The dimensions that are one after another in the storage, counted from the last, form runs.
        let mut run = 1;
        let mut outer = self.shape.len();
        while outer > 0 && (self.shape[outer - 1] == 1 || self.strides[outer - 1] == run) {
            run *= self.shape[outer - 1];
            outer -= 1;
        }
        let (shape, strides) = (&self.shape[..outer], &self.strides[..outer]);
        let mut values = Vec::with_capacity(count);
        let mut at = vec![0usize; outer];
        for _ in 0..count / run {
            let start = self.offset + at.iter().zip(strides).map(|(at, stride)| at * stride).sum::<usize>();
            values.extend(storage.get(start..start + run).unwrap_or_default().iter().map(|bytes| read(*bytes)));
            for (at, length) in at.iter_mut().zip(shape).rev() {
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
