//! `spec.templatePatch`: a patch in the language of the set, laid over each Application.
//!
//! Follows `applyTemplatePatch` of Argo CD 3.5.1 (`applicationset/controllers/template/patch.go`): JSON, or YAML,
//! that fits an Application by `encoding/json`'s rules, merged strategically. The project stays what it was.

use serde_json::{Map, Value};

use super::Fault;
use super::language::Text;
use super::params::Params;
use super::schema::{APPLICATION, APPLICATION_STATUS, Names, PATCHED, Type, decode, normalized};
use super::strategic_merge::merge;
use crate::diagnostic::Report;
use crate::location::FileId;
use crate::spec::yaml::{Options, parse_first};

/// A patch of every Application of a set.
#[derive(Clone, Debug)]
pub struct TemplatePatch {
    text: Text,
}

impl TemplatePatch {
    /// Takes the text of the patch.
    pub fn new(text: Text) -> Self {
        Self { text }
    }

    /// Returns the Application with the patch laid over it, in the namespace of its set, and the paths of what the
    /// patch says to no effect.
    ///
    /// # Errors
    /// Says what Argo CD says of a text that cannot be filled, is no YAML, or fits no Application.
    pub fn apply(
        &self,
        application: Value,
        params: &Params<'_>,
        namespace: &str,
    ) -> Result<(Value, Vec<String>), Fault> {
        let text = self.text.fill(params);
        let text = text.map_err(|fault| fault.within("error replacing values in templatePatch"))?;
        let patch = read(&text)?;
        let mut dropped = check(&patch, &text)?;
        let project = application.pointer("/spec/project").cloned().unwrap_or_default();
        if patch.pointer("/spec/project").is_some_and(|other| *other != project) {
            dropped.push("spec.project".to_owned());
        }
        let merged = merged(application, patch);
        let merged = merged.map_err(|fault| {
            fault.within(&format!("error while applying templatePatch template to json {text:?}"))
        })?;
        Ok((finish(merged, project, namespace)?, dropped))
    }
}

/// Holds a patch against the type of an Application; returns the fields that are none of it.
fn check(patch: &Value, text: &str) -> Result<Vec<String>, Fault> {
    let checked = decode(Type::Struct(APPLICATION), patch, Names::AnyCase);
    let mut dropped =
        checked.map_err(|fault| fault.within(&format!("invalid templatePatch {text:?}")))?.unknown;
    dropped.retain(|path| !path.contains('$'));
    Ok(dropped)
}

/// Reads what `IsJSONStr` of Argo CD takes for JSON as JSON, and anything else as YAML.
fn read(text: &str) -> Result<Value, Fault> {
    if text.trim_start().starts_with('{') {
        let read = serde_json::from_str(text);
        return read.map_err(|why| Fault::Wrong(format!("invalid templatePatch {text:?}: {why}")));
    }
    match parse_first(FileId(0), text.as_bytes(), Options::FOREIGN) {
        Ok(document) => Ok(document.map(|document| document.root.to_json()).unwrap_or_default()),
        Err(report) => Err(unreadable(report, text)),
    }
}

/// Our limits are not Argo CD's; all else that is found is wrong there too.
fn unreadable(report: Report, text: &str) -> Fault {
    let first = report.diagnostics.into_iter().next();
    let (rule, message) = first.map(|first| (first.rule, first.message)).unwrap_or_default();
    match rule {
        "yaml-limit" | "yaml-private-use" => {
            Fault::refused(format!("a templatePatch as large or strange as this is not supported: {message}"))
        }
        _ => Fault::Wrong(format!("error while converting template to json {text:?}: yaml: {message}")),
    }
}

/// Merges a patch into an Application, which has a status, if an empty one.
fn merged(application: Value, patch: Value) -> Result<Map<String, Value>, Fault> {
    let Value::Object(mut application) = application else { return Ok(Map::new()) };
    application.shift_remove("apiVersion");
    application.shift_remove("kind");
    let Value::Object(patch) = patch else { return Ok(application) };
    if patch.contains_key("status") {
        let status = decode(Type::Struct(APPLICATION_STATUS), &Value::Null, Names::Exact)?;
        application.insert("status".into(), status.value);
    }
    merge(Type::Struct(APPLICATION), &mut application, patch)?;
    application.shift_remove("status");
    Ok(match normalized(&Value::Object(application)) {
        Value::Object(application) => application,
        _ => Map::new(),
    })
}

/// Returns what is read back of a patched Application.
fn finish(merged: Map<String, Value>, project: Value, namespace: &str) -> Result<Value, Fault> {
    let read = decode(Type::Struct(PATCHED), &Value::Object(merged), Names::AnyCase);
    let mut read = read.map_err(|fault| fault.within("error while unmarhsalling patched application"))?.value;
    read["spec"]["project"] = project;
    let mut application = Map::new();
    application.insert("apiVersion".into(), "argoproj.io/v1alpha1".into());
    application.insert("kind".into(), "Application".into());
    application.insert("metadata".into(), in_namespace(read["metadata"].take(), namespace));
    application.insert("spec".into(), read["spec"].take());
    if let Some(operation) = read.get_mut("operation") {
        application.insert("operation".into(), operation.take());
    }
    Ok(Value::Object(application))
}

/// Returns the metadata with a namespace, where Go writes it.
fn in_namespace(metadata: Value, namespace: &str) -> Value {
    let Value::Object(metadata) = metadata else { return metadata };
    let before = |key: &str| matches!(key, "name" | "generateName");
    let (first, others): (Vec<_>, Vec<_>) =
        metadata.into_iter().filter(|(key, _)| key != "namespace").partition(|(key, _)| before(key));
    let namespace = Some(("namespace".to_owned(), Value::from(namespace))).filter(|(_, text)| text != "");
    Value::Object(first.into_iter().chain(namespace).chain(others).collect())
}
