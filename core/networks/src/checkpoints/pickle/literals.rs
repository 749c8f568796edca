//! Numbers and texts as the instructions of pickles write them.
//!
//! Long numbers are never computed: they are none of a network's, and the work would grow with the square of their length.

use enlarger::Result;

use super::escapes::{unescaped, unquoted};
use super::machine::Machine;
use super::value::{Span, Value};
use crate::checkpoints::limits::{self, exceeded};

impl Machine<'_> {
    /// The number of something to remember: a byte, four bytes or digits.
    pub(super) fn memo_number(&mut self, byte: bool, four: bool) -> Result<u32> {
        if byte {
            return Ok(self.input.byte()?.into());
        }
        if four {
            return Ok(u32::from_le_bytes(self.input.array()?));
        }
        let line = self.input.line()?;
        self.input.text(line)?.parse().map_err(|_| self.damaged())
    }

    /// A whole number as decimal digits, or a Boolean (00, 01).
    pub(super) fn decimal(&mut self) -> Result<Value> {
        let mut line = self.input.line()?;
        if self.input.slice(line).ends_with(b"L") {
            line.length -= 1;
        }
        let digits = self.input.text(line)?;
        Ok(match digits {
            "00" => Value::Bool(false),
            "01" => Value::Bool(true),
            _ => match digits.parse() {
                Ok(number) => Value::Int(number),
                Err(_) if digits.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit()) => Value::BigInt(line),
                Err(_) => return Err(self.damaged()),
            },
        })
    }

    /// A whole number in two's complement.
    pub(super) fn long(&mut self, length: u64) -> Result<Value> {
        let span = self.input.span(length)?;
        let bytes = self.input.slice(span);
        if bytes.len() > 8 {
            return Ok(Value::BigInt(span));
        }
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut number = [if negative { 0xFF } else { 0 }; 8];
        number[..bytes.len()].copy_from_slice(bytes);
        Ok(Value::Int(i64::from_le_bytes(number)))
    }

    /// A text of protocol 0.
    pub(super) fn escaped_line(&mut self, quoted: bool) -> Result<Value> {
        let mut span = self.input.line()?;
        if quoted {
            unquoted(self.input.slice(span)).ok_or_else(|| self.damaged())?;
            span = Span { start: span.start + 1, length: span.length - 2 };
        }
        let bytes = self.input.slice(span);
        if bytes.iter().all(|byte| byte.is_ascii() && *byte != b'\\') {
            return Ok(Value::Text(span));
        }
        let number = self.pickle.escaped.len();
        if number >= limits::ESCAPED_TEXTS {
            return Err(exceeded(format_args!("more than {} texts with escapes", limits::ESCAPED_TEXTS)));
        }
        self.pickle.escaped.push(unescaped(bytes));
        Ok(Value::Escaped(number as u32))
    }
}
