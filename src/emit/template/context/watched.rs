//! The same variables, but whatever is asked of them in vain is remembered, so that a message can name the field
//! that was meant. For renderings that have already failed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

/// What was asked for in vain last, and what there is instead.
#[derive(Clone, Default)]
pub(in super::super) struct Misses {
    last: Arc<Mutex<Option<Miss>>>,
}

struct Miss {
    name: String,
    instead: Vec<Arc<str>>,
}

impl Misses {
    /// Returns the names that stood where `name` was asked for, if that was the last thing asked for in vain.
    pub(in super::super) fn instead_of(&self, name: &str) -> Vec<Arc<str>> {
        match &*self.last.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(miss) if miss.name == name => miss.instead.clone(),
            _ => Vec::new(),
        }
    }
}

struct Watched {
    value: Value,
    misses: Misses,
}

/// Wraps a value, and everything that is read from it.
pub(in super::super) fn watched(value: Value, misses: &Misses) -> Value {
    match value.as_object().map(|object| object.repr()) {
        Some(ObjectRepr::Map | ObjectRepr::Seq) => {
            Value::from_object(Watched { value, misses: misses.clone() })
        }
        _ => value,
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, formatter)
    }
}

impl Object for Watched {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        self.value.as_object().map_or(ObjectRepr::Map, |object| object.repr())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(found) = self.value.as_object().and_then(|object| object.get_value(key)) {
            return Some(watched(found, &self.misses));
        }
        if let Some(name) = key.as_str() {
            let miss = Miss { name: name.to_owned(), instead: super::fields(&self.value) };
            *self.misses.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(miss);
        }
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.repr() {
            ObjectRepr::Seq => Enumerator::Seq(self.value.len().unwrap_or(0)),
            _ => Enumerator::Values(self.value.try_iter().into_iter().flatten().collect()),
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.value.is_true()
    }
}
