//! Functions on one text: cut, pad, quote, find and replace. Lengths and places are counted in bytes, as Go does.

use std::ops::Range;
use std::sync::Arc;

use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::quote::{Escape, quote, text_of};
use crate::argocd::go::value::Value;
use crate::argocd::go::{letter, print};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("abbrev", &[Type::Int, Type::Text], abbrev),
    Function::new("abbrevboth", &[Type::Int, Type::Int, Type::Text], abbrevboth),
    Function::new("cat", &[], cat).and(Type::Any),
    Function::new("contains", &[Type::Text, Type::Text], |given| {
        test(given, |part, text| text.contains(part))
    }),
    Function::new("hasPrefix", &[Type::Text, Type::Text], |given| {
        test(given, |part, text| text.starts_with(part))
    }),
    Function::new("hasSuffix", &[Type::Text, Type::Text], |given| {
        test(given, |part, text| text.ends_with(part))
    }),
    Function::new("hello", &[], |_| Ok(Value::text("Hello!"))),
    Function::new("indent", &[Type::Int, Type::Text], |given| indent(given, "")),
    Function::new("lower", &[Type::Text], |given| change(given, letter::lower)),
    Function::new("nindent", &[Type::Int, Type::Text], |given| indent(given, "\n")),
    Function::new("plural", &[Type::Text, Type::Text, Type::Int], plural),
    Function::new("quote", &[], |given| quoted(given, |text| quote(text, Escape::Unprintable)))
        .and(Type::Any),
    Function::new("repeat", &[Type::Int, Type::Text], repeat),
    Function::new("replace", &[Type::Text, Type::Text, Type::Text], replace),
    Function::new("squote", &[], |given| quoted(given, |text| format!("'{text}'"))).and(Type::Any),
    Function::new("substr", &[Type::Int, Type::Int, Type::Text], substr),
    Function::new("toString", &[Type::Any], to_string),
    Function::new("trim", &[Type::Text], |given| change(given, |text| text.trim().to_owned())),
    Function::new("trimAll", &[Type::Text, Type::Text], trim_all),
    Function::new("trimPrefix", &[Type::Text, Type::Text], |given| {
        cut_off(given, |text, part| text.strip_prefix(part))
    }),
    Function::new("trimSuffix", &[Type::Text, Type::Text], |given| {
        cut_off(given, |text, part| text.strip_suffix(part))
    }),
    Function::new("trimall", &[Type::Text, Type::Text], trim_all),
    Function::new("trunc", &[Type::Int, Type::Text], trunc),
    Function::new("upper", &[Type::Text], |given| change(given, letter::upper)),
];

/// The longest text that a function makes, in bytes.
const LONGEST: usize = 64 << 20;

/// Returns a value as a text: what `%v` prints.
///
/// # Errors
/// Refuses to print more than is sensible.
pub(super) fn printed(value: &Value) -> Result<Arc<str>, Fault> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        other => Ok(print::sprint(std::slice::from_ref(other))?.into()),
    }
}

/// Does something to a text.
pub(super) fn change(given: &[Value], change: fn(&str) -> String) -> Answer {
    let [Value::Text(text)] = given else { return Err(unfit()) };
    Ok(Value::text(change(text)))
}

