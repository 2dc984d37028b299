//! Schemas that a fleet imported: `schemas/<group>/<kind>.json`, one file for each kind, one line for each version.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::compact;
use crate::spec::schema::is_dns_name;

/// The folder of a fleet in which imported schemas lie.
pub const FOLDER: &str = "schemas";

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
    Ok(Some((format!("{FOLDER}/{group}/{}.json", kind.to_ascii_lowercase()), text)))
}

/// Reads a file that [`file_of`] made.
///
/// # Errors
/// Says what is not as it makes it.
pub fn read_file(path: &str, bytes: &[u8]) -> Result<Vec<Imported>, String> {
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
}
