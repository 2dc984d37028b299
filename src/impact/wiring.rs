//! What leads Argo CD to Applications: cluster Secrets, ApplicationSets, Applications over folders.
//!
//! Most of it is told by what it leads to. Only what is left over is a change of its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::field::{differences, masked};
use super::object::text;
use super::output::Output;
use super::pair::Pair;
use super::single::{Reason, Single};
use super::world::SetPair;
use super::{Class, ClusterId, FieldChange};
use crate::base64::decode;

/// What is told already.
pub struct Told<'t> {
    /// The management cluster.
    pub management: &'t str,
    /// The fleets' label domains.
    pub domains: Pair<&'t str>,
    /// The addons of clusters whose Applications change.
    pub applications: BTreeSet<(&'t ClusterId, &'t str)>,
    /// Fields of Cluster objects that change.
    pub clusters: BTreeSet<(&'t ClusterId, &'t str)>,
}

impl<'t> Told<'t> {
    /// Collects what changes tell.
    pub fn new(management: &'t str, domains: Pair<&'t str>, singles: &'t [Single]) -> Self {
        let mut told = Self { management, domains, applications: BTreeSet::new(), clusters: BTreeSet::new() };
        for single in singles {
            let Some(cluster) = &single.cluster else { continue };
            if let Some(addon) = &single.addon {
                told.applications.insert((cluster, addon));
            }
            if single.kind == "Cluster" {
                told.clusters.extend(single.fields.iter().map(|field| (cluster, field.path.as_str())));
            }
        }
        told
    }

    fn has_applications(&self, cluster: &ClusterId) -> bool {
        self.applications.range((cluster, "")..).next().is_some_and(|(known, _)| *known == cluster)
    }

    /// Returns what changes of a cluster Secret that nothing else tells; `pinned` says that what is looked up follows from
    /// another release, which is told.
    pub fn secret(&self, cluster: &ClusterId, secret: Pair<Option<&Value>>, pinned: bool) -> Option<Single> {
        let (Some(base), Some(head)) = (secret.base, secret.head) else { return None };
        let all = differences(&readable(base), &readable(head));
        if all.is_empty() {
            return None;
        }
        let (look_ups, others): (Vec<FieldChange>, Vec<FieldChange>) =
            all.into_iter().partition(|field| self.is_look_up(field));
        let fields: Vec<FieldChange> =
            others.into_iter().filter(|field| !self.is_told(cluster, field)).collect();
        let mut single = match (fields.is_empty(), look_ups.is_empty()) {
            (false, _) => {
                Single::new(Class::Changes, "Secret", self.management, text(head, "/metadata/name"))
            }
            (true, false) if !pinned && !self.has_applications(cluster) => {
                let mut single =
                    Single::new(Class::Cosmetic, "Secret", self.management, text(head, "/metadata/name"));
                single.reasons.push(Reason::new("no Application differs by it"));
                single
            }
            (true, _) => return None,
        };
        single.fields = if fields.is_empty() { look_ups } else { fields };
        single.namespace = Some(text(head, "/metadata/namespace").to_owned());
        single.cluster = Some(cluster.clone());
        Some(single)
    }