fn test(given: &[Value], test: fn(&str, &str) -> bool) -> Answer {
    let [Value::Text(part), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(Value::Bool(test(part, text)))
}

fn cut_off(given: &[Value], strip: for<'a, 'b> fn(&'a str, &'b str) -> Option<&'a str>) -> Answer {
    let [Value::Text(part), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(strip(text, part).map_or_else(|| Value::Text(text.clone()), Value::text))
}

fn trim_all(given: &[Value]) -> Answer {
    let [Value::Text(letters), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(Value::text(text.trim_matches(|letter| letters.contains(letter))))
}

fn replace(given: &[Value]) -> Answer {
    let [Value::Text(old), Value::Text(new), Value::Text(text)] = given else { return Err(unfit()) };
    limited("replace", text.matches(&**old).count().saturating_mul(new.len()))?;
    Ok(Value::text(text.replace(&**old, new)))
}

fn plural(given: &[Value]) -> Answer {
    let [one, many, Value::Int(count)] = given else { return Err(unfit()) };
    Ok(if *count == 1 { one } else { many }.clone())
}

/// Values that are nil are left out.
fn cat(given: &[Value]) -> Answer {
    quoted(given, str::to_owned)
}

fn quoted(given: &[Value], quote: fn(&str) -> String) -> Answer {
    let some = given.iter().filter(|value| !matches!(value, Value::Nil));
    let texts: Result<Vec<String>, Fault> = some.map(|value| Ok(quote(&printed(value)?))).collect();
    Ok(Value::text(texts?.join(" ")))
}

fn to_string(given: &[Value]) -> Answer {
    let [value] = given else { return Err(unfit()) };
    printed(value).map(Value::Text)
}

fn repeat(given: &[Value]) -> Answer {
    let [Value::Int(count), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(Value::text(repeated(text, *count)?))
}

/// Pads every line.
fn indent(given: &[Value], before: &str) -> Answer {
    let [Value::Int(spaces), Value::Text(text)] = given else { return Err(unfit()) };
    let pad = repeated(" ", *spaces)?;
    let lines = text.matches('\n').count() + 1;
    limited("indent", pad.len().saturating_mul(lines))?;
    Ok(Value::text(format!("{before}{pad}{}", text.replace('\n', &format!("\n{pad}")))))
}

fn repeated(text: &str, count: i64) -> Result<String, Fault> {
    let Ok(count) = usize::try_from(count) else {
        return Err(Fault::wrong("strings: negative Repeat count"));
    };
    limited("repeat", text.len().saturating_mul(count))?;
    Ok(text.repeat(count))
}

fn limited(name: &str, length: usize) -> Result<(), Fault> {
    if length > LONGEST {
        return Err(Fault::refused(format!("`{name}` to more than {} MiB is not supported", LONGEST >> 20)));
    }
    Ok(())
}

fn abbrev(given: &[Value]) -> Answer {
    let [Value::Int(width), Value::Text(text)] = given else { return Err(unfit()) };
    Ok(abbreviated(text, 0, *width))
}

fn abbrevboth(given: &[Value]) -> Answer {
    let [Value::Int(left), Value::Int(right), Value::Text(text)] = given else { return Err(unfit()) };
    if *left > 0 && *right < 7 {
        return Ok(Value::Text(text.clone()));
    }
    Ok(abbreviated(text, *left, *right))
}

/// Shortens a text to `width` with three dots at its end, and at its beginning where it starts at `offset` or about.
fn abbreviated(text: &Arc<str>, offset: i64, width: i64) -> Value {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if width < 4 || length <= width {
        return Value::Text(text.clone());
    }
    let kept = width - 3;
    let offset = offset.min(length).min(length - kept);
    if offset <= 4 {
        return Value::text(format!("{}...", part(text, 0..kept)));
    }
    if width < 7 {
        return Value::text("");
    }
    if offset + kept < length {
        return Value::text(format!("...{}...", part(text, offset..offset + kept - 3)));
    }
    Value::text(format!("...{}", part(text, length - kept..length)))
}

fn trunc(given: &[Value]) -> Answer {
    let [Value::Int(count), Value::Text(text)] = given else { return Err(unfit()) };
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let kept = match *count {
        count if count < 0 && length + count > 0 => length + count..length,
        count if count >= 0 && length > count => 0..count,
        _ => return Ok(Value::Text(text.clone())),
    };
    Ok(Value::text(part(text, kept)))
}

fn substr(given: &[Value]) -> Answer {
    let [Value::Int(start), Value::Int(end), Value::Text(text)] = given else { return Err(unfit()) };
    let (start, end) = (*start, *end);
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let out = |range: String| Fault::wrong(format!("runtime error: slice bounds out of range [{range}"));
    if start < 0 {
        return match end {
            end if end < 0 => Err(out(format!(":{end}]"))),
            end if end > length => Err(out(format!(":{end}] with length {length}"))),
            end => Ok(Value::text(part(text, 0..end))),
        };
    }
    if end < 0 || end > length {
        return match start {
            start if start > length => Err(out(format!("{start}:{length}]"))),
            start => Ok(Value::text(part(text, start..length))),
        };
    }
    if start > end {
        return Err(out(format!("{start}:{end}]")));
    }
    Ok(Value::text(part(text, start..end)))
}

/// Returns the bytes of a range that lies within the text; characters that it cuts become U+FFFD byte by byte.
fn part(text: &str, range: Range<i64>) -> String {
    let place = |place: i64| usize::try_from(place).unwrap_or(0).min(text.len());
    let range = place(range.start)..place(range.end);
    text.get(range.clone())
        .map_or_else(|| text_of(text.as_bytes().get(range).unwrap_or_default().to_vec()), str::to_owned)
}
