//! Who gains and who loses a role, where plain manifests bind other subjects: what objects and fields say in many places.
//!
//! Read off RoleBindings and ClusterRoleBindings (Kubernetes 1.36, "Using RBAC Authorization"). What the roles themselves
//! allow is not looked at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::impact::pair::Pair;

/// The namespaces in which a subject has a role, empty text for the whole cluster; by subject and role, in words.
pub type Grants = BTreeMap<(String, String), BTreeSet<String>>;

/// The most namespaces that a sentence names.
const MOST: usize = 5;

/// Adds what an object grants; nothing for what is no binding.
pub fn add(grants: &mut Grants, body: &Value) {
    let text = |value: &Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let namespace = match text(body, "/kind").as_str() {
        "RoleBinding" => text(body, "/metadata/namespace"),
        "ClusterRoleBinding" => String::new(),
        _ => return,
    };
    let role = text(body, "/roleRef/name");
    for subject in body.get("subjects").and_then(Value::as_array).into_iter().flatten() {
        let name = text(subject, "/name");
        let who = match text(subject, "/kind").as_str() {
            "ServiceAccount" => format!("the ServiceAccount `{}/{name}`", text(subject, "/namespace")),
            "Group" => format!("the group `{name}`"),
            _ => format!("the user `{name}`"),
        };
        grants.entry((who, role.clone())).or_default().insert(namespace.clone());
    }
}

/// Says who loses and who gains a role, each a sentence.
pub fn sentences(grants: &Pair<Grants>) -> Vec<String> {
    let one_way = |from: &Grants, to: &Grants, verb: &str| -> Vec<String> {
        let sentence = |((who, role), places): (&(String, String), &BTreeSet<String>)| {
            let kept = to.get(&(who.clone(), role.clone()));
            let gone: Vec<&str> = places
                .iter()
                .filter(|place| !kept.is_some_and(|kept| kept.contains(*place)))
                .map(String::as_str)
                .collect();
            (!gone.is_empty()).then(|| format!("{who} {verb} the role `{role}` {}", located(&gone)))
        };
        from.iter().filter_map(sentence).collect()
    };
    let mut sentences = one_way(&grants.base, &grants.head, "loses");
    sentences.extend(one_way(&grants.head, &grants.base, "gets"));
    sentences
}

fn located(places: &[&str]) -> String {
    let namespaces: Vec<String> =
        places.iter().filter(|place| !place.is_empty()).map(|place| format!("`{place}`")).collect();
    let mut text = namespaces.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if namespaces.len() > MOST {
        text.push_str(&format!(" and {} more", namespaces.len() - MOST));
    }
    match (namespaces.is_empty(), namespaces.len() < places.len()) {
        (true, _) => "on the whole cluster".to_owned(),
        (false, true) => format!("on the whole cluster, and in {text}"),
        (false, false) => format!("in {text}"),
    }
}
