//! A map with fields put over it.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

/// A map whose own fields hide those of another.
pub(super) struct Overlay {
    base: Value,
    /// Sorted by name.
    fields: Box<[(Arc<str>, Value)]>,
}

impl Overlay {
    pub(super) fn new<'a>(base: Value, fields: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (Arc::from(name), value)).collect();
        fields.sort_by(|left: &(Arc<str>, Value), right| left.0.cmp(&right.0));
        Self { base, fields: fields.into_boxed_slice() }
    }

    /// Returns the names of all fields.
    pub(super) fn names(&self) -> impl Iterator<Item = Arc<str>> {
        self.fields.iter().map(|(name, _)| name.clone()).chain(super::fields(&self.base))
    }

    fn own(&self, name: &str) -> Option<Value> {
        let place = self.fields.binary_search_by(|(own, _)| (**own).cmp(name)).ok()?;
        Some(self.fields[place].1.clone())
    }

    /// Returns the entries to show, sorted by key.
    fn entries(&self) -> Vec<(Value, Value)> {
        let base = self.base.as_object().and_then(|object| object.try_iter_pairs()).into_iter().flatten();
        let hidden = |key: &Value| key.as_str().is_some_and(|name| self.own(name).is_some());
        let mut entries: Vec<_> = base.filter(|(key, _)| !hidden(key)).collect();
        let own = self.fields.iter().filter(|(_, value)| !value.is_none());
        entries.extend(own.map(|(name, value)| (Value::from(&**name), value.clone())));
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        entries
    }
}

impl fmt::Debug for Overlay {
    /// Names the type alone: what specs hold is nobody's business in a message.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("map")
    }
}

impl Object for Overlay {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.own(key).or_else(|| self.base.as_object().and_then(|base| base.get_value_by_str(key)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::RevKeyValueIter(Box::new(self.entries().into_iter()))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.base.is_true()
    }
}
