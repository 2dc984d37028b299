//! Which values and constants may be given to which parameter, and how large values may become.

use super::function::Type;
use super::run::{Evaluated, Run};
use super::tree::{Number, Operand, Span, Term};
use crate::argocd::Fault;
use crate::argocd::go::value::{Element, List, Map, Value};

/// How deep lists and maps may stand within each other.
const MOST_LEVELS: usize = 200;

impl Run<'_> {
    /// Returns a value as a parameter of a type takes it: nothing becomes the nil of the type, if it has one.
    pub(super) fn fitting(&self, value: Evaluated, wanted: Type, at: Span) -> Result<Value, Fault> {
        let Some(value) = value else {
            let what = || format!("invalid value; expected {}", type_name(wanted));
            return nil_of(wanted).ok_or_else(|| self.wrong(at, &what()));
        };
        if fits(&value, wanted) {
            return Ok(value);
        }
        let got = if matches!(value, Value::Nil) { "interface {}" } else { value.type_name() };
        let wanted = type_name(wanted);
        Err(self.wrong(at, &format!("wrong type for value; expected {wanted}; got {got}")))
    }

    /// Returns a constant as a parameter of a type takes it.
    pub(super) fn constant(&self, word: &Operand, wanted: Type) -> Result<Value, Fault> {
        let expected = |what: &str| {
            let found = &self.tree.text[word.at.start..word.at.end];
            Err(self.wrong(word.at, &format!("expected {what}; found {found}")))
        };
        match (wanted, &word.term) {
            (_, Term::Nil) => nil_of(wanted)
                .ok_or_else(|| self.wrong(word.at, &format!("cannot assign nil to {}", type_name(wanted)))),
            (Type::Any | Type::Bool, Term::Bool(holds)) => Ok(Value::Bool(*holds)),
            (Type::Any | Type::Text, Term::Text(text)) => Ok(Value::Text(text.clone())),
            (Type::Any, Term::Number(number)) => self.ideal(*number, word.at),
            (Type::Int, Term::Number(Number { int: Some(int), .. })) => Ok(Value::Int(*int)),
            (Type::Int64, Term::Number(Number { int: Some(int), .. })) => Ok(Value::Int64(*int)),
            (Type::Uint32, Term::Number(Number { int: Some(int @ 0..), .. })) => {
                Ok(Value::Uint64(int.cast_unsigned() & u64::from(u32::MAX)))
            }
            (Type::Float, Term::Number(number)) => Ok(Value::Float(number.float)),
            (Type::Bool, _) => expected("bool"),
            (Type::Text, _) => expected("string"),
            (Type::Int | Type::Int64, _) => expected("integer"),
            (Type::Uint32, _) => expected("unsigned integer"),
            (Type::Float, _) => expected("float"),
            (Type::Any | Type::Map | Type::Texts | Type::List | Type::TextList | Type::Object(_), _) => {
                let found = &self.tree.text[word.at.start..word.at.end];
                let wanted = type_name(wanted);
                Err(self.wrong(word.at, &format!("can't handle {found} for arg of type {wanted}")))
            }
        }
    }

    /// Returns a number where nothing says of which type it should be.
    fn ideal(&self, number: Number, at: Span) -> Result<Value, Fault> {
        match number.int {
            _ if number.is_float => Ok(Value::Float(number.float)),
            Some(int) => Ok(Value::Int(int)),
            None => {
                let number = &self.tree.text[at.start..at.end];
                Err(self.wrong(at, &format!("{number} overflows int")))
            }
        }
    }

    /// Counts what a function made, and holds it against the bound of nesting.
    ///
    /// # Errors
    /// Says which bound was exceeded.
    pub(super) fn weigh(&mut self, value: &Value) -> Result<(), Fault> {
        let mut seen = 0;
        let levels = measure(value, 0, &mut seen);
        self.spend(made(value) + seen / 4)?;
        if levels > MOST_LEVELS {
            return Err(Fault::refused(format!(
                "a value that nests more than {MOST_LEVELS} levels deep is not supported"
            )));
        }
        Ok(())
    }
}

/// Returns how many steps it counts as to make a value: what it holds was mostly there before.
fn made(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len() / 16,
        Value::List(list) => list.items.len(),
        _ => 0,
    }
}

/// How many values are looked at before one counts as too large.
const MOST_SEEN: usize = 80_000_000;

/// Returns how deep a value nests, counting from `levels`, and counts what it has looked at; stops where it is too much.
fn measure(value: &Value, levels: usize, seen: &mut usize) -> usize {
    *seen += 1;
    if levels > MOST_LEVELS || *seen > MOST_SEEN {
        return levels;
    }
    let mut deepest = levels;
    match value {
        Value::List(list) => match list.element {
            Element::Any | Element::List | Element::Map => {
                for item in list.items.iter() {
                    deepest = deepest.max(measure(item, levels + 1, seen));
                }
            }
            Element::Text | Element::Int => {}
        },
        Value::Map(map) => {
            for item in map.0.borrow().values() {
                deepest = deepest.max(measure(item, levels + 1, seen));
            }
        }
        Value::Nil
        | Value::Text(_)
        | Value::Texts(_)
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Int64(_)
        | Value::Uint64(_)
        | Value::Byte(_)
        | Value::Float(_)
        | Value::Object(_) => {}
    }
    deepest
}

/// Returns the nil of a type; `None` where it has none.
fn nil_of(wanted: Type) -> Option<Value> {
    let nil_list = |element| Value::List(List { is_nil: true, ..List::new(element, []) });
    match wanted {
        Type::Any => Some(Value::Nil),
        Type::Map => Some(Value::Map(Map::nil())),
        Type::Texts => Some(Value::Texts(std::sync::Arc::default())),
        Type::List => Some(nil_list(Element::Any)),
        Type::TextList => Some(nil_list(Element::Text)),
        Type::Bool | Type::Text | Type::Int | Type::Int64 | Type::Uint32 | Type::Float | Type::Object(_) => {
            None
        }
    }
}

fn fits(value: &Value, wanted: Type) -> bool {
    match wanted {
        Type::Any => true,
        Type::Bool => matches!(value, Value::Bool(_)),
        Type::Text => matches!(value, Value::Text(_)),
        Type::Int => matches!(value, Value::Int(_)),
        Type::Int64 => matches!(value, Value::Int64(_)),
        Type::Uint32 => false,
        Type::Float => matches!(value, Value::Float(_)),
        Type::Map => matches!(value, Value::Map(_)),
        Type::Texts => matches!(value, Value::Texts(_)),
        Type::List => matches!(value, Value::List(list) if list.element == Element::Any),
        Type::TextList => matches!(value, Value::List(list) if list.element == Element::Text),
        Type::Object(name) => matches!(value, Value::Object(object) if object.type_name() == name),
    }
}

/// Returns Go's name of a type.
fn type_name(wanted: Type) -> &'static str {
    match wanted {
        Type::Any => "interface {}",
        Type::Bool => "bool",
        Type::Text => "string",
        Type::Int => "int",
        Type::Int64 => "int64",
        Type::Uint32 => "uint32",
        Type::Float => "float64",
        Type::Map => "map[string]interface {}",
        Type::Texts => "map[string]string",
        Type::List => "[]interface {}",
        Type::TextList => "[]string",
        Type::Object(name) => name,
    }
}
