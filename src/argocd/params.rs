//! Parameters: what a generator gives to the template, one set for each Application.
//!
//! What a cluster Secret gives is looked up on the Secret: a thousand clusters with a hundred labels each would
//! otherwise be copied for every ApplicationSet.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use super::ClusterSecret;
use super::flat;
use super::go::print;
use super::go::value::{Map, Texts, Value};
use super::selector::Selector;

/// One set of parameters.
#[derive(Clone, Debug)]
pub enum Params<'w> {
    /// Those of a cluster Secret.
    Secret(SecretParams<'w>),
    /// Any others: with `goTemplate` as templates see them, without it by their flat names.
    Map(Map),
    /// Those of two generators, by their flat names; the first hide the second.
    Layers(Rc<Params<'w>>, Rc<Params<'w>>),
}

/// The parameters of a cluster Secret, the same for both languages.
#[derive(Clone, Debug)]
pub struct SecretParams<'w> {
    secret: &'w ClusterSecret<'w>,
    values: Arc<Texts>,
    /// Made once: what a template changes in it, the next one sees, as in Argo CD.
    data: OnceCell<Map>,
}

impl<'w> SecretParams<'w> {
    /// Takes a Secret.
    pub fn new(secret: &'w ClusterSecret<'w>) -> Self {
        Self { secret, values: Arc::default(), data: OnceCell::new() }
    }

    /// Adds the `values` of the generator, filled in.
    pub fn with_values(self, values: Arc<Texts>) -> Self {
        if let Some(data) = self.data.get().filter(|_| !values.is_empty()) {
            data.set("values", Value::Texts(values.clone()));
        }
        Self { values, ..self }
    }

    /// Returns the parameter of a flat name; `None` where there is none.
    pub fn text(&self, tag: &str) -> Option<&str> {
        match tag.strip_prefix("values.") {
            Some(key) => self.values.get(key).map(|value| &**value),
            None => self.secret.tag(tag),
        }
    }

    fn data(&self) -> &Map {
        self.data.get_or_init(|| {
            let data = self.secret.data();
            if !self.values.is_empty() {
                data.set("values", Value::Texts(self.values.clone()));
            }
            data
        })
    }

    /// Returns the parameters by their flat names.
    fn flat(&self) -> Map {
        let flat = self.secret.flat();
        for (key, value) in self.values.iter() {
            flat.set(format!("values.{key}"), Value::Text(value.clone()));
        }
        flat
    }
}

impl<'w> Params<'w> {
    /// Returns the text under a flat name, as templates without `goTemplate` look it up; `None` where there is none,
    /// or it is no text.
    pub fn text(&self, tag: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Secret(secret) => secret.text(tag).map(Cow::Borrowed),
            Self::Map(map) => match map.get(tag)? {
                Value::Text(text) => Some(Cow::Owned(text.to_string())),
                _ => None,
            },
            Self::Layers(over, _) if over.has(tag) => over.text(tag),
            Self::Layers(_, under) => under.text(tag),
        }
    }

    /// Returns what a Go template sees; every call refers to the same map.
    pub fn data(&self) -> Value {
        Value::Map(match self {
            Self::Secret(secret) => secret.data().clone(),
            Self::Map(map) => map.clone(),
            Self::Layers(..) => self.flat(),
        })
    }

    /// Returns whether there is no parameter at all; Argo CD then leaves the template as it is.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Secret(_) => false,
            Self::Map(map) => map.0.borrow().is_empty(),
            Self::Layers(over, under) => over.is_empty() && under.is_empty(),
        }
    }

    /// Returns whether a selector beside the generator lets the set through.
    pub(super) fn selected_by(&self, selector: &Selector) -> bool {
        match self {
            Self::Secret(secret) => selector.selects(|key| secret.text(key)),
            Self::Map(_) | Self::Layers(..) => {
                let flat = flat::leaves_and_texts(&self.flat());
                selector.selects(|key| flat.get(key).map(printed))
            }
        }
    }

    /// Returns the value under a name at the top, with `goTemplate` or without it; nil where there is none.
    pub(super) fn value(&self, name: &str, is_go: bool) -> Value {
        match self {
            Self::Secret(secret) if is_go => secret.data().get(name).unwrap_or_default(),
            Self::Secret(secret) => secret.text(name).map_or(Value::Nil, Value::text),
            Self::Map(map) => map.get(name).unwrap_or_default(),
            Self::Layers(over, _) if over.has(name) => over.value(name, is_go),
            Self::Layers(_, under) => under.value(name, is_go),
        }
    }

    /// Returns the parameters as the language has them: as templates see them, or by their flat names.
    pub(super) fn map(&self, is_go: bool) -> Map {
        match self {
            Self::Secret(secret) if is_go => secret.data().clone(),
            Self::Secret(_) | Self::Map(_) | Self::Layers(..) => self.flat(),
        }
    }

    /// Returns the parameters by their flat names; what was made of a map is that map.
    fn flat(&self) -> Map {
        match self {
            Self::Secret(secret) => secret.flat(),
            Self::Map(map) => map.clone(),
            Self::Layers(over, under) => {
                let both = under.flat().entries().into_iter().chain(over.flat().entries());
                Map::new(both)
            }
        }
    }

    /// Returns the parameters with every value as text, as the plain matrix generator makes them.
    pub(super) fn into_texts(self) -> Self {
        match self {
            Self::Map(map) if map.0.borrow().values().any(|value| !matches!(value, Value::Text(_))) => {
                let entries = map.entries().into_iter();
                Self::Map(Map::new(entries.map(|(key, value)| (key, Value::text(printed(&value))))))
            }
            other => other,
        }
    }

    /// Returns how many parameters there are at most, by their flat names.
    pub(super) fn most(&self) -> usize {
        match self {
            Self::Secret(secret) => secret.secret.most() + secret.values.len(),
            Self::Map(map) => map.0.borrow().len(),
            Self::Layers(over, under) => over.most() + under.most(),
        }
    }

    fn has(&self, tag: &str) -> bool {
        match self {
            Self::Secret(secret) => secret.text(tag).is_some(),
            Self::Map(map) => map.0.borrow().contains_key(tag),
            Self::Layers(over, under) => over.has(tag) || under.has(tag),
        }
    }
}

/// Prints a value as `%v` does.
pub(super) fn printed(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => print::sprint(std::slice::from_ref(other)).unwrap_or_default(),
    }
}