    /// Returns whether a field of a Secret is one that ApplicationSets look up or select on.
    fn is_look_up(&self, field: &FieldChange) -> bool {
        let Some(key) = label_or_annotation(&field.path) else { return false };
        [self.domains.base, self.domains.head].iter().any(|domain| {
            let rest = |prefix: &str| key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("~1"));
            rest(domain) || rest(&format!("addons.{domain}"))
        })
    }

    /// Returns whether the Cluster's own change tells a field of its Secret.
    fn is_told(&self, cluster: &ClusterId, field: &FieldChange) -> bool {
        let pauses = field.path == "/metadata/annotations/argocd.argoproj.io~1skip-reconcile";
        let path = if pauses { "/spec/paused" } else { &field.path };
        self.clusters.contains(&(cluster, path))
    }

    /// Returns what changes of an ApplicationSet that its Applications do not tell.
    pub fn set(&self, set: &SetPair) -> Option<Single> {
        let has_applications = self.applications.iter().any(|(_, addon)| *addon == set.name);
        let sets = set.sets.each().map(|set| set.as_ref().map(|set| &set.body));
        let single = |class: Class, why: &str| {
            let mut single = Single::new(class, "ApplicationSet", self.management, &set.name);
            single.namespace = sets.head.or(sets.base).map(|set| text(set, "/metadata/namespace").to_owned());
            single.addon = Some(set.name.clone());
            single.reasons.extend((!why.is_empty()).then(|| Reason::new(why)));
            single
        };
        let (base, head) = match (sets.base, sets.head) {
            (Some(base), Some(head)) => (base, head),
            _ if has_applications => return None,
            (None, Some(_)) => return Some(single(Class::Cosmetic, "no cluster has the addon")),
            (Some(_), None) => {
                return Some(single(
                    Class::Cosmetic,
                    "no cluster had the addon; it waits for confirmation in Argo CD",
                ));
            }
            (None, None) => return None,
        };
        let makes = |field: &FieldChange| {
            ["/spec/generators", "/spec/template"].iter().any(|made| field.path.starts_with(made))
        };
        let keeps = "/spec/syncPolicy/preserveResourcesOnDeletion";
        let (made, own): (Vec<_>, Vec<_>) = differences(base, head)
            .into_iter()
            .partition(|field| makes(field) || (has_applications && field.path == keeps));
        if !own.is_empty() {
            return Some(Single { fields: own, ..single(Class::Changes, "") });
        }
        if has_applications || (made.is_empty() && base == head) {
            return None;
        }
        Some(single(Class::Cosmetic, "no Application differs by it"))
    }

    /// Returns what changes of an Application over a folder of the output; those of clusters that come or go are told.
    pub fn folder(
        &self,
        application: Pair<Option<&Value>>,
        output: &Output<'_>,
        moved: &[ClusterId],
    ) -> Option<Single> {
        let body = application.head.or(application.base)?;
        let name = text(body, "/metadata/name");
        let of_cluster = name.strip_prefix("cluster-");
        let is_of_cluster = |cluster: &&ClusterId| {
            let behind = of_cluster.and_then(|rest| rest.strip_prefix(&cluster.project)?.strip_prefix('-'));
            behind == Some(&cluster.name)
        };
        let cluster = output.secrets.keys().find(is_of_cluster);
        if cluster.is_some_and(|cluster| moved.contains(cluster)) {
            return None;
        }
        let mut single = Single::new(Class::Changes, text(body, "/kind"), self.management, name);
        single.namespace = Some(text(body, "/metadata/namespace").to_owned());
        single.cluster = cluster.cloned();
        match (application.base, application.head) {
            (Some(base), Some(head)) => {
                let follows = |field: &FieldChange| {
                    // Follows from the cluster's endpoint and its autoscaled pools.
                    cluster.is_some() && field.path.starts_with("/spec/ignoreDifferences")
                };
                single.fields = differences(base, head).into_iter().filter(|field| !follows(field)).collect();
                if single.fields.is_empty() {
                    return None;
                }
            }
            (Some(_), None) => single.reasons.push(Reason::new("it goes away, and leaves what it applied")),
            (None, _) => single.class = Class::Installs,
        }
        Some(single)
    }
}

/// Returns the key that a field of `metadata` has, as a step of a pointer.
fn label_or_annotation(path: &str) -> Option<&str> {
    path.strip_prefix("/metadata/labels/").or_else(|| path.strip_prefix("/metadata/annotations/"))
}

/// Returns a Secret with the texts behind its data; how to log in is taken apart.
fn readable(secret: &Value) -> Value {
    let mut secret = secret.clone();
    let data = secret.get_mut("data").and_then(Value::as_object_mut).into_iter().flatten();
    for (key, value) in data {
        let decoded = value.as_str().and_then(decode).and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(decoded) = decoded else { continue };
        *value = match key.as_str() {
            "config" => serde_json::from_str(&decoded).unwrap_or_default(),
            _ => decoded.into(),
        };
    }
    // The kind would hide all of it, and nothing of this is secret but what looks like it.
    if let Some(map) = secret.as_object_mut() {
        map.shift_remove("kind");
    }
    masked(&secret, "")
}
