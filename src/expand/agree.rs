//! Whether the addons of one cluster go together.

use std::collections::BTreeMap;

use super::{ExpandedCluster, Installed};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::addon::{Addon, Placement};
use crate::spec::name::Name;
use crate::spec::release::Release;

/// A disagreement, and the clusters that have it: the first one, and how many there are.
type Found<'a> =
    BTreeMap<(Option<&'a Release>, &'a Name, String), (Diagnostic, &'a ExpandedCluster<'a>, usize)>;

/// Reports singletons provided twice, requirements that are not met, conflicts, and namespaces whose labels two
/// addons set differently. A disagreement that many clusters have is reported once.
pub(super) fn check(clusters: &[ExpandedCluster<'_>], report: &mut Report) {
    let mut found: Found<'_> = BTreeMap::new();
    for cluster in clusters {
        for installed in &cluster.addons {
            for diagnostic in disagreements(cluster, installed) {
                let release = cluster.cluster.release.as_ref();
                let key = (release, &installed.addon.name, diagnostic.message.clone());
                found.entry(key).and_modify(|(.., count)| *count += 1).or_insert((diagnostic, cluster, 1));
            }
        }
    }
    for (diagnostic, cluster, count) in found.into_values() {
        let others = match count {
            1 => format!("on `{}`", cluster.cluster.identity()),
            _ => format!("on `{}` and {} more", cluster.cluster.identity(), count - 1),
        };
        let place =
            cluster.cluster.document.at("/metadata/name").unwrap_or(&cluster.cluster.document).location;
        report.push(diagnostic.related(place, others));
    }
}

fn disagreements(cluster: &ExpandedCluster<'_>, installed: &Installed<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let addon = installed.addon;
    for (index, wanted) in addon.spec.requires.iter().enumerate() {
        if !cluster.addons.iter().any(|other| offers(other.addon, wanted)) {
            let message = format!("`{}` requires `{wanted}`, which is not on", addon.name);
            let finding = Diagnostic::error("requires-unmet", item(addon, "requires", index), message);
            found.push(finding.hint(how_to_meet(cluster, addon, wanted)));
        }
    }
    for (index, unwanted) in addon.spec.conflicts.iter().enumerate() {
        let others = cluster.addons.iter().filter(|other| other.addon.name != addon.name);
        for other in others.filter(|other| offers(other.addon, unwanted)) {
            let message = format!("`{}` conflicts with `{}`, which is on", addon.name, other.addon.name);
            let finding = Diagnostic::error("addon-conflict", item(addon, "conflicts", index), message);
            found.push(
                finding.related(name_of(other.addon), "the other addon").hint(one_off(addon, other.addon)),
            );
        }
    }
    let before = cluster.addons.iter().take_while(|other| other.addon.name != addon.name);
    for other in before {
        found.extend(provided_twice(addon, other.addon));
        found.extend(labels_differ(addon, other.addon));
    }
    found
}

/// Returns whether an addon is `wanted`, or provides it.
fn offers(addon: &Addon, wanted: &Name) -> bool {
    addon.name == *wanted || addon.spec.provides.contains(wanted)
}

/// Says what would meet a requirement of an addon on a cluster.
fn how_to_meet(cluster: &ExpandedCluster<'_>, addon: &Addon, wanted: &Name) -> String {
    let on = cluster.cluster;
    let fits = |other: &&Addon| other.runs_on(on.minor()) && other.runs_with(&on.provider);
    let offering = cluster.content.addons.values().filter(|other| offers(other, wanted)).filter(fits);
    let offering: Vec<String> = offering.map(|other| format!("`{}`", other.name)).collect();
    match offering.is_empty() {
        true => format!("switch `{}` off there: nothing that runs there offers `{wanted}`", addon.name),
        false => format!("switch {} on there, or `{}` off", offering.join(" or "), addon.name),
    }
}

/// Says how two addons that are on together are parted.
fn one_off(addon: &Addon, other: &Addon) -> String {
    format!(
        "switch one off there: `addons: {{{}: false}}` or `addons: {{{}: false}}`",
        other.name, addon.name
    )
}

/// Returns where an addon says its name.
fn name_of(addon: &Addon) -> Location {
    addon.document.at("/metadata/name").unwrap_or(&addon.document).location
}

fn provided_twice(addon: &Addon, other: &Addon) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, singleton) in addon.spec.provides.iter().enumerate() {
        if let Some(position) = other.spec.provides.iter().position(|provided| provided == singleton) {
            let message = format!("`{}` and `{}` both provide `{singleton}`", other.name, addon.name);
            let diagnostic = Diagnostic::error("provided-twice", item(addon, "provides", index), message);
            let diagnostic = diagnostic.related(item(other, "provides", position), "here too");
            found.push(diagnostic.hint(one_off(addon, other)));
        }
    }
    found
}

/// Two Applications that make one namespace would change its labels back and forth.
fn labels_differ(addon: &Addon, other: &Addon) -> Option<Diagnostic> {
    let makes_namespace = |addon: &Addon| {
        addon.spec.placement == Placement::Workload
            && addon.spec.sync.create_namespace
            && !addon.spec.sync.namespace_labels.is_empty()
    };
    let same_namespace = addon.spec.namespace == other.spec.namespace;
    let both_make_it = makes_namespace(addon) && makes_namespace(other);
    if !same_namespace
        || !both_make_it
        || addon.spec.sync.namespace_labels == other.spec.sync.namespace_labels
    {
        return None;
    }
    let place = |addon: &Addon| {
        addon.document.at("/spec/sync/namespaceLabels").map_or(addon.document.location, |node| node.location)
    };
    let message = format!(
        "`{}` and `{}` label the namespace `{}` differently",
        other.name, addon.name, addon.spec.namespace
    );
    Some(
        Diagnostic::error("namespace-labels", place(addon), message)
            .related(place(other), "the other labels"),
    )
}

fn item(addon: &Addon, field: &str, index: usize) -> Location {
    let node = addon.document.at(&format!("/spec/{field}/{index}"));
    node.map_or(addon.document.location, |node| node.location)
}
