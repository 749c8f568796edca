//! What a pickle remembers under numbers of its own, so that it can use it again.
//!
//! Numbers are mostly consecutive, but a hostile pickle may choose any.

use std::collections::HashMap;

use enlarger::Result;

use super::value::Value;
use crate::checkpoints::limits::{self, exceeded};

#[derive(Default)]
pub(super) struct Memo {
    dense: Vec<Value>,
    sparse: HashMap<u32, Value>,
}

impl Memo {
    pub(super) fn put(&mut self, number: u32, value: Value) -> Result<()> {
        let place = number as usize;
        if let Some(known) = self.dense.get_mut(place) {
            *known = value;
            return Ok(());
        }
        if self.len() >= limits::MEMO {
            return Err(exceeded(format_args!("more than {} values to remember", limits::MEMO)));
        }
        if place == self.dense.len() && !self.sparse.contains_key(&number) {
            self.dense.push(value);
        } else {
            self.sparse.insert(number, value);
        }
        Ok(())
    }

    pub(super) fn get(&self, number: u32) -> Option<Value> {
        self.dense.get(number as usize).or_else(|| self.sparse.get(&number)).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.dense.len() + self.sparse.len()
    }
}
