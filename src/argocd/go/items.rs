//! The items of a slice, as all who refer to the slice see them.

use std::cell::{Cell, OnceCell};
use std::ops::Deref;
use std::rc::Rc;

use super::value::Value;

/// The items of a slice. A clone refers to the same ones.
///
/// They never change but for one thing: sprig's `sortAlpha` sorts a `[]string` where it lies, and the template that
/// still holds the slice sees it sorted from then on.
#[derive(Clone, Debug)]
pub struct Items(Rc<Memory>);

#[derive(Debug)]
struct Memory {
    given: Box<[Value]>,
    sorted: OnceCell<Box<[Value]>>,
    /// Whether another slice lies partly in the same memory.
    is_overlapped: Cell<bool>,
}

impl Items {
    /// Sorts the items, texts all of them, for everyone who refers to them. Returns whether that could be done: not
    /// where it would change a part of another slice.
    pub fn sort(&self) -> bool {
        let text = |item: &Value| match item {
            Value::Text(text) => text.clone(),
            _ => "".into(),
        };
        if self.is_sorted_by_key(text) {
            return true;
        }
        if self.0.is_overlapped.get() {
            return false;
        }
        self.0.sorted.get_or_init(|| {
            let mut items = self.0.given.to_vec();
            items.sort_by_key(text);
            items.into()
        });
        true
    }

    /// Notes that another slice lies partly in the same memory.
    pub fn overlap(&self) {
        self.0.is_overlapped.set(true);
    }

    /// Tells whether both are the same items in memory.
    pub fn are(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Items {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        self.0.sorted.get().unwrap_or(&self.0.given)
    }
}

impl FromIterator<Value> for Items {
    fn from_iter<T: IntoIterator<Item = Value>>(items: T) -> Self {
        let given = items.into_iter().collect();
        Self(Rc::new(Memory { given, sorted: OnceCell::new(), is_overlapped: Cell::new(false) }))
    }
}

impl From<Vec<Value>> for Items {
    fn from(items: Vec<Value>) -> Self {
        items.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_is_seen_by_everyone_who_refers_to_the_items() {
        let one: Items = [Value::text("b"), Value::text("a")].into_iter().collect();
        let other = one.clone();
        assert!(one.sort());
        assert!(matches!(&other[0], Value::Text(text) if &**text == "a"));
    }

    #[test]
    fn what_lies_in_another_slice_is_not_sorted() {
        let items: Items = [Value::text("b"), Value::text("a")].into_iter().collect();
        items.overlap();
        assert!(!items.sort());
    }
}
