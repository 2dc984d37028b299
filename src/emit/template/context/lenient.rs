//! A map that has every name.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

/// A map in which what is not there is null.
pub(super) struct Lenient(pub(super) Value);

impl fmt::Debug for Lenient {
    /// Names the type alone: what specs hold is nobody's business in a message.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("map")
    }
}

impl Object for Lenient {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let found = self.0.as_object().and_then(|base| base.get_value_by_str(key));
        Some(found.unwrap_or_else(|| Value::from(())))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.0.as_object().map_or(Enumerator::Empty, |base| base.enumerate())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.0.is_true()
    }
}
