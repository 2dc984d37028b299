//! Nodes that nobody wrote: computed fields, at the location of what they were computed from.

use std::sync::Arc;

use super::node::{Entry, Kind, Node, Scalar, Style};
use crate::location::Location;

impl Node {
    /// Makes a text.
    pub fn from_text(location: Location, text: &str) -> Self {
        Self::scalar_at(location, text, Scalar::String)
    }

    /// Makes a whole number.
    pub fn from_integer(location: Location, number: i64) -> Self {
        Self::scalar_at(location, &number.to_string(), Scalar::Integer(number))
    }

    /// Makes a boolean.
    pub fn from_bool(location: Location, value: bool) -> Self {
        Self::scalar_at(location, if value { "true" } else { "false" }, Scalar::Bool(value))
    }

    /// Makes a null.
    pub fn null(location: Location) -> Self {
        Self::scalar_at(location, "null", Scalar::Null)
    }

    /// Makes a list.
    pub fn from_items(location: Location, items: impl IntoIterator<Item = Self>) -> Self {
        Self { location, kind: Kind::List { items: items.into_iter().collect(), flow: false } }
    }

    /// Makes a map.
    pub fn from_entries<'a>(location: Location, entries: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        let entry = |(key, value): (&str, Self)| Entry { key: Arc::from(key), key_location: location, value };
        Self { location, kind: Kind::Map { entries: entries.into_iter().map(entry).collect(), flow: false } }
    }

    /// Returns the map with `fields` put in the place of what it has under those keys, or behind it.
    pub fn with<'a>(&self, fields: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        let mut entries: Vec<Entry> = self.entries().unwrap_or_default().to_vec();
        for (key, value) in fields {
            match entries.iter_mut().find(|entry| &*entry.key == key) {
                Some(entry) => entry.value = value,
                None => entries.push(Entry { key: Arc::from(key), key_location: value.location, value }),
            }
        }
        Self { location: self.location, kind: Kind::Map { entries: entries.into(), flow: false } }
    }

    fn scalar_at(location: Location, text: &str, value: Scalar) -> Self {
        Self { location, kind: Kind::Scalar { text: Arc::from(text), style: Style::Plain, value } }
    }
}
