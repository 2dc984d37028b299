//! What becomes of a tenant's namespace, quota and projects on a management cluster.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Class;
use super::document::objects_in;
use super::field::differences;
use super::object::{Key, Objects, by_key};
use super::output::Files;
use super::pair::Pair;
use super::side::Which;
use super::single::{Reason, Single};
use crate::diagnostic::Report;

/// Returns what changes; `clusters` are the display names of clusters that come or go, which tell the destinations
/// that come and go with them.
///
/// # Errors
/// Reports what is no YAML.
pub fn changes(
    management: &str,
    files: &Files<'_>,
    clusters: &BTreeSet<String>,
) -> Result<Vec<Single>, Report> {
    let mut singles = Vec::new();
    for (path, file) in files.iter().filter(|(_, file)| !file.is_same()) {
        let objects = Pair::new(
            by_key(objects_in(path, Which::Base, file.base.unwrap_or_default())?),
            by_key(objects_in(path, Which::Head, file.head.unwrap_or_default())?),
        );
        let tenant = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".yaml");
        let before = singles.len();
        for (key, head) in &objects.head {
            singles.extend(change(management, key, Pair::new(objects.base.get(key), Some(head)), clusters));
        }
        for (key, base) in objects.base.iter().filter(|(key, _)| !objects.head.contains_key(*key)) {
            singles.extend(change(management, key, Pair::new(Some(base), None), clusters));
        }
        if singles.len() == before && is_same(&objects) {
            let mut single = Single::new(Class::Cosmetic, "Namespace", management, tenant);
            single.reasons.push(Reason::new("only comments and order differ in its file"));
            singles.push(single);
        }
    }
    Ok(singles)
}

fn is_same(objects: &Pair<Objects>) -> bool {
    objects.base == objects.head
}

fn change(
    management: &str,
    key: &Key,
    object: Pair<Option<&Value>>,
    clusters: &BTreeSet<String>,
) -> Option<Single> {
    let single = |class: Class| {
        let mut single = Single::new(class, &key.kind, management, &key.name);
        single.namespace = Some(key.namespace.clone()).filter(|namespace| !namespace.is_empty());
        single
    };
    match (object.base, object.head) {
        (Some(base), Some(head)) => {
            let fields = differences(&without(base, clusters), &without(head, clusters));
            (!fields.is_empty()).then(|| Single { fields, ..single(Class::Changes) })
        }
        (None, _) => Some(single(Class::Installs)),
        (Some(_), None) => {
            let is_vital = matches!(key.kind.as_str(), "Namespace" | "AppProject");
            let mut single = single(if is_vital { Class::Destroys } else { Class::Changes });
            single.reasons.push(Reason::new(match is_vital {
                true => "it waits for confirmation in Argo CD",
                false => "it goes away",
            }));
            Some(single)
        }
    }
}

/// Returns an object without the destinations of clusters that come or go.
fn without(object: &Value, clusters: &BTreeSet<String>) -> Value {
    let mut object = object.clone();
    let destinations = object.pointer_mut("/spec/destinations").and_then(Value::as_array_mut);
    if let Some(destinations) = destinations {
        destinations.retain(|destination| {
            let name = destination.get("name").and_then(Value::as_str);
            name.is_none_or(|name| !clusters.contains(name))
        });
    }
    object
}
