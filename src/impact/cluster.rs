//! What becomes of one cluster: the objects of its folder.
//!
//! A cluster that comes or goes is one change: what Cluster API makes of it or takes down with it is not told again.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{differing, objects_in};
use super::eks;
use super::machine::Scene;
use super::object::{Key, Objects, by_key, counted, is_control_plane, is_pool, nodes, text};
use super::output::Files;
use super::pair::Pair;
use super::side::Which;
use super::single::{Reason, Single};
use super::{Class, ClusterId, FieldChange, Nodes, version_step};
use crate::diagnostic::Report;
use crate::emit::cluster_api::is_template;
use crate::spec::provider::Impact;

/// What is said of an object that is no longer there.
const GONE: &str = "it goes away";

/// One cluster's folder.
#[derive(Clone, Copy)]
pub struct Folder<'f> {
    /// The management cluster.
    pub management: &'f str,
    /// The cluster.
    pub id: &'f ClusterId,
    /// Its files but the Secret.
    pub files: &'f Files<'f>,
    /// The table of its provider at the head.
    pub impact: Option<&'f Impact>,
}

impl Folder<'_> {
    /// Returns what changes.
    ///
    /// # Errors
    /// Reports what is no YAML.
    pub fn changes(self) -> Result<Vec<Single>, Report> {
        let is_there = Pair::new(
            self.files.values().any(|file| file.base.is_some()),
            self.files.values().any(|file| file.head.is_some()),
        );
        let mut singles = match (is_there.base, is_there.head) {
            (false, false) => Vec::new(),
            (false, true) => vec![self.whole(Class::Installs, &by_key(self.all(Which::Head)?))],
            (true, false) => vec![self.whole(Class::Destroys, &by_key(self.all(Which::Base)?))],
            (true, true) => self.differences()?,
        };
        for single in &mut singles {
            single.cluster = Some(self.id.clone());
        }
        Ok(singles)
    }

    fn all(self, which: Which) -> Result<Vec<Value>, Report> {
        let mut objects = Vec::new();
        for (path, file) in self.files {
            let bytes = match which {
                Which::Base => file.base,
                Which::Head => file.head,
            };
            objects.extend(objects_in(path, which, bytes.unwrap_or_default())?);
        }
        Ok(objects)
    }

    /// Says that the cluster as a whole comes or goes.
    fn whole(self, class: Class, objects: &Objects) -> Single {
        let mut single = Single::new(class, "Cluster", self.management, &self.id.name);
        single.namespace = Some(self.id.project.clone());
        let size = self.size(objects);
        match class {
            Class::Destroys => {
                let general = Reason::new("its machines go with it");
                single.reasons.push(general.own(format!("{size} go with it")));
                single.reasons.push(Reason::new("it waits for confirmation in Argo CD"));
            }
            _ => single.reasons.push(Reason::new("with its machines").own(format!("with {size}"))),
        }
        single
    }

    /// Says in words how many machines there are.
    fn size(self, objects: &Objects) -> String {
        let planes = objects.iter().filter(|(key, _)| is_control_plane(key));
        let of_plane = |(_, plane): (&Key, &Value)| plane.pointer("/spec/replicas").and_then(Value::as_u64);
        let machines: u64 = planes.filter_map(of_plane).sum();
        let pools = objects.iter().filter(|(key, _)| is_pool(key)).map(|(_, pool)| nodes(pool));
        let all = pools.fold(Nodes::default(), |sum, nodes| Nodes {
            min: sum.min + nodes.min,
            max: sum.max + nodes.max,
        });
        match machines {
            0 => counted(all),
            1 => format!("1 control plane machine and {}", counted(all)),
            _ => format!("{machines} control plane machines and {}", counted(all)),
        }
    }

    fn differences(self) -> Result<Vec<Single>, Report> {
        let mut found = Pair::<Vec<Value>>::default();
        for (path, file) in self.files.iter().filter(|(_, file)| !file.is_same()) {
            let objects = differing(path, *file)?;
            found.base.extend(objects.base);
            found.head.extend(objects.head);
        }
        let has_others = |objects: &[Value]| objects.iter().any(|object| text(object, "/kind") != "Cluster");
        let is_told_alone = !has_others(&found.base) && !has_others(&found.head);
        let differing = found.map(by_key);
        // Who refers to what, and how many machines there are, is in objects that may not differ.
        let objects = match is_told_alone {
            true => differing.clone(),
            false => Pair::new(by_key(self.all(Which::Base)?), by_key(self.all(Which::Head)?)),
        };
        let scene = Scene { objects: objects.each(), impact: self.impact, management: self.management };
        let mut singles = Vec::new();
        for (key, head) in &differing.head {
            match objects.base.get(key) {
                Some(base) => singles.extend(changed(scene, key, Pair::new(base, head))),
                None => singles.extend(appeared(scene, key, head)),
            }
        }
        let gone = differing.base.iter().filter(|(key, _)| !objects.head.contains_key(*key));
        singles.extend(gone.filter_map(|(key, base)| disappeared(scene, key, base)));
        singles.extend(left_behind(scene, &singles));
        add_pause(&objects.head, &mut singles);
        tell_metadata_once(&mut singles);
        if singles.is_empty()
            && self.files.values().any(|file| !file.is_same())
            && differing.base.is_empty()
            && differing.head.is_empty()
        {
            singles.push(self.cosmetic());
        }
        Ok(singles)
    }

    fn cosmetic(self) -> Single {
        let mut single = Single::new(Class::Cosmetic, "Cluster", self.management, &self.id.name);
        single.namespace = Some(self.id.project.clone());
        single.reasons.push(Reason::new("only comments and order differ in its files"));
        single
    }
}

