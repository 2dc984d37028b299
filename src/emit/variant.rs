//! Variants: the Applications of one addon that differ in look-ups only, and the template they share.
//!
//! A variant is named by its template, so a name means the same everywhere and for ever; names are frozen.

use serde_json::{Map, Value};

use super::application::Shape;
use super::fingerprint::{short_hash, write_canonical};
use super::look_up::{AddonKeys, AddonLookUps, ClusterLookUps, LookUp};
use super::patch::Patches;
use super::{Object, Origin};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::yaml::{Kind, Node};

/// The patches of some owners that are for one Application, in the order in which they apply.
#[derive(Clone, Copy, Debug)]
pub struct OwnPatches<'p> {
    /// Each owner's patches, and the indices of those that match.
    pub owners: &'p [(&'p Patches, Vec<usize>)],
}

/// Stands for a look-up where only what users wrote is of interest; no spec can hold it.
const MARK: char = '\u{0}';

/// Returns the template that Applications of a shape share: `metadata` and `spec`, as an ApplicationSet has them.
///
/// # Errors
/// Reports patches that cannot be applied or that rename the Application, and texts that Argo CD would take for
/// look-ups.
pub fn template(shape: &Shape<'_>, patches: OwnPatches<'_>) -> Result<Value, Report> {
    let place = shape.addon.document.location;
    let bare = patched(shape.application(&|_| MARK.to_string()), patches, place)?;
    let mut report = Report::default();
    find_braces(&bare, &mut String::new(), &mut |pointer, text| {
        report.push(evaluated(shape, pointer, text));
    });
    if !report.is_empty() {
        return Err(report);
    }
    let domain = &shape.fleet.spec.label_domain;
    let keys = AddonKeys::new(domain, &shape.addon.name);
    let placeholder = |look_up: LookUp<'_>| format!("{{{{{}}}}}", look_up.parameter(domain, &keys));
    let unpatched = shape.application(&placeholder);
    let application = patched(unpatched.clone(), patches, place)?;
    for field in ["/metadata/name", "/metadata/namespace", "/apiVersion", "/kind"] {
        if application.pointer(field) != unpatched.pointer(field) {
            let message = format!("a patch changes `{field}` of the Application of `{}`", shape.addon.name);
            let diagnostic = Diagnostic::error("patch-refused", place, message);
            report.push(diagnostic.hint("another name would be another Application: the old one would go"));
        }
    }
    report.or(stripped(application))
}

/// Returns the Application of one cluster.
///
/// # Errors
/// Reports patches that cannot be applied.
pub fn literal(
    shape: &Shape<'_>,
    patches: OwnPatches<'_>,
    cluster: &ClusterLookUps<'_>,
    addon: &AddonLookUps<'_>,
) -> Result<Value, Report> {
    let application = shape.application(&|look_up| cluster.get(look_up, addon).to_owned());
    patched(application, patches, shape.addon.document.location)
}

/// Returns the name of the variant that has this template.
pub fn variant_name(kind: &str, template: &Value) -> String {
    let mut text = String::new();
    write_canonical(template, &mut text);
    format!("{kind}-{}", short_hash(&text))
}

fn patched(application: Value, patches: OwnPatches<'_>, place: Location) -> Result<Value, Report> {
    let mut object = Object { body: application, origin: Origin { spec: place, template: None } };
    for (owner, matching) in patches.owners {
        owner.apply_these(matching, &mut object)?;
    }
    Ok(object.body)
}

/// Returns what of an Application a template holds: Argo CD sets the rest itself.
fn stripped(mut application: Value) -> Value {
    let mut metadata = application["metadata"].take();
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.shift_remove("namespace");
    }
    let spec = application["spec"].take();
    Value::Object(Map::from_iter([("metadata".to_owned(), metadata), ("spec".to_owned(), spec)]))
}

/// Calls `found` with the JSON pointer and the text of every key and value that Argo CD would look into, or that
/// would spoil the braces of a look-up beside it.
fn find_braces(value: &Value, pointer: &mut String, found: &mut dyn FnMut(&str, &str)) {
    let length = pointer.len();
    match value {
        Value::String(text) if is_evaluated(text) => found(pointer, text),
        Value::Object(map) => {
            for (key, value) in map {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                if is_evaluated(key) {
                    found(pointer, key);
                }
                find_braces(value, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                find_braces(value, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_evaluated(text: &str) -> bool {
    ["{{", "}}", "{\u{0}", "\u{0}}"].iter().any(|braces| text.contains(braces))
}

fn evaluated(shape: &Shape<'_>, pointer: &str, text: &str) -> Diagnostic {
    let written = text.replace(MARK, "…");
    let longest = text.split(MARK).max_by_key(|part| part.len()).unwrap_or_default();
    let fleet = &shape.fleet.document;
    let node = node_holding(&shape.addon.document, longest).or_else(|| node_holding(fleet, longest));
    let location = node.map_or(shape.addon.document.location, |node| node.location);
    let message = format!("Argo CD would evaluate the braces in `{written}`");
    Diagnostic::error("template-braces", location, message)
        .label(format!("`{pointer}` of the Application of `{}`", shape.addon.name))
        .hint("an ApplicationSet fills in whatever stands between `{{` and `}}`; there is no escape")
}

/// Returns the first node whose text holds `text`.
fn node_holding<'a>(node: &'a Node, text: &str) -> Option<&'a Node> {
    match &node.kind {
        Kind::Scalar { text: own, .. } => (!text.is_empty() && own.contains(text)).then_some(node),
        Kind::List { items, .. } => items.iter().find_map(|item| node_holding(item, text)),
        Kind::Map { entries, .. } => entries.iter().find_map(|entry| {
            let in_key = !text.is_empty() && entry.key.contains(text);
            if in_key { Some(&entry.value) } else { node_holding(&entry.value, text) }
        }),
    }
}
