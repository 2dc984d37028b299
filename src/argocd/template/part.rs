//! Parts of a template, and how they are filled.
//!
//! Argo CD walks the Go object: every text and every key of a map is filled, and nothing else. JSON that has no type
//! (`valuesObject`) is read into an `interface {}` on the way, which drops the keys of maps whose value is null and
//! makes every number a `float64`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::argocd::Fault;
use crate::argocd::language::{Language, Text};
use crate::argocd::params::Params;
use crate::argocd::schema::{Type, Written, floated};

/// A part of a template.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Nothing in it can be filled.
    Fixed(Value),
    Text(Text),
    List(Vec<Part>),
    /// A map or struct whose keys are fixed: what is fixed of it, and what is put in its places.
    Fields(Map<String, Value>, Vec<Hole>),
    /// A map with keys to be filled, sorted as they are written.
    Entries(Vec<(Text, Part)>),
}

/// An entry of a map that is filled.
#[derive(Clone, Debug)]
pub(super) struct Hole {
    /// Its place among the entries.
    index: usize,
    /// Its key, where it is left out once it turns out to be empty.
    left_out: Option<String>,
    part: Part,
}

impl Part {
    /// Compiles a value that was read by its type.
    pub(super) fn compile(of: Type, value: &Value, language: &Language) -> Self {
        match (of, value) {
            (Type::Pointer(to), _) if !value.is_null() => Self::compile(*to, value, language),
            (Type::Raw, Value::Object(_)) => Self::raw(value, language),
            // What does not begin like a map is read as YAML, where `-0` is a whole number.
            (Type::Raw, _) => Self::raw(&without_negative_zero(value), language),
            (Type::Text | Type::IntegerOrText, Value::String(text)) => {
                Self::text(Text::compile(text, language))
            }
            (Type::List(of), Value::Array(items)) => {
                Self::list(items.iter().map(|item| Self::compile(*of, item, language)).collect())
            }
            (Type::Map(of), Value::Object(map)) => {
                let entry = |(key, value): (&String, &Value)| {
                    (Text::compile(key, language), Self::compile(*of, value, language))
                };
                Self::map(map.iter().map(entry).collect())
            }
            (Type::Struct(fields), Value::Object(map)) => {
                let field = |(key, value): (&String, &Value)| {
                    let field = fields.iter().find(|field| field.name == key);
                    let of = field.map_or(Type::Raw, |field| field.of);
                    // A filled text may be empty; nothing else that is filled becomes so.
                    let may_vanish = field.is_some_and(|field| field.written == Written::NotEmpty)
                        && matches!(of, Type::Text);
                    (key.clone(), Self::compile(of, value, language), may_vanish)
                };
                Self::fields(map.iter().map(field).collect())
            }
            _ => Self::Fixed(value.clone()),
        }
    }

