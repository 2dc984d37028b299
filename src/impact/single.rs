//! Changes of one object each, and how equal ones of many clusters become one.
//!
//! Two are equal where they read the same once each cluster's own name is taken out. What is shown for many is then
//! what they share, with `*` for the rest.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Change, Class, ClusterId, FieldChange, Machines, Workloads};
use crate::credential::Masks;

/// A change of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Single {
    pub class: Class,
    pub kind: String,
    pub management: String,
    pub cluster: Option<ClusterId>,
    pub namespace: Option<String>,
    pub name: String,
    pub addon: Option<String>,
    pub machines: Option<Machines>,
    pub workloads: Option<Workloads>,
    pub reasons: Vec<Reason>,
    pub fields: Vec<FieldChange>,
}

/// Why something happens, a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// As it holds for every cluster with the same change.
    pub general: String,
    /// As it holds for this object.
    pub own: String,
}

impl Reason {
    /// Makes a reason that reads the same for every cluster.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { own: text.clone(), general: text }
    }

    /// Says more about this object alone: names that hold a hash, numbers of machines.
    pub fn own(mut self, own: impl Into<String>) -> Self {
        self.own = own.into();
        self
    }
}

impl Single {
    /// Makes a change with nothing but its class, kind, management cluster and name.
    pub fn new(class: Class, kind: &str, management: &str, name: &str) -> Self {
        Self {
            class,
            kind: kind.to_owned(),
            management: management.to_owned(),
            cluster: None,
            namespace: None,
            name: name.to_owned(),
            addon: None,
            machines: None,
            workloads: None,
            reasons: Vec::new(),
            fields: Vec::new(),
        }
    }
}

/// Returns the changes, equal ones of several clusters as one, sorted as [`Difference::changes`](super::Difference).
pub fn gather(singles: Vec<Single>) -> Vec<Change> {
    let mut groups: BTreeMap<String, Vec<Single>> = BTreeMap::new();
    for single in singles {
        groups.entry(key(&single)).or_default().push(single);
    }
    let mut changes: Vec<Change> = groups.into_values().filter_map(merged).collect();
    let order = |change: &Change| {
        let texts = [&change.project, &change.cluster, &change.addon].map(Clone::clone);
        (change.class, change.kind.clone(), change.management.clone(), texts, change.name.clone())
    };
    changes.sort_by_cached_key(order);
    changes
}

/// Returns what equal changes share, as text.
fn key(single: &Single) -> String {
    let Single { class, kind, management, cluster, name, addon, workloads, reasons, fields, .. } = single;
    let own = cluster.as_ref();
    let mut key = format!("{class:?}\n{kind}\n{management}\n{addon:?}\n{workloads:?}\n");
    // What belongs to no cluster is equal to nothing but itself.
    if own.is_none() {
        key.push_str(name);
    } else {
        key.push_str(&general(name, own));
    }
    for reason in reasons {
        key.push_str(&format!("\n{}", general(&reason.general, own)));
    }
    for field in fields {
        let FieldChange { path, from, to } = general_field(field, own);
        let text = |value: Option<Value>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
        key.push_str(&format!("\n{path} {} {}", text(from), text(to)));
    }
    key
}

fn merged(mut group: Vec<Single>) -> Option<Change> {
    group.sort_by(|one, other| (&one.cluster, &one.name).cmp(&(&other.cluster, &other.name)));
    let machines = group.iter().filter_map(|single| single.machines).reduce(Machines::plus);
    let mut clusters: Vec<ClusterId> = group.iter().filter_map(|single| single.cluster.clone()).collect();
    clusters.dedup();
    let names: Vec<&str> = group.iter().map(|single| single.name.as_str()).collect();
    let name = pattern(&names);
    let same = |text: &dyn Fn(&Single) -> Option<String>| {
        let first = group.first().and_then(text);
        group.iter().all(|single| text(single) == first).then_some(first).flatten()
    };
    let namespace = same(&|single| single.namespace.clone());
    let project = same(&|single| single.cluster.as_ref().map(|cluster| cluster.project.clone()));
    let cluster = same(&|single| single.cluster.as_ref().map(|cluster| cluster.name.clone()))
        .filter(|_| clusters.len() == 1);
    let (reasons, fields) = words(&group);
    let first = group.into_iter().next()?;
    let Single { class, kind, management, addon, workloads, .. } = first;
    let masks = Masks::default();
    let reasons = reasons.iter().map(|reason| masks.hide(reason)).collect();
    Some(Change {
        class,
        kind,
        management,
        project,
        cluster,
        namespace,
        name,
        clusters,
        addon,
        machines,
        workloads,
        reasons,
        fields,
    })
}

