//! The instructions of pickles, and what each does to the stack.
//!
//! All instructions of the protocols 0 to 5 are known, except buffers outside the pickle and extension codes, which no
//! file can use alone. Nothing here recurses, so nesting cannot exhaust the processor's stack.

use enlarger::Result;

use super::machine::Machine;
use super::value::{Global, Value};

impl Machine<'_> {
    /// Follows the instructions up to the end; returns the value that is left.
    pub(super) fn run(&mut self) -> Result<Value> {
        loop {
            let instruction = self.input.byte()?;
            if instruction == b'.' {
                return self.pop();
            }
            if !self.plain(instruction)? && !self.structure(instruction)? {
                self.input.at -= 1;
                return Err(self.damaged());
            }
        }
    }

    /// Instructions that push a value of their own, or are about the memo. False for another instruction.
    fn plain(&mut self, instruction: u8) -> Result<bool> {
        let value = match instruction {
            b'N' => Value::None,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'J' => Value::Int(i32::from_le_bytes(self.input.array()?).into()),
            b'K' => Value::Int(self.input.byte()?.into()),
            b'M' => Value::Int(u16::from_le_bytes(self.input.array()?).into()),
            b'G' => Value::Float(f64::from_be_bytes(self.input.array()?)),
            b'I' | b'L' => self.decimal()?,
            b'F' => {
                let line = self.input.line()?;
                Value::Float(self.input.text(line)?.parse().map_err(|_| self.damaged())?)
            }
            0x8a => {
                let length = self.input.byte()?;
                self.long(length.into())?
            }
            0x8b => {
                let length = u32::from_le_bytes(self.input.array()?);
                self.long(length.into())?
            }
            // Texts and bytes. Their length has one, four or eight bytes.
            b'U' | b'C' | 0x8c => {
                let length = self.input.byte()?;
                Value::Text(self.input.span(length.into())?)
            }
            b'T' | b'X' | b'B' => {
                let length = u32::from_le_bytes(self.input.array()?);
                Value::Text(self.input.span(length.into())?)
            }
            0x8d | 0x8e | 0x96 => {
                let length = u64::from_le_bytes(self.input.array()?);
                Value::Text(self.input.span(length)?)
            }
            b'S' | b'V' => self.escaped_line(instruction == b'S')?,
            b'g' | b'h' | b'j' => {
                let number = self.memo_number(instruction == b'h', instruction == b'j')?;
                self.memo.get(number).ok_or_else(|| self.damaged())?
            }
            b'p' | b'q' | b'r' => {
                let number = self.memo_number(instruction == b'q', instruction == b'r')?;
                let value = self.top()?;
                return self.memo.put(number, value).map(|()| true);
            }
            0x94 => {
                let value = self.top()?;
                return self.memo.put(self.memo.len() as u32, value).map(|()| true);
            }
            // The protocol, and the length of a frame: both only help those who read from a pipe.
            0x80 => return self.input.byte().map(|_| true),
            0x95 => return self.input.array::<8>().map(|_| true),
            _ => return Ok(false),
        };
        self.push(value)?;
        Ok(true)
    }

    /// Instructions that work on the values of the stack. False for an unknown instruction.
    fn structure(&mut self, instruction: u8) -> Result<bool> {
        match instruction {
            b'(' => self.mark()?,
            b'0' => self.discard()?,
            b'1' => drop(self.since_mark()?),
            b'2' => {
                let value = self.top()?;
                self.push(value)?;
            }
            b')' | b']' | 0x8f => {
                let value = self.sequence(Vec::new())?;
                self.push(value)?;
            }
            b'}' => {
                let value = self.map(Vec::new())?;
                self.push(value)?;
            }
            b't' | b'l' | 0x91 => {
                let items = self.since_mark()?;
                let value = self.sequence(items)?;
                self.push(value)?;
            }
            b'd' => {
                let items = self.since_mark()?;
                let value = self.map(items)?;
                self.push(value)?;
            }
            0x85..=0x87 => {
                let mut items = Vec::with_capacity(3);
                for _ in 0x85..=instruction {
                    items.push(self.pop()?);
                }
                items.reverse();
                let value = self.sequence(items)?;
                self.push(value)?;
            }
            b'a' => {
                let item = self.pop()?;
                self.add(&[item], false)?;
            }
            b'e' | 0x90 => {
                let items = self.since_mark()?;
                self.add(&items, false)?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.add(&[key, value], true)?;
            }
            b'u' => {
                let items = self.since_mark()?;
                self.add(&items, true)?;
            }
            b'b' => {
                // The state of an object: attributes such as `_metadata` of a map, which say nothing about weights.
                self.pop()?;
                self.top()?;
            }
            b'P' => {
                self.input.line()?;
                self.push(Value::Unknown)?;
            }
            b'Q' => {
                let id = self.pop()?;
                let value = self.persistent(id)?;
                self.push(value)?;
            }
            b'c' => {
                let (module, name) = (self.input.line()?, self.input.line()?);
                let value = self.global(self.input.text(module)?, self.input.text(name)?)?;
                self.push(value)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let value = match (self.pickle.name(module), self.pickle.name(name)) {
                    (Some(module), Some(name)) => {
                        let global = Global { module: module.to_owned(), name: name.to_owned() };
                        self.numbered(global)?
                    }
                    _ => return Err(self.damaged()),
                };
                self.push(value)?;
            }
            b'R' | 0x81 => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                let value = self.call(function, arguments)?;
                self.push(value)?;
            }
            0x92 => {
                self.pop()?;
                let arguments = self.pop()?;
                let class = self.pop()?;
                let value = self.call(class, arguments)?;
                self.push(value)?;
            }
            b'i' => {
                let (module, name) = (self.input.line()?, self.input.line()?);
                let class = self.global(self.input.text(module)?, self.input.text(name)?)?;
                let items = self.since_mark()?;
                let arguments = self.sequence(items)?;
                let value = self.call(class, arguments)?;
                self.push(value)?;
            }
            b'o' => {
                let mut items = self.since_mark()?;
                if items.is_empty() {
                    return Err(self.damaged());
                }
                let class = items.remove(0);
                let arguments = self.sequence(items)?;
                let value = self.call(class, arguments)?;
                self.push(value)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
