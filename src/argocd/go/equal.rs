//! `reflect.DeepEqual`.

use std::rc::Rc;

use super::value::{List, Map, Value};

/// Tells whether two values are of one type and alike all the way down.
pub fn is_deeply_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Int(one), Value::Int(other)) | (Value::Int64(one), Value::Int64(other)) => one == other,
        (Value::Uint64(one), Value::Uint64(other)) => one == other,
        (Value::Byte(one), Value::Byte(other)) => one == other,
        (Value::Float(one), Value::Float(other)) => one == other,
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::List(one), Value::List(other)) => lists(one, other),
        (Value::Map(one), Value::Map(other)) => maps(one, other),
        (Value::Texts(one), Value::Texts(other)) => one == other,
        (Value::Object(one), Value::Object(other)) => {
            Rc::ptr_eq(one, other) || format!("{one:?}") == format!("{other:?}")
        }
        _ => false,
    }
}

fn lists(one: &List, other: &List) -> bool {
    if one.element != other.element || one.is_nil != other.is_nil || one.items.len() != other.items.len() {
        return false;
    }
    // What lies in the same place is equal, even where it is not equal to itself.
    one.items.are(&other.items)
        || one.items.iter().zip(other.items.iter()).all(|(one, other)| is_deeply_equal(one, other))
}

fn maps(one: &Map, other: &Map) -> bool {
    if one.is_nil() != other.is_nil() {
        return false;
    }
    if Rc::ptr_eq(&one.0, &other.0) {
        return true;
    }
    let (one, other) = (one.0.borrow(), other.0.borrow());
    let pairs = one.iter().zip(other.iter());
    one.len() == other.len()
        && pairs
            .into_iter()
            .all(|((key, value), (other_key, other))| key == other_key && is_deeply_equal(value, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_equal_to_itself_is_where_it_lies_in_the_same_map() {
        let one = Value::map([("a".into(), Value::Float(f64::NAN))]);
        let other = Value::map([("a".into(), Value::Float(f64::NAN))]);
        assert!(is_deeply_equal(&one, &one.clone()));
        assert!(!is_deeply_equal(&one, &other));
        assert!(!is_deeply_equal(&Value::Int(1), &Value::Int64(1)));
    }
}
