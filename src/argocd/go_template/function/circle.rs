//! Maps that hold themselves: Go can make them, and then runs out of stack where it prints, copies or compares one.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Value};

/// Refuses a value in which a map holds itself, however deep.
///
/// # Errors
/// Names the function that has made it so.
pub(super) fn refuse_circle(name: &str, value: &Value) -> Result<(), Fault> {
    if Walk::default().finds_circle(value) {
        return Err(Fault::refused(format!("`{name}` of a map within itself is not supported")));
    }
    Ok(())
}

/// The maps that a walk has come through, by where they lie.
#[derive(Default)]
struct Walk {
    entered: BTreeSet<*const ()>,
    left: BTreeSet<*const ()>,
}

impl Walk {
    fn finds_circle(&mut self, value: &Value) -> bool {
        match value {
            Value::List(list) => list.items.iter().any(|item| self.finds_circle(item)),
            Value::Map(map) => self.is_circle(map),
            _ => false,
        }
    }

    fn is_circle(&mut self, map: &Map) -> bool {
        let place = Rc::as_ptr(&map.0).cast();
        if self.left.contains(&place) {
            return false;
        }
        if !self.entered.insert(place) {
            return true;
        }
        let found = map.0.borrow().values().any(|value| self.finds_circle(value));
        self.left.insert(place);
        found
    }
}
