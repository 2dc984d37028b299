//! `wrap` and `wrapWith`: lines of at most so many bytes, as Masterminds/goutils 1.1.1 breaks them.

use super::{Answer, Function, Type, unfit};
use crate::argocd::go::quote::text_of;
use crate::argocd::go::value::Value;

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("wrap", &[Type::Int, Type::Text], wrap),
    Function::new("wrapWith", &[Type::Int, Type::Text, Type::Text], wrap_with),
];

/// What becomes of a word that is longer than a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LongWord {
    /// It has a line of its own.
    Kept,
    /// It is broken, between two bytes of a character too.
    Broken,
}

fn wrap(given: &[Value]) -> Answer {
    let [Value::Int(length), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(Value::text(wrapped(text, *length, ("\n", LongWord::Kept))))
}

fn wrap_with(given: &[Value]) -> Answer {
    let [Value::Int(length), Value::Text(separator), Value::Text(text)] = given else { return Err(unfit()) };
    let separator = if separator.is_empty() { "\n" } else { separator };
    Ok(Value::text(wrapped(text, *length, (separator, LongWord::Broken))))
}

fn wrapped(text: &str, length: i64, (separator, long_word): (&str, LongWord)) -> String {
    let length = usize::try_from(length).unwrap_or(0).max(1);
    let mut lines: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while rest.len() > length {
        if let Some(behind) = rest.strip_prefix(b" ") {
            rest = behind;
            continue;
        }
        // The space behind the last word that fits may lie just behind the line.
        let (line, behind) = match rest[..=length].iter().rposition(|byte| *byte == b' ') {
            Some(space) => (space, space + 1),
            None if long_word == LongWord::Broken => (length, length),
            None => match rest[length..].iter().position(|byte| *byte == b' ') {
                Some(space) => (length + space, length + space + 1),
                None => break,
            },
        };
        lines.extend_from_slice(&rest[..line]);
        lines.extend_from_slice(separator.as_bytes());
        rest = &rest[behind..];
    }
    lines.extend_from_slice(rest);
    text_of(lines)
}
