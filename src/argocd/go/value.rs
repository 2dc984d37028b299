//! A value as Go's templates see it: which type it has decides what may be done with it, and how it is printed.
//!
//! Labels, annotations and `values` of a cluster Secret are a `map[string]string`, what lists and files of a
//! repository hold is a `map[string]interface {}`; Argo CD 3.5.1 treats the two differently in a dozen places.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Number;

use super::items::Items;
use crate::argocd::Fault;

/// A value. Cloning one shares what it refers to, as assigning does in Go.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// The nil of an empty interface.
    #[default]
    Nil,
    /// `bool`
    Bool(bool),
    /// `int`: whole numbers written in a template, and what counts things.
    Int(i64),
    /// `int64`: what sprig's arithmetic gives.
    Int64(i64),
    /// `uint64`: a part of a version.
    Uint64(u64),
    /// `uint8`: a byte of a text.
    Byte(u8),
    /// `float64`: every number of a list, a file or JSON.
    Float(f64),
    /// `string`. Go's hold any bytes; where an operation would cut a character, what is left of it is U+FFFD, which
    /// is what becomes of it in JSON.
    Text(Arc<str>),
    /// A slice.
    List(List),
    /// `map[string]interface {}`; a template may change it in place.
    Map(Map),
    /// `map[string]string`; nothing a template may call changes one.
    Texts(Arc<Texts>),
    /// Anything else: a time, a version.
    Object(Rc<dyn Object>),
}

/// `map[string]string`, in the order of its keys, as Go prints and ranges over maps.
pub type Texts = BTreeMap<Arc<str>, Arc<str>>;

/// `map[string]interface {}`: a reference, as in Go. It may be Go's nil map, which has no entries, cannot be given any
/// and which JSON shows as `null`.
#[derive(Clone, Debug, Default)]
pub struct Map(pub Rc<RefCell<BTreeMap<Arc<str>, Value>>>, bool);

/// A slice.
#[derive(Clone, Debug)]
pub struct List {
    /// What its type says of its items.
    pub element: Element,
    /// The items; each is of the type that `element` says.
    pub items: Items,
    /// Whether it is Go's nil slice, which JSON shows as `null`; it has no items then.
    pub is_nil: bool,
}

/// What the type of a slice says of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// `[]interface {}`
    Any,
    /// `[]string`
    Text,
    /// `[]int`
    Int,
    /// `[][]interface {}`
    List,
    /// `[]map[string]interface {}`
    Map,
}

/// A value with methods.
pub trait Object: fmt::Debug {
    /// Returns Go's name of its type: `*semver.Version`.
    fn type_name(&self) -> &'static str;

    /// Returns Go's name of its kind: `ptr`, `struct`.
    fn kind(&self) -> &'static str;

    /// Returns what `%v` prints.
    fn print(&self) -> String;

    /// Returns the field or what the method returns; `None` where it has no such.
    ///
    /// # Errors
    /// Says what Go says where arguments or values do not fit.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Fault>>;

    /// Returns the value whose JSON `encoding/json` writes for it.
    ///
    /// # Errors
    /// Says what Go says where it has no JSON.
    fn json(&self) -> Result<Value, Fault>;

    /// Returns itself, so that a function can ask which object it was given.
    fn as_any(&self) -> &dyn std::any::Any;
}

impl Value {
    /// Returns Go's name of its type, as `%T` prints it; `<nil>` for nil.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Uint64(_) => "uint64",
            Self::Byte(_) => "uint8",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::List(list) => match list.element {
                Element::Any => "[]interface {}",
                Element::Text => "[]string",
                Element::Int => "[]int",
                Element::List => "[][]interface {}",
                Element::Map => "[]map[string]interface {}",
            },
            Self::Map(_) => "map[string]interface {}",
            Self::Texts(_) => "map[string]string",
            Self::Object(object) => object.type_name(),
        }
    }

    /// Returns Go's name of its kind: `map`, `slice`, `string`; `invalid` for nil.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "invalid",
            Self::List(_) => "slice",
            Self::Map(_) | Self::Texts(_) => "map",
            Self::Object(object) => object.kind(),
            Self::Bool(_)
            | Self::Int(_)
            | Self::Int64(_)
            | Self::Uint64(_)
            | Self::Byte(_)
            | Self::Float(_)
            | Self::Text(_) => self.type_name(),
        }
    }

    /// Makes a text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Makes a slice of `interface {}`.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(List::new(Element::Any, items))
    }

    /// Makes a slice of texts.
    pub fn texts<T: Into<Arc<str>>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(List::new(Element::Text, items.into_iter().map(Self::text)))
    }

    /// Makes a map.
    pub fn map(entries: impl IntoIterator<Item = (Arc<str>, Self)>) -> Self {
        Self::Map(Map::new(entries))
    }

    /// Returns what Go's `encoding/json` makes of JSON in an `interface {}`: every number is a `float64`.
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Nil,
            serde_json::Value::Bool(on) => Self::Bool(*on),
            serde_json::Value::Number(number) => Self::Float(as_float(number)),
            serde_json::Value::String(text) => Self::text(text.as_str()),
            serde_json::Value::Array(items) => Self::list(items.iter().map(Self::from_json)),
            serde_json::Value::Object(map) => {
                Self::map(map.iter().map(|(key, value)| (key.as_str().into(), Self::from_json(value))))
            }
        }
    }
}

fn as_float(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

impl List {
    /// Makes a slice.
    pub fn new(element: Element, items: impl IntoIterator<Item = Value>) -> Self {
        Self { element, items: items.into_iter().collect(), is_nil: false }
    }
}

impl Map {
    /// Makes a map; of equal keys the last holds.
    pub fn new(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Self {
        Self(Rc::new(RefCell::new(entries.into_iter().collect())), false)
    }

    /// Makes Go's nil map.
    pub fn nil() -> Self {
        Self(Rc::default(), true)
    }

    /// Tells whether it is Go's nil map; setting a key of one is what Go panics at.
    pub fn is_nil(&self) -> bool {
        self.1
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.0.borrow().get(key).cloned()
    }

    /// Sets a key, for everyone who refers to the map.
    pub fn set(&self, key: impl Into<Arc<str>>, value: Value) {
        self.0.borrow_mut().insert(key.into(), value);
    }

    /// Returns the entries as they are now, in the order of the keys.
    pub fn entries(&self) -> Vec<(Arc<str>, Value)> {
        self.0.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_becomes_what_go_makes_of_it() {
        let value = Value::from_json(&json!({"a": [1, "x", null, true], "b": {}}));
        let Value::Map(map) = &value else { panic!("{value:?}") };
        let types: Vec<_> =
            map.entries().iter().map(|(key, value)| (key.to_string(), value.type_name())).collect();
        assert_eq!(types, [("a".to_owned(), "[]interface {}"), ("b".to_owned(), "map[string]interface {}")]);
        let Some(Value::List(list)) = map.get("a") else { panic!("{value:?}") };
        let types: Vec<_> = list.items.iter().map(Value::type_name).collect();
        assert_eq!(types, ["float64", "string", "<nil>", "bool"]);
    }

    #[test]
    fn a_map_is_changed_for_everyone_who_refers_to_it() {
        let one = Map::default();
        let other = one.clone();
        one.set("a", Value::Int(1));
        assert!(matches!(other.get("a"), Some(Value::Int(1))));
    }
}
