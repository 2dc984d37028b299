//! Plain manifests, object by object.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Content;
use super::files::{Contained, File, hash};
use super::grants::{self, Grants};
use super::namespace::GoneNamespace;
use crate::impact::FieldChange;
use crate::impact::document::objects_in;
use crate::impact::field::differences;
use crate::impact::pair::Pair;
use crate::impact::side::Which;

/// What tells objects apart: group, kind, namespace, name; and the file, where they have no name.
type Key = [String; 5];

/// An object, and the file it stands in.
struct Object<'f> {
    file: &'f File,
    body: Value,
}

/// Compares two sets of files by the objects in them; what no object can be read from, by file.
pub fn compare(found: &Pair<Contained>) -> Content {
    let files = found.each().map(|contained| &contained.files);
    let others = Pair::new(files.head, files.base);
    let differing = Pair::new(differing(files.base, others.base), differing(files.head, others.head));
    let (before, mut unread) = objects(Which::Base, &differing.base);
    let (after, others) = objects(Which::Head, &differing.head);
    unread.extend(others);
    let mut content = Content::default();
    let shared = of_several_namespaces(before.keys().chain(after.keys()));
    for (key, object) in &after {
        content.fields.extend(changes(before.get(key), Some(object), &shared));
    }
    for (_, object) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
        content.fields.extend(changes(Some(object), None, &shared));
        content.gone.extend(GoneNamespace::of(&object.body));
    }
    content.fields.extend(by_file(&differing, &unread));
    content.grants = grants::sentences(&Pair::new(granted(&before), granted(&after)));
    let is_told = |file: &File, fields: &[FieldChange]| {
        fields.iter().any(|field| field.path.split('#').next() == Some(&file.label))
    };
    for file in differing.head.iter().filter(|file| !is_told(file, &content.fields)) {
        content.cosmetic.push(file.label.clone());
    }
    content
}

fn granted(objects: &BTreeMap<Key, Object<'_>>) -> Grants {
    let mut granted = Grants::new();
    for object in objects.values() {
        grants::add(&mut granted, &object.body);
    }
    granted
}

/// Returns the files that the other side has not, or not so.
fn differing<'f>(files: &'f BTreeMap<String, File>, others: &BTreeMap<String, File>) -> Vec<&'f File> {
    let is_same =
        |path: &String, file: &File| others.get(path).is_some_and(|other| other.bytes == file.bytes);
    files.iter().filter(|(path, file)| !is_same(path, file)).map(|(_, file)| file).collect()
}

/// Compares files by themselves.
fn by_file(files: &Pair<Vec<&File>>, labels: &BTreeSet<String>) -> Vec<FieldChange> {
    let of = |files: &[&File]| -> BTreeMap<String, Value> {
        let wanted = files.iter().filter(|file| labels.contains(&file.label));
        wanted.map(|file| (file.label.clone(), hash(&file.bytes).into())).collect()
    };
    let (mut base, head) = (of(&files.base), of(&files.head));
    let mut changes: Vec<FieldChange> = Vec::new();
    for (path, to) in head {
        let from = base.remove(&path);
        changes.push(FieldChange { path, from, to: Some(to) });
    }
    changes.extend(base.into_iter().map(|(path, from)| FieldChange { path, from: Some(from), to: None }));
    changes
}

/// Returns the objects of files by what tells them apart, and the files that hold something else.
fn objects<'f>(which: Which, files: &[&'f File]) -> (BTreeMap<Key, Object<'f>>, BTreeSet<String>) {
    let (mut objects, mut unread) = (BTreeMap::new(), BTreeSet::new());
    for file in files {
        let is_program = file.label.ends_with(".jsonnet");
        match objects_in(&file.label, which, &file.bytes) {
            Ok(bodies) if !is_program => {
                for (index, body) in bodies.into_iter().enumerate() {
                    objects.insert(key(&body, &file.label, index), Object { file, body });
                }
            }
            _ => _ = unread.insert(file.label.clone()),
        }
    }
    (objects, unread)
}

fn key(body: &Value, file: &str, index: usize) -> Key {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let version = text("/apiVersion");
    let group = version.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
    let name = text("/metadata/name");
    let place = if name.is_empty() { format!("{file}#{index}") } else { String::new() };
    [group, text("/kind"), text("/metadata/namespace"), name, place]
}

/// Returns the kinds and names that objects of several namespaces have.
fn of_several_namespaces<'k>(keys: impl Iterator<Item = &'k Key>) -> BTreeSet<[&'k str; 2]> {
    let mut namespaces: BTreeMap<[&str; 2], BTreeSet<&str>> = BTreeMap::new();
    for [_, kind, namespace, name, _] in keys {
        namespaces.entry([kind, name]).or_default().insert(namespace);
    }
    namespaces.retain(|_, several| several.len() > 1);
    namespaces.into_keys().collect()
}

/// Returns how an object differs; where it is new or goes, by what names it, with its namespace where kind and name are
/// `shared`.
fn changes(
    before: Option<&Object<'_>>,
    after: Option<&Object<'_>>,
    shared: &BTreeSet<[&str; 2]>,
) -> Vec<FieldChange> {
    let Some(object) = after.or(before) else { return Vec::new() };
    let text = |pointer: &str| object.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let path = match shared.contains(&[kind, name]) {
        true => format!("{}#{kind}/{}/{name}", object.file.label, text("/metadata/namespace")),
        false => format!("{}#{kind}/{name}", object.file.label),
    };
    match (before, after) {
        (Some(before), Some(after)) => {
            let fields = differences(&before.body, &after.body);
            let fields = fields.into_iter();
            fields.map(|field| FieldChange { path: format!("{path}{}", field.path), ..field }).collect()
        }
        _ => {
            let named = |object: &Object<'_>| named(&object.body);
            vec![FieldChange { path, from: before.map(named), to: after.map(named) }]
        }
    }
}

/// Returns what names an object: all of it would be a file again.
fn named(body: &Value) -> Value {
    let mut short = Map::new();
    for key in ["apiVersion", "kind"] {
        short.extend(body.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    let mut metadata = Map::new();
    for key in ["name", "namespace"] {
        let value = body.get("metadata").and_then(|metadata| metadata.get(key));
        metadata.extend(value.map(|value| (key.to_owned(), value.clone())));
    }
    short.insert("metadata".into(), metadata.into());
    short.into()
}
