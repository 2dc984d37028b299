//! One map of a spec, whose fields are made when the first of them is read.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectExt};
use serde_json::Value as Json;

use crate::spec::schema::{Additional, Schema, Type};
use crate::spec::yaml::{Kind, Node, Scalar};

/// Fields up to which looking at all of them is faster than searching: most names differ in length already.
const SCANNED: usize = 32;

/// What was written: in a spec, or in a schema as a default.
#[derive(Clone, Copy)]
pub(super) enum Written<'a> {
    /// A node of a spec.
    Node(&'a Node),
    /// Data.
    Json(&'a Json),
}

/// A map as templates see it.
pub(super) struct Record {
    source: Source,
    schema: Arc<Schema>,
    /// The schema of what has none.
    free: Arc<Schema>,
    fields: OnceLock<Box<[Field]>>,
}

enum Source {
    Node(Node),
    Json(Json),
    Nothing,
}

struct Field {
    name: Arc<str>,
    value: Value,
    show: Show,
}

/// Whether iterating and printing show a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    Yes,
    No,
}

/// Returns what was written as templates see it, held to `schema`.
pub(super) fn value(written: Option<Written<'_>>, schema: &Arc<Schema>, free: &Arc<Schema>) -> Value {
    match written {
        None => absent(schema, free),
        Some(Written::Node(node)) => match &node.kind {
            Kind::Scalar { value: Scalar::Null, .. } => absent(schema, free),
            Kind::Scalar { text, value, .. } => scalar(text, *value),
            Kind::List { items, .. } => list(items.iter().map(Written::Node), schema, free),
            Kind::Map { .. } => Record::make(Source::Node(node.clone()), schema, free),
        },
        Some(Written::Json(data)) => match data {
            Json::Null => absent(schema, free),
            Json::Bool(value) => Value::from(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(signed), _) => Value::from(signed),
                (None, Some(unsigned)) => Value::from(unsigned),
                (None, None) => Value::from(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Value::from(text.as_str()),
            Json::Array(items) => list(items.iter().map(Written::Json), schema, free),
            Json::Object(_) => Record::make(Source::Json(data.clone()), schema, free),
        },
    }
}

fn scalar(text: &Arc<str>, value: Scalar) -> Value {
    /// The longest text that minijinja keeps without a reference.
    const INLINE: usize = 22;
    match value {
        Scalar::Null => Value::from(()),
        Scalar::Bool(value) => Value::from(value),
        Scalar::Integer(value) => Value::from(value),
        Scalar::Unsigned(value) => Value::from(value),
        Scalar::Float(value) => Value::from(value),
        Scalar::String if text.len() <= INLINE => Value::from(&**text),
        Scalar::String => Value::from(text.clone()),
    }
}

fn list<'a>(items: impl Iterator<Item = Written<'a>>, schema: &Arc<Schema>, free: &Arc<Schema>) -> Value {
    let item = schema.alternative(Type::Array).items.as_ref().unwrap_or(free);
    Value::from(items.map(|written| value(Some(written), item, free)).collect::<Vec<_>>())
}

/// Returns the value of what was not written: its default, else what is empty of its type.
fn absent(schema: &Arc<Schema>, free: &Arc<Schema>) -> Value {
    match &schema.default {
        Some(default) if !default.is_null() => value(Some(Written::Json(default)), schema, free),
        _ => match container(schema) {
            Some(Type::Object) => Record::make(Source::Nothing, schema, free),
            Some(_) => Value::from(Vec::<Value>::new()),
            None => Value::from(()),
        },
    }
}

/// Returns whether what `schema` describes is a map or a list; `None` for scalars and for anything at all.
fn container(schema: &Schema) -> Option<Type> {
    let is_map = !schema.properties.is_empty() || matches!(schema.additional, Additional::Each(_));
    if is_map || schema.types.contains(&Type::Object) {
        return Some(Type::Object);
    }
    if schema.items.is_some() || schema.types.contains(&Type::Array) {
        return Some(Type::Array);
    }
    schema.any_of.iter().find_map(|branch| container(branch))
}

impl Record {
    fn make(source: Source, schema: &Arc<Schema>, free: &Arc<Schema>) -> Value {
        let schema = schema.alternative(Type::Object).clone();
        Value::from_object(Self { source, schema, free: free.clone(), fields: OnceLock::new() })
    }

    /// Returns the names of all fields, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = Arc<str>> {
        self.fields().iter().map(|field| field.name.clone())
    }

    fn fields(&self) -> &[Field] {
        self.fields.get_or_init(|| self.make_fields())
    }

    fn make_fields(&self) -> Box<[Field]> {
        let mut fields = Vec::with_capacity(self.schema.properties.len());
        match &self.source {
            Source::Nothing => {}
            Source::Node(node) => {
                for entry in node.entries().unwrap_or_default() {
                    fields.push(self.field(entry.key.clone(), Written::Node(&entry.value)));
                }
            }
            Source::Json(data) => {
                for (name, item) in data.as_object().into_iter().flatten() {
                    fields.push(self.field(Arc::from(name.as_str()), Written::Json(item)));
                }
            }
        }
        fields.sort_by(|left, right| left.name.cmp(&right.name));
        let written = fields.len();
        for (name, schema) in &self.schema.properties {
            if fields[..written].binary_search_by(|field| field.name.cmp(name)).is_err() {
                let value = absent(schema, &self.free);
                let show = if says_something(schema) { Show::Yes } else { Show::No };
                fields.push(Field { name: name.clone(), value, show });
            }
        }
        fields.sort_by(|left, right| left.name.cmp(&right.name));
        fields.into_boxed_slice()
    }

    /// Makes a field that stands in the source; written null is as good as not written.
    fn field(&self, name: Arc<str>, written: Written<'_>) -> Field {
        let schema = self.schema.property(&name).unwrap_or(&self.free);
        let shown = !written.is_null() || says_something(schema);
        let value = value(Some(written), schema, &self.free);
        Field { name, value, show: if shown { Show::Yes } else { Show::No } }
    }

    fn get(&self, name: &str) -> Option<Value> {
        let fields = self.fields();
        if fields.len() > SCANNED {
            let place = fields.binary_search_by(|field| (*field.name).cmp(name)).ok()?;
            return Some(fields[place].value.clone());
        }
        fields.iter().find(|field| *field.name == *name).map(|field| field.value.clone())
    }
}

impl Written<'_> {
    fn is_null(self) -> bool {
        match self {
            Self::Node(node) => node.is_null(),
            Self::Json(data) => data.is_null(),
        }
    }
}

/// Returns whether a field that was not written still has a value to show: its default.
fn says_something(schema: &Schema) -> bool {
    match &schema.default {
        None | Some(Json::Null) => false,
        Some(Json::Array(items)) => !items.is_empty(),
        Some(Json::Object(entries)) => !entries.is_empty(),
        Some(Json::Bool(_) | Json::Number(_) | Json::String(_)) => true,
    }
}

impl fmt::Debug for Record {
    /// Names the type alone: what specs hold is nobody's business in a message.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("map")
    }
}

impl Object for Record {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_rev_key_value_enumerator(|this| {
            let shown = this.fields().iter().filter(|field| field.show == Show::Yes);
            Box::new(shown.map(|field| (Value::from(&*field.name), field.value.clone())))
        })
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.fields().iter().filter(|field| field.show == Show::Yes).count())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        match self.source {
            Source::Nothing => false,
            Source::Node(_) | Source::Json(_) => {
                !self.schema.properties.is_empty() || self.enumerator_len() != Some(0)
            }
        }
    }
}
