//! The hyperparameters that training programs write beside the weights.
//!
//! They are claims, and are passed on as such. A map inside becomes names with dots; what is no plain value is left out.

use std::collections::BTreeMap;

use enlarger::Result;
use serde_json::Value as Json;

use super::Hyperparameter;
use super::limits::{self, exceeded};
use super::pickle::{Pickle, Value};

/// Hyperparameters that are being collected.
type Claims = BTreeMap<String, Hyperparameter>;

/// The most bytes of a text.
const TEXT: usize = 4096;
/// How many maps and lists may be inside each other.
const NESTING: usize = 8;

/// Collects hyperparameters from a map of a pickle, or from a text of JSON in it.
pub(super) fn of_pickle(pickle: &Pickle<'_>, value: Value, claims: &mut Claims) -> Result<()> {
    let mut left = limits::HYPERPARAMETERS;
    match pickle.text(value, usize::MAX) {
        Some(text) => of_text(text, claims),
        None => pickle_map(pickle, value, "", claims, &mut left, NESTING),
    }
}

/// Collects hyperparameters from a text of JSON. Any other text says nothing.
pub(super) fn of_text(text: &str, claims: &mut Claims) -> Result<()> {
    let mut left = limits::HYPERPARAMETERS;
    if text.len() > limits::HYPERPARAMETER_TEXT {
        let most = limits::HYPERPARAMETER_TEXT;
        return Err(exceeded(format_args!("hyperparameters in a text of more than {most} bytes")));
    }
    match serde_json::from_str(text) {
        Ok(Json::Object(map)) => map.into_iter().try_for_each(|(key, value)| json(value, key, claims, &mut left)),
        _ => Ok(()),
    }
}

fn too_many() -> enlarger::Error {
    exceeded(format_args!("more than {} hyperparameters", limits::HYPERPARAMETERS))
}

fn count(left: &mut usize) -> Result<()> {
    *left = left.checked_sub(1).ok_or_else(too_many)?;
    Ok(())
}

fn pickle_map(
    pickle: &Pickle<'_>,
    map: Value,
    path: &str,
    claims: &mut Claims,
    left: &mut usize,
    depth: usize,
) -> Result<()> {
    for [key, value] in pickle.map(map).unwrap_or_default() {
        count(left)?;
        let Some(key) = pickle.name(*key) else { continue };
        let name = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        if name.len() > limits::NAME {
            continue;
        }
        if let Value::Map(_) = value {
            if depth > 0 {
                pickle_map(pickle, *value, &name, claims, left, depth - 1)?;
            }
        } else if let Some(value) = pickle_value(pickle, *value, left, depth)? {
            claims.insert(name, value);
        }
    }
    Ok(())
}

fn pickle_value(pickle: &Pickle<'_>, value: Value, left: &mut usize, depth: usize) -> Result<Option<Hyperparameter>> {
    count(left)?;
    Ok(Some(match value {
        Value::Bool(value) => Hyperparameter::Boolean(value),
        Value::Int(value) => Hyperparameter::Integer(value),
        Value::Float(value) => Hyperparameter::Float(value),
        Value::Text(_) | Value::Escaped(_) => match pickle.text(value, TEXT) {
            Some(text) => Hyperparameter::Text(text.to_owned()),
            None => return Ok(None),
        },
        Value::Sequence(_) if depth > 0 => {
            let mut list = Vec::new();
            for item in pickle.sequence(value).unwrap_or_default() {
                list.extend(pickle_value(pickle, *item, left, depth - 1)?);
            }
            Hyperparameter::List(list)
        }
        _ => return Ok(None),
    }))
}

fn json(value: Json, name: String, claims: &mut Claims, left: &mut usize) -> Result<()> {
    count(left)?;
    if name.len() > limits::NAME {
        return Ok(());
    }
    if let Json::Object(map) = value {
        return map.into_iter().try_for_each(|(key, value)| json(value, format!("{name}.{key}"), claims, left));
    }
    if let Some(value) = json_value(value, left)? {
        claims.insert(name, value);
    }
    Ok(())
}

fn json_value(value: Json, left: &mut usize) -> Result<Option<Hyperparameter>> {
    count(left)?;
    Ok(match value {
        Json::Bool(value) => Some(Hyperparameter::Boolean(value)),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Some(Hyperparameter::Integer(whole)),
            None => number.as_f64().map(Hyperparameter::Float),
        },
        Json::String(text) => Some(Hyperparameter::Text(text)),
        Json::Array(items) => {
            let mut list = Vec::new();
            for item in items {
                list.extend(json_value(item, left)?);
            }
            Some(Hyperparameter::List(list))
        }
        Json::Null | Json::Object(_) => None,
    })
}