    fn raw(value: &Value, language: &Language) -> Self {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Fixed(floated(value)),
            Value::String(text) => Self::text(Text::compile(text, language)),
            Value::Array(items) => Self::list(items.iter().map(|item| Self::raw(item, language)).collect()),
            Value::Object(map) => {
                let mut entries: Vec<_> = map.iter().filter(|(_, value)| !value.is_null()).collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                let entry = |(key, value): (&String, &Value)| {
                    (Text::compile(key, language), Self::raw(value, language))
                };
                Self::map(entries.into_iter().map(entry).collect())
            }
        }
    }

    fn text(text: Text) -> Self {
        match text.fixed() {
            Some(fixed) => Self::Fixed(fixed.into()),
            None => Self::Text(text),
        }
    }

    fn list(items: Vec<Self>) -> Self {
        let fixed = items.iter().map(Self::fixed).collect::<Option<Vec<_>>>();
        match fixed {
            Some(fixed) => Self::Fixed(Value::Array(fixed.into_iter().cloned().collect())),
            None => Self::List(items),
        }
    }

    fn map(entries: Vec<(Text, Self)>) -> Self {
        if entries.iter().any(|(key, _)| key.fixed().is_none()) {
            return Self::Entries(entries);
        }
        let entry = |(key, part): (Text, Self)| (key.fixed().unwrap_or_default().to_owned(), part, false);
        Self::fields(entries.into_iter().map(entry).collect())
    }

    fn fields(fields: Vec<(String, Self, bool)>) -> Self {
        let mut fixed = Map::new();
        let mut holes = Vec::new();
        for (index, (key, part, may_vanish)) in fields.into_iter().enumerate() {
            let left_out = may_vanish.then(|| key.clone());
            match part {
                Self::Fixed(value) => {
                    fixed.insert(key, value);
                }
                part => {
                    fixed.insert(key, Value::Null);
                    holes.push(Hole { index, left_out, part });
                }
            }
        }
        if holes.is_empty() { Self::Fixed(Value::Object(fixed)) } else { Self::Fields(fixed, holes) }
    }

    fn fixed(&self) -> Option<&Value> {
        match self {
            Self::Fixed(value) => Some(value),
            Self::Text(_) | Self::List(_) | Self::Fields(..) | Self::Entries(_) => None,
        }
    }

    /// Puts a compiled template's `metadata` and `spec` behind `apiVersion` and `kind`.
    pub(super) fn into_application(self) -> Self {
        let (parts, holes) = match self {
            Self::Fixed(Value::Object(parts)) => (parts, Vec::new()),
            Self::Fields(parts, holes) => (parts, holes),
            other => return other,
        };
        let mut fields = Map::new();
        fields.insert("apiVersion".into(), "argoproj.io/v1alpha1".into());
        fields.insert("kind".into(), "Application".into());
        fields.extend(parts);
        let moved = |hole: Hole| Hole { index: hole.index + 2, ..hole };
        Self::Fields(fields, holes.into_iter().map(moved).collect())
    }

    /// Collects the names that plain look-ups ask for.
    pub(super) fn names<'t>(&'t self, names: &mut Vec<&'t str>) {
        match self {
            Self::Fixed(_) => {}
            Self::Text(text) => names.extend(text.names()),
            Self::List(items) => items.iter().for_each(|item| item.names(names)),
            Self::Fields(_, holes) => holes.iter().for_each(|hole| hole.part.names(names)),
            Self::Entries(entries) => {
                for (key, part) in entries {
                    names.extend(key.names());
                    part.names(names);
                }
            }
        }
    }

    /// Fills the part; says where two keys of one map became the same.
    pub(super) fn fill(&self, params: &Params<'_>, collides: &mut bool) -> Result<Value, Fault> {
        match self {
            Self::Fixed(fixed) => Ok(fixed.clone()),
            Self::Text(text) => Ok(text.fill(params)?.into()),
            Self::List(items) => items.iter().map(|item| item.fill(params, collides)).collect(),
            Self::Fields(fixed, holes) => fill_fields(fixed, holes, params, collides),
            Self::Entries(entries) => {
                let mut filled = BTreeMap::new();
                for (key, part) in entries {
                    let value = part.fill(params, collides)?;
                    let key = key.fill(params)?;
                    *collides |= filled.get(&key).is_some_and(|other| *other != value);
                    filled.insert(key, value);
                }
                Ok(Value::Object(filled.into_iter().collect()))
            }
        }
    }
}

fn fill_fields(
    fixed: &Map<String, Value>,
    holes: &[Hole],
    params: &Params<'_>,
    collides: &mut bool,
) -> Result<Value, Fault> {
    let mut fields = fixed.clone();
    let mut vanished = Vec::new();
    let mut places = fields.values_mut();
    let mut passed = 0;
    for hole in holes {
        let value = hole.part.fill(params, collides)?;
        if let Some(key) = hole.left_out.as_ref().filter(|_| value.as_str() == Some("")) {
            vanished.push(key);
        }
        if let Some(place) = places.nth(hole.index - passed) {
            *place = value;
        }
        passed = hole.index + 1;
    }
    for key in vanished {
        fields.shift_remove(key);
    }
    Ok(Value::Object(fields))
}

fn without_negative_zero(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) => 0.into(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        Value::Array(items) => items.iter().map(without_negative_zero).collect(),
        Value::Object(map) => Value::Object(
            map.iter().map(|(key, value)| (key.clone(), without_negative_zero(value))).collect(),
        ),
    }
}