fn changed(scene: Scene<'_>, key: &Key, pair: Pair<&Value>) -> Vec<Single> {
    if is_template(&key.kind) && text(pair.base, "/metadata/name") != text(pair.head, "/metadata/name") {
        // It is told by what refers to it.
        return Vec::new();
    }
    let (rest, mut singles) = eks::split(scene, key, pair);
    // What is left may be the same.
    if singles.is_empty() || !rest.is_same() {
        singles.extend(scene.compare(key, rest.each()));
    }
    singles
}

fn appeared(scene: Scene<'_>, key: &Key, head: &Value) -> Option<Single> {
    if is_template(&key.kind) || belongs_to_pool(scene.objects.head, scene.objects.base, key, head) {
        return None;
    }
    let mut single = scene.single(Class::Installs, key);
    let with_nodes = || Reason::new("with its nodes").own(format!("with {}", counted(nodes(head))));
    single.reasons.extend(is_pool(key).then(with_nodes));
    Some(single)
}

fn disappeared(scene: Scene<'_>, key: &Key, base: &Value) -> Option<Single> {
    if is_template(&key.kind) || belongs_to_pool(scene.objects.base, scene.objects.head, key, base) {
        return None;
    }
    let holds_machines = is_pool(key) || is_control_plane(key) || key.kind.ends_with("Cluster");
    let class = if holds_machines { Class::Destroys } else { Class::Changes };
    let mut single = scene.single(class, key);
    if is_pool(key) {
        let general = Reason::new("its nodes go with it");
        single.reasons.push(general.own(format!("{} go with it", counted(nodes(base)))));
    }
    single.reasons.push(Reason::new(match class {
        Class::Destroys => "it waits for confirmation in Argo CD",
        _ => GONE,
    }));
    Some(single)
}

