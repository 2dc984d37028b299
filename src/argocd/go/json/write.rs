//! Writing: keys in the order of their bytes, floats as JavaScript shows them.

use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;

use super::super::number::format_float;
use super::super::value::{List, Map, Value};
use super::{DEPTH, too_deep};
use crate::argocd::Fault;

/// Whether `<`, `>` and `&` are written so that JSON may stand in HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As `json.Marshal` does it.
    Html,
    /// As an encoder with `SetEscapeHTML(false)` does it.
    Raw,
}

/// Writes JSON without blanks.
///
/// # Errors
/// Says what Go says of infinities, of what is no number, of a map that holds itself, of objects without JSON; what is
/// nested too deeply is refused.
pub fn to_json(value: &Value, escape: Escape) -> Result<String, Fault> {
    Writer::new(escape, None).document(value)
}

/// Writes JSON as `json.MarshalIndent` does with two blanks a level.
///
/// # Errors
/// As [`to_json`].
pub fn to_pretty_json(value: &Value) -> Result<String, Fault> {
    Writer::new(Escape::Html, Some("  ")).document(value)
}

struct Writer {
    out: String,
    escape: Escape,
    indent: Option<&'static str>,
    /// The maps that are being written, the outermost first.
    open: Vec<Map>,
    depth: usize,
}

impl Writer {
    fn new(escape: Escape, indent: Option<&'static str>) -> Self {
        Self { out: String::new(), escape, indent, open: Vec::new(), depth: 0 }
    }

    fn document(mut self, value: &Value) -> Result<String, Fault> {
        self.value(value)?;
        Ok(self.out)
    }

    fn value(&mut self, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Nil => self.out.push_str("null"),
            Value::Bool(on) => self.print(on),
            Value::Int(whole) | Value::Int64(whole) => self.print(whole),
            Value::Uint64(whole) => self.print(whole),
            Value::Byte(byte) => self.print(byte),
            Value::Float(float) => self.out.push_str(&json_float(*float)?),
            Value::Text(text) => self.text(text),
            Value::List(list) => self.list(list)?,
            Value::Map(map) => self.map(map)?,
            Value::Texts(texts) => {
                let entries = texts.iter().map(|(key, text)| (key.clone(), Value::Text(text.clone())));
                self.entries(entries)?;
            }
            Value::Object(object) => self.value(&object.json()?)?,
        }
        Ok(())
    }

    fn print(&mut self, value: &impl std::fmt::Display) {
        let _ = write!(self.out, "{value}");
    }

    fn list(&mut self, list: &List) -> Result<(), Fault> {
        if list.is_nil {
            self.out.push_str("null");
            return Ok(());
        }
        self.open('[')?;
        for (index, item) in list.items.iter().enumerate() {
            self.separate(index);
            self.value(item)?;
        }
        self.close(']', list.items.is_empty());
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), Fault> {
        if map.is_nil() {
            self.out.push_str("null");
            return Ok(());
        }
        if self.depth >= DEPTH && self.open.iter().any(|open| Rc::ptr_eq(&open.0, &map.0)) {
            return Err(Fault::wrong(
                "json: unsupported value: encountered a cycle via map[string]interface {}",
            ));
        }
        self.open.push(map.clone());
        self.entries(map.entries().into_iter())?;
        self.open.pop();
        Ok(())
    }

    fn entries(&mut self, entries: impl Iterator<Item = (Arc<str>, Value)>) -> Result<(), Fault> {
        self.open('{')?;
        let mut count = 0;
        for (key, value) in entries {
            self.separate(count);
            self.text(&key);
            self.out.push_str(if self.indent.is_some() { ": " } else { ":" });
            self.value(&value)?;
            count += 1;
        }
        self.close('}', count == 0);
        Ok(())
    }

    fn open(&mut self, bracket: char) -> Result<(), Fault> {
        if self.depth > DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        self.out.push(bracket);
        Ok(())
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.break_line();
    }

    fn close(&mut self, bracket: char, is_empty: bool) {
        self.depth -= 1;
        if !is_empty {
            self.break_line();
        }
        self.out.push(bracket);
    }

    fn break_line(&mut self) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(indent, self.depth));
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|char| self.is_escaped(char)) {
            self.out.push_str(&rest[..at]);
            let mut chars = rest[at..].chars();
            if let Some(char) = chars.next() {
                self.escape(char);
            }
            rest = chars.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    fn is_escaped(&self, char: char) -> bool {
        match char {
            '"' | '\\' | '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => true,
            '<' | '>' | '&' => self.escape == Escape::Html,
            _ => false,
        }
    }

    fn escape(&mut self, char: char) {
        let short = match char {
            '"' | '\\' => char,
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            _ => {
                let _ = write!(self.out, "\\u{:04x}", u32::from(char));
                return;
            }
        };
        self.out.push('\\');
        self.out.push(short);
    }
}

/// Writes a float with an exponent where it is below 1e-6 or not below 1e21.
pub(in crate::argocd::go) fn json_float(float: f64) -> Result<String, Fault> {
    if !float.is_finite() {
        let shown = if float.is_nan() { "NaN" } else { ["-Inf", "+Inf"][usize::from(float > 0.0)] };
        return Err(Fault::wrong(format!("json: unsupported value: {shown}")));
    }
    let size = float.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return Ok(format_float(float, 'f', None));
    }
    // Exponents of one digit are not padded.
    let shown = format_float(float, 'e', None);
    Ok(shown.replace("e-0", "e-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &Value) -> String {
        to_json(value, Escape::Html).unwrap_or_else(|fault| format!("{fault:?}"))
    }

    #[test]
    fn floats_are_written_as_go_writes_them() {
        let cases = [
            (1.0, "1"),
            (-0.0, "-0"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (-2.5e-10, "-2.5e-10"),
            (0.1, "0.1"),
        ];
        for (float, expected) in cases {
            assert_eq!(json(&Value::Float(float)), expected);
        }
        assert!(to_json(&Value::Float(f64::NAN), Escape::Html).is_err());
    }

    #[test]
    fn a_map_that_holds_itself_is_an_error_and_one_that_is_merely_deep_is_refused() {
        let own = Map::default();
        own.set("own", Value::Map(own.clone()));
        assert!(matches!(to_json(&Value::Map(own.clone()), Escape::Html), Err(Fault::Wrong(_))));
        own.0.borrow_mut().clear();
        let deep = (0..2 * DEPTH).fold(Value::Nil, |inner, _| Value::list([inner]));
        assert!(matches!(to_json(&deep, Escape::Html), Err(Fault::Refused(_))));
    }

    #[test]
    fn nothing_is_null_and_what_is_empty_is_empty() {
        let mut nil = List::new(super::super::super::value::Element::Any, []);
        nil.is_nil = true;
        let value = Value::list([
            Value::Nil,
            Value::List(nil),
            Value::Map(Map::nil()),
            Value::list([]),
            Value::map([]),
        ]);
        assert_eq!(json(&value), "[null,null,null,[],{}]");
        assert_eq!(
            to_pretty_json(&value).ok().as_deref(),
            Some("[\n  null,\n  null,\n  null,\n  [],\n  {}\n]")
        );
    }
}
