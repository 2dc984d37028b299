//! One object as the API server decodes and stores it, as far as Argo CD looks at it.
//!
//! Types are held to what Go's decoder asks; a message never shows a value of a Secret's data.

use serde_json::{Map, Value, json};

use super::SetDocument;
use crate::base64::{decode, encode};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::yaml::{Entry, Node};

/// An object that Argo CD looks at.
pub(super) enum Object {
    Set(Box<SetDocument>),
    /// A Secret that is a cluster.
    Secret {
        namespace: String,
        name: String,
        body: Value,
        location: Location,
    },
    Project {
        namespace: String,
        name: String,
    },
    /// The ConfigMap `argocd-cm`.
    Settings {
        namespace: String,
        in_cluster_enabled: bool,
    },
}

const SECRET_TYPE: &str = "argocd.argoproj.io/secret-type";

/// What a Secret may have; the API server drops the rest.
const SECRET: [&str; 7] = ["apiVersion", "kind", "metadata", "data", "stringData", "type", "immutable"];

/// What `metadata` may have.
const METADATA: [&str; 15] = [
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

impl Object {
    /// Reads a document; `None` where it is nothing that Argo CD looks at.
    ///
    /// # Errors
    /// Says why the API server would refuse the object.
    pub fn read(root: &Node, namespace: &str, notes: &mut Report) -> Result<Option<Self>, Report> {
        let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default();
        let is_of_argocd = text("apiVersion").split('/').next() == Some("argoproj.io");
        Ok(match text("kind") {
            "ApplicationSet" if is_of_argocd => Some(Self::Set(Box::new(set(root, namespace)))),
            "AppProject" if is_of_argocd => {
                let Head { namespace, name } = Head::read(root, "AppProject", namespace)?;
                Some(Self::Project { namespace, name })
            }
            "Secret" if text("apiVersion") == "v1" && is_cluster(root) => {
                Some(secret(root, namespace, notes)?)
            }
            "ConfigMap" if text("apiVersion") == "v1" && is_settings(root) => {
                Some(settings(root, namespace)?)
            }
            _ => None,
        })
    }
}

fn is_cluster(root: &Node) -> bool {
    let labels = root.at("/metadata/labels");
    labels.and_then(|labels| labels.get(SECRET_TYPE)).and_then(Node::as_str) == Some("cluster")
}

fn is_settings(root: &Node) -> bool {
    root.at("/metadata/name").and_then(Node::as_str) == Some("argocd-cm")
}

/// Where a document begins, on its first line alone.
pub(super) fn beginning(root: &Node) -> Location {
    let first = root.entries().and_then(<[Entry]>::first);
    first.map_or(root.location, |entry| entry.key_location)
}

/// The name and the namespace of an object.
struct Head {
    namespace: String,
    name: String,
}

impl Head {
    fn read(root: &Node, kind: &'static str, default: &str) -> Result<Self, Report> {
        let metadata = map(root.get("metadata"), kind, "metadata")?;
        let text = |key: &str| {
            let node = metadata.iter().rev().find(|entry| &*entry.key == key).map(|entry| &entry.value);
            node.map_or(Ok(""), |node| string(node, kind, &format!("metadata.{key}")))
        };
        let namespace = text("namespace")?;
        let namespace = if namespace.is_empty() { default } else { namespace };
        Ok(Self { namespace: namespace.to_owned(), name: text("name")?.to_owned() })
    }
}

/// Takes a set as it is: whether its types fit is judged where they are known.
fn set(root: &Node, default: &str) -> SetDocument {
    let mut body = root.to_json();
    let text = |body: &Value, pointer| body.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned();
    let mut namespace = text(&body, "/metadata/namespace");
    if namespace.is_empty() {
        namespace = default.to_owned();
        if let Some(Value::Object(metadata)) = body.get_mut("metadata") {
            metadata.insert("namespace".to_owned(), default.into());
        }
    }
    SetDocument { name: text(&body, "/metadata/name"), namespace, body, root: root.clone() }
}

fn secret(root: &Node, default: &str, notes: &mut Report) -> Result<Object, Report> {
    const KIND: &str = "Secret";
    let Head { namespace, name } = Head::read(root, KIND, default)?;
    let metadata = root.get("metadata");
    let labels = texts(metadata.and_then(|metadata| metadata.get("labels")), KIND, "metadata.labels")?;
    let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
    let annotations = texts(annotations, KIND, "metadata.annotations")?;
    let mut data = texts(root.get("data"), KIND, "data")?;
    for entry in map(root.get("data"), KIND, "data")? {
        let is_text =
            data.get(&*entry.key).and_then(Value::as_str).is_some_and(|text| decode(text).is_some());
        if !is_text {
            return Err(
                refusal(entry.value.location, KIND, &format!("data.{}", entry.key), "no Base64").into()
            );
        }
    }
    for (key, text) in texts(root.get("stringData"), KIND, "stringData")? {
        data.insert(key, encode(text.as_str().unwrap_or_default().as_bytes()).into());
    }
    note_dropped(root, "", &SECRET, notes);
    if let Some(metadata) = metadata {
        note_dropped(metadata, "metadata.", &METADATA, notes);
    }
    let mut stored = json!({"name": name, "namespace": namespace});
    for (field, texts) in [("labels", labels), ("annotations", annotations)] {
        if !texts.is_empty() {
            stored[field] = Value::Object(texts);
        }
    }
    let location = root.at("/metadata/name").map_or_else(|| beginning(root), |name| name.location);
    let body = json!({"apiVersion": "v1", "kind": KIND, "metadata": stored, "data": data});
    Ok(Object::Secret { namespace, name, body, location })
}

fn settings(root: &Node, default: &str) -> Result<Object, Report> {
    const KIND: &str = "ConfigMap";
    let Head { namespace, .. } = Head::read(root, KIND, default)?;
    let data = texts(root.get("data"), KIND, "data")?;
    let in_cluster_enabled = data.get("cluster.inClusterEnabled").and_then(Value::as_str) != Some("false");
    Ok(Object::Settings { namespace, in_cluster_enabled })
}

/// Returns the entries of a map; none where there is none, or null.
fn map<'n>(node: Option<&'n Node>, kind: &str, path: &str) -> Result<&'n [Entry], Report> {
    let Some(node) = node.filter(|node| !node.is_null()) else { return Ok(&[]) };
    node.entries().ok_or_else(|| refusal(node.location, kind, path, &expected("a map", node)).into())
}

