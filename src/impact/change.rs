//! The result of a comparison, and its JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What changes between two revisions of a fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// What the base is called: a commit id, or the name the user gave.
    pub base: String,
    /// What the head is called; `the work tree` where it is that.
    pub head: String,
    /// Every change, sorted by class (the worst first), then kind, management cluster, project, cluster, addon and name.
    pub changes: Vec<Change>,
    /// What becomes of Applications.
    pub applications: Applications,
    /// What is counted, by name: `applications`, `clusters`, `pools`, `controlPlanes`, `nodes`, `refuses`.
    pub limits: BTreeMap<&'static str, Limit>,
    /// What goes wrong while only a part of the change has been applied; empty where nothing does.
    pub half_applied: Vec<Finding>,
    /// Every cluster and addon of either side.
    pub matrix: Matrix,
}

/// What a change does. Every change has exactly one class, the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// An Application, cluster, pool or namespace goes away.
    Destroys,
    /// An immutable field, or a version step that Cluster API rejects.
    Refuses,
    /// Machines are rolled.
    Replaces,
    /// Something is new.
    Installs,
    /// Another version.
    Upgrades,
    /// Anything else that has an effect.
    Changes,
    /// Nothing that has an effect.
    Cosmetic,
}

/// One change; equal ones of many clusters are one.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it does.
    pub class: Class,
    /// Kind of the object: `Application`, `Cluster`, `MachineDeployment`, `Namespace`.
    pub kind: String,
    /// The management cluster.
    pub management: String,
    /// The tenant; `None` for what belongs to no cluster or to clusters of several.
    pub project: Option<String>,
    /// The cluster's name; `None` for what belongs to none or to several.
    pub cluster: Option<String>,
    /// The object's namespace, where it has one and it is the same for all.
    pub namespace: Option<String>,
    /// The object's name, a template's base name; where the change is of many clusters, with `*` for what differs.
    pub name: String,
    /// The clusters it holds for, sorted; empty for what belongs to none.
    pub clusters: Vec<ClusterId>,
    /// The addon.
    pub addon: Option<String>,
    /// The machines that are rolled, of all clusters together.
    pub machines: Option<Machines>,
    /// What becomes of the workloads of an Application that goes away.
    pub workloads: Option<Workloads>,
    /// Why, in words, each a sentence without a full stop: `the control plane's template changes from web-1a2b3c4d to …`.
    pub reasons: Vec<String>,
    /// The fields that differ, in the order of the head's object.
    pub fields: Vec<FieldChange>,
}

/// A cluster's identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClusterId {
    /// The tenant.
    pub project: String,
    /// Its name.
    pub name: String,
}

/// Machines that are rolled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machines {
    /// How many control planes are rolled.
    pub control_planes: u64,
    /// How many nodes of pools are rolled.
    pub nodes: Nodes,
}

/// A number of nodes; a range for autoscaled pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    /// At least.
    pub min: u64,
    /// At most.
    pub max: u64,
}

/// What becomes of workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workloads {
    /// They are deleted.
    Deleted,
    /// They stay where they are, and nobody looks after them.
    Orphaned,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Where: a JSON pointer into the object, or for a file behind it `<path>#<kind>/<name>/<pointer>`.
    pub path: String,
    /// What it was; `None` where it was not there.
    pub from: Option<Value>,
    /// What it will be; `None` where it goes.
    pub to: Option<Value>,
}

/// What becomes of Applications, each list sorted by management cluster and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applications {
    /// New ones.
    pub added: Vec<Application>,
    /// Ones that go away.
    pub removed: Vec<Application>,
    /// Ones that stay and differ, what they read from this repository included.
    pub changed: Vec<Application>,
}

/// An Application, by what identifies it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Application {
    /// The management cluster.
    pub management: String,
    /// Its name.
    pub name: String,
    /// The tenant of its cluster.
    pub project: Option<String>,
    /// The cluster it is for.
    pub cluster: Option<String>,
    /// The addon it installs.
    pub addon: Option<String>,
}