/// Returns the reasons and fields of a group: those of the one, or what all share.
fn words(group: &[Single]) -> (Vec<String>, Vec<FieldChange>) {
    let Some(first) = group.first() else { return Default::default() };
    let own = first.cluster.as_ref();
    let is_same_for_all = |whole: &dyn Fn(&Single) -> Option<String>| {
        let wanted = whole(first);
        group.iter().all(|single| whole(single) == wanted)
    };
    let reason = |(index, reason): (usize, &Reason)| {
        let of = |single: &Single| single.reasons.get(index).map(|reason| reason.own.clone());
        if is_same_for_all(&of) {
            return reason.own.clone();
        }
        let in_general = |single: &Single| {
            let reason = single.reasons.get(index)?;
            Some(general(&reason.own, single.cluster.as_ref()))
        };
        general(if is_same_for_all(&in_general) { &reason.own } else { &reason.general }, own)
    };
    let field = |(index, field): (usize, &FieldChange)| {
        let is_same = group.iter().all(|single| single.fields.get(index) == Some(field));
        if is_same { field.clone() } else { general_field(field, own) }
    };
    (
        first.reasons.iter().enumerate().map(reason).collect(),
        first.fields.iter().enumerate().map(field).collect(),
    )
}

fn general_field(field: &FieldChange, own: Option<&ClusterId>) -> FieldChange {
    let value = |value: &Value| general_value(value, own);
    // A pointer is into an object, and what it names does not come from the cluster's name.
    let path = match field.path.split_once('#') {
        Some((file, pointer)) => {
            let (object, pointer) = split_object(pointer);
            format!("{}#{}{pointer}", general(file, own), general(object, own))
        }
        None if field.path.starts_with('/') => field.path.clone(),
        None => general(&field.path, own),
    };
    FieldChange { path, from: field.from.as_ref().map(value), to: field.to.as_ref().map(value) }
}

/// Parts `Kind/name/pointer` from what follows the name.
fn split_object(pointer: &str) -> (&str, &str) {
    if pointer.starts_with('/') {
        return ("", pointer);
    }
    let end = pointer.match_indices('/').nth(1).map_or(pointer.len(), |(at, _)| at);
    pointer.split_at(end)
}

