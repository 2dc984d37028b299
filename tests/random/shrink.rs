//! Makes an input on which two answers differ as small as it can.

use std::collections::BTreeMap;

use serde_json::Value;

use super::set::Input;
use crate::parity::Failure;

/// Returns a smaller input of which `differs` still holds.
pub fn shrunk(
    input: Input,
    mut differs: impl FnMut(&Input) -> Result<bool, Failure>,
) -> Result<Input, Failure> {
    let mut smallest = input;
    let mut left = MOST_QUESTIONS;
    loop {
        let mut at = 0;
        let mut is_smaller = false;
        // What follows the cut that was made is tried next; what stands before it was tried in vain a moment ago.
        while let Some(smaller) = smaller_inputs(&smallest).into_iter().nth(at) {
            if left == 0 {
                return Ok(smallest);
            }
            left -= 1;
            if differs(&smaller)? {
                smallest = smaller;
                is_smaller = true;
            } else {
                at += 1;
            }
        }
        if !is_smaller {
            return Ok(smallest);
        }
    }
}

/// How often the oracle is asked to make one input smaller; each time takes some milliseconds.
const MOST_QUESTIONS: usize = 500;

fn smaller_inputs(input: &Input) -> Vec<Input> {
    let mut all = Vec::new();
    if !input.repositories.is_empty() {
        all.push(Input { repositories: BTreeMap::new(), ..input.clone() });
    }
    for documents in smaller(&Value::Array(input.documents.clone())) {
        if let Value::Array(documents) = documents {
            all.push(Input { documents, ..input.clone() });
        }
    }
    for (url, files) in &input.repositories {
        for (path, content) in files {
            let mut without = input.clone();
            without.repositories.entry(url.clone()).or_default().remove(path);
            all.push(without);
            let json: Option<Value> = serde_json::from_str(content).ok();
            for smaller in json.iter().flat_map(smaller) {
                let mut with = input.clone();
                with.repositories.entry(url.clone()).or_default().insert(path.clone(), smaller.to_string());
                all.push(with);
            }
        }
    }
    all
}

/// Returns values that have a part less, larger cuts first.
fn smaller(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Array(items) => {
            for at in 0..items.len() {
                let mut without = items.clone();
                without.remove(at);
                all.push(Value::Array(without));
            }
            for (at, item) in items.iter().enumerate() {
                for smaller in smaller(item) {
                    let mut with = items.clone();
                    with[at] = smaller;
                    all.push(Value::Array(with));
                }
            }
        }
        Value::Object(map) => {
            let is_kept = |key: &str| ["apiVersion", "kind", "argocd.argoproj.io/secret-type"].contains(&key);
            // A document without it is none that an API server takes.
            let is_of_document = map.contains_key("apiVersion");
            for key in map.keys().filter(|key| !(is_kept(key) || is_of_document && *key == "metadata")) {
                let mut without = map.clone();
                without.shift_remove(key);
                all.push(Value::Object(without));
            }
            for (key, item) in map.iter().filter(|(key, _)| !is_kept(key)) {
                for smaller in smaller(item) {
                    let mut with = map.clone();
                    with.insert(key.clone(), smaller);
                    all.push(Value::Object(with));
                }
            }
        }
        Value::String(text) => all.extend(shorter(text).into_iter().map(Value::String)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    all
}

fn shorter(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    let mut size = letters.len();
    while size > 0 && all.len() < 150 {
        for start in (0..letters.len()).step_by(size) {
            let kept = letters[..start].iter().chain(letters.iter().skip(start + size));
            all.push(kept.collect());
        }
        size /= 2;
    }
    // Whatever stands in brackets may be all that matters.
    for (open, close) in [('(', ')'), ('{', '}')] {
        for (at, letter) in letters.iter().enumerate() {
            if *letter != open {
                continue;
            }
            let mut depth = 0;
            let end = letters[at..].iter().position(|letter| {
                depth += i32::from(*letter == open) - i32::from(*letter == close);
                depth == 0
            });
            let Some(end) = end else { continue };
            let (before, inner, after) =
                (&letters[..at], &letters[at + 1..at + end], &letters[at + end + 1..]);
            all.push(before.iter().chain(after).collect());
            all.push(before.iter().chain(inner).chain(after).collect());
            if open == '(' {
                all.push(format!("{{{{ {} }}}}", inner.iter().collect::<String>()));
            }
        }
    }
    all.retain(|shorter| shorter.len() < text.len());
    all
}
