//! The bytes of a pickle, read from front to back.
//!
//! Pieces are spans of the file and are never copied. A length is checked against what is left before it is used.

use enlarger::{Error, Result};

use super::value::Span;
use crate::checkpoints::limits::{self, exceeded};
use crate::errors::invalid;

/// A position in a pickle.
pub(super) struct Bytes<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Bytes { bytes, at: 0 }
    }

    /// The error for bytes that are not a pickle.
    pub(super) fn damaged(&self) -> Error {
        invalid(format!("the checkpoint is damaged: byte {} of its pickle is invalid; fetch it again", self.at))
    }

    /// The error for a pickle that ends too soon, or that is longer than what is looked at.
    fn short(&self) -> Error {
        if self.bytes.len() == limits::PICKLE {
            return exceeded(format_args!("a pickle of more than {} MiB", limits::PICKLE >> 20));
        }
        invalid("the checkpoint is damaged or incomplete: its pickle ends too soon; fetch it again")
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let array = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>());
        let array = *array.ok_or_else(|| self.short())?;
        self.at += N;
        Ok(array)
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// The next `length` bytes.
    pub(super) fn span(&mut self, length: u64) -> Result<Span> {
        let left = self.bytes.len() - self.at;
        let length = usize::try_from(length).ok().filter(|length| *length <= left).ok_or_else(|| self.short())?;
        let span = Span { start: self.at as u32, length: length as u32 };
        self.at += length;
        Ok(span)
    }

    /// The rest of the line, without its end.
    pub(super) fn line(&mut self) -> Result<Span> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| *byte == b'\n').ok_or_else(|| self.short())?;
        let mut span = Span { start: self.at as u32, length: length as u32 };
        self.at += length + 1;
        if self.slice(span).ends_with(b"\r") {
            span.length -= 1;
        }
        Ok(span)
    }

    pub(super) fn slice(&self, span: Span) -> &'a [u8] {
        slice(self.bytes, span)
    }

    /// The text of a line.
    pub(super) fn text(&self, span: Span) -> Result<&'a str> {
        std::str::from_utf8(self.slice(span)).map_err(|_| self.damaged())
    }
}

/// The bytes of a span; a span is made from the same bytes, so it lies inside them.
pub(super) fn slice(bytes: &[u8], span: Span) -> &[u8] {
    bytes.get(span.start as usize..span.start as usize + span.length as usize).unwrap_or_default()
}
