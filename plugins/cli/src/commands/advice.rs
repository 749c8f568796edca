//! Advice as the command shows it: a line for people, an object for programs.

use enlarger::Advice;
use serde_json::{Value, json};

/// A piece of advice on a line.
pub fn line(advice: &Advice) -> String {
    format!("{} {}", advice.sentence, advice.action)
}

/// All advice on a picture; null if the picture was not looked at.
pub fn list(advice: Option<&[Advice]>) -> Value {
    advice.map_or(Value::Null, |all| all.iter().map(object).collect())
}

fn object(advice: &Advice) -> Value {
    json!({
        "code": advice.code.name(),
        "value": advice.value,
        "sentence": advice.sentence,
        "action": advice.action,
        "option": advice.option.as_ref().map(|(key, value)| json!({"key": key, "value": value})),
    })
}
