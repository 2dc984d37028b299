//! What people set on a cluster, something reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::check::place;
use crate::check::reads::Reads;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::location::Location;
use crate::spec::cluster::Cluster;
use crate::spec::name::Name;
use crate::spec::release::Release;
use crate::spec::schema::{Schema, Type};
use crate::spec::yaml::{Kind, Node};

/// What people set on a cluster, something reads.
pub const RULE: Rule = Rule {
    id: "field-unread",
    severity: Severity::Warning,
    page: Page {
        summary: "every field that is set on a cluster is read by the templates of its release",
        why: "A field that no template of the provider reads, no addon's values or manifests, and not yoshino, does \
              nothing: whoever set it believes that it does. Often the templates of the release are older than the field. \
              What stands in defaults is found only where none of the clusters beneath reads it. Of lists, such as \
              pools, and of what templates go through in loops, everything counts as read.",
        wrong: "# templates/metal/cluster.yaml.j2\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  pools: ${{ cluster.nodePools | length }}\n  \
                replicas: ${{ cluster.controlPlane.replicas }}\n# clusters/web.yaml\nspec:\n  controlPlane: {zones: [a]}\n",
        right: "# templates/metal/cluster.yaml.j2\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  pools: ${{ cluster.nodePools | length }}\n  \
                replicas: ${{ cluster.controlPlane.replicas }}\n  zones: ${{ cluster.controlPlane.zones | join(\",\") }}\n\
                # clusters/web.yaml\nspec:\n  controlPlane: {zones: [a]}\n",
    },
    check: Check::World(check),
};

/// What decides which templates and addons read a cluster: the release, `None` for trunk, and the provider.
type Key<'a> = (Option<&'a Release>, &'a Name);

/// A field that one cluster sets, and whether something reads it there.
struct Set {
    path: String,
    key: Location,
    is_read: bool,
}

fn check(specs: &Specs<'_>, report: &mut Report) {
    let clusters = &specs.catalog.clusters;
    let keys: BTreeSet<Key<'_>> = clusters.iter().map(key).collect();
    let reads: BTreeMap<Key<'_>, Reads> = keys
        .into_par_iter()
        .filter_map(|key| {
            let content = match key.0 {
                Some(release) => specs.catalog.releases.get(release)?,
                None => &specs.catalog.trunk,
            };
            Some((key, Reads::of(specs, content, content.providers.get(key.1)?)))
        })
        .collect();
    let found = clusters.par_iter().map(|cluster| match reads.get(&key(cluster)) {
        Some(reads) => fields(specs, cluster, reads),
        None => Vec::new(),
    });
    let found: Vec<Vec<Set>> = found.collect();
    let mut unread: BTreeMap<Location, (String, Vec<&Cluster>)> = BTreeMap::new();
    let mut read: BTreeSet<Location> = BTreeSet::new();
    for (cluster, fields) in clusters.iter().zip(found) {
        for field in fields {
            match field.is_read {
                true => _ = read.insert(field.key),
                false => unread.entry(field.key).or_insert((field.path, Vec::new())).1.push(cluster),
            }
        }
    }
    for (at, (path, clusters)) in unread.into_iter().filter(|(at, _)| !read.contains(at)) {
        for clusters in specs.waivers.apart(RULE.id, clusters) {
            push(at, &path, &clusters, report);
        }
    }
}

fn key(cluster: &Cluster) -> Key<'_> {
    (cluster.release.as_ref(), &cluster.provider)
}

fn push(at: Location, path: &str, clusters: &[&Cluster], report: &mut Report) {
    let Some((first, others)) = clusters.split_first() else { return };
    let of = match &first.release {
        Some(release) => format!("of `{}` in `{release}`", first.provider),
        None => format!("of `{}`", first.provider),
    };
    let finding =
        RULE.finding(at, format!("nothing reads `{path}`")).label(format!("not the templates {of}"));
    let finding = finding.hint("take it away, or let a template read it");
    report.push(match (others.len(), at.file == first.document.location.file) {
        (0, true) => finding,
        (0, false) => finding.related(place::cluster(first), format!("inherited by `{}`", first.identity())),
        (more, _) => finding
            .related(place::cluster(first), format!("inherited by `{}` and {more} more", first.identity())),
    });
}

