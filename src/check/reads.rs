//! Which fields of a cluster anybody reads: the templates of its provider, its addons' values and manifests, yoshino.
//!
//! Templates are compiled and not run. What a loop, a computed key or a name bound to a part of the cluster may read
//! counts as read, all of it.

use std::collections::BTreeSet;

use super::Specs;
use crate::emit::template::{Template, Values};
use crate::location::FileId;
use crate::spec::Content;
use crate::spec::cluster::Cluster;
use crate::spec::provider::Provider;
use crate::spec::yaml::Node;

/// What yoshino reads itself, or what is no setting of the cluster's objects.
const OWN: [&str; 15] = [
    "project",
    "management",
    "provider",
    "kubernetes",
    "release",
    "paused",
    "endpoint",
    "labels",
    "annotations",
    "objects",
    "addons",
    "allowSecrets",
    "waivers",
    "patches",
    "sharedWith",
];

/// Dotted paths from the cluster that something reads, with all that lies beneath.
#[derive(Clone, Debug, Default)]
pub struct Reads(BTreeSet<String>);

impl Reads {
    /// Reads what the clusters of a provider, in trunk or a release, have in common.
    pub fn of(specs: &Specs<'_>, content: &Content, provider: &Provider) -> Self {
        let mut reads = Self(OWN.iter().map(|field| (*field).to_owned()).collect());
        let own = provider.templates.iter().map(|(_, file)| *file);
        for file in own.chain(content.manifest_templates.values().copied()) {
            reads.add_file(specs, file);
        }
        for addon in content.addons.values() {
            let per_minor = addon.document.at("/spec/perMinor").and_then(Node::items).unwrap_or_default();
            let sources = per_minor.iter().filter_map(|entry| entry.get("source"));
            let sources = sources.chain(addon.document.at("/spec/source"));
            for values in sources.flat_map(|source| ["/helm/values", "/eks/values"].map(|at| source.at(at))) {
                reads.add_values(values);
            }
        }
        reads.add_what_is_merged();
        reads
    }

    /// Returns the same with what the cluster's own settings of addons and its companions read.
    pub fn with_own(&self, cluster: &Cluster) -> Self {
        let mut reads = self.clone();
        let addons = cluster.spec.get("addons").and_then(Node::entries).unwrap_or_default();
        addons.iter().for_each(|entry| reads.add_values(entry.value.get("values")));
        reads.add_values(cluster.spec.get("objects"));
        reads.add_what_is_merged();
        reads
    }

    /// Returns whether something reads a field, what holds it, or what lies beneath it.
    pub fn has(&self, path: &str) -> bool {
        let holders = path.match_indices('.').map(|(at, _)| &path[..at]).chain([path]);
        self.0.contains("")
            || holders.into_iter().any(|holder| self.0.contains(holder))
            || self.has_beneath(path)
    }

    /// Returns whether something reads what lies beneath a field, and not all of it.
    fn has_beneath(&self, path: &str) -> bool {
        let beneath = format!("{path}.");
        self.0.range(beneath.clone()..).next().is_some_and(|next| next.starts_with(&beneath))
    }

    fn add_file(&mut self, specs: &Specs<'_>, file: FileId) {
        let text = String::from_utf8_lossy(&specs.sources.get(file).bytes);
        // What cannot be compiled is reported where it is rendered.
        match Template::compile(file, &text) {
            Ok(template) => self.add(template.reads()),
            Err(_) => self.add_all(),
        }
    }

    fn add_values(&mut self, values: Option<&Node>) {
        let Some(values) = values else { return };
        match Values::compile(values) {
            Ok(values) => self.add(values.reads()),
            Err(_) => self.add_all(),
        }
    }

    fn add(&mut self, reads: &BTreeSet<String>) {
        let of_cluster = reads.iter().filter_map(|path| path.strip_prefix("cluster"));
        let paths = of_cluster.filter_map(|rest| match rest {
            "" => Some(String::new()),
            _ => rest.strip_prefix('.').map(str::to_owned),
        });
        self.0.extend(paths);
    }

    fn add_all(&mut self) {
        self.0.insert(String::new());
    }

    /// Adds the fields from which others are made before templates see them.
    fn add_what_is_merged(&mut self) {
        let mut merged = BTreeSet::new();
        for path in &self.0 {
            if let Some(rest) = path.strip_prefix("controlPlane.kubeadm") {
                merged.insert(format!("kubeadm{rest}"));
            }
            if ["controlPlane.kubeletLabels", "controlPlane.machineLabels"]
                .iter()
                .any(|one| path.starts_with(one))
            {
                merged.insert("controlPlane.labels".to_owned());
            }
        }
        // A pool holds the cluster's `kubeadm`, and whoever goes through pools may read it.
        if self.has("nodePools") {
            merged.insert("kubeadm".to_owned());
        }
        if self.0.contains("controlPlane") {
            merged.insert("kubeadm".to_owned());
        }
        self.0.extend(merged);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_field_and_what_lies_beneath_it_both_read_it() {
        let reads = Reads(["a.b", "c", "d-e.f"].map(str::to_owned).into());
        for path in ["a", "a.b", "a.b.x", "c", "c.x.y", "d-e"] {
            assert!(reads.has(path), "{path}");
        }
        for path in ["a.c", "ab", "d", "e", "d-e.g"] {
            assert!(!reads.has(path), "{path}");
        }
        assert!(Reads([String::new()].into()).has("anything"));
    }
}
