//! A schema as the API server has it, compiled: what one place of an object may hold.
//!
//! Structural schemas of `apiextensions.k8s.io/v1` (Kubernetes 1.36), without descriptions, formats and CEL rules. An object
//! has the fields that its schema names and no others, unless it says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use crate::argocd::go::regexp::Regexp;
use crate::spec::schema::Type;

/// Schemas within each other; what lies deeper may hold anything.
const DEEPEST: usize = 100;

/// Texts that a pattern is known to match.
const REMEMBERED: usize = 1_000;

/// What one place of an object may hold.
#[derive(Debug, Default)]
pub struct Schema {
    /// The type; `None` where any is allowed.
    pub kind: Option<Type>,
    /// Whether `null` is a value here; elsewhere it is as if the field were not there.
    pub is_nullable: bool,
    /// Whether fields that are not named are kept.
    pub is_open: bool,
    /// Whether a whole number and a text are allowed alike.
    pub int_or_string: bool,
    /// Whether a whole object of some kind stands here.
    pub is_embedded: bool,
    /// Whether a value is filled in where there is none.
    pub has_default: bool,
    /// The fields that are named.
    pub properties: BTreeMap<Arc<str>, Arc<Schema>>,
    /// What every other field holds, where there may be others.
    pub additional: Option<Arc<Schema>>,
    /// What items hold.
    pub items: Option<Arc<Schema>>,
    /// Fields that must be there.
    pub required: Vec<Arc<str>>,
    /// The values allowed; empty where any is.
    pub words: Vec<Value>,
    /// What a text must match.
    pub pattern: Option<Pattern>,
    /// Bounds of a number.
    pub minimum: Option<Bound>,
    /// Bounds of a number.
    pub maximum: Option<Bound>,
    /// Bounds of a text's characters.
    pub length: Extent,
    /// Bounds of a list's items.
    pub count: Extent,
    /// Bounds of a map's fields.
    pub fields: Extent,
    /// What tells the items of a list apart.
    pub keys: Keys,
    /// What must all hold, too.
    pub all_of: Vec<Arc<Schema>>,
    /// Of which one must hold.
    pub any_of: Vec<Arc<Schema>>,
    /// Of which exactly one must hold.
    pub one_of: Vec<Arc<Schema>>,
    /// What must not hold.
    pub not: Option<Arc<Schema>>,
}

/// A bound of a number.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// The bound.
    pub value: f64,
    /// Whether the bound itself is out of bounds.
    pub is_exclusive: bool,
}

/// How many there must be at least and may be at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// At least so many.
    pub least: Option<usize>,
    /// At most so many.
    pub most: Option<usize>,
}

/// What tells the items of a list apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// Nothing: items may be equal.
    #[default]
    None,
    /// The items themselves.
    Whole,
    /// These fields together.
    Fields(Vec<Arc<str>>),
}

/// A pattern, and texts that it is known to match: those of a thousand clusters are mostly the same.
#[derive(Debug)]
pub struct Pattern {
    /// As it is written.
    pub text: Arc<str>,
    /// `None` for one that cannot be read, which matches anything.
    compiled: Option<Regexp>,
    matching: RwLock<BTreeSet<Box<str>>>,
}

impl Schema {
    /// Compiles a schema; `part` returns what `$ref` names.
    ///
    /// What is not understood allows anything: schemas are the API server's to refuse.
    pub fn compile(raw: &Value, part: &dyn Fn(&str) -> Option<Arc<Schema>>) -> Arc<Self> {
        Reader { part }.inner(raw, 0)
    }
}

struct Reader<'r> {
    part: &'r dyn Fn(&str) -> Option<Arc<Schema>>,
}

impl Reader<'_> {
    fn schema(&self, raw: &Value, depth: usize) -> Schema {
        if depth > DEEPEST {
            return Schema { is_open: true, ..Schema::default() };
        }
        let inner = |field: &str| {
            raw.get(field).filter(|inner| inner.is_object()).map(|inner| self.inner(inner, depth))
        };
        let list = |field: &str| array(raw, field).map(|inner| self.inner(inner, depth)).collect();
        let is = |field: &str| raw.get(field) == Some(&Value::Bool(true));
        let properties = raw.get("properties").and_then(Value::as_object).into_iter().flatten();
        Schema {
            // `nullable` says where null may stand; it is no type of a CRD.
            kind: raw
                .get("type")
                .and_then(Value::as_str)
                .and_then(Type::named)
                .filter(|kind| *kind != Type::Null),
            is_nullable: is("nullable"),
            is_open: is("x-kubernetes-preserve-unknown-fields") || is("additionalProperties"),
            int_or_string: is("x-kubernetes-int-or-string"),
            is_embedded: is("x-kubernetes-embedded-resource"),
            has_default: raw.get("default").is_some(),
            properties: properties
                .map(|(name, raw)| (name.as_str().into(), self.inner(raw, depth)))
                .collect(),
            additional: inner("additionalProperties"),
            items: inner("items"),
            required: array(raw, "required").filter_map(Value::as_str).map(Arc::from).collect(),
            words: array(raw, "enum").cloned().collect(),
            pattern: raw.get("pattern").and_then(Value::as_str).map(Pattern::new),
            minimum: bound(raw, "minimum", is("exclusiveMinimum")),
            maximum: bound(raw, "maximum", is("exclusiveMaximum")),
            length: extent(raw, "minLength", "maxLength"),
            count: extent(raw, "minItems", "maxItems"),
            fields: extent(raw, "minProperties", "maxProperties"),
            keys: keys(raw),
            all_of: list("allOf"),
            any_of: list("anyOf"),
            one_of: list("oneOf"),
            not: inner("not"),
        }
    }

    fn inner(&self, raw: &Value, depth: usize) -> Arc<Schema> {
        let named = raw.get("$ref").and_then(Value::as_str).and_then(self.part);
        named.unwrap_or_else(|| Arc::new(self.schema(raw, depth + 1)))
    }
}

fn array<'v>(raw: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    raw.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn bound(raw: &Value, field: &str, is_exclusive: bool) -> Option<Bound> {
    raw.get(field).and_then(Value::as_f64).map(|value| Bound { value, is_exclusive })
}

fn extent(raw: &Value, least: &str, most: &str) -> Extent {
    let number =
        |field: &str| raw.get(field).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    Extent { least: number(least), most: number(most) }
}

fn keys(raw: &Value) -> Keys {
    match raw.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("set") => Keys::Whole,
        Some("map") => {
            let fields = array(raw, "x-kubernetes-list-map-keys").filter_map(Value::as_str);
            Keys::Fields(fields.map(Arc::from).collect())
        }
        _ => Keys::None,
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        Self { text: text.into(), compiled: Regexp::compile(text).ok(), matching: RwLock::default() }
    }

    /// Returns whether a text matches; a text too long to be judged does.
    pub fn matches(&self, text: &str) -> bool {
        let Some(compiled) = &self.compiled else { return true };
        if self.matching.read().unwrap_or_else(PoisonError::into_inner).contains(text) {
            return true;
        }
        let found = compiled.find(text).map_or(true, |found| found.is_some());
        if found {
            let mut matching = self.matching.write().unwrap_or_else(PoisonError::into_inner);
            if matching.len() < REMEMBERED {
                matching.insert(text.into());
            }
        }
        found
    }
}