fn general_value(value: &Value, own: Option<&ClusterId>) -> Value {
    match value {
        Value::String(text) => general(text, own).into(),
        Value::Array(items) => items.iter().map(|item| general_value(item, own)).collect(),
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| (key.clone(), general_value(value, own));
            Value::Object(map.iter().map(entry).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Returns a text with `*` for the names of the cluster and its tenant, where nothing goes on before and behind them.
fn general(text: &str, own: Option<&ClusterId>) -> String {
    let Some(own) = own else { return text.to_owned() };
    let once = without(text, &own.name);
    without(&once, &own.project)
}

fn without(text: &str, name: &str) -> String {
    let goes_on = |character: char| character.is_ascii_alphanumeric();
    let mut general = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let end = at + name.len();
        let is_part = general.ends_with(goes_on) && at == 0
            || rest[..at].ends_with(goes_on)
            || rest[end..].starts_with(goes_on);
        general.push_str(&rest[..at]);
        general.push_str(if is_part { name } else { "*" });
        rest = &rest[end..];
    }
    general + rest
}

/// Returns the names as one, with `*` for what differs between what they begin and end with.
fn pattern(names: &[&str]) -> String {
    let Some((first, others)) = names.split_first() else { return String::new() };
    if others.iter().all(|other| other == first) {
        return (*first).to_owned();
    }
    let same = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| {
        let same = one.zip(other).take_while(|(one, other)| one == other);
        same.map(|(character, _)| character.len_utf8()).sum::<usize>()
    };
    let prefixes = others.iter().map(|other| same(&mut first.chars(), &mut other.chars()));
    let prefix = prefixes.min().unwrap_or_default();
    let ends = others.iter().map(|other| same(&mut first.chars().rev(), &mut other[prefix..].chars().rev()));
    let end = ends.min().unwrap_or_default().min(first.len() - prefix);
    // Only whole words are shared.
    let start = first[..prefix].rfind(['-', '.', '/']).map_or(0, |at| at + 1);
    let behind = &first[first.len() - end..];
    let end = behind.find(['-', '.', '/']).map_or("", |at| &behind[at..]);
    format!("{}*{end}", &first[..start])
}

impl Machines {
    /// Returns the machines of both.
    pub fn plus(self, other: Self) -> Self {
        let nodes =
            super::Nodes { min: self.nodes.min + other.nodes.min, max: self.nodes.max + other.nodes.max };
        Self { control_planes: self.control_planes + other.control_planes, nodes }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn single(project: &str, name: &str) -> Single {
        let mut single =
            Single::new(Class::Replaces, "MachineDeployment", "east", &format!("{name}-default"));
        single.cluster = Some(ClusterId { project: project.into(), name: name.into() });
        single.namespace = Some(project.into());
        single.machines = Some(Machines { control_planes: 0, nodes: super::super::Nodes { min: 1, max: 2 } });
        single.reasons = vec![
            Reason::new("another template")
                .own(format!("another template: `{name}-default-1` → `{name}-default-2`")),
        ];
        single.fields = vec![FieldChange {
            path: format!("T/{name}-default#/spec/flavor"),
            from: Some(json!("a")),
            to: Some(json!("b")),
        }];
        single
    }

    #[test]
    fn equal_changes_of_many_clusters_are_one_with_stars() {
        let changes = gather(vec![single("green", "db"), single("blue", "web")]);
        let [change] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!(change.name, "*-default");
        assert_eq!((&change.project, &change.cluster, &change.namespace), (&None, &None, &None));
        assert_eq!(change.clusters.len(), 2);
        assert_eq!(change.machines.map(|machines| machines.nodes.max), Some(4));
        assert_eq!(change.reasons, ["another template: `*-default-1` → `*-default-2`"]);
        assert_eq!(change.fields[0].path, "T/*-default#/spec/flavor");
    }

    #[test]
    fn one_change_keeps_its_names() {
        let changes = gather(vec![single("blue", "web")]);
        assert_eq!(changes[0].reasons, ["another template: `web-default-1` → `web-default-2`"]);
        assert_eq!(changes[0].fields[0].path, "T/web-default#/spec/flavor");
        assert_eq!(changes[0].cluster.as_deref(), Some("web"));
    }

    #[test]
    fn what_differs_stays_apart() {
        let mut other = single("blue", "db");
        other.fields[0].to = Some(json!("c"));
        assert_eq!(gather(vec![single("blue", "web"), other]).len(), 2);
        let mut hashes = single("blue", "db");
        hashes.reasons[0].own = "another template: `db-default-8` → `db-default-9`".into();
        let changes = gather(vec![single("blue", "web"), hashes]);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].reasons, ["another template"]);
    }

    #[test]
    fn names_share_whole_words() {
        for (names, expected) in [
            (&["cilium-blue-web", "cilium-blue-db"][..], "cilium-blue-*"),
            (&["web-default", "db-default"], "*-default"),
            (&["a-web-x", "a-w-x"], "a-*-x"),
            (&["web", "web"], "web"),
            (&["web", "db"], "*"),
        ] {
            assert_eq!(pattern(names), expected);
        }
    }
}
