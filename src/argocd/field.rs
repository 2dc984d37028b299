//! Fields of objects by their path. A JSON pointer would be read anew for each of fifty thousand Applications.

use serde_json::Value;

/// Returns what stands at a path of keys; null where there is nothing.
pub fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter().try_fold(value, |value, key| value.get(*key)).unwrap_or(&Value::Null)
}

/// Returns the text at a path of keys; empty where there is none.
pub fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    at(value, path).as_str().unwrap_or_default()
}