/// How many there are of something that is limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// How many the change has.
    pub found: u64,
    /// How many are let through, acknowledgements included.
    pub allowed: u64,
}

/// What goes wrong while only a part of the change is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The management cluster.
    pub management: String,
    /// Which half is applied: `new Secrets with old ApplicationSets`.
    pub state: &'static str,
    /// What happens, a sentence.
    pub what: String,
    /// The Applications it happens to, sorted.
    pub applications: Vec<String>,
}

/// The fleet as a table: a row for each cluster, a column for each addon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The addons of either side, sorted.
    pub addons: Vec<String>,
    /// The clusters of either side, sorted by management cluster, project and name.
    pub rows: Vec<Row>,
}

/// One cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its management cluster.
    pub management: String,
    /// Which cluster it is.
    pub cluster: ClusterId,
    /// What it has of each addon, in the order of [`Matrix::addons`].
    pub cells: Vec<Cell>,
}

/// One addon of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The version before (a chart's version, or the revision of a path); `None` where it is not installed.
    pub before: Option<String>,
    /// The version after.
    pub after: Option<String>,
    /// What happens to it, the worst of its changes; `None` where nothing does.
    pub class: Option<Class>,
}

impl Class {
    /// Every class, the worst first.
    pub const ALL: [Self; 7] = [
        Self::Destroys,
        Self::Refuses,
        Self::Replaces,
        Self::Installs,
        Self::Upgrades,
        Self::Changes,
        Self::Cosmetic,
    ];

    /// Returns the class in words, as people and JSON read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Destroys => "destroys",
            Self::Refuses => "refuses",
            Self::Replaces => "replaces",
            Self::Installs => "installs",
            Self::Upgrades => "upgrades",
            Self::Changes => "changes",
            Self::Cosmetic => "cosmetic",
        }
    }
}

impl Workloads {
    /// Returns what becomes of them, as people and JSON read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Orphaned => "orphaned",
        }
    }
}

impl Change {
    /// Returns of how many clusters it is; one for what belongs to none.
    pub fn count(&self) -> usize {
        self.clusters.len().max(1)
    }
}

impl Difference {
    /// Returns how many changes there are of each class, each counted once for every cluster; classes without any
    /// are there with zero.
    pub fn summary(&self) -> BTreeMap<Class, usize> {
        let mut summary: BTreeMap<Class, usize> = Class::ALL.iter().map(|class| (*class, 0)).collect();
        for change in &self.changes {
            *summary.entry(change.class).or_default() += change.count();
        }
        summary
    }

    /// Returns whether more is done than is let through.
    pub fn is_beyond_limits(&self) -> bool {
        self.limits.values().any(|limit| limit.found > limit.allowed)
    }

    /// Returns the JSON that `diff --format json` prints.
    pub fn to_json(&self) -> Value {
        let summary = self.summary();
        let summary: Map<String, Value> =
            Class::ALL.iter().map(|class| (class.word().to_owned(), summary[class].into())).collect();
        let limits = self.limits.iter();
        let limits: Map<String, Value> = limits
            .map(|(name, limit)| {
                ((*name).to_owned(), json!({"found": limit.found, "allowed": limit.allowed}))
            })
            .collect();
        let applications = |all: &[Application]| Value::from_iter(all.iter().map(Application::to_json));
        json!({
            "base": self.base,
            "head": self.head,
            "summary": summary,
            "changes": self.changes.iter().map(Change::to_json).collect::<Vec<_>>(),
            "applications": {
                "added": applications(&self.applications.added),
                "removed": applications(&self.applications.removed),
                "changed": applications(&self.applications.changed),
            },
            "halfApplied": self.half_applied.iter().map(Finding::to_json).collect::<Vec<_>>(),
            "limits": limits,
        })
    }
}

