//! Files of objects: which of their documents differ, read only where they do.

use serde_json::Value;

use super::pair::Pair;
use super::side::Which;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::FileId;
use crate::spec::yaml::{Options, parse};

/// Returns the objects of a file that are not the same text on both sides; those of a `List` by themselves.
///
/// # Errors
/// Reports text that is no YAML.
pub fn differing(path: &str, file: Pair<Option<&[u8]>>) -> Result<Pair<Vec<Value>>, Report> {
    let [base, head] = [file.base, file.head].map(|bytes| documents(bytes.unwrap_or_default()));
    let is_new = |document: &&&[u8], others: &[&[u8]]| !others.contains(*document);
    let read = |which: Which, own: &[&[u8]], others: &[&[u8]]| {
        let mut objects = Vec::new();
        for document in own.iter().filter(|document| is_new(document, others)) {
            objects.extend(objects_in(path, which, document)?);
        }
        Ok::<_, Report>(objects)
    };
    Ok(Pair::new(read(Which::Base, &base, &head)?, read(Which::Head, &head, &base)?))
}

/// Returns every object of a file.
///
/// # Errors
/// Reports text that is no YAML.
pub fn objects_in(path: &str, which: Which, bytes: &[u8]) -> Result<Vec<Value>, Report> {
    let documents = parse(FileId(0), bytes, Options::FOREIGN).map_err(|report| {
        let why = report.diagnostics.first().map_or("it is no YAML", |first| &first.message);
        let message = format!("`{path}` of the {} cannot be read: {why}", which.word());
        Diagnostic::error_nowhere("diff-unreadable", message)
    })?;
    let mut objects = Vec::new();
    for document in documents {
        add_objects(document.root.to_json(), &mut objects);
    }
    Ok(objects)
}

/// Adds an object, or those of a list of objects.
fn add_objects(object: Value, objects: &mut Vec<Value>) {
    match object {
        Value::Object(mut map) if map.get("kind").and_then(Value::as_str) == Some("List") => {
            if let Some(Value::Array(items)) = map.remove("items") {
                items.into_iter().for_each(|item| add_objects(item, objects));
            }
        }
        Value::Null => {}
        object => objects.push(object),
    }
}

/// Returns the documents of a file as text, without the comment that it begins with. A file that says more between
/// documents than `---` is one.
fn documents(bytes: &[u8]) -> Vec<&[u8]> {
    let bytes = behind_header(bytes);
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line {
            b"---\n" => {
                documents.push(&bytes[start..at]);
                start = at + line.len();
            }
            [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..] | [b'%', ..] => return vec![bytes],
            _ => {}
        }
        at += line.len();
    }
    documents.push(&bytes[start..]);
    documents.retain(|document| !document.is_empty());
    documents
}

fn behind_header(bytes: &[u8]) -> &[u8] {
    match bytes.first() {
        Some(b'#') => bytes.iter().position(|byte| *byte == b'\n').map_or(&[], |end| &bytes[end + 1..]),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_documents_that_differ_are_read() -> Result<(), Report> {
        let base = "# a\nkind: A\n---\nkind: B\n---\nkind: C\ntext: |\n  ---\n";
        let head = "# b\nkind: B\n---\nkind: A\nx: 1\n---\nkind: C\ntext: |\n  ---\n";
        let found = differing("x", Pair::new(Some(base.as_bytes()), Some(head.as_bytes())))?;
        assert_eq!(found, Pair::new(vec![json!({"kind": "A"})], vec![json!({"kind": "A", "x": 1})]));
        let moved = differing("x", Pair::new(Some(b"# a\nkind: A\n"), Some(b"# b\nkind: A\n")))?;
        assert_eq!(moved, Pair::default());
        let tagged = differing("x", Pair::new(Some(b"--- # x\nkind: A\n"), None))?;
        assert_eq!(tagged.base, [json!({"kind": "A"})]);
        Ok(())
    }

    #[test]
    fn items_of_a_list_are_objects() -> Result<(), Report> {
        let list = b"kind: List\nitems:\n- kind: A\n- kind: List\n  items: [{kind: B}]\n";
        assert_eq!(objects_in("x", Which::Head, list)?, [json!({"kind": "A"}), json!({"kind": "B"})]);
        assert!(objects_in("x", Which::Head, b"a: [").is_err());
        Ok(())
    }
}
