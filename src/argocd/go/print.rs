//! Values as Go 1.26's `fmt` prints them.

use super::number::format_float;
use super::value::Value;
use crate::argocd::Fault;

/// Prints values as `fmt.Sprint` does: with a space between two that are no texts.
///
/// # Errors
/// Refuses to print more than is sensible.
pub fn sprint(values: &[Value]) -> Result<String, Fault> {
    let mut text = String::new();
    let mut before = true;
    for value in values {
        let is_text = matches!(value, Value::Text(_));
        if !before && !is_text {
            text.push(' ');
        }
        push(&mut text, value);
        before = is_text;
    }
    Ok(text)
}

/// Prints values as `fmt.Sprintln` does: with spaces between all, and a line's end.
///
/// # Errors
/// As [`sprint`].
pub fn sprintln(values: &[Value]) -> Result<String, Fault> {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        push(&mut text, value);
    }
    text.push('\n');
    Ok(text)
}

/// Prints values as `fmt.Sprintf` does.
///
/// # Errors
/// As [`sprint`].
pub fn sprintf(format: &str, values: &[Value]) -> Result<String, Fault> {
    let mut text = String::new();
    let mut values = values.iter();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next()) {
            ('%', Some('%')) => {
                letters.next();
                text.push('%');
            }
            ('%', Some('s' | 'v' | 'd')) => {
                letters.next();
                if let Some(value) = values.next() {
                    push(&mut text, value);
                }
            }
            ('%', _) => return Err(Fault::refused("the verb is not supported")),
            _ => text.push(letter),
        }
    }
    Ok(text)
}

fn push(text: &mut String, value: &Value) {
    match value {
        Value::Nil => text.push_str("<nil>"),
        Value::Bool(holds) => text.push_str(if *holds { "true" } else { "false" }),
        Value::Int(number) | Value::Int64(number) => text.push_str(&number.to_string()),
        Value::Uint64(number) => text.push_str(&number.to_string()),
        Value::Byte(byte) => text.push_str(&byte.to_string()),
        Value::Float(number) => text.push_str(&format_float(*number, 'g', None)),
        Value::Text(value) => text.push_str(value),
        Value::List(list) => {
            text.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                push(text, item);
            }
            text.push(']');
        }
        Value::Map(map) => {
            text.push_str("map[");
            for (index, (key, value)) in map.entries().iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                text.push_str(key);
                text.push(':');
                push(text, value);
            }
            text.push(']');
        }
        Value::Texts(texts) => {
            text.push_str("map[");
            for (index, (key, value)) in texts.iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                text.push_str(key);
                text.push(':');
                text.push_str(value);
            }
            text.push(']');
        }
        Value::Object(object) => text.push_str(&object.print()),
    }
}
