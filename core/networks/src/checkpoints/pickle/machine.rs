//! Reads a pickle: follows its instructions on a stack of values.
//!
//! All instructions of the protocols 0 to 5 are known, except buffers outside the pickle and extension codes, which no
//! file can use alone. Nothing here recurses, so nesting cannot exhaust the machine's own stack.

use std::collections::HashMap;

use enlarger::{Error, Result};

use super::Pickle;
use super::bytes::Bytes;
use super::escapes::{unescaped, unquoted};
use super::memo::Memo;
use super::value::{Container, Global, Span, Value};
use crate::checkpoints::limits::{self, exceeded};

/// Reads the pickle at the beginning of `bytes`.
///
/// # Errors
/// `ModelInvalid` for bytes that are no pickle, and for one that would run a program; `Limit`.
pub(in crate::checkpoints) fn read(bytes: &[u8]) -> Result<Pickle<'_>> {
    let bytes = &bytes[..bytes.len().min(limits::PICKLE)];
    let mut machine = Machine {
        input: Bytes::new(bytes),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Memo::default(),
        numbers: HashMap::new(),
        values: 0,
        pickle: Pickle {
            bytes,
            root: Value::None,
            length: 0,
            escaped: Vec::new(),
            containers: Vec::new(),
            globals: Vec::new(),
            storages: Vec::new(),
            tensors: Vec::new(),
        },
    };
    let read = machine.run();
    if read.is_err() && machine.input.at >= limits::PICKLE {
        return Err(exceeded(format_args!("a pickle of more than {} MiB", limits::PICKLE >> 20)));
    }
    machine.pickle.root = read?;
    machine.pickle.length = machine.input.at;
    Ok(machine.pickle)
}

/// A pickle that is being read.
pub(super) struct Machine<'a> {
    pub(super) input: Bytes<'a>,
    pub(super) stack: Vec<Value>,
    /// The heights of the stack at which marks were set.
    marks: Vec<usize>,
    memo: Memo,
    /// The numbers of globals that are known.
    numbers: HashMap<Global, u32>,
    /// How many values have been made.
    values: usize,
    pub(super) pickle: Pickle<'a>,
}

impl Machine<'_> {
    /// Follows the instructions up to the end; returns the value that is left.
    fn run(&mut self) -> Result<Value> {
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
            b'(' => {
                if self.marks.len() >= limits::NESTING as usize {
                    return Err(nested());
                }
                self.marks.push(self.stack.len());
            }
            b'0' if self.marks.last() == Some(&self.stack.len()) => drop(self.marks.pop()),
            b'0' => drop(self.pop()?),
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
                let value = match (self.pickle.text(module), self.pickle.text(name)) {
                    (Some(module), Some(name)) => {
                        let (module, name) = (shortened(module)?.to_owned(), shortened(name)?.to_owned());
                        self.global(&module, &name)?
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

    pub(super) fn damaged(&self) -> Error {
        self.input.damaged()
    }

    fn push(&mut self, value: Value) -> Result<()> {
        self.values += 1;
        if self.stack.len() >= limits::STACK || self.values > limits::VALUES {
            return Err(exceeded("more values in its pickle than tensors need"));
        }
        self.stack.push(value);
        Ok(())
    }

    /// The height below which no instruction may take values.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop(&mut self) -> Result<Value> {
        let value = if self.stack.len() > self.floor() { self.stack.pop() } else { None };
        value.ok_or_else(|| self.damaged())
    }

    fn top(&self) -> Result<Value> {
        self.stack.get(self.floor()..).and_then(<[_]>::last).copied().ok_or_else(|| self.damaged())
    }

    /// Takes the values that were pushed since the last mark.
    fn since_mark(&mut self) -> Result<Vec<Value>> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or_else(|| self.damaged())?;
        Ok(self.stack.drain(mark..).collect())
    }

    fn memo_number(&mut self, byte: bool, four: bool) -> Result<u32> {
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
    fn decimal(&mut self) -> Result<Value> {
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
    fn long(&mut self, length: u64) -> Result<Value> {
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
    fn escaped_line(&mut self, quoted: bool) -> Result<Value> {
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

    pub(super) fn sequence(&mut self, items: Vec<Value>) -> Result<Value> {
        self.container(items).map(Value::Sequence)
    }

    /// A map of keys and values by turns.
    pub(super) fn map(&mut self, items: Vec<Value>) -> Result<Value> {
        if !items.len().is_multiple_of(2) {
            return Err(self.damaged());
        }
        self.container(items).map(Value::Map)
    }

    fn container(&mut self, items: Vec<Value>) -> Result<u32> {
        let number = self.pickle.containers.len();
        if number >= limits::CONTAINERS {
            return Err(exceeded("more lists and maps in its pickle than tensors need"));
        }
        let depth = self.depth_with(0, &items)?;
        self.pickle.containers.push(Container { items, depth });
        Ok(number as u32)
    }

    /// The depth of a container of this depth after it has got these items.
    fn depth_with(&self, depth: u32, items: &[Value]) -> Result<u32> {
        let inner = items.iter().filter_map(|item| match item {
            Value::Sequence(number) | Value::Map(number) => Some(self.pickle.containers[*number as usize].depth),
            _ => None,
        });
        let depth = inner.max().map_or(depth.max(1), |inner| depth.max(inner + 1));
        if depth > limits::NESTING { Err(nested()) } else { Ok(depth) }
    }

    /// Adds items to the container at the top of the stack. What an object contains is of no interest.
    fn add(&mut self, items: &[Value], to_map: bool) -> Result<()> {
        let number = match self.top()? {
            Value::Map(number) if to_map && items.len().is_multiple_of(2) => number,
            Value::Sequence(number) if !to_map => number,
            Value::Object(_) | Value::Unknown => return Ok(()),
            _ => return Err(self.damaged()),
        } as usize;
        let depth = self.depth_with(self.pickle.containers[number].depth, items)?;
        let container = &mut self.pickle.containers[number];
        container.items.extend_from_slice(items);
        container.depth = depth;
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) -> Result<Value> {
        let global = Global { module: shortened(module)?.to_owned(), name: shortened(name)?.to_owned() };
        if let Some(number) = self.numbers.get(&global) {
            return Ok(Value::Global(*number));
        }
        let number = self.pickle.globals.len();
        if number >= limits::GLOBALS {
            return Err(exceeded(format_args!("more than {} names of classes", limits::GLOBALS)));
        }
        self.pickle.globals.push(global.clone());
        self.numbers.insert(global, number as u32);
        Ok(Value::Global(number as u32))
    }
}

fn nested() -> Error {
    exceeded(format_args!("more than {} lists and maps inside each other", limits::NESTING))
}

/// The name of a module or a class.
fn shortened(name: &str) -> Result<&str> {
    if name.len() > limits::NAME {
        return Err(exceeded(format_args!("a class with a name of more than {} bytes", limits::NAME)));
    }
    Ok(name)
}
