//! What go-yaml reads in the JSON of a value. It is not always what was written: YAML has line breaks and characters
//! that JSON leaves as they are.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::json::{DEPTH, json_float, too_deep};
use super::super::number::format_float;
use super::super::value::{Map, Value};
use super::order;
use crate::argocd::Fault;

/// A node that go-yaml writes.
pub(super) enum Source {
    /// A scalar that is plain whatever it says: `null`, `true`, a number.
    Plain(Cow<'static, str>),
    /// A text.
    Text(Arc<str>),
    /// A list.
    List(Vec<Source>),
    /// A map, in the order in which it is written.
    Map(Vec<(Arc<str>, Source)>),
}

/// YAML's line break that JSON does not escape.
const NEXT_LINE: char = '\u{85}';

/// The longest key that go-yaml reads, in characters with its quotes and escapes.
const KEY_LENGTH: usize = 1024;

pub(super) fn read(value: &Value, depth: usize) -> Result<Source, Fault> {
    if depth > DEPTH {
        return Err(too_deep());
    }
    Ok(match value {
        Value::Nil => Source::Plain("null".into()),
        Value::Bool(true) => Source::Plain("true".into()),
        Value::Bool(false) => Source::Plain("false".into()),
        Value::Int(whole) | Value::Int64(whole) => Source::Plain(whole.to_string().into()),
        Value::Uint64(whole) => Source::Plain(whole.to_string().into()),
        Value::Byte(byte) => Source::Plain(byte.to_string().into()),
        Value::Float(float) => Source::Plain(number(*float)?.into()),
        Value::Text(text) => Source::Text(read_text(text)?),
        Value::List(list) if list.is_nil => Source::Plain("null".into()),
        Value::List(list) => {
            Source::List(list.items.iter().map(|item| read(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Value::Map(map) if map.is_nil() => Source::Plain("null".into()),
        Value::Map(map) => read_map(map, depth)?,
        Value::Texts(texts) => {
            let entry =
                |(key, text): (&Arc<str>, &Arc<str>)| Ok((read_key(key)?, Source::Text(read_text(text)?)));
            Source::Map(order::sorted(texts.iter().map(entry).collect::<Result<_, Fault>>()?)?)
        }
        Value::Object(object) => read(&object.json()?, depth + 1)?,
    })
}

fn read_map(map: &Map, depth: usize) -> Result<Source, Fault> {
    let entry = |(key, value): (Arc<str>, Value)| Ok((read_key(&key)?, read(&value, depth + 1)?));
    Ok(Source::Map(order::sorted(map.entries().into_iter().map(entry).collect::<Result<_, Fault>>()?)?))
}

fn read_key(key: &Arc<str>) -> Result<Arc<str>, Fault> {
    let length = 2 + key.chars().map(length_in_json).sum::<usize>();
    if length > KEY_LENGTH || key.contains(NEXT_LINE) {
        return Err(Fault::wrong("yaml: did not find expected ',' or '}'"));
    }
    read_text(key)
}

fn length_in_json(char: char) -> usize {
    match char {
        '"' | '\\' | '\u{8}' | '\u{c}' | '\n' | '\r' | '\t' => 2,
        '<' | '>' | '&' | '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => 6,
        _ => 1,
    }
}

fn read_text(text: &Arc<str>) -> Result<Arc<str>, Fault> {
    if text.bytes().all(|byte| byte < 0x7f) {
        return Ok(text.clone());
    }
    if text
        .contains(|char| matches!(char, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
    {
        return Err(Fault::wrong("yaml: control characters are not allowed"));
    }
    if text.contains(NEXT_LINE) { folded(text).map(Arc::from) } else { Ok(text.clone()) }
}

/// Folds lines as in a quoted scalar: one break is a blank, more are one fewer; blanks around them go.
fn folded(text: &str) -> Result<String, Fault> {
    let mut lines = text.split(NEXT_LINE).peekable();
    let mut out = lines.next().unwrap_or_default().to_owned();
    let mut breaks = 0;
    while let Some(line) = lines.next() {
        let is_marker = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        if is_marker.is_some_and(|rest| rest.starts_with(' ') || rest.is_empty() && lines.peek().is_some()) {
            return Err(Fault::wrong("yaml: found unexpected document indicator"));
        }
        if breaks == 0 {
            out.truncate(out.trim_end_matches(' ').len());
        }
        breaks += 1;
        let line = line.trim_start_matches(' ');
        if !line.is_empty() || lines.peek().is_none() {
            out.push_str(&if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) });
            out.push_str(line);
            breaks = 0;
        }
    }
    Ok(out)
}

/// Writes a float as go-yaml does what JSON shows of it: whole numbers of 64 bits in full, others with an exponent
/// below 1e-4 and from 1e6.
fn number(float: f64) -> Result<String, Fault> {
    let json = json_float(float)?;
    if json == "-0" {
        return Ok("0".to_owned());
    }
    if json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok() {
        return Ok(json);
    }
    Ok(format_float(float, 'g', None))
}
