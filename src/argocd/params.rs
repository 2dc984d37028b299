//! Parameters: what a generator gives to the template, one set for each Application.
//!
//! What a cluster Secret gives is looked up on the Secret: a thousand clusters with a hundred labels each would
//! otherwise be copied for every ApplicationSet.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use super::ClusterSecret;
use super::flat;
use super::go::value::{Map, Texts, Value};
use super::selector::Selector;

/// One set of parameters.
#[derive(Clone, Debug)]
pub enum Params<'w> {
    /// Those of a cluster Secret.
    Secret(SecretParams<'w>),
    /// Any others: with `goTemplate` as templates see them, without it by their flat names.
    Map(Map),
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

impl Params<'_> {
    /// Returns the text under a flat name, as templates without `goTemplate` look it up; `None` where there is none,
    /// or it is no text.
    pub fn text(&self, tag: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Secret(secret) => secret.text(tag).map(Cow::Borrowed),
            Self::Map(map) => match map.get(tag)? {
                Value::Text(text) => Some(Cow::Owned(text.to_string())),
                _ => None,
            },
        }
    }

    /// Returns what a Go template sees; every call refers to the same map.
    pub fn data(&self) -> Value {
        Value::Map(match self {
            Self::Secret(secret) => secret.data().clone(),
            Self::Map(map) => map.clone(),
        })
    }

    /// Returns whether there is no parameter at all; Argo CD then leaves the template as it is.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Secret(_) => false,
            Self::Map(map) => map.0.borrow().is_empty(),
        }
    }

    /// Returns whether a selector beside the generator lets the set through.
    pub(super) fn selected_by(&self, selector: &Selector) -> bool {
        match self {
            Self::Secret(secret) => selector.selects(|key| secret.text(key)),
            Self::Map(map) => {
                let flat = flat::leaves_and_texts(map);
                selector.selects(|key| flat.get(key).map(printed))
            }
        }
    }

    /// Returns a map that a matrix or merge may change: with `goTemplate` what templates see, without it flat names.
    pub(super) fn into_map(self, is_go: bool) -> Map {
        match self {
            Self::Secret(secret) if is_go => secret.data().clone(),
            Self::Secret(secret) => secret.flat(),
            Self::Map(map) => map,
        }
    }
}

/// Prints a value as `%v` does.
fn printed(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Bool(on) => on.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Nil => "<nil>".to_owned(),
        other => format!("{other:?}"),
    }
}