/// Returns whether an object is told by a pool that comes or goes: what the pool refers to, and its health check.
/// `own` are the objects of the side that has it.
fn belongs_to_pool(own: &Objects, others: &Objects, key: &Key, object: &Value) -> bool {
    let pools = own.iter().filter(|(key, _)| is_pool(key));
    let mut alone = pools.clone().filter(|(key, _)| !others.contains_key(*key));
    let refers = |pool: &Value| {
        ["/spec/template/spec/infrastructureRef", "/spec/template/spec/bootstrap/configRef"].iter().any(
            |pointer| {
                pool.pointer(pointer).is_some_and(|reference| {
                    text(reference, "/kind") == key.kind && text(reference, "/name") == key.name
                })
            },
        )
    };
    let selects = |pool: &Value| {
        let wanted = object.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
        let labels = pool.pointer("/spec/template/metadata/labels");
        key.kind == "MachineHealthCheck"
            && wanted.is_some_and(|wanted| {
                wanted.iter().all(|(name, value)| labels.and_then(|labels| labels.get(name)) == Some(value))
            })
    };
    if is_pool(key) {
        return false;
    }
    if key.kind == "MachineHealthCheck" {
        let stays = pools.filter(|(key, _)| others.contains_key(*key)).any(|(_, pool)| selects(pool));
        return !stays && alone.any(|(_, pool)| selects(pool));
    }
    alone.any(|(_, pool)| refers(pool))
}

/// Says which pools their control plane leaves too far behind without a change of their own.
fn left_behind(scene: Scene<'_>, singles: &[Single]) -> Vec<Single> {
    let told: BTreeSet<(&str, &str)> =
        singles.iter().map(|single| (single.kind.as_str(), single.name.as_str())).collect();
    let is_upgraded = |(key, head): &(&Key, &Value)| {
        let base = scene.objects.base.get(*key);
        is_control_plane(key)
            && base.is_some_and(|base| {
                version_step::version_of(key, base) != version_step::version_of(key, head)
            })
    };
    if !scene.objects.head.iter().any(|object| is_upgraded(&object)) {
        return Vec::new();
    }
    let pools = scene.objects.head.iter().filter(|(key, _)| is_pool(key));
    let others = pools.filter(|(key, _)| !told.contains(&(key.kind.as_str(), key.name.as_str())));
    let refused = |(key, pool): (&Key, &Value)| {
        let why = version_step::skew(version_step::version_of(key, pool), scene.objects)?;
        let mut single = scene.single(Class::Refuses, key);
        single.reasons.push(Reason::new(why));
        Some(single)
    };
    others.filter_map(refused).collect()
}

/// Labels and annotations that all objects of a cluster take are told by the Cluster alone.
fn tell_metadata_once(singles: &mut Vec<Single>) {
    let is_metadata = |field: &&FieldChange| field.path.starts_with("/metadata/");
    let Some(cluster) = singles.iter().position(|single| single.kind == "Cluster") else { return };
    let of_all: Vec<FieldChange> = singles[cluster].fields.iter().filter(is_metadata).cloned().collect();
    let mut others = 0;
    for (index, single) in singles.iter_mut().enumerate() {
        let before = single.fields.len();
        if index != cluster && before > 0 {
            single.fields.retain(|field| !of_all.contains(field));
            others += usize::from(single.fields.is_empty());
        }
    }
    if others > 0 {
        let what = if others == 1 { "its other object takes" } else { "its other objects take" };
        singles[cluster].reasons.push(Reason::new(format!("{what} the same labels and annotations")));
        let is_told = |single: &Single| {
            single.class == Class::Changes && single.fields.is_empty() && single.kind != "Cluster"
        };
        let keeps =
            |single: &Single| !is_told(single) || single.reasons.iter().any(|reason| reason.general == GONE);
        singles.retain(keeps);
    }
}

/// Says of what waits that it waits.
fn add_pause(objects: &Objects, singles: &mut [Single]) {
    let is_paused = |(key, object): (&Key, &Value)| {
        key.kind == "Cluster" && object.pointer("/spec/paused") == Some(&Value::Bool(true))
    };
    if objects.iter().any(is_paused) {
        for single in singles.iter_mut().filter(|single| single.class == Class::Replaces) {
            single.reasons.push(Reason::new("the cluster is paused: nothing happens before it goes on"));
        }
    }
}
