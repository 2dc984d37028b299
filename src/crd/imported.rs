//! Schemas that a fleet imported: `schemas/<group>/<kind>.json`, one file for each kind, one line for each version.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::compact;
use crate::spec::schema::is_dns_name;
use crate::tree::{FileTree, RepoPath};

/// The folder of a fleet in which imported schemas lie.
pub const FOLDER: &str = "schemas";

/// Bytes of one file at most; Argo CD's ApplicationSet, the largest that is known, has a third of that.
const MOST_BYTES: usize = 1 << 20;

/// Bytes of all files at most.
const MOST_BYTES_TOGETHER: usize = 8 << 20;

/// The schema of one version of a kind that a fleet imported.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its group.
    pub group: String,
    /// Its kind.
    pub kind: String,
    /// Its version.
    pub version: String,
    /// Whether its objects lie in namespaces.
    pub is_namespaced: bool,
    /// The file that it was read from.
    pub source: Arc<str>,
    /// The schema, compact.
    pub schema: Value,
}

/// Returns the file for a CustomResourceDefinition, as its path in the fleet and its text; `None` for any other object.
///
/// # Errors
/// Says what a definition lacks, or has that no path may have.
pub fn file_of(object: &Value) -> Result<Option<(String, String)>, String> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let is_definition = text("/kind") == "CustomResourceDefinition"
        && text("/apiVersion").starts_with("apiextensions.k8s.io/");
    if !is_definition {
        return Ok(None);
    }
    let (group, kind) = (text("/spec/group"), text("/spec/names/kind"));
    if !is_dns_name(group) {
        return Err("`spec.group` is no DNS name".to_owned());
    }
    if kind.is_empty() || kind.len() > 63 || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err("`spec.names.kind` is no kind".to_owned());
    }
    let mut versions = BTreeMap::new();
    for version in object.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten() {
        let schema = version.pointer("/schema/openAPIV3Schema").filter(|schema| schema.is_object());
        if let (Some(name), Some(schema), Some(true)) =
            (version["name"].as_str(), schema, version["served"].as_bool())
        {
            versions.insert(name.to_owned(), compact(schema));
        }
    }
    if versions.is_empty() {
        return Err("it serves no version with a schema".to_owned());
    }
    let written: Vec<String> = versions
        .iter()
        .map(|(name, schema)| format!("    {}: {schema}", Value::from(name.as_str())))
        .collect();
    let head = [
        ("group", json!(group)),
        ("kind", json!(kind)),
        ("namespaced", json!(text("/spec/scope") == "Namespaced")),
    ];
    let head: String = head.iter().map(|(field, value)| format!("  \"{field}\": {value},\n")).collect();
    let text = format!("{{\n{head}  \"versions\": {{\n{}\n  }}\n}}\n", written.join(",\n"));
    if text.len() > MOST_BYTES {
        return Err(format!("its schemas hold more than {} KiB", MOST_BYTES >> 10));
    }
    Ok(Some((format!("{FOLDER}/{group}/{}.json", kind.to_ascii_lowercase()), text)))
}

/// Reads the files of a fleet that [`file_of`] made; returns what cannot be read, and why, beside their schemas.
pub fn read_files(files: &FileTree) -> (Vec<Imported>, Vec<(&RepoPath, String)>) {
    let (mut imported, mut refused, mut total) = (Vec::new(), Vec::new(), 0);
    for (path, bytes) in files.beneath(FOLDER) {
        total += bytes.len();
        let read = match total <= MOST_BYTES_TOGETHER {
            true => read_file(path.as_str(), bytes),
            false => Err(format!("the schemas together hold more than {} MiB", MOST_BYTES_TOGETHER >> 20)),
        };
        match read {
            Ok(schemas) => imported.extend(schemas),
            Err(why) => refused.push((path, why)),
        }
    }
    (imported, refused)
}

fn read_file(path: &str, bytes: &[u8]) -> Result<Vec<Imported>, String> {
    if bytes.len() > MOST_BYTES {
        return Err(format!("it holds more than {} KiB", MOST_BYTES >> 10));
    }
    let document: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|_| "it is no map of JSON".to_owned())?;
    let text = |field: &str| {
        let text = document.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| format!("it has no `{field}`"))
    };
    let (group, kind) = (text("group")?, text("kind")?);
    let is_namespaced =
        document.get("namespaced").and_then(Value::as_bool).ok_or("it has no `namespaced`")?;
    let versions =
        document.get("versions").and_then(Value::as_object).filter(|versions| !versions.is_empty());
    let imported = versions.ok_or("it has no `versions`")?.iter().map(|(version, schema)| {
        let (group, kind, version) = (group.clone(), kind.clone(), version.clone());
        Imported { group, kind, version, is_namespaced, source: path.into(), schema: schema.clone() }
    });
    Ok(imported.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(group: &str) -> Value {
        let schema = json!({"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "description": "x"}}}});
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "spec": {
                "group": group,
                "scope": "Namespaced",
                "names": {"kind": "Lake"},
                "versions": [
                    {"name": "v1", "served": true, "schema": schema},
                    {"name": "v0", "served": false, "schema": schema},
                ],
            },
        })
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (path, text) = file_of(&definition("example.com")).ok().flatten().unwrap_or_default();
        assert_eq!(path, "schemas/example.com/lake.json");
        let expected = Imported {
            group: "example.com".into(),
            kind: "Lake".into(),
            version: "v1".into(),
            is_namespaced: true,
            source: path.as_str().into(),
            schema: json!({"type": "object", "properties": {"spec": {"type": "object"}}}),
        };
        assert_eq!(read_file(&path, text.as_bytes()), Ok(vec![expected]));
    }

    #[test]
    fn what_no_path_may_have_is_refused_and_other_objects_are_passed_over() {
        assert_eq!(file_of(&definition("../x")), Err("`spec.group` is no DNS name".to_owned()));
        assert_eq!(file_of(&json!({"apiVersion": "v1", "kind": "Secret"})), Ok(None));
        assert_eq!(read_file("x", b"[]"), Err("it is no map of JSON".to_owned()));
        assert_eq!(
            read_file("x", br#"{"group": "a", "kind": "b", "namespaced": true}"#),
            Err("it has no `versions`".to_owned())
        );
    }

    #[test]
    fn what_would_take_too_much_memory_is_refused() {
        let large = format!("{{\"group\": \"{}\"}}", "a".repeat(MOST_BYTES));
        assert_eq!(read_file("x", large.as_bytes()), Err("it holds more than 1024 KiB".to_owned()));
        let filled = format!("{{{}}}", " ".repeat(MOST_BYTES - 2));
        let names: Vec<String> = (0..9).map(|number| format!("schemas/a/{number}.json")).collect();
        let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), filled.as_str())).collect();
        let tree = FileTree::literal(&files);
        let (_, refused) = read_files(&tree);
        let last = refused.last().map(|(path, why)| (path.as_str(), why.as_str()));
        assert_eq!(last, Some(("schemas/a/8.json", "the schemas together hold more than 8 MiB")));
        assert_eq!(refused.iter().filter(|(_, why)| why.contains("together")).count(), 1);
    }
}