/// Returns the fields that a cluster sets or takes from defaults: those that something reads and, as a whole where nothing
/// reads any part, those that nothing does.
fn fields(specs: &Specs<'_>, cluster: &Cluster, reads: &Reads) -> Vec<Set> {
    let providers = &specs.catalog.content(cluster).providers;
    let is_other_provider = |key: &str| {
        key != cluster.provider.as_str() && Name::new(key).is_some_and(|name| providers.contains_key(&name))
    };
    let mut found = Vec::new();
    for entry in cluster.spec.entries().unwrap_or_default() {
        // Two other rules look at blocks of other providers, and at kubeadm where there is none.
        if !is_other_provider(&entry.key) && &*entry.key != "kubeadm" {
            let schema = cluster.schema.property(&entry.key).cloned().unwrap_or_default();
            add(&entry.key, (entry.key_location, &entry.value), &schema, (reads, &mut found));
        }
    }
    if found.iter().all(|field| field.is_read) {
        return found;
    }
    let own = reads.with_own(cluster);
    for field in &mut found {
        field.is_read |= own.has(&field.path);
    }
    found
}

fn add(path: &str, (key, node): (Location, &Node), schema: &Arc<Schema>, into: (&Reads, &mut Vec<Set>)) {
    let (reads, found) = into;
    if node.is_null() || path == "controlPlane.kubeadm" {
        return;
    }
    let is_read = reads.has(path);
    let typed = schema.alternative(Type::Object);
    match &node.kind {
        Kind::Map { entries, .. } if is_read && !typed.properties.is_empty() && !entries.is_empty() => {
            // Another cluster that takes it from the same defaults may read no part of it.
            found.push(Set { path: path.to_owned(), key, is_read });
            for entry in entries.iter() {
                let beneath = typed.property(&entry.key).cloned().unwrap_or_default();
                let path = format!("{path}.{}", entry.key);
                add(&path, (entry.key_location, &entry.value), &beneath, (reads, &mut *found));
            }
        }
        Kind::Map { .. } | Kind::List { .. } | Kind::Scalar { .. } => {
            found.push(Set { path: path.to_owned(), key, is_read });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn found(template: &str, more: &str) -> Vec<String> {
        let template = format!(
            "# templates/metal/cluster.yaml.j2\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n  a: ${{{{ cluster.controlPlane.replicas }}}}\n{template}"
        );
        findings(&RULE, &format!("{template}{more}"))
    }

    const POOLS: &str = "#% for pool in cluster.nodePools\n#% endfor\n";

    #[test]
    fn a_field_is_reported_where_it_is_set_and_a_map_that_nothing_reads_as_a_whole() {
        assert_eq!(found("", ""), ["clusters/web.yaml `nodePools`: nothing reads `nodePools`"]);
        let network = "# clusters/web.yaml\nspec: {network: {domain: a.b, pods: [10.0.0.0/16]}}\n";
        assert_eq!(found(POOLS, network), ["clusters/web.yaml `network`: nothing reads `network`"]);
        let domain = format!("  b: ${{{{ cluster.network.domain }}}}\n{POOLS}");
        assert_eq!(found(&domain, network), ["clusters/web.yaml `pods`: nothing reads `network.pods`"]);
    }

    #[test]
    fn values_manifests_and_what_is_used_as_a_whole_read_too() {
        let network = "# clusters/web.yaml\nspec: {network: {domain: a.b}}\n";
        let values = "# addons/metrics/addon.yaml\nspec: {source: {helm: {values: {a: \"${{ cluster.network.domain }}\"}}}}\n";
        assert!(found(POOLS, &format!("{network}{values}")).is_empty());
        let own = "# clusters/web.yaml\nspec: {network: {domain: a.b}, addons: {metrics: {values: {a: \"${{ cluster.network.domain }}\"}}}}\n";
        assert!(found(POOLS, own).is_empty());
        let whole = format!("#% set network = cluster.network\n  b: ${{{{ network.pods }}}}\n{POOLS}");
        assert!(found(&whole, network).is_empty());
    }

    #[test]
    fn defaults_are_for_whoever_reads_them() {
        let defaults = "# clusters/_defaults.yaml\nspec: {network: {domain: a.b}}\n";
        let aws = |template: &str| {
            format!(
                "# templates/aws/cluster.yaml.j2\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n{template}# clusters/e.yaml\nspec: {{provider: aws}}\n"
            )
        };
        let unread = found(POOLS, &format!("{defaults}{}", aws("")));
        assert_eq!(
            unread,
            [
                "clusters/_defaults.yaml `network`: nothing reads `network`; clusters/e.yaml `e`: inherited by `blue/e` and 1 more"
            ]
        );
        let read = found(POOLS, &format!("{defaults}{}", aws("data:\n  a: ${{ cluster.network.domain }}\n")));
        assert!(read.is_empty(), "{read:?}");
    }
}
