//! The machine that reads a pickle: a stack of values, what it remembers, and the values that it has made.
//!
//! It counts all that it makes, so that no pickle can make it grow without bounds.

use std::collections::HashMap;

use enlarger::{Error, Result};

use super::Pickle;
use super::bytes::Bytes;
use super::memo::Memo;
use super::value::{Container, Global, Value};
use crate::checkpoints::limits::{self, exceeded};

/// Why a pickle was not read.
pub(in crate::checkpoints) struct Failure {
    pub(in crate::checkpoints) error: Error,
    /// Whether it is a pickle that would run a program.
    pub(in crate::checkpoints) dangerous: bool,
}

/// Reads the pickle at the beginning of `bytes`.
///
/// # Errors
/// `ModelInvalid` for bytes that are no pickle, and for one that would run a program; `Limit`.
pub(in crate::checkpoints) fn read(bytes: &[u8]) -> Result<Pickle<'_>> {
    examine(bytes).map_err(|failure| failure.error)
}

/// As [`read`], for bytes that may well be no pickle.
///
/// # Errors
/// As [`read`], and whether it is the danger.
pub(in crate::checkpoints) fn examine(bytes: &[u8]) -> Result<Pickle<'_>, Failure> {
    let bytes = &bytes[..bytes.len().min(limits::PICKLE)];
    let mut machine = Machine {
        input: Bytes::new(bytes),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Memo::default(),
        numbers: HashMap::new(),
        values: 0,
        dangerous: false,
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
    machine.pickle.root = machine.run().map_err(|error| Failure { error, dangerous: machine.dangerous })?;
    machine.pickle.length = machine.input.at;
    Ok(machine.pickle)
}

/// A pickle that is being read.
pub(super) struct Machine<'a> {
    pub(super) input: Bytes<'a>,
    stack: Vec<Value>,
    /// The heights of the stack at which marks were set.
    marks: Vec<usize>,
    pub(super) memo: Memo,
    /// The numbers of globals that are known.
    numbers: HashMap<Global, u32>,
    /// How many values have been made.
    values: usize,
    /// Whether the pickle would run a program.
    pub(super) dangerous: bool,
    pub(super) pickle: Pickle<'a>,
}

impl Machine<'_> {
    pub(super) fn damaged(&self) -> Error {
        self.input.damaged()
    }

    pub(super) fn push(&mut self, value: Value) -> Result<()> {
        self.count(1)?;
        if self.stack.len() >= limits::STACK {
            return Err(many_values());
        }
        self.stack.push(value);
        Ok(())
    }

    /// Counts values that are made.
    pub(super) fn count(&mut self, values: usize) -> Result<()> {
        self.values += values;
        if self.values > limits::VALUES { Err(many_values()) } else { Ok(()) }
    }

    /// The height below which no instruction may take values.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    pub(super) fn pop(&mut self) -> Result<Value> {
        let value = if self.stack.len() > self.floor() { self.stack.pop() } else { None };
        value.ok_or_else(|| self.damaged())
    }

    pub(super) fn top(&self) -> Result<Value> {
        self.stack.get(self.floor()..).and_then(<[_]>::last).copied().ok_or_else(|| self.damaged())
    }

    pub(super) fn mark(&mut self) -> Result<()> {
        if self.marks.len() >= limits::NESTING as usize {
            return Err(nested());
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    /// Discards the top of the stack, or the mark that is there.
    pub(super) fn discard(&mut self) -> Result<()> {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    /// Takes the values that were pushed since the last mark.
    pub(super) fn since_mark(&mut self) -> Result<Vec<Value>> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or_else(|| self.damaged())?;
        Ok(self.stack.drain(mark..).collect())
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
    pub(super) fn add(&mut self, items: &[Value], to_map: bool) -> Result<()> {
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

    pub(super) fn global(&mut self, module: &str, name: &str) -> Result<Value> {
        if module.len().max(name.len()) > limits::NAME {
            return Err(exceeded(format_args!("a class with a name of more than {} bytes", limits::NAME)));
        }
        self.numbered(Global { module: module.to_owned(), name: name.to_owned() })
    }

    /// The value of a global, with the number that it has or gets.
    pub(super) fn numbered(&mut self, global: Global) -> Result<Value> {
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

/// The refusal of deep nesting.
fn nested() -> Error {
    exceeded(format_args!("more than {} lists and maps inside each other", limits::NESTING))
}

fn many_values() -> Error {
    exceeded("more values in its pickle than tensors need")
}
