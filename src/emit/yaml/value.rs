//! Values, level by level.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::comment::write_comment;
use super::{KeyForm, write_indent, write_key, write_number, write_text};

pub(super) struct Writer<'a> {
    pub(super) out: &'a mut String,
    /// What to say behind which place, and the JSON pointer of where we are.
    pub(super) comments: Option<(&'a BTreeMap<String, String>, String)>,
}

/// What decides where a value stands: on lines of its own, or on the line of its key.
enum Shape<'a> {
    Map(&'a Map<String, Value>),
    List(&'a [Value]),
    /// A scalar, or a collection without entries.
    Leaf,
}

fn shape(value: &Value) -> Shape<'_> {
    match value {
        Value::Object(entries) if !entries.is_empty() => Shape::Map(entries),
        Value::Array(items) if !items.is_empty() => Shape::List(items),
        Value::Object(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => Shape::Leaf,
    }
}

impl Writer<'_> {
    pub(super) fn document(&mut self, value: &Value) {
        match shape(value) {
            Shape::Map(entries) => self.map(entries, 0),
            Shape::List(items) => self.list(items, 0),
            Shape::Leaf => self.leaf(value, 0),
        }
    }

    /// Writes entries at column `indent`, the first where we are.
    fn map(&mut self, entries: &Map<String, Value>, indent: usize) {
        let mut first = true;
        for (key, value) in entries {
            if !first {
                write_indent(self.out, indent);
            }
            first = false;
            let form = write_key(self.out, key, indent);
            self.inside(key, |writer| writer.value(value, indent, form));
        }
    }

    /// Writes the value behind a key at column `indent`.
    fn value(&mut self, value: &Value, indent: usize, form: KeyForm) {
        match shape(value) {
            Shape::Map(entries) => {
                self.next_line(indent + 2);
                self.map(entries, indent + 2);
            }
            Shape::List(items) => {
                let column = match form {
                    KeyForm::Short => indent,
                    KeyForm::Long => indent + 2,
                };
                self.next_line(column);
                self.list(items, column);
            }
            Shape::Leaf => {
                self.out.push(' ');
                self.leaf(value, indent);
            }
        }
    }

    /// Writes items at column `indent`, the first where we are.
    fn list(&mut self, items: &[Value], indent: usize) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                write_indent(self.out, indent);
            }
            self.out.push_str("- ");
            match &self.comments {
                None => self.item(item, indent),
                Some(_) => self.inside(&index.to_string(), |writer| writer.item(item, indent)),
            }
        }
    }

    /// Writes an item of the list at column `indent`, on the line of its `-`.
    fn item(&mut self, item: &Value, indent: usize) {
        match shape(item) {
            Shape::Map(entries) => self.map(entries, indent + 2),
            Shape::List(items) => self.list(items, indent + 2),
            Shape::Leaf => self.leaf(item, indent),
        }
    }

    /// Writes a scalar, or an empty collection, that belongs to something at column `indent`, and ends its line.
    fn leaf(&mut self, value: &Value, indent: usize) {
        let start = self.out.len();
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Number(number) => write_number(self.out, number),
            Value::String(text) => write_text(self.out, text, indent),
            Value::Array(_) => self.out.push_str("[]"),
            Value::Object(_) => self.out.push_str("{}"),
        }
        if let Some(comment) = self.comments.as_ref().and_then(|(comments, place)| comments.get(place)) {
            write_comment(self.out, start, comment);
        }
        self.out.push('\n');
    }

    fn next_line(&mut self, indent: usize) {
        self.out.push('\n');
        write_indent(self.out, indent);
    }

    /// Goes one step down, if anybody wants to know where we are.
    fn inside(&mut self, step: &str, write: impl FnOnce(&mut Self)) {
        let length = match &mut self.comments {
            None => return write(self),
            Some((_, place)) => {
                let length = place.len();
                place.push('/');
                place.push_str(&step.replace('~', "~0").replace('/', "~1"));
                length
            }
        };
        write(self);
        if let Some((_, place)) = &mut self.comments {
            place.truncate(length);
        }
    }
}