impl Change {
    fn to_json(&self) -> Value {
        let mut json = json!({
            "class": self.class.word(),
            "kind": self.kind,
            "management": self.management,
        });
        let texts = [("project", &self.project), ("cluster", &self.cluster), ("namespace", &self.namespace)];
        for (key, text) in texts {
            if let Some(text) = text {
                json[key] = text.as_str().into();
            }
        }
        json["name"] = self.name.as_str().into();
        if !self.clusters.is_empty() {
            json["clusters"] =
                self.clusters.iter().map(|cluster| format!("{}/{}", cluster.project, cluster.name)).collect();
        }
        if let Some(addon) = &self.addon {
            json["addon"] = addon.as_str().into();
        }
        if let Some(machines) = self.machines {
            let nodes = machines.nodes;
            json["machines"] = json!({"controlPlanes": machines.control_planes, "nodes": {"min": nodes.min, "max": nodes.max}});
        }
        if let Some(workloads) = self.workloads {
            json["workloads"] = workloads.word().into();
        }
        if !self.reasons.is_empty() {
            json["reasons"] = self.reasons.iter().map(String::as_str).collect();
        }
        if !self.fields.is_empty() {
            json["fields"] = self.fields.iter().map(FieldChange::to_json).collect();
        }
        json
    }
}

impl FieldChange {
    fn to_json(&self) -> Value {
        let mut json = json!({"path": self.path});
        for (key, value) in [("from", &self.from), ("to", &self.to)] {
            if let Some(value) = value {
                json[key] = value.clone();
            }
        }
        json
    }
}

impl Application {
    fn to_json(&self) -> Value {
        let mut json = json!({"name": self.name, "management": self.management});
        for (key, text) in [("project", &self.project), ("cluster", &self.cluster), ("addon", &self.addon)] {
            if let Some(text) = text {
                json[key] = text.as_str().into();
            }
        }
        json
    }
}

impl Finding {
    fn to_json(&self) -> Value {
        json!({"management": self.management, "state": self.state, "what": self.what, "applications": self.applications})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Report;
    use crate::location::FileId;
    use crate::spec::schema::{Extent, Schema, validate};
    use crate::spec::yaml::{Options, parse};

    #[test]
    fn the_json_of_a_difference_is_what_its_schema_says() -> Result<(), Report> {
        let application = Application {
            management: "tokyo".into(),
            name: "cilium-payments-web".into(),
            project: Some("payments".into()),
            cluster: Some("web".into()),
            addon: Some("cilium".into()),
        };
        let change = Change {
            class: Class::Replaces,
            kind: "MachineDeployment".into(),
            management: "tokyo".into(),
            project: Some("payments".into()),
            cluster: Some("web".into()),
            namespace: Some("payments".into()),
            name: "web-core".into(),
            clusters: vec![ClusterId { project: "payments".into(), name: "web".into() }],
            addon: Some("cilium".into()),
            machines: Some(Machines { control_planes: 0, nodes: Nodes { min: 1, max: 3 } }),
            workloads: Some(Workloads::Orphaned),
            reasons: vec!["another template".into()],
            fields: vec![FieldChange { path: "/spec".into(), from: None, to: Some(json!({"a": [1]})) }],
        };
        let difference = Difference {
            base: "main".into(),
            head: "the work tree".into(),
            changes: vec![change],
            applications: Applications { added: vec![application], ..Applications::default() },
            limits: BTreeMap::from([("nodes", Limit { found: 3, allowed: 1 })]),
            half_applied: vec![Finding {
                management: "tokyo".into(),
                state: "new Secrets with old ApplicationSets",
                what: "they are deleted".into(),
                applications: vec!["cilium-payments-web".into()],
            }],
            matrix: Matrix::default(),
        };

        let document: Value = serde_json::from_str(crate::impact::SCHEMA).unwrap_or_default();
        let schema = Schema::read(&document).unwrap_or_else(|refusal| panic!("{refusal}"));
        let mut report = Report::default();
        for difference in [difference, Difference::default()] {
            let text = difference.to_json().to_string();
            let node = parse(FileId(0), text.as_bytes(), Options::SPEC)?[0].root.clone();
            validate(&node, &schema, Extent::Whole, &mut report);
        }

        report.or(())
    }
}