/// Returns a map of texts; null is the empty text, as Go decodes it.
fn texts(node: Option<&Node>, kind: &str, path: &str) -> Result<Map<String, Value>, Report> {
    let entries = map(node, kind, path)?;
    let mut texts = Map::with_capacity(entries.len());
    for entry in entries {
        let text = match entry.value.as_str() {
            Some(text) => text,
            None => string(&entry.value, kind, &format!("{path}.{}", entry.key))?,
        };
        texts.insert(entry.key.to_string(), text.into());
    }
    Ok(texts)
}

fn string<'n>(node: &'n Node, kind: &str, path: &str) -> Result<&'n str, Report> {
    match node.as_str() {
        Some(text) => Ok(text),
        None if node.is_null() => Ok(""),
        None => {
            let refused = refusal(node.location, kind, path, &expected("text", node));
            let refused = if node.scalar().is_some() { refused.hint("put it in quotes") } else { refused };
            Err(refused.into())
        }
    }
}

fn expected(what: &str, node: &Node) -> String {
    format!("{}, where {what} is expected", node.description())
}

fn refusal(location: Location, kind: &str, path: &str, what: &str) -> Diagnostic {
    Diagnostic::error(
        "object-refused",
        location,
        format!("the API server would refuse this {kind}: `{path}` is {what}"),
    )
}

/// Notes what the API server drops of a map.
fn note_dropped(node: &Node, path: &str, known: &[&str], notes: &mut Report) {
    for entry in node.entries().unwrap_or_default() {
        if known.contains(&&*entry.key) {
            continue;
        }
        let message = format!("the API server drops `{path}{}`: a Secret has no such field", entry.key);
        let note = Diagnostic::note("field-dropped", entry.key_location, message);
        notes.push(note.hint_nearest(&entry.key, known.iter().copied(), ""));
    }
}
